"""The sign-ins of one user that still hold, and how all but one of them end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geosvc.store.opened import Opened
    from geosvc.store.people import User


@dataclass(frozen=True, slots=True)
class SignIn:
    """One session: whence, since when, last used; instants are ISO 8601 in UTC."""

    key: str = field(repr=False)
    address: str
    created_at: str
    seen_at: str
    expires_at: str


def sign_ins(people: Opened, user: User, *, now: datetime, idle: timedelta) -> tuple[SignIn, ...]:
    """Return the sessions of a user that have not ended, the last used first.

    Parameters
    ----------
    people
        The store of the users.
    user
        Whose.
    now
        The present instant.
    idle
        After how long a session that nobody uses has ended.
    """
    with people.reading() as opened:
        rows = opened.execute(
            """SELECT hash, address, created_at, seen_at, expires_at FROM session
            WHERE user = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, hash""",
            (user.id, _text(now), _text(now - idle)),
        ).fetchall()
    return tuple(SignIn(*row) for row in rows)


def end_others(people: Opened, user: User, *, keep: str) -> int:
    """End all sessions of a user but the one of this key; return how many they were."""
    with people.writing() as opened:
        cursor = opened.execute("DELETE FROM session WHERE user = ? AND hash <> ?", (user.id, keep))
        return int(cursor.rowcount)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
