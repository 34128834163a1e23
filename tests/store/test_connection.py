from __future__ import annotations

import os
import sqlite3
import stat
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreError, StoreUnavailableError, StoreVersionError
from geosvc.store.connection import (
    check_version,
    connect,
    create,
    migrate,
    transaction,
    translated,
)
from geosvc.store.schema import APPLICATION_ID, VERSION
from tests.store.zoo import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    create(path)
    with closing(connect(path, timeout_s=0.1)) as connection:
        migrate(connection)
        yield connection


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_owner_reads_the_file_and_its_companions(
    path: Path, opened: sqlite3.Connection
) -> None:
    opened.execute("INSERT INTO meta VALUES ('a', 'b')")
    modes = {item.name: stat.S_IMODE(item.stat().st_mode) for item in path.parent.iterdir()}
    assert modes == dict.fromkeys(
        ("geosvc.sqlite", "geosvc.sqlite-wal", "geosvc.sqlite-shm"), 0o600
    )
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_creating_twice_keeps_what_is_there(path: Path, opened: sqlite3.Connection) -> None:
    opened.execute("INSERT INTO meta VALUES ('a', 'b')")
    create(path)
    assert opened.execute("SELECT value FROM meta").fetchall() == [("b",)]


def test_every_connection_is_durable_and_holds_references(opened: sqlite3.Connection) -> None:
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for name, expected in asked.items():
        assert opened.execute(f"PRAGMA {name}").fetchone() == (expected,)
    with pytest.raises(sqlite3.IntegrityError):
        opened.execute("INSERT INTO personal VALUES (7, 'a', 'plate', 0, 'x', '', NULL, 0)")


def test_connecting_never_makes_a_file(path: Path) -> None:
    path.parent.mkdir()
    with pytest.raises(StoreUnavailableError), translated(path):
        connect(path, timeout_s=0.1)
    assert not path.exists()


def test_migrating_again_changes_nothing(path: Path, opened: sqlite3.Connection) -> None:
    before = rows(path, "SELECT * FROM sqlite_master")
    migrate(opened)
    assert rows(path, "SELECT * FROM sqlite_master") == before
    assert rows(path, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert check_version(opened) == VERSION


def test_a_newer_store_is_refused(path: Path, opened: sqlite3.Connection) -> None:
    opened.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreVersionError, match=f"version {VERSION + 1}"):
        connect(path, timeout_s=0.1)


@pytest.mark.parametrize(
    "script", ["PRAGMA application_id = 7", "PRAGMA user_version = 1", "CREATE TABLE a (b)"]
)
def test_another_program_s_file_is_refused(path: Path, script: str) -> None:
    create(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(script)
        other.commit()
    with pytest.raises(StoreError, match="application_id"):
        connect(path, timeout_s=0.1)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    create(path)
    path.write_text("Dear reader, this is a letter and not a database. " * 40)
    with pytest.raises(StoreError) as caught, translated(path):
        connect(path, timeout_s=0.1)
    assert not isinstance(caught.value, StoreUnavailableError)


def test_a_transaction_is_all_or_nothing(opened: sqlite3.Connection) -> None:
    def fail() -> None:
        with transaction(opened):
            opened.execute("INSERT INTO meta VALUES ('a', 'b')")
            opened.execute("CREATE TABLE feature_1 (id)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert opened.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    assert opened.execute("SELECT * FROM sqlite_master WHERE name = 'feature_1'").fetchall() == []
    assert not opened.in_transaction


def test_a_reader_sees_one_state_while_another_writes(
    path: Path, opened: sqlite3.Connection
) -> None:
    query = "SELECT count(*) FROM meta"
    with closing(connect(path, timeout_s=0.1)) as reader:
        with transaction(reader, write=False):
            assert reader.execute(query).fetchone() == (0,)
            opened.execute("INSERT INTO meta VALUES ('a', 'b')")
            assert reader.execute(query).fetchone() == (0,)
        assert reader.execute(query).fetchone() == (1,)


def test_a_second_writer_waits_and_then_is_told(path: Path, opened: sqlite3.Connection) -> None:
    with (
        closing(connect(path, timeout_s=0.05)) as second,
        transaction(opened),
        pytest.raises(StoreUnavailableError, match="locked"),
        translated(path),
        transaction(second),
    ):
        pytest.fail("two writers at once")


def test_a_full_disk_is_unavailable_and_leaves_nothing(
    path: Path, opened: sqlite3.Connection
) -> None:
    (pages,) = opened.execute("PRAGMA page_count").fetchone()
    opened.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnavailableError, match="full"), translated(path), transaction(opened):
        opened.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(str(number), "x" * 1000) for number in range(100)]
        )
    assert opened.execute("SELECT count(*) FROM meta").fetchone() == (0,)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file stands where the folder should be")
    path = tmp_path / "instance" / "geosvc.sqlite"
    with pytest.raises(StoreUnavailableError), translated(path):
        create(path)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root writes into any folder"
)
def test_a_read_only_folder_is_unavailable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    path = tmp_path / "instance" / "geosvc.sqlite"
    with pytest.raises(StoreUnavailableError), translated(path):
        create(path)


@pytest.mark.parametrize("error", [OverflowError("too large"), sqlite3.IntegrityError("unique")])
def test_a_value_that_cannot_be_stored_is_an_error_of_the_store(
    path: Path, error: Exception
) -> None:
    with pytest.raises(StoreError) as caught, translated(path):
        raise error
    assert not isinstance(caught.value, StoreUnavailableError)
