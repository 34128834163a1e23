"""Streets with their cases, visits and patrols: what a scan for hotspots is asked about.

And the map of it, the streets that count as surveyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geosvc.analysis.cases import Cases, read_cases, some
from geosvc.analysis.exposure import ADDED, AREA, NOT, PATROL, Survey, survey
from geosvc.analysis.visits import Visits, group_visits
from geosvc.errors import AnalysisError
from geosvc.network import StreetNetwork

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray
    from pyproj import CRS

    from geosvc.network import Snapped

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SOURCES: Final = {PATROL: "patrol", AREA: "area", ADDED: "added"}


class Inputs(NamedTuple):
    """The four frames that hotspots are made of, in one metric CRS."""

    events: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    patrols: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Cases and visits of one period on the streets that were surveyed in it.

    ``case_places`` and ``visit_places`` are on ``survey.network``. ``names`` are the road names of
    its segments, "" where there is none; ``crs`` is that of all frames.
    """

    cases: Cases
    visits: Visits
    survey: Survey
    case_places: Snapped
    visit_places: Snapped
    names: NDArray[np.object_]
    crs: CRS | None

    @property
    def network(self) -> StreetNetwork:
        """The streets, cut where surveyed ones begin and end."""
        return self.survey.network


def read_field(inputs: Inputs, *, until: date | None = None) -> tuple[Field, Field | None]:
    """Place cases and patrols on the streets, and say what was surveyed.

    Parameters
    ----------
    inputs
        Cases, streets, patrols and areas; see `geosvc.analysis.hotspots.street_hotspots`.
    until
        The last day of the period; cases of later days are those of the following period.

    Returns
    -------
    field, following
        The period, and the one after it where there are later cases; its survey is a cut of the
        first one's network.

    Raises
    ------
    AnalysisError
        If there are no streets (``no_streets``), no cases (``no_events``) or none that can be used
        (see `geosvc.analysis.cases.read_cases`), or all lie on one point (``one_place``).
    ValueError
        If the four are not in one metric CRS.
    """
    _check(inputs)
    network = StreetNetwork.from_lines(inputs.streets)
    if not network.length_m > 0:
        reason = "no_streets"
        raise AnalysisError(reason)
    cases = read_cases(inputs.events, network)
    later = None if until is None else cases.day > np.datetime64(until)
    first = cases if later is None else cases.chosen(~later)
    if not len(first):
        reason = "no_events"
        raise AnalysisError(reason)
    _refuse_one_place(first)
    names = _names(inputs.streets)
    field = _field(network, first, inputs, names)
    if later is None or not later.any():
        return field, None
    moved = cases.chosen(later, places=field.survey.moved(some(cases.places, later)))
    return field, _field(field.network, moved, inputs, names)


def surveyed_streets(
    events: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    patrols: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Draw what counts as surveyed, the street that hotspots are held against.

    Parameters
    ----------
    events, streets, patrols, areas
        As for `geosvc.analysis.hotspots.street_hotspots`.

    Returns
    -------
    surveyed
        A row for each street and reason: ``street_id`` (the street's key and the reason),
        ``road_name``, ``source`` (``patrol``, ``area``, or ``added`` for one with a case where no
        patrol came), ``length_m`` of the whole street and ``exposed_m`` of the part that is drawn.

    Raises
    ------
    AnalysisError
        As `read_field`.
    ValueError
        If the four are not in one metric CRS.
    """
    field, _ = read_field(Inputs(events, streets, patrols, areas))
    network, source = field.network, field.survey.source
    seen = np.flatnonzero(source != NOT)
    pair = network.line[seen] * (len(SOURCES) + 1) + source[seen]
    whole_m = np.bincount(network.line, network.lengths_m, len(streets))
    rows, lines = [], []
    order = np.argsort(pair, kind="stable")
    for of in np.split(seen[order], np.flatnonzero(np.diff(pair[order])) + 1):
        if not len(of):
            continue
        line, kind = int(network.line[of[0]]), int(source[of[0]])
        rows.append(
            {
                "street_id": f"{streets.index[line]}-{SOURCES[kind]}",
                "road_name": field.names[of[0]] or None,
                "source": SOURCES[kind],
                "length_m": whole_m[line],
                "exposed_m": network.lengths_m[of].sum(),
            }
        )
        lines.append(drawn(network, of, np.zeros(len(of)), network.lengths_m[of]))
    columns = ["street_id", "road_name", "source", "length_m", "exposed_m"]
    table = pd.DataFrame(rows, columns=columns)
    return gpd.GeoDataFrame(table, geometry=lines, crs=streets.crs)


def drawn(
    network: StreetNetwork, segment: Integers, start_m: Floats, end_m: Floats
) -> shapely.MultiLineString:
    """Return pieces of segments as one geometry, joined where they touch.

    >>> street = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]])
    >>> drawn(street, np.array([0, 0]), np.array([2.0, 4.0]), np.array([4.0, 9.0])).wkt
    'MULTILINESTRING ((2 0, 4 0, 9 0))'
    >>> nothing = np.array([], dtype=np.int64)
    >>> drawn(street, nothing, nothing, nothing).is_empty
    True
    """
    ends = network.vertices_xy[network.segments[segment]]
    whole_m = np.maximum(network.lengths_m[segment], np.finfo(np.float64).tiny)
    along = ends[:, 1] - ends[:, 0]
    share = [(at / whole_m)[:, None] for at in (start_m, end_m)]
    # the vertex itself, so that pieces of neighbors touch
    first = np.where(share[0] == 0.0, ends[:, 0], ends[:, 0] + along * share[0])
    last = np.where(share[1] == 1.0, ends[:, 1], ends[:, 0] + along * share[1])
    lines = np.asarray(shapely.linestrings(np.stack([first, last], axis=1)), dtype=object)
    joined = shapely.line_merge(shapely.multilinestrings(lines))
    return shapely.MultiLineString(list(shapely.get_parts(joined)))


def _field(
    network: StreetNetwork, cases: Cases, inputs: Inputs, names: NDArray[np.object_]
) -> Field:
    visits = group_visits(network, cases)
    seen = survey(
        network, cases.places, patrols=inputs.patrols, areas=inputs.areas, period=cases.period
    )
    places = seen.moved(cases.places), seen.moved(visits.places)
    return Field(cases, visits, seen, *places, names[seen.network.line], inputs.streets.crs)


def _names(streets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    if "road_name" not in streets.columns:
        return np.full(len(streets), "", dtype=object)
    column = streets["road_name"]
    return np.where(column.isna(), "", column.astype(object)).astype(object)


def _check(inputs: Inputs) -> None:
    crs = inputs.streets.crs
    if crs is None or crs.is_geographic or any(frame.crs != crs for frame in inputs):
        msg = "events, streets, patrols and areas must be in one metric CRS"
        raise ValueError(msg)


def _refuse_one_place(cases: Cases) -> None:
    at = np.stack([cases.places.segment, cases.places.offset_m.round(2)])
    if len(cases) > 1 and (at == at[:, :1]).all():
        reason = "one_place"
        raise AnalysisError(reason, events=len(cases))
