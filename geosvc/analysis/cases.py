"""Cases as they come in a frame: when and where each was caught, and which cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geosvc.errors import AnalysisError, Issue

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geosvc.network import Snapped, StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Days = NDArray[np.datetime64]

SNAP_LIMIT_M: Final = 50.0
"""The largest distance from a case, or a patrol, to its street."""

FAR_SHARE: Final = 0.2
"""Where more of the cases lie beside every street, the map and the cases do not belong together."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """The cases that can be used, in the order of their frame, and why the others cannot.

    ``places`` are on the network, ``day`` is the day of the place's own clock, ``patrol`` the
    patrol's number from 0, or -1 where none is known. ``dropped`` has one entry a case left out:
    its key, the reason (``no_place``, ``no_time``, ``beyond_limit``) and how far it is from the
    nearest street, if it has a place.
    """

    keys: tuple[str, ...]
    places: Snapped
    day: Days
    patrol: Integers
    dropped: tuple[dict[str, Any], ...]

    def __len__(self) -> int:
        return len(self.day)

    @property
    def total(self) -> int:
        """Used and dropped together."""
        return len(self) + len(self.dropped)

    def chosen(self, which: NDArray[np.bool_], *, places: Snapped | None = None) -> Cases:
        """Return some of the cases, at other places if given; what was dropped stays said."""
        at = some(self.places, which) if places is None else places
        keys = tuple(key for key, kept in zip(self.keys, which.tolist(), strict=True) if kept)
        return Cases(keys, at, self.day[which], self.patrol[which], self.dropped)

    @property
    def period(self) -> tuple[np.datetime64, np.datetime64]:
        """The first and the last day."""
        return self.day.min(), self.day.max()


def read_cases(
    events: gpd.GeoDataFrame, network: StreetNetwork, *, limit_m: float = SNAP_LIMIT_M
) -> Cases:
    """Place cases on the network and read their days.

    Parameters
    ----------
    events
        Points in the CRS of the network, by key; ``captured_at`` (text, datetimes or dates) says
        when, ``patrol_id`` which patrol caught it, where that is known.
    network
        The streets.
    limit_m
        Cases farther from every street are dropped.

    Returns
    -------
    cases
        Those with a street and a day, and the list of the others.

    Raises
    ------
    AnalysisError
        If there are no cases (``no_events``) or none has a time (``no_times``); if more than a
        fifth lie beyond ``limit_m`` (``too_far``: the issues name them), or none has a place
        (``no_places``).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geosvc.network import StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
    >>> when = {"captured_at": ["2024-06-01T23:30:00+08:00", None]}
    >>> events = gpd.GeoDataFrame(when, geometry=gpd.points_from_xy([5, 6], [1, 1]))
    >>> cases = read_cases(events, street)
    >>> cases.day.tolist(), cases.places.offset_m.tolist()
    ([datetime.date(2024, 6, 1)], [5.0])
    >>> cases.dropped
    ({'key': '1', 'reason': 'no_time', 'distance_m': 1.0},)
    >>> read_cases(events[:0], street)
    Traceback (most recent call last):
    geosvc.errors.AnalysisError: no_events
    """
    if not len(events):
        reason = "no_events"
        raise AnalysisError(reason)
    keys = [str(key) for key in events.index]
    day = days(events, "captured_at")
    every = network.snap(_points(events), limit_m=np.inf)
    has_day, has_place = ~np.isnat(day), every.is_placed
    is_near = has_place & (every.distance_m <= limit_m)
    _refuse_blank(has_day, has_place)
    _refuse_far(keys, every.distance_m, has_place & ~is_near, limit_m)
    used = is_near & has_day
    reasons = np.select([~has_place, ~is_near], ["no_place", "beyond_limit"], "no_time")
    dropped = tuple(
        {
            "key": keys[at],
            "reason": str(reasons[at]),
            "distance_m": round(float(every.distance_m[at]), 1) if has_place[at] else None,
        }
        for at in np.flatnonzero(~used)
    )
    kept = tuple(keys[at] for at in np.flatnonzero(used))
    patrol = _numbers(events, "patrol_id")
    return Cases(kept, some(every, used), day[used], patrol[used], dropped)


def days(frame: pd.DataFrame, column: str) -> Days:
    """Return the day of each value by its own clock, NaT where there is none.

    Examples
    --------
    >>> days(pd.DataFrame({"at": ["2024-06-01T07:00:00+08:00", None]}), "at").tolist()
    [datetime.date(2024, 6, 1), None]
    >>> days(pd.DataFrame({"at": []}), "at").tolist()
    []
    """
    values = frame[column].tolist() if column in frame.columns else [None] * len(frame)
    return np.array([_day(value) for value in values], dtype="datetime64[D]")


def some(places: Snapped, chosen: NDArray[Any]) -> Snapped:
    """Return places chosen by number or by a mask."""
    kind = type(places)
    return kind(places.segment[chosen], places.offset_m[chosen], places.distance_m[chosen])


def _day(value: Any) -> date | None:  # noqa: ANN401 - what a frame's column may hold
    if value is None or pd.isna(value):
        return None
    return datetime.fromisoformat(value).date() if isinstance(value, str) else _date_of(value)


def _date_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _points(events: gpd.GeoDataFrame) -> Floats:
    geometry = np.asarray(events.geometry.array, dtype=object)
    # an empty or missing place becomes NaN
    return np.asarray(shapely.get_coordinates(_filled(shapely.centroid(geometry))))


def _filled(points: NDArray[np.object_]) -> NDArray[np.object_]:
    gone = shapely.is_missing(points) | shapely.is_empty(points)
    return np.where(gone, shapely.points([[np.nan, np.nan]])[0], points)


def _numbers(frame: pd.DataFrame, column: str) -> Integers:
    if column not in frame.columns:
        return np.full(len(frame), -1)
    return np.asarray(pd.factorize(frame[column], sort=True)[0], dtype=np.int64)


def _refuse_blank(has_day: NDArray[np.bool_], has_place: NDArray[np.bool_]) -> None:
    if not has_day.any():
        reason = "no_times"
        raise AnalysisError(reason, events=len(has_day))
    if not has_place.any():
        reason = "no_places"
        raise AnalysisError(reason, events=len(has_place))


def _refuse_far(
    keys: list[str], distance_m: Floats, is_far: NDArray[np.bool_], limit_m: float
) -> None:
    if is_far.sum() <= FAR_SHARE * len(keys):
        return
    reason = "too_far"
    far = np.flatnonzero(is_far).tolist()
    issues = [
        Issue("far_from_street", "", key=keys[at], found=f"{distance_m[at]:.0f}") for at in far
    ]
    said = {"far": len(far), "events": len(keys), "limit_m": round(limit_m)}
    raise AnalysisError(reason, issues=issues, **said)
