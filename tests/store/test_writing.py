"""Writers beside each other: threads, processes, and processes that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import ConflictError, StoreError, StoreUnavailableError
from geosvc.store import Change, Delete, Replace, Store
from tests.store.zoo import CHANGE, SMALL, assert_same, assert_sound, small

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).resolve().parents[2]
ANN = Change("ann", "because")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "rounds", [pytest.param(3, id="some"), pytest.param(200, id="many", marks=pytest.mark.thorough)]
)
def test_two_writers_that_are_killed_lose_nothing_they_acknowledged(
    tmp_path: Path, rounds: int
) -> None:
    done = subprocess.run(  # noqa: S603 - the arguments are our own
        [sys.executable, "-m", "tests.store.writers", str(tmp_path), str(rounds), "1"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= rounds


def test_threads_of_two_stores_lose_no_update(store: Store, path: Path) -> None:
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    other = Store(path)
    refused: list[int] = []

    def count_up(writer: Store) -> None:
        done = 0
        while done < 10:
            current = writer.version("a", "k0")
            assert current is not None
            edit = Replace("k0", {"n": current.properties["n"] + 1}, None, current.number)
            try:
                writer.edit("a", [edit], schema=SMALL, change=ANN)
                done += 1
            except (ConflictError, StoreUnavailableError):
                refused.append(current.number)

    threads = [threading.Thread(target=count_up, args=(one,)) for one in (store, store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.frame("a")["n"].tolist() == [30, 1]
    assert len(store.revisions("a", limit=1000)) == 31
    assert_sound(path)
    other.close()


def test_an_edit_on_a_full_disk_is_refused_and_nothing_is_lost(store: Store, path: Path) -> None:
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    with store._connection() as opened:  # noqa: SLF001 - the disk is the connection's here
        (pages,) = opened.execute("PRAGMA page_count").fetchone()
        opened.execute(f"PRAGMA max_page_count = {pages}")
    large = Replace("k0", {"word": "x" * 200_000}, base_revision=1)
    with pytest.raises(StoreUnavailableError, match="full"):
        store.edit("a", [large], schema=SMALL, change=ANN)
    assert len(store.revisions("a")) == 1
    assert_same(store.frame("a"), small(2))
    store.close()
    assert store.edit("a", [large], schema=SMALL, change=ANN).number == 2
    assert_sound(path)


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.edit("../a", [], schema=SMALL, change=ANN),
        lambda store: store.undo("../a", schema=SMALL, change=ANN),
        lambda store: store.restore("../a", 1, schema=SMALL, change=ANN),
    ],
)
def test_an_id_must_name_a_folder(store: Store, ask: Callable[[Store], object]) -> None:
    with pytest.raises(StoreError, match="not a layer id"):
        ask(store)


def test_revisions_come_latest_first(store: Store) -> None:
    assert store.revisions("a") == ()
    for count in (1, 2, 3):
        store.put("a", small(count), schema=SMALL, change=CHANGE)
    store.edit("a", [Delete("k0", 3)], schema=SMALL, change=ANN)
    found = store.revisions("a", limit=2)
    assert [(item.number, item.author, item.count) for item in found] == [
        (4, "ann", 2),
        (3, "editor", 3),
    ]
    assert found[1].source_path == "data/a.csv"


def test_what_stands_is_read_without_the_history(store: Store) -> None:
    assert store.standing("a", "k0") is None
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    assert store.standing("a", "k1") == {"id": "k1", "n": 1, "word": "字1"}
    store.edit("a", [Replace("k1", {"n": 7}, base_revision=1)], schema=SMALL, change=ANN)
    assert store.standing("a", "k1") == {"id": "k1", "n": 7}
    store.edit("a", [Delete("k1", 2)], schema=SMALL, change=ANN)
    assert store.standing("a", "k1") is None
    assert len(store.history("a", "k1")) == 3
