from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreError
from geosvc.store import log
from tests.store.zoo import CHANGE, SMALL, rows, small

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store

LONG_AGO = datetime.now(UTC) - timedelta(days=400)


class Clock(datetime):
    """A clock that says what it is told."""

    moment = LONG_AGO

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        return cls.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(log, "datetime", Clock)
    Clock.moment = LONG_AGO
    return Clock


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for text in statements:
            connection.execute(text)
        connection.commit()


def broken(store: Store) -> list[str]:
    return [issue.found for issue in store.verify() if issue.code == "log_damaged"]


def test_entries_come_back_latest_first(store: Store) -> None:
    for number in range(1, 6):
        entry = store.log("sign_in", actor="李", address="::1", detail={"n": number, "站": [1]})
        assert entry == number
    entries = store.log_entries(limit=2)
    assert [(entry.id, entry.detail["n"]) for entry in entries] == [(5, 5), (4, 4)]
    assert [entry.id for entry in store.log_entries(before=3)] == [2, 1]
    first = store.log_entries()[-1]
    assert (first.actor, first.address, first.action, first.target) == ("李", "::1", "sign_in", "")
    assert broken(store) == []


def test_a_new_store_has_an_empty_sound_log(store: Store) -> None:
    assert store.log_entries() == ()
    assert store.verify() == ()


def test_each_revision_is_logged_with_its_author(store: Store) -> None:
    store.put("stops", small(2), schema=SMALL, change=CHANGE)
    store.put("stops", small(2), schema=SMALL, change=CHANGE)
    [entry] = store.log_entries()
    assert (entry.action, entry.actor, entry.target) == ("write", "editor", "stops")
    assert entry.detail["revision"] == 1
    assert entry.detail["added"] == 2


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("UPDATE log SET actor = 'somebody' WHERE id = 2", "2"),
        ("UPDATE log SET detail = '{}' WHERE id = 2", "2"),
        ("UPDATE log SET at = '2020-01-01T00:00:00+00:00' WHERE id = 3", "3"),
        ("DELETE FROM log WHERE id = 2", "2"),
        ("DELETE FROM log WHERE id = 1", "1"),
        ("DELETE FROM log WHERE id = 4", "4"),
        ("DELETE FROM log", "1"),
        ("UPDATE log SET id = 9 WHERE id = 4", "4"),
        ("DELETE FROM meta WHERE key = 'log_head'", "5"),
        ("INSERT INTO log VALUES (5, '', '', '', 'x', '', '{}', '', 'h')", "5"),
        ("INSERT INTO meta VALUES ('log_anchor', '3 abc')", "4"),
    ],
)
def test_a_tampered_log_is_noticed(store: Store, path: Path, harm: str, found: str) -> None:
    for number in range(4):
        store.log("sign_in", detail={"n": number})
    tamper(path, harm)
    assert broken(store) == [found]


def test_a_log_that_was_cut_off_with_its_anchor_put_right_is_noticed(
    store: Store, path: Path
) -> None:
    for _ in range(4):
        store.log("sign_in")
    [(digest,)] = rows(path, "SELECT hash FROM log WHERE id = 2")
    anchor = f"INSERT INTO meta VALUES ('log_anchor', '2 {digest}')"  # noqa: S608 - a hash
    tamper(path, "DELETE FROM log WHERE id <= 2", anchor)
    assert broken(store) == ["2"], "no entry says that others went"


def test_a_clock_that_goes_backward_breaks_no_order(store: Store, clock: type[Clock]) -> None:
    store.log("a")
    clock.moment -= timedelta(days=30)
    store.log("b")
    late, early = store.log_entries()
    assert late.at == early.at
    assert broken(store) == []


def test_old_entries_go_and_the_rest_stays_provable(
    store: Store, path: Path, clock: type[Clock]
) -> None:
    for number in range(5):
        store.log("old", detail={"n": number})
    clock.moment = LONG_AGO + timedelta(days=390)
    store.log("new")
    assert store.prune_log(LONG_AGO - timedelta(days=1)) == 0
    assert store.prune_log(LONG_AGO + timedelta(days=100), actor="root") == 5
    entries = store.log_entries()
    assert [(entry.id, entry.action) for entry in entries] == [(7, "log_pruned"), (6, "new")]
    assert entries[0].detail["count"] == 5
    assert store.log("next") == 8
    assert broken(store) == []
    tamper(path, "UPDATE meta SET value = '4 abc' WHERE key = 'log_anchor'")
    assert broken(store) != []


def test_pruning_twice_keeps_one_chain(store: Store, clock: type[Clock]) -> None:
    for day in (0, 100, 200):
        clock.moment = LONG_AGO + timedelta(days=day)
        store.log("old")
        if day:
            clock.moment = LONG_AGO + timedelta(days=399)
            store.prune_log(LONG_AGO + timedelta(days=day, seconds=-1))
            assert broken(store) == []


@pytest.mark.parametrize("days", [0, 30, 183])
def test_entries_are_kept_for_six_months(store: Store, days: int) -> None:
    store.log("a")
    with pytest.raises(StoreError, match="184 days"):
        store.prune_log(datetime.now(UTC) - timedelta(days=days))


def test_a_broken_log_is_not_pruned(store: Store, path: Path) -> None:
    store.log("a")
    tamper(path, "UPDATE log SET actor = 'x'")
    with pytest.raises(StoreError, match="broken at entry 1"):
        store.prune_log(LONG_AGO)


def test_an_entry_belongs_to_its_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: object) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr("geosvc.store.write.put_report", fails)
    with pytest.raises(StoreError):
        store.put("stops", small(2), schema=SMALL, change=CHANGE)
    assert store.log_entries() == ()
