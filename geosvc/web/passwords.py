"""Passwords: which are taken, and how they are hashed without keeping anybody waiting.

argon2 lets go of Python's lock while it computes, but it holds the thread that asked, and memory.
So only `AT_ONCE` hashes run in a process and `WAITING` more people wait for their turn; whoever
comes then is refused at once instead of taking a thread from people who only read.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geosvc.errors import BusyError, Issue, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 2
"""At most these hash, whatever threads a worker has."""
WAITING = 8
"""With those that hash fewer than the threads of a worker (`geosvc.web.server.THREADS`)."""
PATIENCE_S = 10.0
"""How long one waits for a turn; a full queue takes a tenth of that on a slow core."""
SHORTEST = 10
LONGEST = 200
FEWEST_CHARACTERS = 5
"""Different characters that a password has at least."""
HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
"""32 MiB and about 70 ms of one core: twice what OWASP asks for (2024: 19 MiB, 2 passes)."""
_places = BoundedSemaphore(AT_ONCE + WAITING)
_turns = BoundedSemaphore(AT_ONCE)


def check_password(password: str, *, name: str) -> None:
    """Refuse a password that is guessed soon.

    Parameters
    ----------
    password
        The password.
    name
        Whose it is to be.

    Raises
    ------
    UserError
        If it is short, long, of few characters, or holds the name.

    Examples
    --------
    >>> check_password("北港 to 金桥 22", name="lihong")
    >>> check_password("", name="lihong")
    Traceback (most recent call last):
    ...
    geosvc.errors.UserError: lihong
    """
    is_weak = (
        not SHORTEST <= len(password) <= LONGEST
        or len(set(password)) < FEWEST_CHARACTERS
        or name.casefold() in password.casefold()
    )
    if is_weak:
        raise UserError(name, issues=[Issue("weak_password", name, expected=str(SHORTEST))])


def hash_password(password: str) -> str:
    """Hash a password with a fresh salt."""
    return HASHER.hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Tell whether a password is the one that was hashed.

    Parameters
    ----------
    hashed
        The hash; None where there is no such user, which takes as long to find out.
    password
        What was typed.
    """
    if len(password) > LONGEST:
        return False
    try:
        HASHER.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Tell whether a hash was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(hashed)


@contextmanager
def slot() -> Iterator[None]:
    """Wait for one's turn to hash, and hold it.

    Raises
    ------
    BusyError
        At once if too many wait already; later if one's turn does not come.
    """
    with _held(_places, timeout_s=0), _held(_turns, timeout_s=PATIENCE_S):
        yield


@contextmanager
def _held(semaphore: BoundedSemaphore, *, timeout_s: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=timeout_s):
        raise BusyError
    try:
        yield
    finally:
        semaphore.release()


@cache
def _nobodys() -> str:
    return HASHER.hash("")
