"""What the law asks for, as one day of a bureau sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreUnavailableError, StoreVersionError
from geosvc.store import Store
from geosvc.store.schema import VERSION
from tests.store.zoo import CHANGE, SMALL, small

if TYPE_CHECKING:
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
