"""Effort: not only whether a street was surveyed, but how often.

Where patrols go ten times as often, they find more. Against surveyed meters a street that is
patrolled daily looks hot for that alone; against meters times patrols it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geosvc.analysis.exposure import POINT_M
from geosvc.analysis.findings import p_value, strength
from geosvc.analysis.scan import Scanner
from geosvc.analysis.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geosvc.analysis.exposure import Survey
    from geosvc.analysis.scan import ScanResult, Window
    from geosvc.network import Snapped

    Floats = NDArray[np.float64]

LIXEL_M: Final = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class Effort:
    """What windows are worth when patrols are counted.

    ``share_per_m`` is each segment's share of all patrol meters, for each of its meters; ``scan``
    is the scan of visits by patrol meters.
    """

    share_per_m: Floats
    scan: ScanResult

    def of(self, window: Window, visits: int) -> tuple[float, float]:
        """Return the visits expected of a window by patrols, and the p-value against them.

        The p-value covers the whole search, as that by meters does.
        """
        length_m = window.end_m - window.start_m
        n = self.scan.n
        expected = n * float((self.share_per_m[window.segment] * length_m).sum())
        return expected, p_value(float(strength(visits, expected, n)), self.scan.maxima)


def patrol_meters(survey: Survey) -> Floats:
    """Return for each segment its surveyed meters, each counted once for each patrol near it.

    Near is what counts as surveyed by a patrol, to one piece of street (`LIXEL_M`). Street that
    counts without a patrol has one.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geosvc.analysis.exposure import survey
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [600, 0], [900, 0]], [[0, 1], [1, 2]])
    >>> day, nowhere = np.datetime64("2024-06-01"), gpd.GeoDataFrame(geometry=[])
    >>> at = gpd.points_from_xy([300, 300, 600], [0, 0, 0])
    >>> patrols = gpd.GeoDataFrame({"started_at": ["2024-06-01"] * 3}, geometry=at)
    >>> none = Snapped([], [], [])
    >>> seen = survey(street, none, patrols=patrols, areas=nowhere, period=(day, day))
    >>> patrol_meters(seen).tolist()
    [1525.0, 300.0]
    >>> seen = survey(street, none, patrols=patrols[:0], areas=nowhere, period=(day, day))
    >>> patrol_meters(seen).tolist()
    [0.0, 0.0]
    """
    exposure_m = survey.exposure_m
    if not exposure_m.any():
        return exposure_m
    windows = Windows.of(survey.network, exposure_m=exposure_m, radii_m=[POINT_M], lixel_m=LIXEL_M)
    reach = windows.reach
    piece = reach.place(survey.moved(survey.patrols_at))
    patrols = np.maximum(windows.counts(piece[piece >= 0]), 1)
    weight_m = np.bincount(reach.segment, windows.exposure_m * patrols, len(exposure_m))
    return weight_m.astype(np.float64)


def by_effort(
    survey: Survey,
    visits: Snapped,
    *,
    like: ScanResult,
    progress: Callable[[float], object] | None = None,
) -> Effort:
    """Scan visits by patrol meters; see `patrol_meters`.

    Parameters
    ----------
    survey
        By the places of patrols.
    visits
        Places on the survey's network.
    like
        The scan by meters, whose radii, throws, level and seed are taken.
    progress
        Told the share that is done; what it raises ends the work.

    Raises
    ------
    AnalysisError
        If nothing was surveyed, or there are too few visits.
    """
    exposure = patrol_meters(survey)
    scanner = Scanner.prepare(survey.network, exposure_m=exposure, radii_m=like.radii_m)
    scan = scanner.run(
        visits, draws=like.draws, alpha=like.alpha, seed=like.seed, progress=progress
    )
    length_m = np.where(survey.network.lengths_m > 0, survey.network.lengths_m, 1.0)
    return Effort(exposure / exposure.sum() / length_m, scan)
