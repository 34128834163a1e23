"""Who did what: a log in which each entry covers the one before it.

The hash of an entry is that of its own row and of the hash before, so that no entry can be changed,
taken out or put in unnoticed; ``meta.log_head`` names the last one, so that the end cannot be cut
off either. Entries older than the time they are kept may go: ``meta.log_anchor`` is then the last
hash that went, and an entry says so.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KEPT: Final = timedelta(days=184)
"""How long entries are kept at least: six months."""

PRUNED: Final = "log_pruned"
"""The action of the entry that says which ones went."""

_COLUMNS: Final = "id, at, actor, address, action, target, detail, previous_hash"

_ENTER: Final = f"INSERT INTO log ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: when, who, from which address, what was done to what."""

    id: int
    at: str
    actor: str
    address: str
    action: str
    target: str
    detail: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be logged; personal values never stand in ``detail``."""

    action: str
    actor: str = ""
    address: str = ""
    target: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chain:
    """A whole log as its rows stand, to be carried into another file.

    ``broken_at`` is the first entry that does not follow, or that cannot be read; else None.
    """

    rows: tuple[tuple[Any, ...], ...]
    head: str | None
    anchor: str | None
    broken_at: int | None

    @property
    def last(self) -> int:
        """The number of its last entry, 0 where there is none."""
        return int(self.rows[-1][0]) if self.rows else 0

    def follows(self, number: int, digest: str) -> bool:
        """Say whether it goes on from an entry of another file, or has pruned that one."""
        gone = int((self.anchor or "0 ").partition(" ")[0])
        return number <= gone or any((row[0], row[-1]) == (number, digest) for row in self.rows)


def append(connection: sqlite3.Connection, act: Act) -> int:
    """Append an entry, inside the caller's transaction, and return its number.

    Its time is never before that of the entry before it, even if the clock was set back.
    """
    last_id, last_at, before = _last(connection)
    at = max(datetime.now(UTC).isoformat(timespec="seconds"), last_at)
    detail = json.dumps(dict(act.detail), ensure_ascii=False, sort_keys=True)
    row = (last_id + 1, at, act.actor, act.address, act.action, act.target, detail, before)
    _enter(connection, row)
    return last_id + 1


def entries(
    connection: sqlite3.Connection, *, before: int | None = None, limit: int = 100
) -> tuple[Entry, ...]:
    """Return the latest entries whose number is below ``before``, latest first."""
    rows = connection.execute(
        """SELECT id, at, actor, address, action, target, detail, hash FROM log
        WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?""",
        (before, before, limit),
    )
    return tuple(
        Entry(number, at, actor, address, action, target, json.loads(detail), digest)
        for number, at, actor, address, action, target, detail, digest in rows
    )


def broken_at(connection: sqlite3.Connection, *, last: int | None = None) -> int | None:
    """Return the number of the first entry that does not follow from the one before, or None.

    With ``last``, only so many entries at the end are looked at.
    """
    start = _before_last(connection, last) if last is not None else None
    number, before = start or _anchor(connection)
    said = None
    for *row, digest in _rows(connection, after=number if start else None):
        number += 1
        if row[0] != number or row[-1] != before or _hash(tuple(row)) != digest:
            return number
        if row[4] == PRUNED:
            said = json.loads(row[6])
        before = digest
    head = _kept(connection, "log_head")
    if head != (f"{number} {before}" if number else None):
        return number + 1
    anchored = _anchor(connection) if start is None else (0, "")
    # entries may have gone only where an entry that stands says so
    if anchored[0] and (said is None or (said["id"], said["hash"]) != anchored):
        return anchored[0]
    return None


def prune(connection: sqlite3.Connection, before: datetime, *, actor: str = "") -> int:
    """Take out the entries from before an instant, and return how many went.

    Raises
    ------
    StoreError
        If the instant is less than six months ago, or the chain is broken: a broken one is kept.
    """
    if datetime.now(UTC) - before < KEPT:
        msg = f"log entries are kept for {KEPT.days} days"
        raise StoreError(msg)
    if (number := broken_at(connection)) is not None:
        msg = f"the log is broken at entry {number}"
        raise StoreError(msg)
    limit = before.astimezone(UTC).isoformat(timespec="seconds")
    last = connection.execute(
        "SELECT id, hash FROM log WHERE at < ? ORDER BY id DESC LIMIT 1", (limit,)
    ).fetchone()
    if last is None:
        return 0
    count = connection.execute("DELETE FROM log WHERE id <= ?", (last[0],)).rowcount
    _keep(connection, "log_anchor", f"{last[0]} {last[1]}")
    detail = {"id": last[0], "hash": last[1], "count": count}
    append(connection, Act(PRUNED, actor=actor, detail=detail))
    return int(count)


def chain(connection: sqlite3.Connection) -> Chain:
    """Read a whole log; of a damaged file as much as can be read."""
    rows: list[tuple[Any, ...]] = []
    head = anchor = None
    try:
        rows.extend(_rows(connection, after=None))
        head, anchor = _kept(connection, "log_head"), _kept(connection, "log_anchor")
        broken = broken_at(connection)
    except sqlite3.DatabaseError:
        broken = int(rows[-1][0]) + 1 if rows else 1
    return Chain(tuple(rows), head, anchor, broken)


def carry_over(connection: sqlite3.Connection, kept: Chain) -> None:
    """Bring the entries of another file's log into this one, so that none of either is lost.

    A sound log that goes on from this one takes its place. The entries of any other are appended
    with their own times, and are numbered and hashed anew.
    """
    number, _, digest = (_kept(connection, "log_head") or "0 ").partition(" ")
    if kept.broken_at is None and kept.follows(int(number), digest):
        connection.execute("DELETE FROM log")
        connection.executemany(_ENTER, kept.rows)
        for key, value in (("log_head", kept.head), ("log_anchor", kept.anchor)):
            connection.execute("DELETE FROM meta WHERE key = ?", (key,))
            if value is not None:
                _keep(connection, key, value)
        return
    known = {row[-1] for row in _rows(connection, after=None)}
    link(connection, [row for row in kept.rows if row[-1] not in known])


def link(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append another log's entries, numbered and hashed anew."""
    for _, *said, _, _ in rows:
        number, _, before = _last(connection)
        _enter(connection, (number + 1, *said, before))


def _enter(connection: sqlite3.Connection, row: tuple[Any, ...]) -> None:
    digest = _hash(row)
    connection.execute(_ENTER, (*row, digest))
    _keep(connection, "log_head", f"{row[0]} {digest}")


def _last(connection: sqlite3.Connection) -> tuple[int, str, str]:
    row = connection.execute("SELECT id, at, hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
    if row is not None:
        return row[0], row[1], row[2]
    number, digest = _anchor(connection)
    return number, "", digest


def _anchor(connection: sqlite3.Connection) -> tuple[int, str]:
    number, _, digest = (_kept(connection, "log_anchor") or "0 ").partition(" ")
    return int(number), digest


def _before_last(connection: sqlite3.Connection, last: int) -> tuple[int, str] | None:
    """Return number and hash of the entry that the last ones follow, None where they are all."""
    row: tuple[int, str] | None = connection.execute(
        "SELECT id, hash FROM log ORDER BY id DESC LIMIT 1 OFFSET ?", (last,)
    ).fetchone()
    return row


def _rows(connection: sqlite3.Connection, *, after: int | None) -> Iterator[tuple[Any, ...]]:
    yield from connection.execute(
        f"SELECT {_COLUMNS}, hash FROM log WHERE ?1 IS NULL OR id > ?1 ORDER BY id",  # noqa: S608 - our own names
        (after,),
    )


def _hash(row: tuple[Any, ...]) -> str:
    return sha256(json.dumps(row, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()


def _kept(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def _keep(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
