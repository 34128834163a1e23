from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geosvc.processes import (
    NICENESS,
    KeptGoing,
    end_with_parent,
    give_way,
    has_pulse,
    is_orphan,
    pulse,
    starting_with,
    stop,
)
from tests.slow_work import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import SpawnProcess

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


def have_a_quick_child(marks: str) -> None:
    starting_with("geosvc.jobs").Process(target=stay, args=(marks,)).start()
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
@pytest.mark.parametrize("parent_does", [have_a_child, have_a_quick_child])
def test_a_process_ends_when_its_parent_is_killed(
    tmp_path: Path, parent_does: Callable[[str], None]
) -> None:
    parent = SPAWN.Process(target=parent_does, args=(str(tmp_path / "marks"),))
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


def started(tmp_path: Path, names: list[str]) -> SpawnProcess:
    names.append(f"marks{len(names)}")
    process = SPAWN.Process(target=stay, args=(str(tmp_path / names[-1]),))
    process.start()
    return process


@NEEDS_SIGNALS
def test_what_is_kept_going_starts_again_until_it_is_ended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names: list[str] = []
    kept = KeptGoing(lambda: started(tmp_path, names), period_s=0.1)
    seen = []
    for number in range(3):
        seen.append(int(wait_for(tmp_path / f"marks{number}")[0]))
        if number < 2:
            os.kill(seen[-1], signal.SIGKILL)
    assert len(set(seen)) == 3
    assert caplog.text.count("a process ended: -9") == 2
    kept.end(patience_s=5)
    assert not any(is_alive(number) for number in seen)
    assert len(names) == 3, "an end that was wanted is no reason to start again"


def test_a_start_that_fails_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names: list[str] = []
    tries: list[int] = []

    def start() -> SpawnProcess:
        tries.append(len(tries))
        if len(tries) == 2:
            raise BlockingIOError
        return started(tmp_path, names)

    kept = KeptGoing(start, period_s=0.1)
    wait_for(tmp_path / "marks0")
    kept.process.kill()
    wait_for(tmp_path / "marks1")
    kept.end()
    assert tries == [0, 1, 2]
    assert "was not started" in caplog.text


def test_a_pulse_is_felt_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "pulse"
    assert has_pulse(path, within_s=10) is None
    pulse(path)
    assert has_pulse(path, within_s=10) is True
    os.utime(path, (1, 1))
    assert has_pulse(path, within_s=10) is False
    pulse(path)
    assert has_pulse(path, within_s=10) is True
    pulse(tmp_path / "no" / "folder")


def test_processes_start_afresh_with_modules_at_hand_and_end_with_their_parent(
    tmp_path: Path,
) -> None:
    context = starting_with("geosvc.jobs")
    marks = tmp_path / "marks"
    process = context.Process(target=stay, args=(str(marks),))
    process.start()
    number, orphan, _ = wait_for(marks)
    assert (int(number), orphan) == (process.pid, "False")
    stop(process)
    assert not process.is_alive()
