"""What was published, by whom and when; the frozen bytes themselves are files.

A snapshot is there for readers when its row is: the row, who published it and the entry of the log
are written in one transaction, after all files. A withdrawn one keeps its row for good, and its
content cannot be published again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import Issue, UnknownSnapshotError, WithdrawnError
from geosvc.store import log
from geosvc.store.jobs import canonical, instant
from geosvc.store.opened import Opened

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self


@dataclass(frozen=True, slots=True)
class About:
    """What the store knows of a snapshot's content.

    ``subject`` names what it shows, so that a later one of the same is its new version; ``mark`` is
    the number that its picture bears, or empty. ``facts`` are what a list says of it, JSON, with a
    ``title``.
    """

    kind: str
    subject: str
    facts: Mapping[str, Any]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A published snapshot.

    It was published ``times`` times, first by ``author`` at ``at`` and last by ``last_author`` at
    ``last_at``; ``number`` is that of the last publication. Instants are ISO 8601 in UTC.
    ``withdrawn_at`` is None while it stands.
    """

    id: str
    mark: str
    kind: str
    subject: str
    facts: Mapping[str, Any]
    withdrawn_at: str | None
    withdrawn_by: str | None
    withdrawn_reason: str | None
    number: int
    times: int
    at: str
    author: str
    last_at: str
    last_author: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and from which address."""

    author: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of both tables as they stand, to be carried into another file."""

    snapshots: tuple[tuple[Any, ...], ...] = ()
    publications: tuple[tuple[Any, ...], ...] = ()


_PUBLISHED: Final = """
SELECT snapshot.*, last.id, (SELECT count(*) FROM publication WHERE snapshot = snapshot.id),
    first.at, first.author, last.at, last.author
FROM snapshot
JOIN publication AS first ON first.id =
    (SELECT min(id) FROM publication WHERE snapshot = snapshot.id)
JOIN publication AS last ON last.id =
    (SELECT max(id) FROM publication WHERE snapshot = snapshot.id)
"""
_NEW: Final = """
INSERT INTO snapshot (id, mark, kind, subject, facts) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING"""
_WITHDRAW: Final = """
UPDATE snapshot SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_reason = ?
WHERE id = ? AND withdrawn_at IS NULL"""
_SHORTEST: Final = 12


class SnapshotTable(Opened):
    """The snapshots of one store, over a connection of its own; threads may share it.

    Raises
    ------
    UnknownSnapshotError
        By each method that names one, if it was never published.
    StoreUnavailableError
        By each method, if the file cannot be read or written now.
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

    def publish(self, snapshot_id: str, about: About, act: Act) -> Published:
        """Make a frozen snapshot public, and log it; both publications of the same one count.

        Parameters
        ----------
        snapshot_id
            Its id; all its files are on the disk.
        about
            What it shows.
        act
            Who publishes it.

        Raises
        ------
        WithdrawnError
            If the same content was withdrawn before.
        """
        row = (snapshot_id, about.mark, about.kind, about.subject, canonical(dict(about.facts)))
        with self.writing() as opened:
            opened.execute(_NEW, row)
            opened.execute(
                "INSERT INTO publication (snapshot, at, author) VALUES (?, ?, ?)",
                (snapshot_id, instant(), act.author),
            )
            made = standing(_one(opened, snapshot_id))
            _log(opened, "snapshot_publish", made, act)
        return made

    def withdraw(self, snapshot_id: str, reason: str, act: Act) -> Published:
        """Say that a snapshot no longer stands, and why; the first reason stays.

        Parameters
        ----------
        snapshot_id
            Its id.
        reason
            What readers of its address are told.
        act
            Who withdraws it.
        """
        with self.writing() as opened:
            _one(opened, snapshot_id)
            changed = opened.execute(_WITHDRAW, (instant(), act.author, reason, snapshot_id))
            found = _one(opened, snapshot_id)
            if changed.rowcount:
                _log(opened, "snapshot_withdraw", found, act, reason=reason)
        return found

    def snapshot(self, snapshot_id: str) -> Published:
        """Return a snapshot, whether it stands or was withdrawn."""
        with self.reading() as opened:
            return _one(opened, snapshot_id)

    def newer(self, snapshot: Published) -> Published | None:
        """Return what was published last of the same subject, None where this one was."""
        query = f"{_PUBLISHED} WHERE subject = ? AND withdrawn_at IS NULL ORDER BY last.id DESC"
        with self.reading() as opened:
            row = opened.execute(query, (snapshot.subject,)).fetchone()
        found = None if row is None else _published(row)
        return found if found is not None and found.number > snapshot.number else None

    def find(self, beginning: str) -> Published:
        """Return the snapshot whose id begins so, or whose picture bears this mark.

        Parameters
        ----------
        beginning
            At least 12 hexadecimal digits; of several the one that was published last is meant.
        """
        if len(beginning) < _SHORTEST or set(beginning) - set("0123456789abcdef"):
            raise UnknownSnapshotError(beginning)
        # the digits end before g, and so do all ids that begin with them
        query = f"""{_PUBLISHED} WHERE (snapshot.id >= ?1 AND snapshot.id < ?1 || 'g') OR mark = ?1
            ORDER BY withdrawn_at IS NOT NULL, last.id DESC"""
        with self.reading() as opened:
            return _held(opened.execute(query, (beginning,)).fetchone(), beginning)

    def snapshots(self, *, limit: int = 500) -> tuple[Published, ...]:
        """Return all snapshots, withdrawn ones too; what was published last comes first."""
        query = f"{_PUBLISHED} ORDER BY last.id DESC LIMIT ?"
        with self.reading() as opened:
            return tuple(_published(row) for row in opened.execute(query, (limit,)))


def standing(snapshot: Published) -> Published:
    """Return a snapshot that was not withdrawn.

    Raises
    ------
    WithdrawnError
        If it was.
    """
    if snapshot.withdrawn_at is not None:
        said = Issue("withdrawn", snapshot.id[:_SHORTEST], found=snapshot.withdrawn_reason or "")
        raise WithdrawnError(snapshot.id, issues=[said])
    return snapshot


def records(connection: sqlite3.Connection) -> Records:
    """Read both tables, inside a transaction."""
    names = "id, mark, kind, subject, facts, withdrawn_at, withdrawn_by, withdrawn_reason"
    found = connection.execute(f"SELECT {names} FROM snapshot ORDER BY id").fetchall()  # noqa: S608 - our own names
    order = "SELECT snapshot, at, author FROM publication ORDER BY id"
    return Records(tuple(found), tuple(connection.execute(order).fetchall()))


def carry_over(connection: sqlite3.Connection, kept: Records) -> None:
    """Bring what another file knows into this one: no address dies, no withdrawal is undone.

    What both files know of a publication stays once; a snapshot that either has withdrawn is so.
    """
    connection.executemany(
        """INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
        withdrawn_at = coalesce(withdrawn_at, excluded.withdrawn_at),
        withdrawn_by = coalesce(withdrawn_by, excluded.withdrawn_by),
        withdrawn_reason = coalesce(withdrawn_reason, excluded.withdrawn_reason)""",
        kept.snapshots,
    )
    both: set[tuple[Any, ...]] = {*records(connection).publications, *kept.publications}
    connection.execute("DELETE FROM publication")
    connection.executemany(
        "INSERT INTO publication (snapshot, at, author) VALUES (?, ?, ?)",
        sorted(both, key=itemgetter(1)),
    )


def _log(
    opened: sqlite3.Connection, action: str, found: Published, act: Act, *, reason: str = ""
) -> None:
    detail = {"title": found.facts["title"], "kind": found.kind}
    detail |= {"reason": reason} if reason else {}
    log.append(opened, log.Act(action, act.author, act.address, found.id, detail))


def _one(opened: sqlite3.Connection, snapshot_id: str) -> Published:
    row = opened.execute(f"{_PUBLISHED} WHERE snapshot.id = ?", (snapshot_id,)).fetchone()
    return _held(row, snapshot_id)


def _held(row: tuple[Any, ...] | None, snapshot_id: str) -> Published:
    if row is None:
        raise UnknownSnapshotError(snapshot_id)
    return _published(row)


def _published(row: tuple[Any, ...]) -> Published:
    return Published(*row[:4], *[json.loads(row[4])], *row[5:])
