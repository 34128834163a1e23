from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from geosvc.errors import AnalysisError
from geosvc.workspace import depots
from geosvc.workspace.depots import read_depots, shared
from geosvc.workspace.siting import layers_of, problem_of, read_wishes
from tests.workspace.test_siting import FRAMES, LAT, LON, STEP, WISHES, County, Plain, Stored

FLEET = pd.DataFrame({"kind": ["taxi", "bus"], "size": [100, 40]})
TABLE: dict[str, Any] = {"layer": "fleet", "key": "kind", "count": "size"}


class Town(County):
    """The county with a fleet that is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.layers |= {"fleet": Plain()}
        self.stored |= {"fleet": Stored(9)}

    def frame(self, layer_id: str) -> pd.DataFrame:
        return FLEET if layer_id == "fleet" else super().frame(layer_id)


def asked(*kinds: object, **table: object) -> dict[str, Any]:
    return {"depots": {**TABLE, **table, "kinds": list(kinds)}}


def at(place: float, *vehicles: float) -> list[float]:
    return [LON + place * STEP, LAT, *vehicles]


def test_a_fleet_counts_where_a_person_gave_places_for_it() -> None:
    assert read_depots(Town(), {}) == []  # type: ignore[arg-type]
    assert read_depots(Town(), asked()) == []  # type: ignore[arg-type]
    assert read_depots(Town(), asked({"name": "bus", "points": []})) == []  # type: ignore[arg-type]
    taxi = {"name": "taxi", "weight": 0.5, "points": [at(1), at(2, 40), at(3)]}
    [fleet] = read_depots(Town(), asked(taxi))  # type: ignore[arg-type]
    assert fleet.frame[depots.VEHICLES].tolist() == [30.0, 40.0, 30.0]
    assert fleet.demand == {
        "name": "taxi", "layer": ":depots.taxi", "amount": "vehicles", "weight": 0.5
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wishes", "setting"),
    [
        (asked({"name": "boat", "points": [at(1)]}), "depots.kinds[0].name"),
        (asked({"name": "bus", "points": [[1.0]]}), "depots.kinds[0].points"),
        (asked({"name": "bus", "points": [[1.0, 2.0, 3.0, 4.0]]}), "depots.kinds[0].points"),
        (asked({"name": "bus", "points": [[181.0, 2.0]]}), "depots.kinds[0].points.point[0]"),
        (asked({"name": "bus", "points": [[18.0, 92.0]]}), "depots.kinds[0].points"),
        (asked({"name": "bus", "points": [at(1, -4)]}), "depots.kinds[0].points"),
        (asked({"name": "bus", "points": [at(1, 41)]}), "depots.kinds[0].points"),
        (asked({"name": "bus", "points": [at(1)] * 201}), "depots.kinds[0].points"),
        (asked({"name": "bus", "weight": -1.0, "points": []}), "depots.kinds[0].weight"),
        (asked({"name": "bus", "fuel": 1}), "depots.kinds[0].fuel"),
        (asked({"name": "bus"}, layer="boats"), "depots.layer"),
        (asked({"name": "bus"}, key="sort"), "depots.key"),
        (asked({"name": "bus"}, count="number"), "depots.count"),
        (asked({"name": "bus"}, odd=1), "depots.odd"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(wishes: dict[str, Any], setting: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        read_depots(Town(), wishes)  # type: ignore[arg-type]
    assert caught.value.numbers["setting"].startswith(setting.removesuffix(".point[0]"))  # type: ignore[union-attr]


def test_depots_are_demand_of_the_problem_and_their_layer_an_input() -> None:
    taxi = {"name": "taxi", "points": [at(1), at(2)]}
    wishes = read_wishes(Town(), WISHES | asked(taxi))  # type: ignore[arg-type]
    assert "fleet" in layers_of(wishes)
    problem = problem_of(Town(), wishes)  # type: ignore[arg-type]
    name = [kind.name for kind in problem.demand.kinds]
    assert name[-1] == "taxi"
    assert problem.demand.kinds[-1].example, "nobody set the weight"
    assert problem.demand.weights[-2:].tolist() == [50.0, 50.0]
    assert len(problem.demand) == len(problem_of(Town(), read_wishes(Town(), WISHES)).demand) + 2  # type: ignore[arg-type]
    assert set(FRAMES).isdisjoint({"fleet"})


def test_wishes_are_refused_before_a_job_is_made_of_them() -> None:
    with pytest.raises(AnalysisError):
        read_wishes(Town(), WISHES | asked({"name": "boat", "points": []}))  # type: ignore[arg-type]


def test_no_vehicle_is_shared_twice() -> None:
    assert shared([(), (10.0,), ()], 10) == [0.0, 10.0, 0.0]
    assert shared([(10.0,), (5.0,)], 14) is None
