from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely

from geosvc.analysis.siting.asked import Asked
from geosvc.analysis.siting.rules import EXAMPLE_ZONES, Finding, Rule, screen
from geosvc.errors import AnalysisError
from tests.analysis.siting.questions import CRS, at

SQUARE = shapely.box(0, 0, 10, 10)


def zones(*shapes: shapely.Geometry, **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def broken(rule: Rule, zone: gpd.GeoDataFrame, *parcels: shapely.Geometry) -> list[list[Finding]]:
    return [list(found) for found in screen(zones(*parcels), [rule], {"zones": zone})]


def test_a_parcel_must_not_overlap_and_may_touch() -> None:
    rule = Rule(name="r", layer="zones")
    inside, beside, away = (
        shapely.box(9, 9, 12, 12),
        shapely.box(10, 0, 12, 2),
        shapely.Point(50, 0),
    )
    found = broken(rule, zones(SQUARE), inside, beside, away)
    assert [len(one) for one in found] == [1, 0, 0]
    assert found[0][0].found == 0.0


def test_a_distance_is_kept_at_exactly_that_distance() -> None:
    rule = Rule(name="r", layer="zones", distance_m=5.0)
    found = broken(rule, zones(SQUARE), shapely.Point(14, 5), shapely.Point(15, 5))
    assert [[one.found for one in some] for some in found] == [[4.0], []]
    assert found[0][0].asked == 5.0


def test_each_zone_says_itself_whether_it_excludes_and_why() -> None:
    zone = zones(
        SQUARE,
        shapely.box(5, 5, 20, 20),
        hard=[True, False],
        rule_basis=["law 1", "example"],
        zone_name=["lake", "clinic"],
    )
    found = screen(zones(shapely.Point(7, 7)), [EXAMPLE_ZONES], {"exclusion_zones": zone})[0]
    said = [(one.feature, one.hard, one.source, one.example) for one in found]
    assert said == [("lake", True, "law 1", True), ("clinic", False, "example", True)]


def test_near_wants_one_feature_within_the_distance() -> None:
    rule = Rule(name="sewer", keep="near", layer="zones", distance_m=5.0, clause="3.2")
    found = broken(rule, zones(SQUARE), shapely.Point(15, 5), shapely.Point(18, 5))
    assert found[0] == []
    assert (found[1][0].found, found[1][0].clause) == (8.0, "3.2")


def test_near_nothing_is_broken_without_a_distance() -> None:
    rule = Rule(name="sewer", keep="near", layer="zones", distance_m=5.0)
    assert broken(rule, zones(), shapely.Point(0, 0))[0][0].found is None


@pytest.mark.parametrize(
    ("test", "value", "kept"),
    [
        ("=", 10, [False, True]),
        (">=", 9, [True, True]),
        ("<=", 9, [True, False]),
        ("in", [9], [True, False]),
    ],
)
def test_a_field_is_held_against_a_value(test: str, value: object, kept: list[bool]) -> None:
    rule = Rule(name="bays", keep="attribute", field="bays", test=test, value=value)
    found = screen(at([0, 1], {"bays": [9, 10]}), [rule], {})
    assert [not one for one in found] == kept


def test_a_missing_value_breaks_a_rule_about_it() -> None:
    rule = Rule(name="bays", keep="attribute", field="bays", test=">=", value=1)
    found = screen(at([0, 1], {"bays": [None, 2.0]}), [rule], {})
    assert [[one.found for one in some] for some in found] == [[None], []]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(name="r", layer="moon"),
        Rule(name="r", layer="zones", hard_field="moon"),
        Rule(name="r", keep="attribute", field="moon"),
        Rule(name="r", keep="attribute", field="id", test=">=", value=3),
    ],
)
def test_a_rule_about_nothing_is_refused(rule: Rule) -> None:
    with pytest.raises(AnalysisError) as found:
        screen(at([0], {"id": ["x"]}), [rule], {"zones": zones(SQUARE)})
    assert str(found.value.numbers["setting"]).startswith("rules[0].")


def test_no_rule_has_a_distance_unless_somebody_sets_it() -> None:
    assert EXAMPLE_ZONES.distance_m == 0.0
    assert EXAMPLE_ZONES.example
    rule = Rule.of(Asked({"layer": "zones"}))
    assert (rule.name, rule.distance_m, rule.source) == ("zones", 0.0, "")


def test_a_rule_is_read_whole() -> None:
    given = {
        "name": "n", "keep": "near", "layer": "z", "distance_m": 3, "hard": False, "penalty_m": 9,
        "source": "s", "clause": "c", "example": True,
    }  # fmt: skip
    rule = Rule.of(Asked(given))
    assert {name: getattr(rule, name) for name in given} == given
    with pytest.raises(AnalysisError):
        Rule.of(Asked({"keep": "far"}))
