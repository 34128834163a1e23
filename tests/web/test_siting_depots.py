from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.web.siting_depots import FLEET, fleets_of, read_depots, shown, texts_of
from geosvc.web.siting_fields import Reader
from geosvc.workspace import Workspace
from geosvc.workspace.siting import ask, read_wishes
from tests.web.siting_catalog import FORM, at, write_siting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("siting")
    with closing(Workspace(write_siting(folder).settings)) as opened:
        yield opened


def place(where: float, *more: float) -> str:
    return ",".join(str(round(part, 6)) for part in (*at(where), *more))


def spot(where: float) -> list[float]:
    return [round(part, 6) for part in at(where)]


def test_a_fleet_counts_only_where_there_are_places(workspace: Workspace) -> None:
    assert dict(fleets_of(workspace)) == {"taxi": 100.0, "bus": 40.0}
    assert read_depots(Reader({}), workspace) == {}
    reader = Reader(
        {"depots.taxi": f"{place(1)}\n{place(2, 30)}；{place(3)}", "weight.taxi": "0.5"}
    )
    found = read_depots(reader, workspace)
    assert reader.issues == []
    points = [spot(1), [*spot(2), 30.0], spot(3)]
    assert found == {**FLEET, "kinds": [{"name": "taxi", "points": points, "weight": 0.5}]}


def test_a_weight_that_stays_is_an_example_and_none_leaves_it_out(workspace: Workspace) -> None:
    texts = {"depots.taxi": place(1), "weight.taxi": "1"}
    assert "weight" not in read_depots(Reader(texts), workspace)["kinds"][0]
    assert read_depots(Reader(texts | {"weight.taxi": "0"}), workspace) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("121.1", "not_depot"),
        ("121.1,33.5,1,2", "not_depot"),
        ("181,33.5", "not_depot"),
        ("121.1,93.5", "not_depot"),
        ("121.1,33.5,-3", "not_depot"),
        ("nan,33.5", "not_depot"),
        ("here", "not_depot"),
        ("121.1,33.5,60\n121.1,33.5,60", "too_many_vehicles"),
    ],
)
def test_what_is_no_place_is_told_at_its_field(workspace: Workspace, text: str, code: str) -> None:
    reader = Reader({"depots.taxi": text})
    assert read_depots(reader, workspace) == {}
    assert [(issue.key, issue.code) for issue in reader.issues] == [("depots.taxi", code)]


def test_the_form_shows_them_again(workspace: Workspace) -> None:
    texts = {"depots.bus": f"{place(1)}\n{place(2, 30)}", "weight.bus": "2"}
    wishes = {"depots": read_depots(Reader(texts), workspace)}
    assert texts_of(wishes) == texts
    rows = {row["field"]: row for row in shown(workspace, texts, "zh")}
    assert rows["depots.bus"]["places"] == texts["depots.bus"]
    assert (rows["depots.bus"]["count"], rows["depots.bus"]["weight"]) == ("40", "2")
    assert (rows["depots.taxi"]["places"], rows["depots.taxi"]["weight"]) == ("", "1")


def test_depots_are_demand_of_the_answer(workspace: Workspace) -> None:
    depots = read_depots(Reader({"depots.taxi": place(7)}), workspace)
    wishes = {
        "streets": {"layer": "roads"},
        "candidates": {"layer": "candidate_parcels", "key": "feature_id"},
        "rules": [],
        "depots": depots,
        "added": 1,
        "draws": 0,
    }
    document = ask(workspace, read_wishes(workspace, wishes))
    groups = [(group["kind"], group["total"]) for group in document["demand"]["groups"]]
    assert groups == [("taxi", 100.0)]
    opened = document["curve"][document["chosen"]]["opened"]
    assert [document["sites"][site]["key"] for site in opened] == ["CP8"]
    assert "fleet" in document["inputs"]
    assert FORM["objective"] == "median"


def test_without_the_layer_nothing_is_offered(tmp_path: Path) -> None:
    made = write_siting(tmp_path)
    (made.root / "layers/fleet.toml").unlink()
    with closing(Workspace(made.settings)) as bare:
        assert fleets_of(bare) == []
        assert shown(bare, {}, "zh") == []
        assert read_depots(Reader({"depots.taxi": place(1)}), bare) == {}
