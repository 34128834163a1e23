"""Hotspots from frames to table and report: what is found, what is told, what is refused."""

from __future__ import annotations

import inspect
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geosvc.analysis.hotspots import STAGES, Asked, find_hotspots, street_hotspots
from geosvc.analysis.surveyed import Inputs
from geosvc.crs import from_crs84, parse_datum, to_crs84
from geosvc.errors import AnalysisError
from geosvc.messages import text
from tests.analysis import town

if TYPE_CHECKING:
    from pathlib import Path

ASKED: dict[str, Any] = {"radii_m": [100, 200], "alpha": 0.05, "draws": 99, "seed": 1}
FRAMES = Inputs(
    town.with_hotspot(), town.streets(), town.patrols([(700.0, 700.0)]), town.everywhere()
)
EVERYWHERE = FRAMES._replace(patrols=town.nowhere())


def hotspots(frames: Inputs = EVERYWHERE, **changed: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - as the method takes them
    return street_hotspots(*frames, **(ASKED | changed))


def test_a_planted_hotspot_is_found_named_and_ranked() -> None:
    table = hotspots()
    first = table.iloc[0]
    assert (first["hotspot_id"], first["rank"], first["level"]) == ("h1", 1, "significant")
    assert first["road_name"] == "东7路"
    assert "北7路" in first["cross_roads"].split("、")
    assert first["visits"] >= 12
    assert first["ratio"] == pytest.approx(first["visits"] / first["expected"], rel=0.01)
    assert first["p_value"] == 0.01
    assert first["is_stable"]
    assert (first["rank_low"], first["rank_high"]) == (1, 1)
    assert pd.isna(first["ratio_next"])
    assert table["level"].tolist()[1:] == ["not_significant"] * (len(table) - 1)


def test_without_a_hotspot_nothing_is_significant() -> None:
    frames = EVERYWHERE._replace(events=town.cases(town.spread(60), town.month(60)))
    table = hotspots(frames)
    assert set(table["level"]) == {"not_significant"}
    assert table["rank"].isna().all()
    assert table.attrs["report"]["overall"]["p_value"] > 0.05


def test_five_cars_in_one_visit_are_no_hotspot() -> None:
    xy = town.spread(60) + [(720.0 + 3 * k, 700.0) for k in range(14)]
    frames = EVERYWHERE._replace(events=town.cases(xy, town.month(60) + ["15"] * 14))
    table = hotspots(frames)
    assert "significant" not in set(table["level"])
    tentative = table[table["level"] == "tentative"]
    assert tentative["reason"].tolist() == ["few_visits"]
    row = tentative.iloc[0]
    assert row["visits"] < 5 <= row["cases"]
    told = table.attrs["report"]
    assert told["visits"]["largest"] >= 14
    assert told["visits"]["dispersion"] > 2
    assert told["cases"]["p_value"] <= 0.05 < told["overall"]["p_value"]


def test_the_same_seed_gives_the_same_bytes_in_any_order_of_rows() -> None:
    table = hotspots()
    shuffled = EVERYWHERE._replace(
        events=EVERYWHERE.events.sample(frac=1, random_state=1),
        areas=EVERYWHERE.areas,
    )
    again = hotspots(shuffled)
    assert again.to_json() == table.to_json()
    assert again.attrs == table.attrs
    assert hotspots(seed=2).attrs["report"]["seed"] == 2


def test_the_report_is_json() -> None:
    for frames in (EVERYWHERE, FRAMES):
        told = hotspots(frames).attrs
        assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_patrols_decide_what_was_surveyed() -> None:
    told = hotspots(FRAMES).attrs["report"]["exposure"]
    assert told["rule"] == "patrol_points"
    assert told["added"]
    assert told["length_m"] < told["network_m"] == pytest.approx(42_000)
    told = hotspots().attrs["report"]["exposure"]
    assert (told["rule"], told["patrols"], told["added"]) == ("areas", 0, [])
    assert told["length_m"] == pytest.approx(42_000)


def test_what_followed_is_told() -> None:
    table = find_hotspots(EVERYWHERE, Asked((100, 200), 0.2, 99, 1, until=date(2024, 6, 9)))
    assert table.attrs["report"]["period"] == {"from": "2024-06-01", "to": "2024-06-09"}
    assert table["ratio_next"].notna().all()
    # three of the twelve planted came after the ninth
    first = table.iloc[0]
    assert first["road_name"] == "东7路"
    assert 1 < first["ratio_next"] < first["ratio"]


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[tuple[float, str]] = []
    asked = Asked((100, 200), 0.05, 99, 1)
    find_hotspots(FRAMES, asked, progress=lambda share, stage: told.append((share, stage)))
    shares = [share for share, _ in told]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert all(0 <= share <= 1 for share in shares)
    stages = list(dict.fromkeys(stage for _, stage in told))
    assert stages == [*STAGES, "score"]
    for _, stage in told[:1]:
        assert stage == "survey"

    def stop(share: float, stage: str) -> None:
        if stage == "cases":
            raise InterruptedError(share)

    with pytest.raises(InterruptedError):
        find_hotspots(FRAMES, asked, progress=stop)


def test_the_method_has_the_parameters_of_the_layer() -> None:
    kinds = inspect.signature(street_hotspots).parameters
    assert list(kinds) == [*Inputs._fields, *ASKED, "until", "progress"]


def test_the_network_may_be_in_pieces() -> None:
    streets = EVERYWHERE.streets.iloc[::2]
    told = hotspots(EVERYWHERE._replace(streets=streets)).attrs["report"]["exposure"]
    assert told["parts"] == 15


FEW = town.cases([(10.0, 0.0), (300.0, 0.0), (600.0, 100.0), (900.0, 0.0)], town.month(4))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"events": town.cases([], [])}, "no_events"),
        ({"events": FEW.iloc[:1]}, "few_visits"),
        ({"events": FEW}, "few_visits"),
        ({"events": town.cases([(130.0, 0.0)] * 9, town.month(9))}, "one_place"),
        ({"events": FRAMES.events.assign(captured_at=None)}, "no_times"),
        ({"events": town.cases([(np.nan, 0.0)] * 9, town.month(9))}, "no_places"),
        ({"events": town.cases([(10.0, -80.0)] * 9, town.month(9))}, "too_far"),
        ({"streets": FRAMES.streets.iloc[:0]}, "no_streets"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    changed: dict[str, gpd.GeoDataFrame], reason: str
) -> None:
    with pytest.raises(AnalysisError) as caught:
        hotspots(EVERYWHERE._replace(**changed))
    assert caught.value.reason == reason
    for language in ("zh", "en"):
        assert text(f"analysis.{reason}", language, **caught.value.numbers)


def test_without_patrols_and_areas_only_streets_with_cases_count() -> None:
    table = hotspots(EVERYWHERE._replace(areas=town.nowhere()))
    told = table.attrs["report"]["exposure"]
    assert told["length_m"] == pytest.approx(sum(row["length_m"] for row in told["added"]), abs=1)


def test_visits_that_are_not_used_are_counted() -> None:
    told = hotspots().attrs["report"]["visits"]
    assert told["used"] + told["left_out"] == told["count"]


@pytest.fixture(scope="module")
def county(project: Path) -> Inputs:
    """The sample county, with cases moved from GCJ-02."""
    data = project / "data"
    frames = []
    for name in ("violations.csv", "roads.geojson", "patrols.csv", "communities.geojson"):
        if name.endswith("csv"):
            table = pd.read_csv(data / name)
            points = gpd.points_from_xy(table["lon"], table["lat"])
            gdf = gpd.GeoDataFrame(table.set_index(table.columns[0]), geometry=points)
        else:
            gdf = gpd.read_file(data / name)
        datum = "GCJ-02" if name == "violations.csv" else "CGCS2000"
        lonlat = to_crs84(gdf.geometry.to_numpy(), parse_datum(datum))
        geometry = from_crs84(lonlat, parse_datum("EPSG:4549"))
        columns = pd.DataFrame(gdf.drop(columns="geometry"))
        frames.append(gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4549"))
    return Inputs(*frames)


def test_the_county(county: Inputs) -> None:
    table = hotspots(county, radii_m=[100, 200, 300, 500])
    told = table.attrs["report"]
    assert told["events"] == {"total": 126, "used": 126, "dropped": []}
    assert told["visits"]["count"] == 121
    assert told["exposure"]["rule"] == "patrol_points"
    assert 200_000 < told["exposure"]["length_m"] < 300_000
    assert told["power"]["smallest_ratio"] > 20
    assert sum(week["cases"] for week in told["weekly"]) == 126
    assert len(told["score"]["periods"]) == 7
    significant = table[table["level"] == "significant"]
    assert 5 <= len(significant) <= 9
    assert set(significant["road_name"]) == {"金桥路", "佳醇路", "泰北路"}
    # ranks overlap: nobody can say which is the second
    assert (significant["rank_high"] > significant["rank"]).sum() >= 4
    # much of the excess by length is that these streets are patrolled more
    by_length = significant["visits"] / significant["expected"]
    by_patrols = significant["visits"] / significant["expected_by_patrols"].astype(float)
    assert (by_patrols < by_length / 2).all()
