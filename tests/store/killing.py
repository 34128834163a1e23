"""A process of its own in which a write is killed at every step; prints what each kill left.

``python -m tests.store.killing <folder> <stride>``: a store with revision 1 of twenty features is
copied, a forked child writes revision 2 and kills itself (SIGKILL) before its n-th step. A step is
a statement of SQLite, or a file of columns. n grows by ``stride`` until the write gets through.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

import numpy as np

from geosvc.store import Store
from tests.store.zoo import CHANGE, SMALL, assert_same, assert_sound, small

OLD, NEW = small(20), small(21, start=3)


class _Steps:
    """Kills its process at one step."""

    def __init__(self, last: int) -> None:
        self.left = last

    def count(self, *_given: object) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _write_and_die(path: Path, last: int) -> None:
    steps = _Steps(last)
    connect, save = sqlite3.connect, np.save

    def watched(path: str, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - as sqlite3 takes them
        connection: sqlite3.Connection = connect(path, **options)
        connection.set_trace_callback(steps.count)
        return connection

    def counted(path: Path, array: np.ndarray[Any, Any], *, allow_pickle: bool) -> None:
        steps.count()
        save(path, array, allow_pickle=allow_pickle)

    sqlite3.connect = watched  # type: ignore[assignment]
    np.save = counted  # type: ignore[assignment]
    store = Store(path)
    store.put("stops", NEW, schema=SMALL, change=CHANGE)
    store.close()


def _round(model: Path, path: Path, last: int) -> tuple[bool, int]:
    """Return whether the write got through, and the revision that is there."""
    shutil.rmtree(path.parent, ignore_errors=True)
    shutil.copytree(model, path.parent)
    child = os.fork()
    if child == 0:
        try:
            _write_and_die(path, last)
        finally:
            os._exit(0)
    _, code = os.waitpid(child, 0)
    assert_sound(path)
    store = Store(path)
    state = store.state("stops")
    assert state is not None
    assert_same(store.frame("stops"), OLD.sort_index() if state.number == 1 else NEW.sort_index())
    # the next writer is not hindered
    assert store.put("stops", small(2), schema=SMALL, change=CHANGE).number == state.number + 1
    store.close()
    return os.WIFEXITED(code), state.number


def main(folder: Path, stride: int) -> list[int]:
    """Return the revision that each kill left, the last one being of the write that got through."""
    model = folder / "model"
    store = Store(model / "geosvc.sqlite")
    store.migrate()
    store.put("stops", OLD, schema=SMALL, change=CHANGE)
    store.close()
    found, last, through = [], 0, False
    while not through:
        through, number = _round(model, folder / "copy" / "geosvc.sqlite", last)
        found.append(number)
        last += stride
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
