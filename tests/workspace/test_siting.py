from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import geopandas as gpd
import pytest
import shapely

from geosvc.crs import CRS84
from geosvc.errors import AnalysisError, LayerUnavailableError
from geosvc.store.jobs import canonical
from geosvc.works import WORKS
from geosvc.workspace.siting import (
    ask,
    layers_of,
    problem_of,
    read_wishes,
    revisions,
    why_not_here,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

LON, LAT = 120.0, 33.0
STEP = 0.01


class Stored:
    """What the store says of one layer."""

    def __init__(self, number: int) -> None:
        self.number, self.digest = number, f"d{number}"


class Plain:
    """A layer whose file names no field."""

    schema: ClassVar[Any] = SimpleNamespace(fields=())


class County:
    """As much of a workspace as a question needs: a street with points along it."""

    def __init__(self, *, missing: tuple[str, ...] = ()) -> None:
        names = ("roads", "shops", "parcels", "sites", "exclusion_zones")
        self.catalog = self
        self.layers = {name: Plain() for name in names}
        self.moment = self
        self.stored = {name: Stored(number) for number, name in enumerate(names, 1)}
        self.missing = missing

    def frame(self, layer_id: str) -> pd.DataFrame:
        if layer_id in self.missing:
            raise LayerUnavailableError(layer_id)
        return FRAMES[layer_id]


def along(*places: float) -> list[shapely.Point]:
    return [shapely.Point(LON + place * STEP, LAT) for place in places]


def framed(columns: Mapping[str, Any], geometry: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS84)


FRAMES = {
    "roads": framed({"name": ["学前路"]}, [shapely.LineString(along(0, 10))]),
    "shops": framed({"washes": [10.0, 20.0, 5.0]}, along(1, 5, 9)),
    "parcels": framed({"no": ["P1", "P2", "P3"]}, along(1, 5, 8)),
    "sites": framed({"no": ["S1"]}, along(0)),
    "exclusion_zones": framed(
        {"hard": [True], "rule_basis": ["示例"], "zone_name": ["古城"]},
        [along(8)[0].buffer(STEP / 10)],
    ),
}
WISHES: dict[str, Any] = {
    "streets": {"layer": "roads", "name": "name"},
    "demand": [{"name": "shops", "layer": "shops", "amount": "washes"}],
    "candidates": {"layer": "parcels", "key": "no"},
    "existing": {"layer": "sites", "key": "no"},
    "added": 1,
    "draws": 5,
    "service_distance_m": 1500,
}


@pytest.fixture
def county() -> Any:  # noqa: ANN401 - stands for a workspace
    return County()


def around(place: float, *, half: float = 0.3) -> list[list[float]]:
    west, east = LON + (place - half) * STEP, LON + (place + half) * STEP
    return [[west, LAT - STEP], [east, LAT - STEP], [east, LAT + STEP], [west, LAT + STEP]]


def test_wishes_are_written_in_full_and_equal_wishes_are_equal(county: Any) -> None:  # noqa: ANN401
    full = read_wishes(county, WISHES)
    assert [rule["name"] for rule in full["rules"]] == ["exclusion_zones"]
    assert full["rules"][0]["example"] is True
    assert full["areas"] == []
    assert canonical(read_wishes(county, full)) == canonical(full)
    assert read_wishes(county, {**WISHES, "rules": []})["rules"] == []
    assert layers_of(full) == ("exclusion_zones", "parcels", "roads", "shops", "sites")


@pytest.mark.parametrize(
    ("more", "setting"),
    [
        ({"demand": [{"layer": "villages"}]}, "demand[0].layer"),
        ({"demand": [{"layer": "shops", "weight": -1}]}, "demand[0].weight"),
        ({"demand": [{"layer": "shops", "weight": float("nan")}]}, "demand[0].weight"),
        ({"candidates": {"layer": "nowhere"}}, "candidates.layer"),
        ({"added": -1}, "added"),
        ({"objective": "best"}, "objective"),
        ({"objective": "capacitated"}, "washes_per_bay_day"),
        ({"speed": 3}, "speed"),
        ({"areas": [[[1, 2], [3, 4]]]}, "areas[0]"),
        ({"areas": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}, "areas[0]"),
        ({"areas": [[[0, 0], [1, 0], [500, 1]]]}, "areas[0]"),
        ({"areas": [around(1)] * 51}, "areas"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(
    county: Any,  # noqa: ANN401
    more: dict[str, Any],
    setting: str,
) -> None:
    with pytest.raises(AnalysisError) as caught:
        read_wishes(county, {**WISHES, **more})
    assert caught.value.numbers["setting"] == setting


@pytest.mark.parametrize("wishes", [None, [], "siting", 3])
def test_what_is_no_table_is_refused(county: Any, wishes: object) -> None:  # noqa: ANN401
    with pytest.raises(AnalysisError):
        read_wishes(county, wishes)


def test_an_answer_says_what_it_stands_on_and_where_things_are(county: Any) -> None:  # noqa: ANN401
    told: list[str] = []
    wishes = read_wishes(county, WISHES)

    def hear(_share: float, stage: str, _value: float, _bound: float) -> bool:
        told.append(stage)
        return False

    document = ask(county, wishes, hear)
    assert canonical(document)
    assert document["wishes"] == wishes
    assert document["inputs"] == revisions(county, wishes)
    assert document["inputs"]["shops"] == {"revision": 2, "digest": "d2"}
    assert {"curve", "plans"} <= set(told)
    keys = [site["key"] for site in document["sites"]]
    best = document["curve"][document["chosen"]]
    assert keys == ["S1", "P1", "P2", "P3"]
    assert [keys[site] for site in best["opened"]] == ["P2"]
    assert document["places"]["sites"]["lon"][2] == pytest.approx(LON + 5 * STEP, abs=1e-5)
    assert document["places"]["demand"]["weight"] == [10.0, 20.0, 5.0]
    assert [keys[site] for site in document["served"]["curve"][0]] == ["S1"] * 3
    assert [keys[site] for site in document["served"]["curve"][1]] == ["S1", "P2", "P2"]
    assert not document["sites"][3]["usable"]


def test_no_new_site_stands_in_a_drawn_area(county: Any) -> None:  # noqa: ANN401
    wishes = read_wishes(county, {**WISHES, "areas": [around(5)]})
    document = ask(county, wishes)
    found = document["sites"][2]["findings"]
    assert [(item["rule"], item["feature"]) for item in found] == [("drawn", "1")]
    assert document["sites"][2]["usable"] is False
    assert document["curve"][document["chosen"]]["opened"] == [1]
    assert problem_of(county, wishes).rules[-1].name == "drawn"


def test_a_stop_keeps_the_best_so_far(county: Any) -> None:  # noqa: ANN401
    wishes = read_wishes(county, {**WISHES, "added": 2})
    document = ask(county, wishes, lambda *_told: True)
    assert document["stopped"] is True
    assert document["curve"][0]["sites"] == [0]


def test_why_not_here(county: Any) -> None:  # noqa: ANN401
    wishes = read_wishes(county, WISHES)
    excluded = why_not_here(county, wishes, "P3", ["S1", "P2"])
    assert (excluded["code"], excluded["findings"][0]["feature"]) == ("excluded", "古城")
    assert excluded["loss"] > 0
    point = why_not_here(county, wishes, [LON + 3 * STEP, LAT], ["S1", "P2"])
    assert (point["code"], point["key"], point["street"]) == ("not_chosen", None, "学前路")
    assert why_not_here(county, wishes, "P2", ["S1", "P2"])["code"] == "chosen"
    with pytest.raises(AnalysisError):
        why_not_here(county, wishes, "P9", ["S1", "P2"])


def test_jobs_ask_the_same(county: Any) -> None:  # noqa: ANN401
    wishes = read_wishes(county, WISHES)
    parameters = {"wishes": wishes}
    result = WORKS["siting"].run(county, parameters, lambda *_told: False)
    assert result["curve"][1]["value"] == ask(county, wishes)["curve"][1]["value"]
    assert WORKS["siting"].inputs(county, parameters) == revisions(county, wishes)
    assert WORKS["siting"].keeps_best
    asked = {**parameters, "place": "P1", "sites": ["S1", "P2"]}
    assert WORKS["siting_why"].run(county, asked, lambda *_told: False)["code"] == "not_chosen"


def test_a_layer_with_nothing_to_show_is_said() -> None:
    county: Any = County(missing=("shops",))
    with pytest.raises(LayerUnavailableError):
        ask(county, read_wishes(county, WISHES))
