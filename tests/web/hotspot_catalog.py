"""A catalog with hotspots whose results are written by hand, for tests of what shows them."""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from geosvc import derive
from geosvc.workspace import refresh_derived
from tests.web.small import Folder, write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

FIELDS = {
    "hotspot_id": "string",
    "rank": "integer",
    "level": "string",
    "reason": "string",
    "road_name": "string",
    "cross_roads": "string",
    "radius_m": "number",
    "visits": "integer",
    "cases": "integer",
    "expected": "number",
    "ratio": "number",
    "ratio_next": "number",
    "p_value": "number",
    "rank_low": "integer",
    "rank_high": "integer",
    "is_stable": "boolean",
    "expected_by_patrols": "number",
    "p_by_patrols": "number",
}
HOTSPOTS = """
title = { zh = "违法热点路段", en = "Violation hotspots" }
[derivation]
method = "street_hotspots"
inputs = { events = "stops", streets = "roads", patrols = "stops", areas = "area" }
parameters = { radii_m = [100, 200], alpha = 0.05, draws = 999, seed = 1 }
[schema]
geometry = "LineString"
primary_key = "hotspot_id"
""" + "".join(
    f'[[schema.fields]]\nname = "{name}"\ntitle = {{ zh = "栏", en = "{name}" }}\ntype = "{kind}"\n'
    for name, kind in FIELDS.items()
)
STYLE = """
[style]
kind = "line"
width_px = 8.0
[style.color]
field = "level"
values = { significant = "c-hot", tentative = "c-hot-2", not_significant = "c-hot-ns" }
[popup]
title = "road_name"
facts = ["visits", "ratio"]
"""
BEFORE_AFTER = """
title = { zh = "整治前后", en = "Before and after" }
[derivation]
method = "before_after"
inputs = { events = "stops" }
[schema]
geometry = "Point"
primary_key = "place"
[[schema.fields]]
name = "place"
title = { zh = "地点", en = "Place" }
[style]
kind = "circle"
color = "c-urban"
"""
MAP = """
title = { zh = "违法热点", en = "Violation hotspots" }
layers = ["roads", "violation_hotspots", "stops"]
fit = "roads"
"""
PLACES = (
    [(121.1, 33.5), (121.105, 33.5)],
    [(121.1, 33.5), (121.1, 33.505)],
    [(121.1, 33.5), (121.1, 33.495)],
)


def row(number: int, level: str = "significant", **values: object) -> dict[str, Any]:
    """One stretch of street."""
    ranked = number if level == "significant" else None
    plain: dict[str, Any] = dict.fromkeys(FIELDS)
    plain |= {"hotspot_id": f"h{number}", "rank": ranked, "level": level, "is_stable": True}
    plain |= {"road_name": f"路{number}", "radius_m": 200.0, "visits": 12, "cases": 31}
    plain |= {"expected": 1.84, "ratio": 6.52, "p_value": 0.001}
    plain |= {"rank_low": ranked, "rank_high": ranked}
    return plain | values


ROWS = (
    row(1, road_name="泰北路", cross_roads="佳醇路、金桥路", rank_high=2, ratio_next=2.31),
    row(2, road_name="金桥路", rank_low=1, expected_by_patrols=8.04, p_by_patrols=0.21),
    row(3, "tentative", reason="cases_only", visits=3, p_value=0.4123, is_stable=None),
)
REPORT: dict[str, Any] = {
    "method": "street_hotspots 1.0",
    "seed": 1,
    "draws": 999,
    "alpha": 0.05,
    "radii_m": [100.0, 200.0],
    "snap_limit_m": 50.0,
    "period": {"from": "2024-05-16", "to": "2024-06-30"},
    "events": {
        "total": 126,
        "used": 122,
        "dropped": [
            {"key": "A7", "reason": "beyond_limit", "distance_m": 81.4},
            {"key": "A8", "reason": "no_time", "distance_m": None},
        ],
    },
    "visits": {"count": 84, "mean_size": 1.452, "largest": 6, "dispersion": 1.71},
    "exposure": {
        "rule": "patrol_points",
        "length_m": 118_400.0,
        "network_m": 236_800.0,
        "patrols": 2117,
        "added": [{"road_name": "学前路", "length_m": 420.0, "keys": ["A1", "A2"]}],
    },
    "overall": {"p_value": 0.001, "at_least_as_strong": 0},
    "power": {
        "window_m": 300.0,
        "draws": 200,
        "curve": [{"ratio": 5.0, "power": 0.06}, {"ratio": 20.0, "power": 0.65}],
        "smallest_ratio": None,
        "share": 0.8,
    },
    "score": {
        "period": "week",
        "share": 0.02,
        "periods": [{"from": "2024-05-16", "to": "2024-05-19", "n": 9, "pai": 11.1, "pei": 0.4}],
        "pai": 9.04,
        "pei": 0.3,
        "curve": [[0.0, 0.0], [0.02, 0.18], [1.0, 1.0]],
    },
    "weekly": [
        {"from": "2024-05-13", "cases": 12, "visits": 9},
        {"from": "2024-05-20", "cases": 0, "visits": 0},
        {"from": "2024-05-27", "cases": 110, "visits": 75},
    ],
    "roads": [
        {"road_name": "泰北路", "surveyed_m": 3100.0, "visits": 21, "cases": 40, "patrols": 300}
    ],
}
EFFECT: dict[str, Any] = {
    "status": "effect",
    "power": {"detectable_change": -0.74, "events_needed": 290, "treated_needed": 79},
    "dispersion": 1.21,
    "treated": {"before": 30.0, "after": 15.0},
    "control": {"before": 33.0, "after": 33.0},
    "ring": {"before": 8.0, "after": 9.0},
    "control_ring": {"before": 8.0, "after": 8.0},
    "wdd": {"value": -14.0, "se": 10.6, "z": -1.32},
    "rate_ratio": {"value": 0.5, "low": 0.23, "high": 1.1, "interval": "normal"},
    "placebo": {
        "places": 60,
        "assignments": 1000,
        "smallest_p": 0.001,
        "rank": 1,
        "p_value": 0.001,
    },
}
NOT_OPEN: dict[str, Any] = {
    "status": "not_open_yet",
    "power": EFFECT["power"],
    "treated": {"before": 10, "after": None},
    "control": None,
    "rate_ratio": None,
    "placebo": None,
    "steps": {"total": 2, "used": [], "dropped": [{"key": "CW01", "reason": "not_yet"}]},
}
AFTER: dict[str, Any] = {"method": "street_before_after 1.0", "sites": NOT_OPEN, "shops": EFFECT}


def report(**changes: object) -> dict[str, Any]:
    """The report with parts that are other."""
    return copy.deepcopy(REPORT) | changes


def method(
    rows: Sequence[dict[str, Any]], said: dict[str, Any], calls: list[dict[str, Any]]
) -> Callable[..., pd.DataFrame]:
    """A method that returns what was written by hand, and notes what it was asked for."""

    def street_hotspots(  # noqa: PLR0913 - as the real one
        events: gpd.GeoDataFrame,
        streets: gpd.GeoDataFrame,
        patrols: gpd.GeoDataFrame,
        areas: gpd.GeoDataFrame,
        *,
        radii_m: Sequence[float],
        alpha: float,
        draws: int,
        seed: int,
        until: str = "",
        progress: Callable[[float, str], object] | None = None,
    ) -> gpd.GeoDataFrame:
        crs = events.crs
        assert crs is not None
        assert crs == streets.crs == patrols.crs == areas.crs
        asked = {"radii_m": list(radii_m), "alpha": alpha, "draws": draws, "seed": seed}
        calls.append(asked | {"events": len(events), "until": until})
        if progress is not None:
            progress(0.5, "scan")
        lines = [shapely.LineString(places) for places in PLACES[: len(rows)]]
        table = pd.DataFrame(rows, columns=list(FIELDS))
        made = gpd.GeoDataFrame(table, geometry=lines, crs="OGC:CRS84").to_crs(crs)
        made.attrs["report"] = said | asked
        return made

    return street_hotspots


def write_hotspots(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    rows: Sequence[dict[str, Any]] = ROWS,
    said: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    calls: list[dict[str, Any]] | None = None,
) -> Folder:
    """Write the catalog and compute its hotspots."""

    def before_after(events: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        made = gpd.GeoDataFrame(
            {"place": ["p"]}, geometry=events.geometry[:1].values, crs=events.crs
        )
        made.attrs["report"] = after
        return made

    found = method(rows, said or REPORT, [] if calls is None else calls)
    methods = {**derive.METHODS, "street_hotspots": found, "before_after": before_after}
    monkeypatch.setattr(derive, "METHODS", MappingProxyType(methods))
    folder = write_catalog(root)
    folder.write("layers/violation_hotspots.toml", HOTSPOTS + STYLE)
    folder.write("layers/maps/hotspots.toml", MAP)
    if after is not None:
        folder.write("layers/before_after.toml", BEFORE_AFTER)
    folder.prepare()
    refresh_derived(folder.settings)
    return folder
