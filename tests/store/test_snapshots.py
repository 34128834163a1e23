from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreUnavailableError, UnknownSnapshotError, WithdrawnError
from geosvc.store import Store
from geosvc.store.snapshots import About, Act, Published, SnapshotTable, standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A, B, C = ("a" * 64, "b" * 64, "ab" * 32)
FIRST = About("map", "map:all?", {"title": "违法", "total": 126}, "0123456789ab")
SECOND = About("map", "map:all?", {"title": "违法", "total": 131})
OTHER = About("figure", "figure:all?", {"title": "站点", "total": 180})
ANN, BOB = Act("ann", "10.0.0.1"), Act("bob")


@pytest.fixture
def table(store: Store, path: Path) -> Iterator[SnapshotTable]:
    assert store.path == path
    with SnapshotTable(path, timeout_s=0.2) as opened:
        yield opened


def logged(path: Path) -> list[tuple[str, str, str]]:
    with closing(Store(path)) as store:
        entries = store.log_entries(limit=100)
        assert store.verify() == ()
    return [(entry.action, entry.actor, entry.target) for entry in reversed(entries)]


def unnumbered(table: SnapshotTable) -> list[Published]:
    return [replace(found, number=0) for found in table.snapshots()]


def test_what_is_published_is_there(table: SnapshotTable, path: Path) -> None:
    made = table.publish(A, FIRST, ANN)
    assert isinstance(made, Published)
    assert (made.id, made.kind, made.subject, made.mark) == (A, "map", "map:all?", FIRST.mark)
    assert made.facts == FIRST.facts
    assert (made.number, made.times, made.author, made.last_author) == (1, 1, "ann", "ann")
    assert made.at == made.last_at
    assert (made.withdrawn_at, made.withdrawn_by, made.withdrawn_reason) == (None, None, None)
    assert table.snapshot(A) == made == standing(made)
    assert table.snapshots() == (made,)
    assert logged(path) == [("snapshot_publish", "ann", A)]
    with closing(Store(path)) as store:
        (entry,) = store.log_entries()
    assert entry.detail == {"title": "违法", "kind": "map"}
    assert entry.address == "10.0.0.1"


def test_two_who_publish_the_same_are_both_recorded(table: SnapshotTable, path: Path) -> None:
    first, second = table.publish(A, FIRST, ANN), table.publish(A, FIRST, BOB)
    assert (second.times, second.author, second.last_author) == (2, "ann", "bob")
    assert second.at == first.at < second.last_at
    assert table.snapshots() == (second,)
    assert logged(path) == [("snapshot_publish", "ann", A), ("snapshot_publish", "bob", A)]


def test_threads_that_publish_at_once_are_all_recorded(table: SnapshotTable) -> None:
    def publish(name: str) -> None:
        with SnapshotTable(table.path) as own:
            own.publish(A, FIRST, Act(name))

    work = [threading.Thread(target=publish, args=(f"u{n}",)) for n in range(6)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert table.snapshot(A).times == 6


def test_a_later_one_of_the_same_subject_is_newer(table: SnapshotTable) -> None:
    first = table.publish(A, FIRST, ANN)
    table.publish(C, OTHER, ANN)
    assert table.newer(first) is None
    second = table.publish(B, SECOND, BOB)
    assert table.newer(first) == second
    assert table.newer(second) is None
    # the data went back to what they were
    again = table.publish(A, FIRST, ANN)
    assert table.newer(again) is None
    assert table.newer(table.snapshot(B)) == again


def test_a_withdrawn_one_is_no_newer_version(table: SnapshotTable) -> None:
    first = table.publish(A, FIRST, ANN)
    table.publish(B, SECOND, BOB)
    table.withdraw(B, "数错了", ANN)
    assert table.newer(first) is None


def test_a_withdrawal_says_who_and_why_and_stays(table: SnapshotTable, path: Path) -> None:
    table.publish(A, FIRST, ANN)
    gone = table.withdraw(A, "数错了", BOB)
    assert (gone.withdrawn_by, gone.withdrawn_reason) == ("bob", "数错了")
    assert table.withdraw(A, "another", ANN) == gone, "the first reason stays"
    with pytest.raises(WithdrawnError) as raised:
        standing(gone)
    assert raised.value.issues[0].found == "数错了"
    with pytest.raises(WithdrawnError):
        table.publish(A, FIRST, ANN)
    assert table.snapshot(A) == gone, "the refused publication left nothing"
    assert logged(path) == [("snapshot_publish", "ann", A), ("snapshot_withdraw", "bob", A)]
    with closing(Store(path)) as store:
        assert store.log_entries()[0].detail["reason"] == "数错了"


def test_unknown_ones(table: SnapshotTable, path: Path) -> None:
    table.publish(A, FIRST, ANN)
    for ask in (table.snapshot, table.find, lambda name: table.withdraw(name, "x", ANN)):
        with pytest.raises(UnknownSnapshotError):
            ask(B)
    assert len(logged(path)) == 1


def test_the_beginning_of_an_id_or_the_mark_finds_it(table: SnapshotTable) -> None:
    table.publish(C, FIRST, ANN)
    table.publish(A, OTHER, ANN)
    assert table.find(C[:12]).id == C == table.find(C[:20]).id == table.find(C).id
    assert table.find(FIRST.mark).id == C
    assert table.find("a" * 12).id == A
    table.publish(B, FIRST, ANN)
    assert table.find(FIRST.mark).id == B, "the last that bears it"
    table.withdraw(B, "x", ANN)
    assert table.find(FIRST.mark).id == C, "rather one that stands"


@pytest.mark.parametrize("wrong", ["", "a", "a" * 11, "%" * 12, "A" * 12, "g" * 12, "_" * 64])
def test_too_few_digits_or_others_find_nothing(table: SnapshotTable, wrong: str) -> None:
    table.publish(A, FIRST, ANN)
    with pytest.raises(UnknownSnapshotError):
        table.find(wrong)


def test_the_list_is_latest_first_and_bounded(table: SnapshotTable) -> None:
    table.publish(A, FIRST, ANN)
    table.publish(B, SECOND, ANN)
    table.publish(A, FIRST, BOB)
    assert [found.id for found in table.snapshots()] == [A, B]
    assert [found.id for found in table.snapshots(limit=1)] == [A]
    assert len(table.snapshots(limit=-1)) == 2


def test_what_cannot_be_written_is_said_and_nothing_is_stored(
    table: SnapshotTable, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            table.publish(A, FIRST, ANN)
        other.execute("ROLLBACK")
    assert table.snapshots() == ()
    with pytest.raises(ValueError, match="JSON"):
        table.publish(A, About("map", "s", {"n": float("nan")}), ANN)
    assert logged(path) == []


def test_a_restored_backup_loses_no_address_and_no_withdrawal(
    table: SnapshotTable, path: Path, tmp_path: Path
) -> None:
    table.publish(A, FIRST, ANN)
    with closing(Store(path)) as store:
        store.backup(tmp_path / "backup")
        table.publish(B, SECOND, BOB)
        table.publish(A, FIRST, BOB)
        gone = table.withdraw(A, "数错了", BOB)
        before = unnumbered(table)
        store.restore_backup(tmp_path / "backup", author="admin")
    table.close()
    assert unnumbered(table) == before
    assert table.snapshot(A).withdrawn_at == gone.withdrawn_at
    actions = [action for action, *_ in logged(path)]
    assert actions.count("snapshot_publish") == 3
    assert actions[-1] == "restore_backup"


def test_an_elsewhere_made_backup_brings_its_own(
    table: SnapshotTable, path: Path, tmp_path: Path
) -> None:
    with closing(Store(tmp_path / "other" / "geosvc.sqlite")) as other:
        other.migrate()
        with SnapshotTable(other.path) as theirs:
            theirs.publish(B, SECOND, BOB)
            theirs.withdraw(B, "x", BOB)
        other.backup(tmp_path / "backup")
    table.publish(A, FIRST, ANN)
    with closing(Store(path)) as store:
        store.restore_backup(tmp_path / "backup")
    table.close()
    assert {found.id for found in table.snapshots()} == {A, B}
    assert table.snapshot(B).withdrawn_reason == "x"
