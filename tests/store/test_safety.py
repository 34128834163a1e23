from __future__ import annotations

import sqlite3
import stat
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreError, StoreUnavailableError, StoreVersionError
from geosvc.store import Change, Delete, Store, safety
from geosvc.store.schema import VERSION
from tests.store.zoo import CHANGE, SMALL, TABLE, assert_same, assert_sound, rows, small

if TYPE_CHECKING:
    from pathlib import Path

ANN = Change("ann", "because")


@pytest.fixture
def filled(store: Store) -> Store:
    store.put("a", small(20), schema=SMALL, change=CHANGE)
    store.put("a", small(15, start=3), schema=SMALL, change=CHANGE)
    store.put("fleet", small(2), schema=TABLE, change=CHANGE)
    store.put("none", small(0), schema=SMALL, change=CHANGE)
    store.log("sign_in")
    return store


def harm(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for text in statements:
            connection.execute(text)
        connection.commit()


def test_a_sound_store_has_no_faults(filled: Store) -> None:
    assert filled.verify() == ()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE feature_1 SET f2 = 99 WHERE key = 'k5'", ("features_damaged", "a")),
        ("UPDATE feature_2 SET key = 'x' WHERE key = 'k1'", ("features_damaged", "fleet")),
        ("DELETE FROM feature_2 WHERE key = 'k1'", ("features_damaged", "fleet")),
        ("UPDATE feature_1 SET digest = x'00' WHERE key = 'k5'", ("features_damaged", "a")),
        ("DELETE FROM rtree_1 WHERE id = 5", ("index_damaged", "a")),
        ("UPDATE rtree_1 SET min_x = 80, max_x = 81 WHERE id = 5", ("index_damaged", "a")),
        ("UPDATE feature_history SET to_revision = 3", ("history_damaged", "a")),
        ("UPDATE feature_history SET from_revision = 0", ("history_damaged", "a")),
        ("UPDATE feature_history SET from_revision = 2", ("history_damaged", "a")),
        ("UPDATE revision SET number = 5 WHERE number = 2", ("history_damaged", "a")),
        ("DELETE FROM log WHERE id = 2", ("log_damaged", "")),
        ("INSERT INTO personal VALUES (77, 'a', 'b', 0, 'c', '', NULL, 0)", ("store_damaged", "")),
    ],
)
def test_what_was_changed_behind_the_service_is_found(
    filled: Store, path: Path, statement: str, found: tuple[str, str]
) -> None:
    harm(path, statement)
    assert found in [(issue.code, issue.key) for issue in filled.verify()]
    assert all(issue.path == path.name for issue in filled.verify())


def test_a_damaged_page_is_found(filled: Store, path: Path) -> None:
    filled.close()
    data = bytearray(path.read_bytes())
    page = 4096
    for at in range(3, len(data) // page):
        data[at * page : at * page + 64] = b"\xff" * 64
    path.write_bytes(data)
    assert {issue.code for issue in filled.verify()} == {"store_damaged"}


def test_a_backup_is_one_file_that_only_its_owner_reads(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "geosvc.backup"
    with pytest.raises(StoreUnavailableError):
        filled.backup(target)
    target.parent.mkdir()
    filled.backup(target)
    assert [item.name for item in target.parent.iterdir()] == ["geosvc.backup"]
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = Store(target)
    assert copy.verify() == ()
    assert_same(copy.frame("a"), filled.frame("a"))
    copy.close()


def test_a_backup_while_others_write_is_of_one_moment(filled: Store, path: Path) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        other = Store(path)
        number = 2
        try:
            while not stop.is_set():
                other.put("a", small(5 + number % 9), schema=SMALL, change=CHANGE)
                number += 1
        except BaseException as error:  # noqa: BLE001 - the test fails below
            failures.append(error)
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    for at in range(5):
        target = path.parent / f"copy{at}.sqlite"
        filled.backup(target)
        assert_sound(target)
    stop.set()
    writer.join()
    assert failures == []


def test_a_backup_is_restored_for_everybody_at_once(filled: Store, path: Path) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    other = Store(path)
    before = other.data_version()
    filled.edit("a", [Delete("k5", 2)], schema=SMALL, change=ANN)
    filled.put("later", small(1), schema=SMALL, change=CHANGE)
    assert other.state("later") is not None
    filled.restore_backup(target, author="root")
    for store in (filled, other):
        assert store.state("later") is None
        assert_same(store.frame("a"), small(15, start=3).sort_index())
        assert store.verify() == ()
    assert other.data_version() != before
    [entry, *_] = filled.log_entries()
    assert (entry.action, entry.actor, entry.target) == ("restore_backup", "root", "copy.sqlite")
    kept = Store(path.with_name(f"{path.name}.before-restore"))
    assert kept.state("later") is not None, "what was there is kept beside"
    kept.close()
    other.close()
    assert_sound(path)


def test_an_older_backup_is_brought_up_to_date(filled: Store, path: Path) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    gone = (
        "ALTER TABLE revision DROP COLUMN shape",
        "DROP TABLE known_address",
        "DROP TABLE scenario",
        "DROP TABLE publication",
        "DROP TABLE snapshot",
        "ALTER TABLE job DROP COLUMN trace",
    )
    harm(target, *gone, "PRAGMA user_version = 1")
    filled.restore_backup(target)
    assert rows(path, "PRAGMA user_version") == [(VERSION,)]
    assert filled.verify() == ()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (f"PRAGMA user_version = {VERSION + 1}", StoreVersionError),
        ("PRAGMA application_id = 7", StoreError),
        ("CREATE TABLE foreign_one (a)", StoreError),
    ],
)
def test_what_is_no_backup_is_refused(
    filled: Store, path: Path, statement: str, error: type[StoreError]
) -> None:
    target = path.parent / "copy.sqlite"
    if "TABLE" not in statement:
        filled.backup(target)
    harm(target, statement)
    with pytest.raises(error):
        filled.restore_backup(target)
    target.write_bytes(b"no database at all" * 400)
    with pytest.raises(StoreError):
        filled.restore_backup(target)
    with pytest.raises(StoreError):
        filled.restore_backup(path.parent / "absent")
    assert len(filled.frame("a")) == 15


def test_a_damaged_backup_is_refused(filled: Store, path: Path) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    data = bytearray(target.read_bytes())
    for at in range(3, len(data) // 4096):
        data[at * 4096 : at * 4096 + 64] = b"\xff" * 64
    target.write_bytes(data)
    with pytest.raises(StoreError):
        filled.restore_backup(target)
    assert filled.verify() == ()


def test_a_backup_that_fails_leaves_the_one_before(
    filled: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    kept = target.read_bytes()

    def fails(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("geosvc.store.safety.os.fsync", fails)
    with pytest.raises(StoreUnavailableError, match="No space"):
        filled.backup(target)
    assert target.read_bytes() == kept
    assert not list(path.parent.glob(".copy*"))


def test_the_last_change_of_a_copy_is_made_while_nobody_else_writes(
    filled: Store, path: Path
) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    other, seen = Store(path, timeout_s=0.0), []

    def last(copy: sqlite3.Connection) -> None:
        assert copy.in_transaction
        copy.execute("INSERT INTO meta VALUES ('last', '')")
        seen.append(other.state("a"))
        with pytest.raises(StoreUnavailableError, match="locked"):
            other.log("too late")

    with filled._connection() as opened:  # noqa: SLF001 - what a restore does
        safety.replace_from(opened, target, last=last)
    assert len(seen) == 1, "once, and readers are not kept waiting"
    assert rows(path, "SELECT key FROM meta WHERE key = 'last'") == [("last",)]
    assert other.log("now") == filled.log_entries()[0].id
    other.close()
    assert filled.verify() == ()


@pytest.mark.parametrize("damage", ["pages", "tail", "root"])
def test_a_damaged_store_that_opens_is_restored_over(
    filled: Store, path: Path, damage: str
) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    filled.log("sign_in", actor="late")
    filled.close()
    data = bytearray(path.read_bytes())
    pages = range(3 if damage == "pages" else 1, len(data) // 4096 if damage != "root" else 2)
    for at in pages if damage != "tail" else ():
        data[at * 4096 : at * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data[: len(data) // 2] if damage == "tail" else data)
    assert "store_damaged" in {issue.code for issue in filled.verify()}
    filled.restore_backup(target, author="root")
    assert filled.verify() == ()
    assert_same(filled.frame("a"), small(15, start=3).sort_index())
    assert filled.log_entries()[0].action == "restore_backup"
    kept = [item for item in (filled.before_restore, filled.damaged) if item.exists()]
    assert len(kept) == 1, "what was there is kept beside, damage and all"


def test_a_read_only_backup_is_restored(filled: Store, path: Path) -> None:
    target = path.parent / "copy.sqlite"
    filled.backup(target)
    target.chmod(0o400)
    before = target.read_bytes()
    filled.put("later", small(1), schema=SMALL, change=CHANGE)
    filled.restore_backup(target)
    assert filled.state("later") is None
    assert target.read_bytes() == before
