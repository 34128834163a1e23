from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geosvc.store import lockout
from geosvc.store.lockout import KNOWN, Backoff, Mark
from geosvc.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2024, 6, 30, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NO_TIME = timedelta(0)
RULE = Backoff(3, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24))
ACCOUNT = Mark("account", "a", RULE)
PAIR, OTHER_PAIR = Mark("pair", "a 1", RULE), Mark("pair", "a 2", RULE)
NEIGHBOR, NEIGHBOR_PAIR = Mark("account", "ab", RULE), Mark("pair", "ab 1", RULE)
ADDRESS = Mark("address", "1.2.3.4", Backoff(30, MINUTE, HOUR, HOUR))


@pytest.fixture
def opened() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in MIGRATIONS:
            connection.executescript(script)
        yield connection


def fail(opened: sqlite3.Connection, *marks: Mark, times: int = 3, now: datetime = NOW) -> None:
    for _ in range(times):
        assert not lockout.attempt(opened, marks, now=now)


def test_tries_are_free_until_they_are_not(opened: sqlite3.Connection) -> None:
    marks = (ACCOUNT, ADDRESS)
    waits = [lockout.attempt(opened, marks, now=NOW).total_seconds() for _ in range(5)]
    assert waits == [0, 0, 0, 30, 30]
    assert lockout.failures(opened, ACCOUNT, now=NOW) == (3, timedelta(seconds=30))
    # what was not heard counts against nobody
    assert lockout.failures(opened, ADDRESS, now=NOW) == (3, NO_TIME)


def test_looking_counts_nothing(opened: sqlite3.Connection) -> None:
    for _ in range(10):
        assert lockout.wait(opened, (PAIR, ACCOUNT), now=NOW) == NO_TIME
    assert lockout.wait(opened, (), now=NOW) == NO_TIME
    fail(opened, PAIR)
    assert lockout.wait(opened, (PAIR, ACCOUNT), now=NOW) == timedelta(seconds=30)


def test_waits_double_up_to_the_longest(opened: sqlite3.Connection) -> None:
    now, waits = NOW, []
    for _ in range(10):
        while not lockout.attempt(opened, [ACCOUNT], now=now):
            pass
        wait = lockout.attempt(opened, [ACCOUNT], now=now)
        waits.append(int(wait.total_seconds()))
        now += wait
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900, 900, 900]


def test_failures_are_forgotten_in_time(opened: sqlite3.Connection) -> None:
    fail(opened, ACCOUNT)
    later = NOW + 25 * HOUR
    fail(opened, ACCOUNT, times=1, now=later)
    assert lockout.failures(opened, ACCOUNT, now=later) == (1, NO_TIME)


def test_names_that_never_come_back_do_not_stay(opened: sqlite3.Connection) -> None:
    for number in range(20):
        fail(opened, Mark("account", str(number), RULE), times=1)
    fail(opened, ACCOUNT, times=1, now=NOW + 25 * HOUR)
    assert opened.execute("SELECT count(*) FROM lockout").fetchone() == (1,)


def test_a_clock_that_goes_backward_keeps_nobody_out(opened: sqlite3.Connection) -> None:
    fail(opened, ACCOUNT)
    fail(opened, ACCOUNT, times=1, now=NOW - 365 * 24 * HOUR)


def test_an_address_is_forgiven_one_and_the_others_all(opened: sqlite3.Connection) -> None:
    marks = (PAIR, ACCOUNT, ADDRESS)
    fail(opened, *marks)
    fail(opened, OTHER_PAIR)
    lockout.forgive(opened, marks)
    found = [lockout.failures(opened, mark, now=NOW)[0] for mark in (*marks, OTHER_PAIR)]
    assert found == [0, 0, 2, 3]
    lockout.forgive(opened, (ADDRESS,) * 5)
    assert lockout.failures(opened, ADDRESS, now=NOW) == (0, NO_TIME)


def test_a_release_is_of_one_account_from_everywhere(opened: sqlite3.Connection) -> None:
    for mark in (PAIR, OTHER_PAIR, ACCOUNT, NEIGHBOR, NEIGHBOR_PAIR, ADDRESS):
        fail(opened, mark)
    assert lockout.locked(opened, ACCOUNT, now=NOW) == timedelta(seconds=30)
    lockout.release(opened, ACCOUNT)
    left = opened.execute("SELECT kind, subject FROM lockout ORDER BY 1").fetchall()
    assert left == [("account", "ab"), ("address", "1.2.3.4"), ("pair", "ab 1")]
    assert lockout.locked(opened, ACCOUNT, now=NOW) == NO_TIME


def test_the_longest_wait_of_an_account_is_told(opened: sqlite3.Connection) -> None:
    fail(opened, PAIR)
    fail(opened, PAIR, times=1, now=NOW + MINUTE)
    fail(opened, OTHER_PAIR, now=NOW + MINUTE)
    assert lockout.locked(opened, ACCOUNT, now=NOW + MINUTE) == MINUTE
    assert lockout.locked(opened, NEIGHBOR, now=NOW + MINUTE) == NO_TIME


def test_an_address_is_known_for_half_a_year(opened: sqlite3.Connection) -> None:
    lockout.know(opened, PAIR, now=NOW)
    assert lockout.is_known(opened, PAIR, now=NOW + KNOWN - MINUTE)
    assert not lockout.is_known(opened, PAIR, now=NOW + KNOWN)
    assert not lockout.is_known(opened, OTHER_PAIR, now=NOW)
    # each use renews it; the others go
    lockout.know(opened, OTHER_PAIR, now=NOW + KNOWN / 2)
    lockout.know(opened, OTHER_PAIR, now=NOW + KNOWN)
    assert opened.execute("SELECT pair FROM known_address").fetchall() == [("a 2",)]


def test_kinds_are_held_by_the_table(opened: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        opened.execute("INSERT INTO lockout VALUES ('moon', 'a', 1, '', NULL)")
