"""Steps: what was done somewhere on a day, so that cases before and after can be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geosvc.analysis.cases import days, some

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geosvc.analysis.cases import Cases
    from geosvc.network import Snapped, StreetNetwork

    Integers = NDArray[np.int64]
    Days = NDArray[np.datetime64]

LEAST_WEEKS: Final = 2
"""A step with fewer weeks of cases before it, or after, is not compared."""

_UNKNOWN: Final = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Steps by key: where, on which day (NaT if not yet), and the whole weeks on either side of it.

    ``reason`` says why a step cannot be compared, "" if it can: the code of what it waits for,
    ``no_date``, ``no_place`` (no street near), ``no_before`` or ``no_after`` (too few weeks).
    """

    keys: NDArray[np.object_]
    places: Snapped
    day: Days
    weeks: Integers
    reason: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def is_dated(self) -> NDArray[np.bool_]:
        """Whether each was done, at a street."""
        return ~np.isnat(self.day) & self.places.is_placed

    def chosen(self, which: NDArray[np.bool_]) -> Steps:
        """Return some of the steps."""
        parts = self.keys[which], some(self.places, which), self.day[which]
        return Steps(*parts, self.weeks[which], self.reason[which])

    def planned(self, cases: Cases) -> Steps:
        """Take all cases for those before, as if each step were done on the day after the last."""
        first, last = cases.period
        weeks = -int((first - last - 1).astype(np.int64) // 7)
        return replace(self, day=np.full(len(self), last + 1), weeks=np.full(len(self), weeks))


def read_steps(
    frame: gpd.GeoDataFrame,
    network: StreetNetwork,
    cases: Cases,
    *,
    column: str,
    waits: tuple[str, str, bool],
    limit_m: float,
) -> Steps:
    """Read steps.

    Parameters
    ----------
    frame
        Points in the CRS of the network, by key.
    network
        The streets.
    cases
        Their first and last day bound the weeks.
    column
        Where the day stands.
    waits
        A column, a value of it, and whether steps with that value (True) or with another (False)
        have not been done, whatever their day. The reason is then ``not_yet``.
    limit_m
        The largest distance from a street.

    Returns
    -------
    steps
        All of them; see ``reason``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geosvc.analysis.cases import Cases
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [100, 0]], [[0, 1]])
    >>> day = np.array(["2024-05-01", "2024-06-30"], dtype="datetime64[D]")
    >>> at = Snapped([0, 0], [5, 9], [0, 0])
    >>> cases = Cases(("a", "b"), at, day, np.array([-1, -1]), ())
    >>> shops = {"action": ["closed", "pending"], "on": ["2024-06-01", "2024-06-01"]}
    >>> frame = gpd.GeoDataFrame(shops, geometry=gpd.points_from_xy([1, 2], [0, 0]))
    >>> waits = ("action", "pending", True)
    >>> steps = read_steps(frame, street, cases, column="on", waits=waits, limit_m=50)
    >>> steps.weeks.tolist(), steps.reason.tolist()
    ([4, 0], ['', 'not_yet'])
    >>> len(read_steps(frame[:0], street, cases, column="on", waits=waits, limit_m=50))
    0
    """
    name, value, equal = waits
    known = frame[name].to_numpy(dtype=object) if name in frame.columns else np.full(len(frame), "")
    waiting = (known == value) == equal if name in frame.columns else np.zeros(len(frame), bool)
    places = network.snap(shapely.get_coordinates(frame.geometry.centroid), limit_m=limit_m)
    day = np.where(waiting, _UNKNOWN, days(frame, column))
    first, last = cases.period
    undated = np.isnat(day)
    # from the first day to the day before, and from the day to the last
    before, after = (
        np.where(undated, 0, span.astype(np.int64) // 7) for span in (day - first, last + 1 - day)
    )
    short = np.minimum(before, after) < LEAST_WEEKS
    lacks = [waiting, undated, ~places.is_placed, short & (before <= after), short]
    codes = ["not_yet", "no_date", "no_place", "no_before", "no_after"]
    reason = np.select(lacks, codes, "").astype(object)
    keys = np.array([str(key) for key in frame.index], dtype=object)
    weeks = np.where(short, 0, np.minimum(before, after))
    return Steps(keys, places, day, weeks, reason)
