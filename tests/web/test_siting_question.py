from __future__ import annotations

import re
from contextlib import closing
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

import pytest

from geosvc import messages
from geosvc.analysis.siting.demand import DemandKind
from geosvc.analysis.siting.goal import OBJECTIVES, Each, Goal
from geosvc.analysis.siting.queueing import Peak
from geosvc.analysis.siting.rules import Keep, Rule
from geosvc.catalog.catalog import Catalog
from geosvc.errors import AnalysisError, Issue
from geosvc.web.siting_question import Names, differences, in_words, question, setting_name
from geosvc.web.siting_runs import read_form
from geosvc.workspace import Workspace
from geosvc.workspace.siting import read_wishes
from tests.web.siting_catalog import FORM, write_siting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.catalog.model import Language

TONGUES: tuple[Language, ...] = ("zh", "en")
CODE = re.compile(r"[a-z]+_[a-z_]+|\[\d|\w\.[a-z]")
ALL = {
    "objective": "sizes",
    "weight.violations.curb": "0",
    "weight.relocated": "2.5",
    "half_life_days": "90",
    "as_of": "2024-06-30",
    "sewer": "on",
    "least_bays": "12",
    "washes_per_bay_day": "20",
    "single_source": "on",
    "reach_m": "4000",
    "budget": "200",
    "size_bays_1": "14",
    "size_cost_1": "80.5",
    "arrivals_per_hour": "40",
    "service_minutes": "15",
    "waiting_bays": "3",
    "parcel.CP5": "keep",
    "areas": "121.10,33.50; 121.11,33.50; 121.11,33.51",
    "rule_1.layer": "roads",
    "rule_1.keep": "near",
    "rule_1.distance_m": "50",
    "rule_1.kind": "soft",
    "rule_1.penalty_m": "200",
    "depots.taxi": "121.1,33.5",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("siting")
    with closing(Workspace(write_siting(folder).settings)) as opened:
        yield opened


@pytest.mark.parametrize("tongue", TONGUES)
def test_every_setting_that_the_form_can_make_is_said_in_words(
    workspace: Workspace, tongue: Language
) -> None:
    wishes = read_wishes(workspace, read_form({**FORM, **ALL}, workspace, tongue))
    lines = question(wishes, tongue, workspace.catalog)
    names = [name for name, _ in lines]
    assert len(set(names)) == len(names), "each line can be found in another question"
    assert not [name for name in names if CODE.search(name)]
    if tongue == "zh":
        assert not [name for name in names if not re.search(r"[\u4e00-\u9fff]", name)]
    # the titles of this small catalog are its ids
    own = set(workspace.catalog.layers) | {"violation_type", "captured_at", "washes_per_day"}
    own |= {"feature_id", "parcel_name", "max_bays", "cost_wan", "site_name", "bays_planned"}
    own |= {"road_name", "road_id", "case_no", "rule_basis", "zone_name", "hard", "vehicle_kind"}
    raw = [text for _, text in lines if text not in own and CODE.search(text)]
    assert not [text for text in raw if not any(name in text for name in own)]


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize(
    ("table", "kind"),
    [("", Goal), ("demand[0].", DemandKind), ("rules[0].", Rule), ("peak.", Peak)],
)
def test_every_setting_that_there_is_has_a_name(table: str, kind: Any, tongue: Language) -> None:  # noqa: ANN401 - dataclasses
    for item in fields(kind):
        if not item.name.startswith("_"):
            said = setting_name(table + item.name, tongue)
            assert said.rpartition(" · ")[2] != item.name
            assert tongue == "en" or re.search(r"[\u4e00-\u9fff]", said.rpartition("·")[2])


def test_every_choice_has_a_name() -> None:
    for tongue in TONGUES:
        for name in OBJECTIVES:
            assert question({"objective": name}, tongue)[0][1] != name
        for each in get_args(Each):
            assert question({"draw_each": each}, tongue)[0][1] != each
        for keep in get_args(Keep):
            assert messages.has(f"siting_choice.keep_{keep}")
            assert question({"rules": [{"keep": keep}]}, "zh")[0][1] != keep


def test_numbers_have_units_and_shares_are_percent() -> None:
    wishes = {"share": 0.8, "reach_m": 1500.0, "time_limit_s": 60, "single_source": True, "seed": 0}
    assert question(wishes, "zh") == [
        ("最远可达", "1,500 米"),
        ("随机种子", "0"),
        ("要覆盖的比例", "80%"),
        ("每个需求点只去一处", "是"),
        ("最多计算", "60 秒"),
    ]


def test_lists_places_and_what_nobody_foresaw_are_text() -> None:
    wishes = {
        "keep": [],
        "exclude": ["P1", "P2"],
        "areas": [[[121.1, 33.5], [121.2, 33.5]], [[1.0, 2.0]]],
        "service_distances_m": [500.0, 1000.0],
        "odd": {"a": {}},
        "odder": None,
    }
    found = dict(question(wishes, "en"))
    assert found["Parcels that must be in"] == "none"
    assert found["Parcels left out"] == "P1, P2"
    assert found["Areas excluded on the map"] == "121.1,33.5; 121.2,33.5\n1,2"
    assert found["Other distances reported"] == "500, 1000"
    assert found["odder"] == "null"


def test_the_catalog_names_layers_fields_and_values(workspace: Workspace) -> None:
    kind: dict[str, Any] = {"name": "violations", "layer": "violations", "by": "violation_type"}
    kind |= {"by_weights": {"lane": 2.0}, "where": {"violation_type": ["lane", "x"]}}
    lines = dict(question({"demand": [kind]}, "zh", workspace.catalog))
    assert lines["需求 “占道违法” · 权重 · 占道"] == "2"
    assert lines["需求 “占道违法” · 只要 · 栏"] == "占道、x"
    assert lines["需求 “占道违法” · 分类字段"] == "栏"
    assert Names(None, "zh").layer("roads") == "roads"
    assert Names(Catalog(), "zh").value("roads", "x", 1) == "1"
    assert Names(workspace.catalog, "zh").field("roads", "nothing") == "nothing"


def test_where_two_questions_differ() -> None:
    one = {"added": 3, "demand": [{"name": "relocated", "weight": 1.0}], "budget": 5}
    other = {"added": 3, "demand": [{"name": "relocated", "weight": 2.0}]}
    assert differences([one, other], "zh") == [
        ("预算", "5", "–"),
        ("需求 “重新选址的洗车店（每天辆数）” · 权重", "1", "2"),
    ]
    assert differences([one, one], "zh") == []


def test_a_hostile_name_is_text() -> None:
    wishes = {"demand": [{"name": "{{7*7}}", "where": {"{added}": ["<b>"]}}]}
    assert question(wishes, "en") == [("Demand “{{7*7}}” · Only where · {added}", "<b>")]


def test_an_error_names_its_setting_in_words() -> None:
    error = AnalysisError("siting_setting", setting="demand[1].by", found="x")
    assert '"需求 2 · 分类字段"' in in_words(error.issues[0], "zh").found
    plain = Issue("required", "a")
    assert in_words(plain, "zh") is plain
