"""Processes that end with their parent and give way to others, and how to end one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

PATIENCE_S: Final = 5.0
"""How long a process may take to end when it is told to."""
NICENESS: Final = 10
"""On a scale to 19."""


def is_orphan() -> bool:
    """Say whether this process was started by another one that is gone.

    >>> is_orphan()  # nobody started it by multiprocessing
    False
    """
    parent = multiprocessing.parent_process()
    # processes that were forked since hold the parent's end of the pipe, so its number is asked
    # too; Windows never changes that, but tells of the end
    return parent is not None and (os.getppid() != parent.pid or not parent.is_alive())


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


def stop(process: SpawnProcess, *, patience_s: float = PATIENCE_S) -> None:
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


def _watch(period_s: float, grace_s: float) -> None:
    while not is_orphan():
        time.sleep(period_s)
    if grace_s:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_s)
    os._exit(1)
