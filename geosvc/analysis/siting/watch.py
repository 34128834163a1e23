"""The time a solve has, and those who watch it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geosvc.analysis.siting.result import Progress

PROGRESS_S: Final = 0.5
"""Seconds between two reports of progress."""


class Watch:
    """Knows how long a solve has run, reports its progress, and says when it must stop.

    Parameters
    ----------
    time_limit_s
        Seconds that the solve may take from now.
    progress
        Hears the value and the bound; True stops the solve.

    Examples
    --------
    >>> Watch(60).stop(7.0, 5.0), Watch(0).stop(7.0, 5.0)
    (False, True)
    """

    def __init__(self, time_limit_s: float, progress: Progress | None = None) -> None:
        self.progress = progress
        self._start = time.perf_counter()
        self._limit = time_limit_s
        self._told = -math.inf
        self._stopped = False

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    @property
    def left_s(self) -> float:
        """Seconds left, 0 once the solve was stopped."""
        return 0.0 if self._stopped else max(0.0, self._limit - self.seconds)

    def stop(self, value: float, bound: float) -> bool:
        """Report value and bound when it is time to, and say whether the solve must stop."""
        now = self.seconds
        if self.progress and now - self._told >= PROGRESS_S and not self._stopped:
            self._told = now
            self._stopped = self.progress(value, bound)
        self._stopped = self._stopped or now >= self._limit
        return self._stopped
