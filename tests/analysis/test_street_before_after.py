"""Before and after as a layer: two invented years, the county, and what cannot be compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geosvc import derive
from geosvc.analysis.street_before_after import street_before_after
from geosvc.catalog.catalog import read_catalog
from geosvc.errors import AnalysisError
from geosvc.ingest.source import read_source
from geosvc.network import StreetNetwork
from geosvc.settings import PROJECT, Settings
from tests import two_years

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = read_catalog(Settings(layers=PROJECT / "layers"))
LAYER = CATALOG.layer("before_after")
NAMES = ("events", "streets", "shops", "sites")
Frames = dict[str, gpd.GeoDataFrame]


def _run(frames: Frames, **given: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - lengths, draws, seeds
    events, streets, shops, sites = (frames[name] for name in NAMES)
    return street_before_after(events, streets, shops, sites, **given)


@pytest.fixture(scope="module")
def years() -> Frames:
    return {name: frame.to_crs("EPSG:4549") for name, frame in two_years.read().items()}


@pytest.fixture(scope="module")
def found(years: Frames) -> gpd.GeoDataFrame:
    return _run(years)


@pytest.fixture(scope="module")
def county() -> pd.DataFrame:
    def read(name: str) -> gpd.GeoDataFrame:
        frame = read_source(CATALOG.layer(name), frames=read).frame
        assert isinstance(frame, gpd.GeoDataFrame)
        return frame

    assert LAYER.derivation is not None
    return derive.run(LAYER, {key: read(name) for key, name in LAYER.derivation.inputs.items()})


def test_the_two_years_are_what_their_generator_writes(tmp_path: Path) -> None:
    two_years.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {name: (two_years.FOLDER / name).read_bytes() for name in written}
    assert written == kept
    assert len(written) == 4


def test_the_true_effect_is_found(found: gpd.GeoDataFrame) -> None:
    report = found.attrs["report"]["sites"]
    ratio, placebo = report["rate_ratio"], report["placebo"]
    assert report["status"] == "effect"
    assert ratio["low"] <= two_years.KEPT <= ratio["high"]
    assert placebo["places"] >= 20
    assert placebo["p_value"] <= 0.01
    assert report["wdd_places"]["z"] < -3
    assert abs(report["wdd_rings"]["z"]) < 2, "nothing was moved elsewhere"


def test_what_is_no_effect_is_none(found: gpd.GeoDataFrame) -> None:
    report = found.attrs["report"]["shops"]
    ratio = report["rate_ratio"]
    assert report["status"] == "no_effect"
    assert report["power"]["detectable_change"] >= -0.5
    assert ratio["low"] <= 1 <= ratio["high"]
    assert report["placebo"]["p_value"] > 0.05


@pytest.mark.thorough
def test_towns_without_any_effect_are_seldom_called_one(years: Frames) -> None:
    """All of it, from streets and cases: laid places, matching, visits, ranks."""
    network = StreetNetwork.from_lines(years["streets"])
    sites = network.snap(shapely.get_coordinates(years["sites"].geometry), limit_m=50)
    called = []
    for seed in range(30):
        xy, day = two_years.throw(network, sites, seed=seed, kept=1.0)
        columns = {"captured_at": day.astype(str)}
        points = gpd.points_from_xy(*xy.T)
        events = gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4549")
        report = _run(years | {"events": events}, seed=seed).attrs["report"]
        called += [report[name]["status"] == "effect" for name in ("sites", "shops")]
    # of 60 comparisons at 5 %, more than 8 have a chance below 1 %
    assert sum(called) <= 8


@pytest.mark.thorough
def test_where_places_are_laid_changes_no_verdict(years: Frames) -> None:
    said = [_run(years, seed=seed).attrs["report"] for seed in range(10)]
    assert [report["sites"]["status"] for report in said] == ["effect"] * 10
    assert sum(report["shops"]["status"] == "effect" for report in said) <= 1


def test_dates_at_random_are_no_effect(years: Frames) -> None:
    """The same sites a year before anything was done there."""
    early = years | {"sites": years["sites"].assign(opened_on="2023-01-01")}
    early["events"] = early["events"][early["events"]["captured_at"] < "2023-06-19"]
    report = _run(early).attrs["report"]["sites"]
    assert report["status"] in {"cannot_tell", "no_effect"}
    assert report["rate_ratio"]["low"] < 1 < report["rate_ratio"]["high"]


def test_areas_are_disjoint_and_hold_what_is_said(found: gpd.GeoDataFrame) -> None:
    assert found["area_id"].is_unique
    for name, rows in found.groupby("comparison"):
        held = shapely.union_all(rows.geometry.to_numpy()).length
        assert held == pytest.approx(rows["length_m"].sum(), rel=1e-6), name
        np.testing.assert_allclose(rows.length, rows["length_m"], rtol=1e-6)
    report = found.attrs["report"]["sites"]
    treated = found[(found["comparison"] == "sites") & (found["role"] == "treated")]
    assert treated["before"].sum() == report["treated"]["before"]
    assert treated["after"].sum() == report["treated"]["after"]
    control = found[(found["comparison"] == "sites") & (found["role"] == "control")]
    assert len(control) == report["places"]["comparable"] == report["placebo"]["places"]


def test_controls_keep_away_from_all_steps_of_both(found: gpd.GeoDataFrame, years: Frames) -> None:
    control = found[found["role"] == "control"]
    for name in ("sites", "shops"):
        for point in years[name].geometry:
            # as the crow flies a diamond of 1,500 m is no nearer than that over the root of two
            assert control.distance(point).min() > 1500 / np.sqrt(2)


def test_every_step_is_used_or_dropped(found: gpd.GeoDataFrame) -> None:
    steps = found.attrs["report"]["sites"]["steps"]
    told = [step["key"] for step in (*steps["used"], *steps["dropped"])]
    assert sorted(told) == ["SI01", "SI02", "SI03", "SI04", "SI05"]
    assert steps["total"] == 5
    assert [step["weeks"] for step in steps["used"]] == [50, 51, 52, 52, 51]


def test_the_same_input_and_seed_give_the_same(found: gpd.GeoDataFrame, years: Frames) -> None:
    shuffled = years | {"events": years["events"].sample(frac=1, random_state=3)}
    again = _run(shuffled)
    assert again.attrs["report"] == found.attrs["report"]
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(found))


def test_the_report_is_json(found: gpd.GeoDataFrame, county: pd.DataFrame) -> None:
    for frame in (found, county):
        report = frame.attrs["report"]
        assert json.loads(json.dumps(report, allow_nan=False)) == report
        assert (report["method"], report["seed"], report["draws"]) == (
            "street_before_after 1.0", 1, 999,
        )  # fmt: skip


def test_in_the_county_no_site_has_opened(county: pd.DataFrame) -> None:
    report = county.attrs["report"]["sites"]
    assert report["status"] == "not_open_yet"
    assert [step["reason"] for step in report["steps"]["dropped"]] == ["not_yet"] * 2
    assert report["power"]["detectable_change"] is None, "ten cases in six weeks show nothing"
    assert report["power"]["events_needed"] > 100
    sites = county[county["comparison"] == "sites"]
    assert set(sites["role"]) == {"treated", "ring"}
    assert sites["after"].isna().all()
    assert sites["acted_on"].isna().all()


def test_in_the_county_the_shops_cannot_be_judged(county: pd.DataFrame) -> None:
    report = county.attrs["report"]["shops"]
    assert report["status"] == "no_placebo"
    assert report["places"]["comparable"] < 20
    assert report["power"]["detectable_change"] is None
    told = {step["key"]: step["reason"] for step in report["steps"]["dropped"]}
    assert told["SH004"] == "no_before", "it was closed in March, and cases begin in May"
    assert len(told) + len(report["steps"]["used"]) == report["steps"]["total"] == 19
    early = county[(county["step"] == "SH004")]
    assert early["before"].isna().all()
    assert early["weeks"].isna().all()


def _few(years: Frames, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of any kind
    sites = years["sites"].assign(**changes)
    frame = _run(years | {"sites": sites})
    report: dict[str, Any] = frame.attrs["report"]["sites"]
    return report


def test_all_too_late_is_no_placebo_and_power_as_for_a_plan(years: Frames) -> None:
    report = _few(years, opened_on="2024-06-25")
    assert report["status"] == "no_placebo"
    assert [step["reason"] for step in report["steps"]["dropped"]] == ["no_after"] * 5
    assert report["wdd"] is report["placebo"] is report["rate_ratio"] is None
    assert report["power"] == {
        "detectable_change": None, "events_needed": None, "treated_needed": None,
    }  # fmt: skip


def test_an_open_site_without_a_date_is_told(years: Frames) -> None:
    report = _few(years, opened_on=None)
    assert report["status"] == "not_open_yet"
    assert [step["reason"] for step in report["steps"]["dropped"]] == ["no_date"] * 5


def test_no_shops_and_no_sites_at_all(years: Frames) -> None:
    none = {name: years[name][:0] for name in ("sites", "shops")}
    found = _run(years | none)
    assert len(found) == 0
    assert found.crs == years["streets"].crs
    for name in ("sites", "shops"):
        report = found.attrs["report"][name]
        assert report["status"] == "not_open_yet"
        assert report["power"]["events_needed"] is None


@pytest.mark.parametrize(("name", "reason"), [("events", "no_events"), ("streets", "no_streets")])
def test_nothing_to_compare_is_told(years: Frames, name: str, reason: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        _run(years | {name: years[name][:0]})
    assert caught.value.reason == reason


@pytest.mark.parametrize("reach", [(500, 500), (0, 500), (600, 500), (-1, 500)])
def test_a_ring_is_wider_than_its_area(years: Frames, reach: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="longer than treated_m"):
        _run(years, treated_m=reach[0], ring_m=reach[1])


def test_degrees_are_refused(years: Frames) -> None:
    with pytest.raises(ValueError, match="one metric CRS"):
        _run(two_years.read())
    with pytest.raises(ValueError, match="one metric CRS"):
        _run(years | {"shops": years["shops"].to_crs("EPSG:4326")})
