"""A store in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "geosvc.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path, timeout_s=0.2)
    store.migrate()
    yield store
    store.close()
