"""The log as administrators read it: a part of it, and whether its chain holds.

It is read over a connection of its own: walking the chain keeps no reader of features waiting.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geosvc.store.log import Entry, broken_at
from geosvc.store.opened import Opened

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_WANTED: Final = """
SELECT id, at, actor, address, action, target, detail, hash FROM log
WHERE (:before IS NULL OR id < :before)
AND (:person = '' OR actor = :person COLLATE NOCASE OR target = :person COLLATE NOCASE)
AND (:actions = '[]' OR action IN (SELECT value FROM json_each(:actions)))
AND at >= :since AND (:until = '' OR at < :until)
ORDER BY id DESC LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted; what is empty leaves none out.

    ``person`` did it, or had it done to their account; ``actions`` are codes; ``since`` (included)
    and ``until`` (left out) are ISO 8601 in UTC to the second, as the log has them.
    """

    person: str = ""
    actions: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """How many entries the log has, how many were looked at, and the first that does not follow."""

    count: int
    checked: int
    broken_at: int | None


class Logbook(Opened):
    """The log of one store.

    Raises
    ------
    StoreUnavailableError
        By each method, if the file cannot be read now.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def entries(
        self, wanted: Wanted, *, before: int | None = None, limit: int = 100
    ) -> tuple[Entry, ...]:
        """Return the latest entries that are wanted, latest first.

        Parameters
        ----------
        wanted
            Which ones.
        before
            If given, only those with smaller numbers.
        limit
            How many at most.
        """
        values = {
            "before": before,
            "person": wanted.person,
            "actions": json.dumps(wanted.actions),
            "since": wanted.since,
            "until": wanted.until,
            "limit": limit,
        }
        with self.reading() as opened:
            rows = opened.execute(_WANTED, values).fetchall()
        return tuple(
            Entry(number, at, actor, address, action, target, json.loads(detail), digest)
            for number, at, actor, address, action, target, detail, digest in rows
        )

    def chain(self, *, last: int) -> Chain:
        """Walk the chain over the last entries; each is hashed again (about 8 µs)."""
        with self.reading() as opened:
            (count,) = opened.execute("SELECT count(*) FROM log").fetchone()
            return Chain(int(count), min(int(count), last), broken_at(opened, last=last))
