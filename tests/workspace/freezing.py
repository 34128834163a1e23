"""A process of its own in which a publication is killed at every step; holds what each kill left.

``python -m tests.workspace.freezing <folder> <stride>``: a forked child publishes a snapshot and
kills itself (SIGKILL) before its n-th step: a statement of SQLite, or a call that opens, writes,
syncs or renames a file. n grows by ``stride`` until the publication gets through. It prints how
many kills there were, and of how many of them the snapshot was public.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from geosvc.settings import Settings
from geosvc.snapshots import Part
from geosvc.store import Store
from geosvc.workspace.published import Shelf

STEPS = ("open", "fsync", "replace", "mkdir", "unlink")


class _Steps:
    """Kills its process at one step."""

    def __init__(self, last: int) -> None:
        self.left = last

    def count(self, *_given: object) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def content(number: int) -> tuple[dict[str, Part], dict[str, Any]]:
    """What round ``number`` publishes."""
    parts = {
        "figure.png": Part(b"picture %d" % number * 100, "image/png"),
        "data.geojson": Part(b"data %d" % number, "application/geo+json"),
        "same.txt": Part(b"the same in all rounds", "text/plain"),
    }
    return parts, {"kind": "map", "subject": "map:a?", "title": f"round {number}", "total": number}


def _publish_and_die(settings: Settings, number: int, last: int) -> None:
    steps = _Steps(last)
    connect = sqlite3.connect

    def watched(path: str, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - as sqlite3 takes them
        connection: sqlite3.Connection = connect(path, **options)
        connection.set_trace_callback(steps.count)
        return connection

    def counted(call: Any) -> Any:  # noqa: ANN401 - a function of the system
        def counting(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the function takes them
            steps.count()
            return call(*given, **named)

        return counting

    sqlite3.connect = watched  # type: ignore[assignment]
    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    io.open = counted(io.open)
    parts, facts = content(number)
    Shelf(settings).publish(parts, facts, author="ann")


def _round(settings: Settings, number: int, last: int) -> tuple[bool, bool]:
    """Return whether the publication got through, and whether it is public."""
    child = os.fork()
    if child == 0:
        try:
            _publish_and_die(settings, number, last)
        finally:
            os._exit(0)
    _, code = os.waitpid(child, 0)
    parts, facts = content(number)
    shelf = Shelf(settings)
    assert shelf.verify_all() == (), last
    found = [item for item in shelf.list() if item.facts["title"] == facts["title"]]
    for item in found:
        assert all(shelf.read(item.id, name) == part for name, part in parts.items())
    with closing(Store(settings.instance / "geosvc.sqlite")) as store:
        assert store.verify() == ()
        logged = [entry.target for entry in store.log_entries(limit=1000)]
    assert [item.id for item in found] == [name for name in logged if name not in _before]
    _before.update(logged)
    # the next one is not hindered, and finds half of it there
    made = shelf.publish(parts, facts, author="bob")
    assert made.times == len(found) + 1
    _before.add(made.id)
    return os.WIFEXITED(code), bool(found)


_before: set[str] = set()


def main(folder: Path, stride: int) -> tuple[int, int]:
    """Return how many kills there were, and how many of them left a public snapshot."""
    settings = Settings(instance=folder)
    with closing(Store(folder / "geosvc.sqlite")) as store:
        store.migrate()
    last, public, through = 0, 0, False
    while not through:
        through, is_public = _round(settings, last, last)
        public += is_public and not through
        last += stride
    return last // stride - 1, public


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
