"""What a siting is to reach, and the numbers that a person enters for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from geosvc.analysis.siting.queueing import Peak

if TYPE_CHECKING:
    from geosvc.analysis.siting.asked import Asked

Objective: TypeAlias = Literal["median", "coverage", "fewest", "center", "capacitated", "sizes"]

Each: TypeAlias = Literal["weight", "point"]

OBJECTIVES: Final[tuple[Objective, ...]] = get_args(Objective)
_EACH: Final[tuple[Each, ...]] = get_args(Each)


@dataclass(frozen=True, slots=True)
class SiteSize:
    """A size that a new site can have, and what it costs (in the unit of the parcels' costs)."""

    bays: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The objective with its numbers.

    "median": least total weight times distance; "coverage": most weight within
    ``service_distance_m``; "fewest": fewest new sites that cover ``share`` of the weight;
    "center": least worst distance; "capacitated": as median, with ``washes_per_bay_day`` times its
    bays at each site; "sizes": as capacitated, with the size of each new site one of ``sizes``
    within ``budget``. ``added`` is how many new sites there may be, ``reach_m`` the longest way
    that counts at all. ``plans`` other plans are sought; a plan is near the best when it is worse
    by at most ``near_share``. ``draws`` is how often weights are drawn anew, of each weight that a
    person set or of each point (``draw_each``).
    """

    objective: Objective = "median"
    added: int = 3
    service_distances_m: tuple[float, ...] = ()
    service_distance_m: float | None = None
    share: float = 1.0
    reach_m: float = math.inf
    washes_per_bay_day: float | None = None
    single_source: bool = False
    budget: float | None = None
    sizes: tuple[SiteSize, ...] = ()
    peak: Peak | None = None
    plans: int = 2
    near_share: float = 0.01
    draws: int = 200
    draw_each: Each = "weight"
    budgets: int = 8
    time_limit_s: float = 60.0
    seed: int = 0

    @property
    def is_maximum(self) -> bool:
        """Whether more is better."""
        return self.objective in {"coverage", "fewest"}

    @property
    def has_room(self) -> bool:
        """Whether a site holds only so much."""
        return self.objective in {"capacitated", "sizes"}

    @classmethod
    def of(cls, asked: Asked) -> Goal:
        """Read one from settings of the same names, and hold what an objective needs.

        Raises
        ------
        AnalysisError
            If a number is out of its range, or one that the objective needs is missing.

        Examples
        --------
        >>> from geosvc.analysis.siting.asked import Asked
        >>> Goal.of(Asked({"objective": "coverage", "service_distance_m": 2000})).is_maximum
        True
        >>> Goal.of(Asked({"objective": "coverage"}))
        Traceback (most recent call last):
        geosvc.errors.AnalysisError: siting_setting
        """
        goal = cls(
            objective=asked.choice("objective", OBJECTIVES),
            added=asked.whole("added", 3),
            service_distances_m=tuple(sorted(asked.numbers("service_distances_m"))),
            service_distance_m=asked.maybe("service_distance_m"),
            share=asked.number("share", 1.0, most=1.0),
            reach_m=asked.number("reach_m", math.inf),
            washes_per_bay_day=asked.maybe("washes_per_bay_day", above=True),
            single_source=asked.flag("single_source", default=False),
            budget=asked.maybe("budget"),
            sizes=tuple(_size(size) for size in asked.tables("sizes")),
            peak=_peak(asked),
            plans=asked.whole("plans", 2, most=20),
            near_share=asked.number("near_share", 0.01, most=1.0),
            draws=asked.whole("draws", 200, most=2000),
            draw_each=asked.choice("draw_each", _EACH),
            budgets=asked.whole("budgets", 8, most=100),
            time_limit_s=asked.number("time_limit_s", 60.0, most=3600.0),
            seed=asked.whole("seed", 0),
        )
        _hold(goal, asked)
        return goal


def _hold(goal: Goal, asked: Asked) -> None:
    """Refuse an objective without a number that it needs."""
    needed = {
        "coverage": ("service_distance_m",),
        "fewest": ("service_distance_m",),
        "capacitated": ("washes_per_bay_day",),
        "sizes": ("washes_per_bay_day", "budget", "sizes"),
    }
    for name in needed.get(goal.objective, ()):
        if getattr(goal, name) in {None, ()}:
            raise asked.refuse(name)


def _size(asked: Asked) -> SiteSize:
    size = SiteSize(asked.number("bays", 0.0), asked.number("cost", 0.0))
    if not (asked.has("bays") and asked.has("cost")):
        raise asked.refuse("bays" if asked.has("cost") else "cost")
    asked.done()
    return size


def _peak(asked: Asked) -> Peak | None:
    if not asked.has("peak"):
        return None
    table = asked.table("peak")
    arrivals = table.maybe("arrivals_per_hour")
    minutes = table.maybe("service_minutes", above=True)
    waiting = table.whole("waiting_bays", 0, most=1000)
    table.done()
    if arrivals is None or minutes is None:
        raise table.refuse("arrivals_per_hour" if arrivals is None else "service_minutes")
    return Peak(arrivals, minutes, waiting)
