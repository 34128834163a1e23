"""The frames put together, and the map of what counts as surveyed."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geosvc.analysis.exposure import NOT
from geosvc.analysis.surveyed import Inputs, drawn, read_field, surveyed_streets
from geosvc.errors import AnalysisError
from geosvc.network import StreetNetwork
from tests.analysis import town

CENTER = [(700.0, 700.0)]


def inputs(**changed: gpd.GeoDataFrame) -> Inputs:
    made = Inputs(town.with_hotspot(), town.streets(), town.patrols(CENTER), town.everywhere())
    return made._replace(**changed)


def test_cases_and_visits_are_on_the_cut_network() -> None:
    field, following = read_field(inputs())
    assert following is None
    assert len(field.case_places) == len(field.cases) == 72
    assert len(field.visit_places) == len(field.visits)
    assert (field.survey.source[field.case_places.segment] != NOT).all()
    assert field.names[field.case_places.segment[-1]] == "东7路"
    assert field.network is field.survey.network
    assert field.crs == town.CRS


def test_later_cases_are_those_of_the_following_period() -> None:
    field, following = read_field(inputs(), until=date(2024, 6, 20))
    assert following is not None
    assert max(field.cases.day.tolist()) == date(2024, 6, 20)
    assert min(following.cases.day.tolist()) == date(2024, 6, 21)
    assert len(field.cases) + len(following.cases) == 72
    # the patrol came on the tenth
    assert (field.survey.rule, following.survey.rule) == ("patrol_points", "areas")
    assert following.network.length_m == pytest.approx(field.network.length_m)
    assert read_field(inputs(), until=date(2024, 6, 30))[1] is None
    with pytest.raises(AnalysisError, match="no_events"):
        read_field(inputs(), until=date(2024, 5, 1))


def test_all_at_one_point_is_refused() -> None:
    events = town.cases([(130.0, 0.0)] * 6, town.month(6))
    with pytest.raises(AnalysisError, match="one_place") as caught:
        read_field(inputs(events=events))
    assert caught.value.numbers == {"events": 6}
    one, _ = read_field(inputs(events=town.cases([(130.0, 0.0)], ["01"])))
    assert len(one.visits) == 1


def test_without_streets_there_is_nothing_to_do() -> None:
    with pytest.raises(AnalysisError, match="no_streets"):
        read_field(inputs(streets=town.streets().iloc[:0]))


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548", None])
def test_all_are_in_one_metric_crs(crs: str | None) -> None:
    wrong = [_in(frame, crs) for frame in inputs()]
    for frames in ([*wrong[:1], *inputs()[1:]], [*inputs()[:3], wrong[3]]):
        with pytest.raises(ValueError, match="one metric CRS"):
            read_field(Inputs(*frames))
    if crs != "EPSG:4548":
        with pytest.raises(ValueError, match="one metric CRS"):
            read_field(Inputs(*wrong))


def _in(frame: gpd.GeoDataFrame, crs: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=crs)


def test_streets_without_names() -> None:
    field, _ = read_field(inputs(streets=town.streets().drop(columns="road_name")))
    assert set(field.names) == {""}
    some = town.streets()
    some.loc["R0", "road_name"] = None
    field, _ = read_field(inputs(streets=some))
    assert "" in set(field.names)
    assert "东7路" in set(field.names)


def test_surveyed_streets_are_drawn_once_with_why() -> None:
    field, _ = read_field(inputs())
    table = surveyed_streets(*inputs())
    assert table["street_id"].is_unique
    assert set(table["source"]) == {"patrol", "added"}
    assert table["exposed_m"].sum() == pytest.approx(field.survey.exposure_m.sum())
    assert table.geometry.length.to_numpy() == pytest.approx(table["exposed_m"].to_numpy())
    assert (table["exposed_m"] <= table["length_m"] + 1e-6).all()
    row = table.set_index("street_id").loc["R14-patrol"]
    assert (row["road_name"], row["length_m"]) == ("东7路", pytest.approx(1400))
    assert row["exposed_m"] == pytest.approx(600)
    assert table.crs == town.CRS


def test_surveyed_by_area_and_not_at_all() -> None:
    table = surveyed_streets(*inputs(patrols=town.nowhere()))
    assert set(table["source"]) == {"area"}
    assert table["exposed_m"].sum() == pytest.approx(30 * 1400)
    added = surveyed_streets(*inputs(patrols=town.nowhere(), areas=town.nowhere()))
    assert set(added["source"]) == {"added"}


def test_pieces_are_joined_where_they_touch() -> None:
    network = StreetNetwork.from_lines(town.streets(3))
    whole = np.arange(len(network.segments))
    lines = drawn(network, whole, np.zeros(len(whole)), network.lengths_m)
    assert lines.length == pytest.approx(6 * 200)
    halves = np.repeat(whole, 2)
    start_m = np.tile([0.0, 50.0], len(whole))
    assert drawn(network, halves, start_m, start_m + 50).equals(lines)
    apart = drawn(network, np.array([0, 0]), np.array([0.0, 70.0]), np.array([20.0, 100.0]))
    assert len(shapely.get_parts(apart)) == 2
    assert apart.geom_type == "MultiLineString"
