from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geosvc.analysis.siting.asked import Asked
from geosvc.analysis.siting.demand import DemandKind, demand_points
from geosvc.errors import AnalysisError
from tests.analysis.siting.questions import CRS, at

CASES = at(
    [1, 2, 3],
    {
        "type": ["wash", "park", "wash"],
        "day": ["2024-06-30", "2024-06-20", "2024-07-09"],
        "label": ["x", "y", "z"],
        "fine": [10.0, None, 5.0],
    },
)
DAY = pd.Timestamp("2024-06-30")


def kind(**settings: Any) -> DemandKind:  # noqa: ANN401 - JSON of any kind
    return DemandKind.of(Asked({"layer": "cases", **settings}))


def test_each_feature_weighs_what_was_set() -> None:
    made = demand_points({"cases": CASES}, [kind(weight=2.5)])
    assert made.weights.tolist() == [2.5, 2.5, 2.5]
    assert made.xy.tolist() == [[1, 0], [2, 0], [3, 0]]
    assert made.labels == ("0", "1", "2")
    assert not made.kinds[0].example


def test_a_weight_that_nobody_set_is_1_and_marked() -> None:
    made = demand_points({"cases": CASES}, [kind()])
    assert made.weights.tolist() == [1, 1, 1]
    assert made.kinds[0].example


def test_each_type_has_its_weight_and_its_group() -> None:
    made = demand_points({"cases": CASES}, [kind(by="type", by_weights={"wash": 3}, label="label")])
    assert made.weights.tolist() == [3, 1, 3]
    assert made.groups == (("cases", "park"), ("cases", "wash"))
    assert made.group.tolist() == [1, 0, 1]
    assert made.labels == ("x", "y", "z")


def test_age_halves_and_the_future_counts_in_full() -> None:
    made = demand_points({"cases": CASES}, [kind(time="day", half_life_days=10)], as_of=DAY)
    assert made.weights.tolist() == [1.0, 0.5, 1.0]


def test_without_a_half_life_age_does_not_count() -> None:
    made = demand_points({"cases": CASES}, [kind(time="day")])
    assert made.weights.tolist() == [1, 1, 1]


def test_a_missing_amount_is_dropped_and_counted() -> None:
    made = demand_points({"cases": CASES}, [kind(amount="fine", name="fines")])
    assert made.weights.tolist() == [10.0, 5.0]
    assert dict(made.dropped) == {"fines": 1}


def test_a_missing_time_is_dropped() -> None:
    late = CASES.assign(day=pd.to_datetime(pd.Series(["", "2024-06-20", "2024-06-30"])))
    made = demand_points({"cases": late}, [kind(time="day", half_life_days=10)], as_of=DAY)
    assert made.weights.tolist() == [0.5, 1.0]
    assert dict(made.dropped) == {"cases": 1}


def test_only_listed_values_count() -> None:
    made = demand_points({"cases": CASES}, [kind(where={"type": ["park"]})])
    assert made.xy.tolist() == [[2, 0]]


def test_areas_stand_at_a_point_on_them_and_nothing_stands_nowhere() -> None:
    shapes = [shapely.box(0, 0, 2, 2), None, shapely.Polygon()]
    areas = gpd.GeoDataFrame(geometry=np.array(shapes, dtype=object), crs=CRS)
    made = demand_points({"cases": areas}, [kind()])
    assert made.xy.tolist() == [[1, 1]]
    assert dict(made.dropped) == {"cases": 2}


def test_kinds_follow_each_other() -> None:
    two = [kind(name="all"), kind(name="washing", by="type")]
    made = demand_points({"cases": CASES}, two)
    assert len(made) == 6
    assert made.groups == (("all", ""), ("washing", "park"), ("washing", "wash"))
    assert made.group.tolist() == [0, 0, 0, 2, 1, 2]


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"layer": "moon"}, "demand[0].layer"),
        ({"amount": "moon"}, "demand[0].amount"),
        ({"amount": "type"}, "demand[0].amount"),
        ({"by": "moon"}, "demand[0].by"),
        ({"label": "moon"}, "demand[0].label"),
        ({"where": {"moon": [1]}}, "demand[0].where"),
        ({"time": "type", "half_life_days": 3}, "demand[0].time"),
    ],
)
def test_what_does_not_exist_is_refused(settings: dict[str, Any], setting: str) -> None:
    with pytest.raises(AnalysisError) as found:
        demand_points({"cases": CASES}, [kind(**settings)], as_of=DAY)
    assert found.value.numbers["setting"] == setting


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(AnalysisError) as found:
        demand_points({"cases": CASES.assign(fine=[1.0, -2.0, 0.0])}, [kind(amount="fine")])
    assert found.value.numbers == {"setting": "demand[0].amount", "found": "-2.0"}


def test_a_half_life_needs_a_day() -> None:
    with pytest.raises(AnalysisError) as found:
        demand_points({"cases": CASES}, [kind(time="day", half_life_days=3)])
    assert found.value.numbers["setting"] == "as_of"
