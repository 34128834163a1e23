from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import Issue
from geosvc.web import siting_form
from geosvc.web.siting_fields import NUMBERS
from geosvc.web.siting_runs import read_form, start_texts, texts_of
from geosvc.workspace import Workspace
from geosvc.workspace.siting import read_wishes
from tests.web.siting_catalog import FORM, write_siting
from tests.web.test_siting_question import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("siting")
    with closing(Workspace(write_siting(folder).settings)) as opened:
        yield opened


@pytest.mark.parametrize("closes", [False, True])
def test_the_form_says_again_all_that_it_was_told(workspace: Workspace, *, closes: bool) -> None:
    given = {**FORM, **ALL}
    if closes:
        given = {name: text for name, text in given.items() if name != "keep_existing"}
        given["closing_cost"] = "12.5"
    wishes = read_wishes(workspace, read_form(given, workspace))
    texts = texts_of(wishes, workspace)
    assert read_wishes(workspace, read_form(texts, workspace)) == wishes
    shown = siting_form.form(workspace, texts, "en")
    assert shown["given"]["reach_m"] == "4000"
    assert shown["rules"][0]["layer"] == "roads"
    assert [row["places"] for row in shown["depots"]] == ["", "121.1,33.5"]
    assert [part for part, is_open in shown["opened"].items() if is_open] == [
        "depots", "peak", "limits", "parcels", "areas"
    ]  # fmt: skip


def test_the_form_starts_as_its_own_question(workspace: Workspace) -> None:
    texts = start_texts(workspace)
    assert texts_of(read_wishes(workspace, read_form(texts, workspace)), workspace) == {
        **texts, "areas": ""
    }  # fmt: skip
    shown = siting_form.form(workspace, texts, "en")
    assert shown["existing"] == "Keep the 1 existing sites (14 bays)"
    assert not any(shown["opened"].values())
    assert shown["faults"] == {}
    assert shown["unplaced"] == []


def test_a_box_that_is_not_checked_is_no_rule(workspace: Workspace) -> None:
    given = {name: text for name, text in FORM.items() if name != "zones"}
    assert read_wishes(workspace, read_form(given, workspace))["rules"] == []


def test_faults_stand_under_their_fields_and_open_their_part(workspace: Workspace) -> None:
    faults = [("reach_m", "no"), ("rule_2.layer", "what"), ("seed", "odd"), ("objective", "none")]
    shown = siting_form.form(workspace, start_texts(workspace), "zh", [*faults, ("", "lost")])
    assert shown["faults"]["reach_m"] == "no"
    assert shown["unplaced"] == ["none", "lost"]
    assert shown["opened"]["limits"]
    assert shown["opened"]["more"]
    assert not shown["opened"]["peak"]


@pytest.mark.parametrize("name", [*NUMBERS, "as_of", "areas", "objective"])
def test_every_field_has_a_name_in_words(name: str) -> None:
    assert siting_form.field_title(name, "zh") != name
    assert siting_form.field_title(name, "en") != name


def test_a_setting_leads_to_its_field() -> None:
    assert siting_form.field_of("washes_per_bay_day") == "washes_per_bay_day"
    assert siting_form.field_of("sizes[0].bays") == "size_bays_1"
    assert siting_form.field_of("candidates.bays") == ""


def test_a_fault_says_what_may_stand_there() -> None:
    issue = Issue("not_whole", "siting", "added", found="x", expected="0–50")
    assert siting_form.fault_of(issue, "zh") == "“x”不能用，应为 0–50 之间的整数"
    assert siting_form.fault_of(issue, "en").endswith("a whole number from 0–50")
