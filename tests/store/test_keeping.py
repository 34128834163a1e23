"""What the law asks for, as one day of a bureau sees it."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from geosvc.errors import StoreError, StoreUnavailableError, StoreVersionError
from geosvc.store import ERASED, Create, Store, log, safety
from geosvc.store.schema import VERSION
from tests.store.test_personal import SENTINEL, edit, held, put
from tests.store.zoo import CHANGE, SMALL, small

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def test_a_purge_without_anything_old_writes_nothing(store: Store) -> None:
    store.put("a", small(1), schema=SMALL, change=CHANGE)
    assert store.purge(datetime.now(UTC) + timedelta(days=1)) == {}
    assert len(store.log_entries()) == 1


def test_entries_are_numbered_across_stores(store: Store, path: Path) -> None:
    other = Store(path)
    assert [store.log("a"), other.log("b", actor="x"), store.log("c", target="t")] == [1, 2, 3]
    assert [entry.action for entry in other.log_entries()] == ["c", "b", "a"]
    assert other.verify() == ()
    other.close()


def test_a_store_that_is_not_there_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        Store(tmp_path / "geosvc.sqlite").verify()


def test_a_newer_store_is_not_called_damaged(store: Store) -> None:
    with store.writing() as opened:
        opened.execute(f"PRAGMA user_version = {VERSION + 1}")
    store.close()
    with pytest.raises(StoreVersionError):
        store.verify()


def test_a_backup_carries_personal_values_and_the_log(store: Store, tmp_path: Path) -> None:
    store.log("sign_in", actor="li")
    store.backup(tmp_path / "copy.sqlite")
    copy = Store(tmp_path / "copy.sqlite")
    assert [entry.actor for entry in copy.log_entries()] == ["li"]
    copy.close()


def old_value(store: Store, value: str) -> None:
    with store.writing() as opened:
        at = "2001-01-01T00:00:00+00:00"
        opened.execute("UPDATE personal SET received_at = ? WHERE value = ?", (at, value))


def test_a_purged_value_never_comes_back_from_a_backup(store: Store, tmp_path: Path) -> None:
    put(store, {"k0": SENTINEL, "k1": "B"})
    old_value(store, SENTINEL)
    copy = tmp_path / "copy.sqlite"
    store.backup(copy)
    store.purge(datetime.now(UTC) - timedelta(days=30))
    edit(store, Create({"id": "new", "word": "***"}, shapely.Point(1, 2), {"word": "D"}))
    # whoever restores knows no policy, but how far the last purge went is on record
    store.restore_backup(copy, author="root")
    assert held(store) == {"k0": None, "k1": "B"}
    assert store.frame("a")["word"].tolist() == [ERASED, "***", "***"]
    assert store.frame("a", number=1)["word"].tolist() == [ERASED, "***", "***"]
    assert [entry.action for entry in store.log_entries()][:2] == ["restore_backup", "purge"]
    assert store.verify() == ()
    files = [item for item in store.path.parent.rglob("*") if item.is_file()]
    assert not [item for item in files if SENTINEL.encode() in item.read_bytes()]
    assert not list(store.path.parent.glob(".*")), "no copy is left"


def test_a_restore_applies_the_policy_of_now(store: Store, tmp_path: Path) -> None:
    put(store, {"k0": "A", "k1": "B"})
    old_value(store, "A")
    store.backup(tmp_path / "copy.sqlite")
    store.restore_backup(tmp_path / "copy.sqlite")
    assert held(store) == {"k0": "A", "k1": "B"}, "nothing was ever purged here"
    before = datetime.now(UTC) - timedelta(days=30)
    store.restore_backup(tmp_path / "copy.sqlite", before=before)
    assert held(store) == {"k0": None, "k1": "B"}


def test_the_rest_of_an_interrupted_restore_is_replaced(store: Store, tmp_path: Path) -> None:
    put(store, {"k0": "A"})
    store.backup(tmp_path / "copy.sqlite")
    rest = store.path.with_name(f".{store.path.name}-restoring")
    rest.write_bytes(b"half a file")
    store.restore_backup(tmp_path / "copy.sqlite")
    assert held(store) == {"k0": "A"}
    assert not rest.exists()


def test_the_last_verification_is_kept(store: Store, tmp_path: Path) -> None:
    assert store.last_verification() is None
    store.keep_verification(store.verify())
    first = store.last_verification()
    assert first is not None
    assert (first.issues, first.at <= datetime.now(UTC).isoformat()) == ((), True)
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    with store.writing() as opened:
        opened.execute("UPDATE feature_1 SET f2 = 99 WHERE key = 'k1'")
    found = store.verify()
    store.keep_verification(found)
    last = store.last_verification()
    assert last is not None
    assert last.issues == found
    assert [item.code for item in last.issues] == ["features_damaged"]
    assert len(store.log_entries()) == 1
    store.backup(tmp_path / "copy.sqlite")
    store.restore_backup(tmp_path / "copy.sqlite")
    assert store.last_verification() is None, "what was restored is another file"


def actions(store: Store) -> list[str]:
    return [entry.action for entry in store.log_entries()][::-1]


def test_a_restore_keeps_what_was_logged_since(store: Store, tmp_path: Path) -> None:
    store.log("sign_in", actor="li")
    store.backup(tmp_path / "copy.sqlite")
    store.log("personal_read", actor="wu", target="a/k0")
    before = store.log_entries()
    store.restore_backup(tmp_path / "copy.sqlite", author="root")
    assert actions(store) == ["sign_in", "personal_read", "restore_backup"]
    assert store.log_entries()[1:] == before, "the same entries, hashes and all"
    store.restore_backup(tmp_path / "copy.sqlite")
    assert actions(store)[2:] == ["restore_backup", "restore_backup"]
    assert store.verify() == ()


def test_what_is_logged_while_a_copy_is_made_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.backup(tmp_path / "copy.sqlite")
    other, copy = Store(store.path), Store.backup

    def slow(self: Store, target: Path) -> None:
        copy(self, target)
        other.log("sign_in", actor="late")

    monkeypatch.setattr(Store, "backup", slow)
    store.restore_backup(tmp_path / "copy.sqlite")
    assert actions(store) == ["restore_backup", "sign_in"]
    assert store.verify() == ()
    other.close()


def test_what_is_logged_in_the_instant_of_the_swap_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.backup(tmp_path / "copy.sqlite")
    other, replace_from = Store(store.path), safety.replace_from

    def late(target: sqlite3.Connection, source: Path, **named: Any) -> None:  # noqa: ANN401
        if named:
            other.log("sign_in", actor="late")
        replace_from(target, source, **named)

    monkeypatch.setattr(safety, "replace_from", late)
    store.restore_backup(tmp_path / "copy.sqlite")
    assert actions(store) == ["restore_backup", "sign_in"]
    assert store.verify() == ()
    other.close()


def test_no_entry_is_lost_however_many_are_logged_meanwhile(store: Store, tmp_path: Path) -> None:
    store.put("a", small(50), schema=SMALL, change=CHANGE)
    store.backup(tmp_path / "copy.sqlite")
    stop, said = threading.Event(), list[str]()

    def write() -> None:
        with closing(Store(store.path)) as other:
            while not stop.is_set():
                other.log("sign_in", actor=f"p{len(said)}")
                said.append(f"p{len(said)}")

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(5):
        store.restore_backup(tmp_path / "copy.sqlite")
    stop.set()
    writer.join()
    entries = store.log_entries(limit=100_000)
    assert [item.actor for item in entries if item.action == "sign_in"][::-1] == said
    assert sum(item.action == "restore_backup" for item in entries) == 5
    assert store.verify() == ()


def test_logs_of_two_files_are_both_kept(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other" / "geosvc.sqlite")
    other.migrate()
    other.log("theirs", actor="li", target="t", detail={"n": 1})
    other.backup(tmp_path / "copy.sqlite")
    other.close()
    store.log("ours", actor="wu")
    [was] = store.log_entries()
    store.restore_backup(tmp_path / "copy.sqlite")
    assert actions(store) == ["theirs", "ours", "restore_backup"]
    now = store.log_entries()[1]
    assert (now.at, now.actor, now.id) == (was.at, "wu", 2)
    assert store.verify() == ()


def test_a_broken_log_is_kept_and_said_to_be(store: Store, tmp_path: Path) -> None:
    store.log("one")
    store.backup(tmp_path / "copy.sqlite")
    store.log("two", actor="li")
    store.log("three")
    with store.writing() as opened:
        opened.execute("UPDATE log SET actor = 'wu' WHERE id = 2")
    store.restore_backup(tmp_path / "copy.sqlite")
    assert actions(store) == ["one", "two", "three", "restore_backup"]
    assert store.log_entries()[0].detail == {"broken_at": 2}
    assert store.verify() == ()


def test_a_pruned_log_stays_pruned(store: Store, tmp_path: Path) -> None:
    for action in ("one", "two"):
        store.log(action)
    store.backup(tmp_path / "copy.sqlite")
    with store.writing() as opened:
        kept = log.chain(opened)
        opened.execute("DELETE FROM log WHERE id = 1")
        digest = kept.rows[0][-1]
        opened.execute("INSERT INTO meta VALUES ('log_anchor', ?)", (f"1 {digest}",))
        log.append(opened, log.Act(log.PRUNED, detail={"id": 1, "hash": digest, "count": 1}))
    store.restore_backup(tmp_path / "copy.sqlite")
    assert actions(store) == ["two", "log_pruned", "restore_backup"]
    assert store.verify() == ()


def test_a_store_that_cannot_be_opened_is_restored_over(store: Store, tmp_path: Path) -> None:
    put(store, {"k0": "A"})
    store.backup(tmp_path / "copy.sqlite")
    store.close()
    garbage = b"no database at all" * 400
    for ending in ("", "-wal"):
        store.path.with_name(store.path.name + ending).write_bytes(garbage)
    with pytest.raises(StoreError):
        store.restore_backup(tmp_path / "absent.sqlite")
    assert store.path.read_bytes() == garbage, "no backup, no change"
    store.restore_backup(tmp_path / "copy.sqlite", author="root")
    assert held(store) == {"k0": "A"}
    assert actions(store) == ["write", "restore_backup"]
    assert store.log_entries()[0].detail == {"broken_at": 1}
    assert store.verify() == ()
    assert store.damaged.read_bytes() == garbage
    store.restore_backup(tmp_path / "copy.sqlite")
    assert store.before_restore.exists()
    assert store.damaged.read_bytes() == garbage


def test_another_program_s_file_is_not_restored_over(store: Store, tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.sqlite")
    with store.writing() as opened:
        opened.execute("PRAGMA application_id = 7")
    store.close()
    with pytest.raises(StoreError, match="application_id"):
        store.restore_backup(tmp_path / "copy.sqlite")
    assert not store.damaged.exists()
