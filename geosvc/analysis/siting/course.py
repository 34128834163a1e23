"""The course of a long answer: how far it is, at which stage, how much time each stage may take."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Told: TypeAlias = "Callable[[float, str, float, float], bool]"
"""Hears the share done (0 to 1), the stage (a code), value and bound; True stops the course."""


class Course:
    """Shares the time among stages, reports, and remembers that somebody said stop.

    A stage that ends early leaves its time to the later ones.

    Parameters
    ----------
    time_limit_s
        Seconds for all stages.
    told
        Hears of the progress.

    Examples
    --------
    >>> course = Course(60, lambda share, stage, value, bound: stage == "plans")
    >>> course.begin("curve", until=0.5)
    >>> course.hear(7.0, 5.0), course.begin("plans", until=1.0), course.hear(7.0, 5.0)
    (False, None, True)
    >>> course.stopped, course.left_s
    (True, 0.0)
    """

    def __init__(self, time_limit_s: float, told: Told | None = None) -> None:
        self._told = told
        self._end = time.perf_counter() + time_limit_s
        self._from = self._until = 0.0
        self._done = 0.0
        self._stage, self._stage_end = "", self._end
        self.stopped = False

    def begin(self, stage: str, *, until: float) -> None:
        """Enter a stage, which ends when the share ``until`` of the whole is done."""
        self._from, self._until, self._stage, self._done = self._until, until, stage, 0.0
        now = time.perf_counter()
        part = (until - self._from) / max(1e-9, 1.0 - self._from)
        self._stage_end = now + max(0.0, self._end - now) * min(1.0, part)
        if not self.stopped:
            self._report(math.nan, math.nan)

    @property
    def left_s(self) -> float:
        """Seconds left for this stage, 0 once the course was stopped."""
        return 0.0 if self.stopped else max(0.0, self._stage_end - time.perf_counter())

    def done(self, share: float) -> None:
        """Say which share of this stage is done."""
        self._done = min(1.0, share)

    def hear(self, value: float, bound: float) -> bool:
        """Pass value and bound of a solver on; fit to be its ``progress``."""
        if not self.stopped:
            self._report(value, bound)
        return self.stopped

    def _report(self, value: float, bound: float) -> None:
        share = self._from + (self._until - self._from) * self._done
        self.stopped = bool(self._told and self._told(share, self._stage, value, bound))
