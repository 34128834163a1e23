from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from geosvc.processes import NICENESS, end_with_parent, give_way, is_orphan, stop
from tests.slow_work import is_alive

SPAWN = get_context("spawn")
NEEDS_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def stay(marks: str, *, deaf: bool = False) -> None:
    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(period_s=0.1)
    give_way()
    nice = os.nice(0) if hasattr(os, "nice") else NICENESS
    Path(marks).write_text(f"{os.getpid()} {is_orphan()} {nice}", encoding="utf-8")
    time.sleep(600)


def have_a_child(marks: str) -> None:
    SPAWN.Process(target=stay, args=(marks,)).start()
    time.sleep(600)


def wait_for(path: Path) -> list[str]:
    for _ in range(600):
        if path.exists() and path.read_text(encoding="utf-8"):
            return path.read_text(encoding="utf-8").split()
        time.sleep(0.1)
    pytest.fail("the process did not start")


def test_nobody_started_this_process_by_multiprocessing() -> None:
    assert not is_orphan()


@pytest.mark.parametrize("deaf", [False, pytest.param(True, marks=NEEDS_SIGNALS)])
def test_a_process_is_stopped_whether_it_listens_or_not(tmp_path: Path, *, deaf: bool) -> None:
    process = SPAWN.Process(target=stay, args=(str(tmp_path / "marks"),), kwargs={"deaf": deaf})
    process.start()
    _, orphan, nice = wait_for(tmp_path / "marks")
    assert orphan == "False"
    assert int(nice) >= NICENESS
    stop(process, patience_s=0.5)
    assert not process.is_alive()
    if sys.platform != "win32":
        assert process.exitcode == -(signal.SIGKILL if deaf else signal.SIGTERM)
    stop(process)


@NEEDS_SIGNALS
def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = SPAWN.Process(target=have_a_child, args=(str(tmp_path / "marks"),))
    parent.start()
    child = int(wait_for(tmp_path / "marks")[0])
    assert is_alive(child)
    parent.kill()
    parent.join()
    for _ in range(600):
        if not is_alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the child is still there")
