from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import EditError
from geosvc.web.siting_runs import NUMBERS, kinds_of, read_form, weight_name
from geosvc.workspace import Workspace
from geosvc.workspace.siting import read_wishes
from tests.web.siting_catalog import FORM, write_siting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("siting")
    with closing(Workspace(write_siting(folder).settings)) as opened:
        yield opened


def test_what_is_left_as_it_was_is_an_example(workspace: Workspace) -> None:
    wishes = read_form(FORM, workspace)
    assert [kind["name"] for kind in wishes["demand"]] == ["violations", "relocated", "closed"]
    assert all("weight" not in kind for kind in wishes["demand"])
    assert wishes["demand"][0]["by_weights"] == {"lane": 1.0, "curb": 1.0}
    assert [rule["name"] for rule in wishes["rules"]] == ["exclusion_zones"]
    assert {"budget", "washes_per_bay_day", "peak", "keep", "as_of"}.isdisjoint(wishes)
    assert read_wishes(workspace, wishes)["areas"] == []


def test_all_that_can_be_set(workspace: Workspace) -> None:
    form = {
        **FORM,
        "objective": "sizes",
        weight_name("violations", "curb"): "0",
        weight_name("relocated"): "2.5",
        "half_life_days": "90",
        "as_of": "2024-06-30",
        "share_percent": "80",
        "sewer": "on",
        "least_bays": "12",
        "soft_penalty_m": "300",
        "washes_per_bay_day": "20",
        "budget": "200",
        "size_bays_1": "14",
        "size_cost_1": "80.5",
        "arrivals_per_hour": "40",
        "service_minutes": "15",
        "waiting_bays": "3",
        "parcel.CP5": "keep",
        "parcel.CP1": "exclude",
        "parcel.CP8": "",
        "areas": "121.10,33.50; 121.11，33.50；121.11 33.51\n\n",
    }
    wishes = read_form(form, workspace)
    violations, shops, _closed = wishes["demand"]
    assert violations["by_weights"] == {"lane": 1.0, "curb": 0.0}
    assert (violations["weight"], violations["half_life_days"]) == (1.0, 90.0)
    assert shops["weight"] == 2.5
    assert "half_life_days" not in shops
    assert wishes["share"] == 0.8
    assert [rule["name"] for rule in wishes["rules"]] == ["exclusion_zones", "sewer", "least_bays"]
    assert wishes["rules"][0]["penalty_m"] == 300
    assert wishes["sizes"] == [{"bays": 14, "cost": 80.5}]
    assert wishes["peak"] == {"arrivals_per_hour": 40, "service_minutes": 15, "waiting_bays": 3}
    assert (wishes["keep"], wishes["exclude"]) == (["CP5"], ["CP1"])
    assert wishes["areas"] == [[[121.1, 33.5], [121.11, 33.5], [121.11, 33.51]]]
    assert read_wishes(workspace, wishes)["objective"] == "sizes"


def test_sites_that_are_not_kept_can_be_closed_at_a_cost(workspace: Workspace) -> None:
    form = {name: text for name, text in FORM.items() if name != "keep_existing"}
    assert read_form(form, workspace)["existing"]["closable"] == {"CW1": 0.0}
    form["closing_cost"] = "12.5"
    assert read_form(form, workspace)["existing"]["closable"] == {"CW1": 12.5}


@pytest.mark.parametrize("name", list(NUMBERS))
@pytest.mark.parametrize("text", ["x", "nan", "inf", "-1", "1e3", "99999999999", "½", "--1"])
def test_a_number_that_is_none_or_too_far_is_refused(
    workspace: Workspace, name: str, text: str
) -> None:
    needed = {"zones": "on", "least_bays": "1"}
    form = {key: value for key, value in FORM.items() if key != "keep_existing"} | needed
    with pytest.raises(EditError) as caught:
        read_form({**form, name: text}, workspace)
    assert [issue.key for issue in caught.value.issues] == [name]


def test_a_fraction_is_no_count(workspace: Workspace) -> None:
    with pytest.raises(EditError):
        read_form({**FORM, "added": "1.5"}, workspace)


def test_kinds_without_a_layer_are_not_asked_for(workspace: Workspace) -> None:
    assert [kind.name for kind, _ in kinds_of(workspace)] == ["violations", "relocated", "closed"]
