"""A store in a folder that goes with it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geosvc.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def fresh_store() -> Iterator[Store]:
    """Make a store for one example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "instance" / "geosvc.sqlite")
        store.migrate()
        try:
            yield store
        finally:
            store.close()
