"""Failed sign-ins: whose they count against, and how long the next try waits.

A failure counts against the pair of account and address, and against the address. Against the
account itself it counts only from an address that the account was never signed in to from: so
guesses from a thousand addresses are few, and nobody locks a stranger out of where they work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

KNOWN: Final = timedelta(days=180)
"""How long after the last sign-in an address stays known to an account."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How failures are answered: ``free`` tries, then waits that double from ``first`` on.

    A wait is at most ``longest``; failures are forgotten ``forget`` after the last one.
    """

    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta

    def wait(self, failures: int) -> timedelta:
        """Return how long to wait after this many failures.

        >>> rule = Backoff(5, timedelta(0, 30), timedelta(0, 900), timedelta(1))
        >>> [int(rule.wait(count).total_seconds()) for count in (4, 5, 6, 10, 10_000)]
        [0, 30, 60, 900, 900]
        >>> rule.wait(0)
        datetime.timedelta(0)
        """
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        # the exponent is bounded before the power is taken
        return min(self.first * int(2 ** min(beyond, 30)), self.longest)


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose failures are counted, under a rule.

    The subject of a ``pair`` begins with that of its ``account``, and a space follows.
    """

    kind: Literal["pair", "account", "address"]
    subject: str
    rule: Backoff


def attempt(connection: sqlite3.Connection, marks: Sequence[Mark], *, now: datetime) -> timedelta:
    """Count a try against all its marks unless it has to wait; return how long it has to."""
    _forget(connection, marks, now)
    if left := wait(connection, marks, now=now):
        return left
    for mark in marks:
        count = _row(connection, mark)[0] + 1
        pause = mark.rule.wait(count)
        until = _text(now + pause) if pause else None
        connection.execute(
            "INSERT OR REPLACE INTO lockout VALUES (?, ?, ?, ?, ?)",
            (mark.kind, mark.subject, count, _text(now), until),
        )
    return timedelta(0)


def wait(connection: sqlite3.Connection, marks: Sequence[Mark], *, now: datetime) -> timedelta:
    """Return the longest wait of some marks; zero where there are none."""
    return max((failures(connection, mark, now=now)[1] for mark in marks), default=timedelta(0))


def failures(connection: sqlite3.Connection, mark: Mark, *, now: datetime) -> tuple[int, timedelta]:
    """Return how often a mark failed, and how long it has to wait."""
    count, until = _row(connection, mark)
    return count, _left(until, now, mark.rule.longest)


def forgive(connection: sqlite3.Connection, marks: Sequence[Mark]) -> None:
    """Forgive pair and account all failures, an address only one: it may try other accounts."""
    for mark in marks:
        if mark.kind == "address":
            connection.execute(
                """UPDATE lockout SET failures = max(failures - 1, 0), locked_until = NULL
                WHERE kind = ? AND subject = ?""",
                (mark.kind, mark.subject),
            )
        else:
            connection.execute(
                "DELETE FROM lockout WHERE kind = ? AND subject = ?", (mark.kind, mark.subject)
            )


def know(connection: sqlite3.Connection, pair: Mark, *, now: datetime) -> None:
    """Remember that an account was signed in to from an address; forget those of long ago."""
    connection.execute("DELETE FROM known_address WHERE seen_at <= ?", (_text(now - KNOWN),))
    connection.execute(
        "INSERT OR REPLACE INTO known_address VALUES (?, ?)", (pair.subject, _text(now))
    )


def is_known(connection: sqlite3.Connection, pair: Mark, *, now: datetime) -> bool:
    """Tell whether an account was signed in to from an address not too long ago."""
    found = connection.execute(
        "SELECT 1 FROM known_address WHERE pair = ? AND seen_at > ?",
        (pair.subject, _text(now - KNOWN)),
    )
    return found.fetchone() is not None


def release(connection: sqlite3.Connection, account: Mark) -> None:
    """Forgive an account all failures, from wherever they came."""
    connection.execute(f"DELETE FROM lockout WHERE {_OF_ACCOUNT}", _of_account(account))  # noqa: S608 - our own words


def locked(connection: sqlite3.Connection, account: Mark, *, now: datetime) -> timedelta:
    """Return the longest wait of an account, from wherever its failures came."""
    rows = connection.execute(
        f"SELECT locked_until FROM lockout WHERE {_OF_ACCOUNT}",  # noqa: S608 - our own words
        _of_account(account),
    )
    return max((_left(until, now, timedelta.max) for (until,) in rows), default=timedelta(0))


_OF_ACCOUNT: Final = """kind = 'account' AND subject = ?
    OR kind = 'pair' AND substr(subject, 1, ?) = ?"""


def _of_account(account: Mark) -> tuple[object, ...]:
    begin = f"{account.subject} "
    return account.subject, len(begin), begin


def _forget(connection: sqlite3.Connection, marks: Sequence[Mark], now: datetime) -> None:
    for mark in marks:
        # names and addresses that never come back must not stay for ever
        connection.execute(
            "DELETE FROM lockout WHERE kind = ? AND last_at <= ?",
            (mark.kind, _text(now - mark.rule.forget)),
        )


def _row(connection: sqlite3.Connection, mark: Mark) -> tuple[int, str | None]:
    row: Any = connection.execute(
        "SELECT failures, locked_until FROM lockout WHERE kind = ? AND subject = ?",
        (mark.kind, mark.subject),
    ).fetchone()
    return row or (0, None)


def _left(until: str | None, now: datetime, longest: timedelta) -> timedelta:
    left = datetime.fromisoformat(until) - now if until else timedelta(0)
    # longer than the longest wait: the clock went backward, and nobody can be kept out by that
    return left if timedelta(0) < left <= longest else timedelta(0)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
