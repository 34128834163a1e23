"""Two processes that edit one layer until they are killed; each tells what was acknowledged.

``python -m tests.store.writers <folder> <rounds> <seed>`` prints how many edits were acknowledged,
after it has held every round to be sound.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import shapely

from geosvc.errors import ConflictError
from geosvc.store import Change, Create, Delete, Replace, Store
from tests.store.zoo import CHANGE, SMALL, assert_sound, small

SHARED = "k0"
"""Both writers count up this one feature: an update that got lost would be missed here."""


def _write(path: Path, name: str, tell: int, seed: int) -> None:
    store, chance = Store(path), random.Random(seed)  # noqa: S311 - no secret
    own = 0
    while True:
        change = Change(name, "count")
        current = store.version("a", SHARED)
        assert current is not None
        count = int(current.properties["n"]) + 1
        state = store.state("a")
        assert state is not None
        edits: list[Create | Replace | Delete] = [
            Replace(SHARED, {"n": count, "word": name}, base_revision=state.number)
        ]
        own += 1
        place = shapely.Point(chance.random(), chance.random())
        edits.append(Create({"id": f"{name}{seed}-{own}", "n": own}, place))
        if own > 2 and chance.random() < 0.3:
            edits.append(Delete(f"{name}{seed}-{own - 1}", state.number))
        # two reads and a write are three moments: the other one may have come between
        edits[0] = Replace(SHARED, {"n": count, "word": name}, base_revision=current.number)
        try:
            made = store.edit("a", edits, schema=SMALL, change=change)
        except ConflictError:
            own -= 1
            continue
        os.write(tell, f"{made.number} {count}\n".encode())


def _round(path: Path, seed: int) -> list[tuple[int, int]]:
    """Run two writers, kill one and then the other, and return what they acknowledged."""
    chance, reads, children = random.Random(seed), [], []  # noqa: S311 - no secret
    for at, name in enumerate(("ann", "bob")):
        read, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _write(path, name, tell, seed * 2 + at)
            finally:
                os._exit(1)
        os.close(tell)
        reads.append(read)
        children.append(child)
    for child in children:
        time.sleep(chance.uniform(0.02, 0.15))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    told = []
    for read in reads:
        with os.fdopen(read) as lines:
            told += [line.split() for line in lines if line.endswith("\n")]
    return [(int(number), int(count)) for number, count in told]


def main(folder: Path, rounds: int, seed: int) -> int:
    """Return how many edits were acknowledged in all rounds."""
    path = folder / "geosvc.sqlite"
    store = Store(path)
    store.migrate()
    store.put("a", small(3).assign(n=0), schema=SMALL, change=CHANGE)
    store.close()
    total = 0
    for at in range(rounds):
        told = _round(path, seed + at)
        total += len(told)
        assert_sound(path)
        store = Store(path)
        assert store.verify() == ()
        state = store.state("a")
        assert state is not None
        numbers = [number for number, _ in told]
        assert len(set(numbers)) == len(numbers), "no two edits made one revision"
        for number, count in told:
            found = store.version("a", SHARED, number=number)
            assert found is not None
            assert (found.number, found.properties["n"]) == (number, count)
        # each revision counted one up: none was overwritten
        last = store.version("a", SHARED)
        assert last is not None
        assert last.properties["n"] == state.number - 1
        assert len(store.frame("a")) == state.count
        store.close()
    return total


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
