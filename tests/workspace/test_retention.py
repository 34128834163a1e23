from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geosvc.store import Change
from geosvc.workspace import Editor, apply_retention, restore_backup
from tests.workspace.test_editor import PRIVATE

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store
    from tests.workspace.conftest import County


def test_the_policy_erases_what_is_older_than_it_allows(county: County) -> None:
    county.write_layer("stops", PRIVATE)
    county.write_table(["s1,苏XA1234,121.101,33.5", "s2,苏XB5678,121.102,33.5"])
    workspace = county.prepare()
    store, policy = workspace.store, replace(county.settings, retention_days=100)
    Editor(workspace).replace("stops", "s2", {"name": "苏XC9999"}, base=1, change=Change("li", ""))
    old = (datetime.now(UTC) - timedelta(days=101)).isoformat(timespec="seconds")
    with store.writing() as opened:
        opened.execute("UPDATE personal SET received_at = ? WHERE feature = 's1'", (old,))
    assert apply_retention(store, policy, dry_run=True) == {"stops": 1}
    assert apply_retention(store, policy, author="root") == {"stops": 1}
    assert apply_retention(store, policy) == {}
    assert store.personal("stops")["value"].tolist() == [None, "苏XC9999"]
    assert workspace.latest().frame("stops")["name"].tolist() == ["erased", "苏X·**999"]
    assert store.verify() == ()


def test_a_start_after_a_purge_brings_nothing_back(county: County) -> None:
    county.write_layer("stops", PRIVATE)
    county.write_table(["s1,苏XA1234,121.101,33.5"])
    workspace = county.prepare()
    workspace.store.purge(datetime.now(UTC) + timedelta(days=1))
    county.write_table(["s1,苏XA1234,121.101,33.5", "s2,苏XB5678,121.102,33.5"])
    again = county.prepare()
    assert again.frame("stops")["name"].tolist() == ["erased", "苏X·**678"]
    assert again.store.personal("stops")["value"].tolist() == [None, "苏XB5678"]


def make_old(store: Store) -> None:
    old = (datetime.now(UTC) - timedelta(days=101)).isoformat(timespec="seconds")
    with store.writing() as opened:
        opened.execute("UPDATE personal SET received_at = ?", (old,))


def test_a_restored_backup_is_held_to_the_policy(county: County, tmp_path: Path) -> None:
    county.write_layer("stops", PRIVATE)
    county.write_table(["s1,苏XA1234,121.101,33.5"])
    store = county.prepare().store
    policy = replace(county.settings, retention_days=100)
    make_old(store)
    store.backup(tmp_path / "old.sqlite")
    restore_backup(store, policy, tmp_path / "old.sqlite", author="root")
    assert store.personal("stops")["value"].tolist() == [None]
    assert store.frame("stops")["name"].tolist() == ["erased"]
    assert store.log_entries()[0].action == "restore_backup"


def test_what_a_restore_replaced_and_what_was_answered_go_too(
    county: County, tmp_path: Path
) -> None:
    county.write_layer("stops", PRIVATE)
    county.write_table(["s1,苏XA1234,121.101,33.5"])
    store = county.prepare().store
    policy = replace(county.settings, retention_days=100)
    store.backup(tmp_path / "old.sqlite")
    make_old(store)
    store.restore_backup(tmp_path / "old.sqlite")
    make_old(store)
    answers = policy.instance / "answers"
    answers.mkdir()
    (answers / "kept").write_text("苏X·**234", encoding="utf-8")
    assert apply_retention(store, policy, dry_run=True) == {"stops": 1}
    assert (answers / "kept").exists()
    assert apply_retention(store, policy) == {"stops": 1}
    files = [item for item in policy.instance.rglob("*") if item.is_file()]
    assert store.before_restore in files
    for text in ("苏XA1234", "苏X·**234"):
        assert [item for item in files if text.encode() in item.read_bytes()] == []


def test_a_damaged_file_that_was_replaced_goes_when_its_time_is_over(
    county: County, tmp_path: Path
) -> None:
    store = county.prepare().store
    store.backup(tmp_path / "old.sqlite")
    store.close()
    store.path.write_bytes(b"no database at all" * 400)
    restore_backup(store, county.settings, tmp_path / "old.sqlite")
    assert len(store.frame("stops")) == 3
    apply_retention(store, county.settings)
    assert store.damaged.exists()
    days = timedelta(days=county.settings.retention_days + 1)
    then = (datetime.now(UTC) - days).timestamp()
    os.utime(store.damaged, (then, then))
    apply_retention(store, county.settings)
    assert not store.damaged.exists()
