"""Processes that end with their parent, give way to others, or are kept going; how to end one."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerContext, SpawnContext, SpawnProcess
    from multiprocessing.process import BaseProcess
    from pathlib import Path

logger = logging.getLogger(__name__)

PATIENCE_S: Final = 5.0
"""How long a process may take to end when it is told to."""
NICENESS: Final = 10
"""On a scale to 19."""
_LOADED_IN: Final = os.getpid()  # in what a fork server forks, the number of that server


def is_orphan() -> bool:
    """Say whether this process was started by another one that is gone.

    >>> is_orphan()  # nobody started it by multiprocessing
    False
    """
    parent = multiprocessing.parent_process()
    # processes that were forked since hold the parent's end of the pipe, so its number is asked
    # too; Windows never changes that, but tells of the end
    return parent is not None and (
        os.getppid() not in {parent.pid, _LOADED_IN} or not parent.is_alive()
    )


def starting_with(*modules: str) -> SpawnContext | ForkServerContext:
    """Start processes afresh, with modules at hand: loading them takes longer than most jobs.

    On Linux a server loads them once and forks each process before any thread or file is there;
    elsewhere each process loads what it needs.

    Parameters
    ----------
    *modules
        Names of modules.

    Returns
    -------
    context
        Its ``Process`` is as `multiprocessing.Process`.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return context


def end_with_parent(*, period_s: float = 1.0, grace_s: float = 0.0) -> None:
    """Watch the parent from a thread, and end this process when the parent is gone.

    Parameters
    ----------
    period_s
        How often to look.
    grace_s
        How long the process may finish what it does after it was asked to end; 0 ends it at once.
    """
    if multiprocessing.parent_process() is not None:
        threading.Thread(target=_watch, args=(period_s, grace_s), daemon=True).start()


def give_way() -> None:
    """Let other processes go first, where the system can: requests before jobs."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def stop(process: BaseProcess, *, patience_s: float = PATIENCE_S) -> None:
    """End a process, politely first, and wait for its end.

    Parameters
    ----------
    process
        A process that was started; it may have ended.
    patience_s
        How long it may take.
    """
    process.terminate()
    process.join(patience_s)
    if process.is_alive():
        process.kill()
        process.join()


class KeptGoing:
    """A process that is started again whenever it ends by itself.

    A thread looks after it. Processes that the parent forks meanwhile hold copies of its pipes, so
    the thread asks the system whether the process lives, and never waits at a pipe.

    Parameters
    ----------
    start
        Starts the process.
    period_s
        How often to look, and how long to wait before the first new start; where the process ends
        soon again, the wait doubles each time.
    longest_s
        The longest wait; a process that lived longer is started as if for the first time.
    """

    def __init__(
        self, start: Callable[[], SpawnProcess], *, period_s: float = 1.0, longest_s: float = 60.0
    ) -> None:
        self._start, self._period_s, self._longest_s = start, period_s, longest_s
        self._ended = threading.Event()
        self.process = start()
        self._thread = threading.Thread(target=self._look_after, daemon=True)
        self._thread.start()

    def end(self, *, patience_s: float = PATIENCE_S) -> None:
        """Look after the process no longer, and end it."""
        self._ended.set()
        self._thread.join()
        stop(self.process, patience_s=patience_s)

    def _look_after(self) -> None:
        began, pause_s = time.monotonic(), self._period_s
        while not self._ended.wait(self._period_s):
            if self.process.is_alive():
                continue
            if time.monotonic() - began > self._longest_s:
                pause_s = self._period_s
            logger.error("a process ended: %s", self.process.exitcode)
            if self._ended.wait(pause_s):
                return
            pause_s = min(2 * pause_s, self._longest_s)
            began = time.monotonic()
            try:
                self.process = self._start()
            except OSError:
                # no room for one more process: the next look tries again
                logger.exception("a process was not started")


def pulse(path: Path) -> None:
    """Say that this process goes on: touch a file, where the folder can be written."""
    with suppress(OSError):
        path.touch(mode=0o600)


def has_pulse(path: Path, *, within_s: float) -> bool | None:
    """Say whether a process touched a file lately, None where none ever did.

    Parameters
    ----------
    path
        The file.
    within_s
        How long ago it may be.

    Examples
    --------
    >>> from pathlib import Path
    >>> has_pulse(Path("nowhere"), within_s=10) is None
    True
    """
    try:
        return abs(time.time() - path.stat().st_mtime) <= within_s
    except OSError:
        return None


def _watch(period_s: float, grace_s: float) -> None:
    while not is_orphan():
        time.sleep(period_s)
    if grace_s:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_s)
    os._exit(1)
