from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreError, StoreUnavailableError
from geosvc.store.opened import Opened, check_id

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def opened(path: Path) -> Opened:
    made = Opened(path, timeout_s=0.2)
    made.migrate()
    return made


def _put(opened: Opened, key: str) -> None:
    with opened.writing() as connection:
        connection.execute("INSERT INTO meta VALUES (?, '')", (key,))


def _keys(opened: Opened) -> list[str]:
    with opened.reading() as connection:
        return [key for (key,) in connection.execute("SELECT key FROM meta ORDER BY key")]


def test_a_write_is_whole_or_nothing(opened: Opened) -> None:
    _put(opened, "a")

    def fails() -> None:
        with opened.writing() as connection:
            connection.execute("INSERT INTO meta VALUES ('b', '')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert _keys(opened) == ["a"]


def test_a_read_sees_one_state(opened: Opened, path: Path) -> None:
    other = Opened(path)
    with opened.reading() as connection:
        assert connection.execute("SELECT count(*) FROM meta").fetchone() == (0,)
        _put(other, "a")
        assert connection.execute("SELECT count(*) FROM meta").fetchone() == (0,)
    assert _keys(opened) == ["a"]
    other.close()


def test_a_full_disk_refuses_and_leaves_what_was_there(opened: Opened) -> None:
    _put(opened, "a")
    with opened._connection() as connection:  # noqa: SLF001 - the disk is the connection's here
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailableError, match="full"):
        _put(opened, "x" * 100_000)
    assert _keys(opened) == ["a"]
    _put(opened, "b")
    assert _keys(opened) == ["a", "b"]


def test_a_read_only_file_is_read_and_not_written(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(opened, "a")
    opened.close()

    def read_only(path: Path, *, timeout_s: float) -> sqlite3.Connection:
        return sqlite3.connect(
            path.as_uri() + "?mode=ro", uri=True, timeout=timeout_s, isolation_level=None
        )

    monkeypatch.setattr("geosvc.store.connection.connect", read_only)
    other = Opened(path)
    with pytest.raises(StoreUnavailableError, match="readonly"):
        _put(other, "b")
    assert _keys(other) == ["a"]
    # what could not be written can be as soon as it may: the file is opened anew
    monkeypatch.undo()
    _put(other, "b")
    assert _keys(other) == ["a", "b"]
    other.close()


def test_all_idle_connections_are_opened_anew_before_a_write_is_refused(
    opened: Opened, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[bool] = []

    def begin(_connection: sqlite3.Connection, *, is_last: bool) -> bool:
        tries.append(is_last)
        if is_last:
            raise sqlite3.OperationalError
        return False

    idle, busy, elsewhere = Opened(path), Opened(path), Opened(tmp_path / "other.sqlite")
    elsewhere.migrate()
    for item in (opened, idle, busy, elsewhere):
        item.migrate()
    before = [item.data_version() for item in (idle, elsewhere)]
    with busy.reading() as connection:
        connection.execute("SELECT * FROM meta").fetchall()
        with monkeypatch.context() as patch:
            patch.setattr("geosvc.store.connection.begin", begin)
            with pytest.raises(StoreError):
                _put(opened, "a")
        assert connection.in_transaction, "who reads goes on"
    after = [item.data_version() for item in (idle, elsewhere)]
    assert [was == now for was, now in zip(before, after, strict=True)] == [False, True]
    assert tries == [False, True]
    _put(opened, "a")
    assert _keys(busy) == ["a"]
    for item in (idle, busy, elsewhere):
        item.close()


def test_an_opening_counts_as_a_change(opened: Opened, path: Path) -> None:
    _put(opened, "a")
    seen = {opened.data_version()}
    other = Opened(path)
    for number in range(5):
        opened.close()
        _put(other, str(number))
        seen.add(opened.data_version())
    assert len(seen) == 6
    other.close()


def test_settling_empties_the_write_ahead_log_unless_a_reader_hinders(
    opened: Opened, path: Path
) -> None:
    log = path.with_name(path.name + "-wal")
    other = Opened(path)
    with other.reading() as connection:
        connection.execute("SELECT * FROM meta").fetchall()
        _put(opened, "a")
        opened._settle()  # noqa: SLF001 - what writers of personal values do
        assert log.stat().st_size > 0
    opened._settle()  # noqa: SLF001
    assert log.stat().st_size == 0
    with opened._connection() as connection:  # noqa: SLF001
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (200,)
    other.close()


def test_what_is_deleted_leaves_no_trace(opened: Opened, path: Path) -> None:
    _put(opened, "SENTINEL-4711")
    opened._settle()  # noqa: SLF001
    assert b"SENTINEL-4711" in path.read_bytes()
    with opened.writing() as connection:
        connection.execute("DELETE FROM meta")
    opened._settle()  # noqa: SLF001
    assert b"SENTINEL-4711" not in path.read_bytes()


@pytest.mark.parametrize("name", ["stops", "a_1"])
def test_an_id_names_a_folder(name: str) -> None:
    check_id(name)


@pytest.mark.parametrize("name", ["", "A", "../a", "a-b", "站"])
def test_what_could_not_name_a_folder_is_no_id(name: str) -> None:
    with pytest.raises(StoreError):
        check_id(name)
