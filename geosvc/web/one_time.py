"""Passwords that an administrator hands over: they serve to choose another one, for a week.

Such a password is hashed like any other, and its hash carries a mark and an end, so that whatever
replaces the hash takes the mark away with it. ``geosvc.web.accounts`` gives who signs in with one
nothing but their own account.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

LIFE = timedelta(days=7)
"""How long it may be used."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud
_GROUPS = 4
_GROUP = 4
_MARK = "once"


def make() -> str:
    """Make a password of 79 bits that can be read aloud.

    >>> len(make()), make().count("-")
    (19, 3)
    """
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def mark(hashed: str, *, now: datetime) -> str:
    """Mark a hash as that of a password which must be changed.

    >>> mark("$argon2id$x", now=datetime(2024, 6, 30, tzinfo=UTC))
    'once 2024-07-07T00:00:00+00:00 $argon2id$x'
    """
    until = (now + LIFE).astimezone(UTC).isoformat(timespec="seconds")
    return f"{_MARK} {until} {hashed}"


def is_marked(kept: str) -> bool:
    """Tell whether what is kept of a password is the hash of one that must be changed.

    >>> is_marked("once 2024-07-07T00:00:00+00:00 $argon2id$x"), is_marked("$argon2id$x")
    (True, False)
    """
    return kept.startswith(f"{_MARK} ")


def usable(kept: str, *, now: datetime) -> str | None:
    """Return the hash to hold a password against; None where a one-time password is too old.

    >>> kept = mark("x", now=datetime(2024, 6, 30, tzinfo=UTC))
    >>> usable(kept, now=datetime(2024, 7, 1, tzinfo=UTC))
    'x'
    >>> usable(kept, now=datetime(2024, 7, 8, tzinfo=UTC))
    >>> usable("x", now=datetime(2024, 7, 8, tzinfo=UTC))
    'x'
    """
    if not is_marked(kept):
        return kept
    _, until, hashed = kept.split(" ", 2)
    return hashed if now < datetime.fromisoformat(until) else None
