from __future__ import annotations

import math
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.errors import LayerUnavailableError, UnknownScenarioError
from geosvc.store import Change
from geosvc.workspace import Editor, Workspace
from geosvc.workspace.scenarios import chosen_row, moved_layers, outcome_of, run_again
from tests.web.kept import Office

if TYPE_CHECKING:
    from pathlib import Path

LI = Change("li", "")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def rename_stop(office: Office, name: str) -> None:
    with closing(Workspace(office.settings)) as workspace:
        base = workspace.store.state("stops")
        assert base is not None
        values = {"name": name}
        Editor(workspace).replace("stops", "A1", values, base=base.number, change=LI)


def test_an_answer_is_kept_with_what_a_list_says_of_it(office: Office) -> None:
    outcome = outcome_of(office.document)
    assert outcome.facts["keys"] == ["A1", "A2"]
    assert (outcome.facts["added"], outcome.facts["status"]) == (2, "proven")
    assert outcome.facts["service_distance_m"] == 500
    assert set(outcome.inputs) == {"roads", "stops"}
    assert outcome.result == office.document
    assert office.kept.facts == outcome.facts


def test_an_answer_without_a_plan_is_kept_too(office: Office) -> None:
    document = office.document | {"chosen": None}
    facts = outcome_of(document).facts
    assert chosen_row(document) is None
    assert (facts["added"], facts["value"], facts["keys"]) == (None, None, [])


def test_a_scenario_is_stale_while_its_layers_differ(office: Office) -> None:
    def moved() -> tuple[str, ...]:
        with closing(Workspace(office.settings)) as workspace:
            return moved_layers(workspace, office.kept)

    assert moved() == ()
    rename_stop(office, "新名")
    assert moved() == ("stops",)
    rename_stop(office, "金桥路口")
    assert moved() == (), "it came back to what it was"


def test_a_layer_that_is_gone_or_new_makes_it_stale(office: Office) -> None:
    with closing(Workspace(office.settings)) as workspace, office.table() as table:
        was = table.result(office.kept.id)[1]
        less = outcome_of(
            was | {"inputs": {"stops": was["inputs"]["stops"], "gone": {"digest": "x"}}}
        )
        assert moved_layers(workspace, table.renew(office.kept.id, less, author="li")) == (
            "gone",
            "roads",
        )


def test_it_is_computed_anew_with_the_data_of_now(office: Office) -> None:
    rename_stop(office, "新名")
    with closing(Workspace(office.settings)) as workspace:
        again = run_again(workspace, office.kept.id, author="wu")
        assert (again.run, again.run_by, again.author) == (2, "wu", "li")
        assert moved_layers(workspace, again) == ()
    with office.table() as table:
        assert table.result(again.id)[1]["sites"][0]["name"] == "新名"


def stop(_share: float, _stage: str, _value: float = math.nan, _bound: float = math.nan, /) -> bool:
    return True


def test_one_that_is_stopped_keeps_its_best_or_what_was_there(office: Office) -> None:
    with closing(Workspace(office.settings)) as workspace:
        again = run_again(workspace, office.kept.id, author="wu", progress=stop)
    with office.table() as table:
        found, document = table.result(again.id)
    if found.run == 1:
        assert document == office.document
    else:
        assert document["stopped"]
        assert document["chosen"] is not None


def test_one_that_is_deleted_meanwhile_stays_deleted(office: Office) -> None:
    def delete(*_given: Any) -> bool:  # noqa: ANN401
        with office.table() as table:
            if table.scenarios():
                table.delete(office.kept.id, author="wu")
        return False

    with closing(Workspace(office.settings)) as workspace:
        for progress in (delete, None):
            with pytest.raises(UnknownScenarioError):
                run_again(workspace, office.kept.id, author="li", progress=progress)
    with office.table() as table:
        assert [item.run for item in table.scenarios(deleted=True)] == [1]


def test_what_cannot_be_computed_leaves_it_as_it_was(office: Office) -> None:
    (office.folder.root / "layers/roads.toml").unlink()
    office.folder.write("layers/roads.toml", "colour = 1")
    with (
        closing(Workspace(office.settings)) as workspace,
        pytest.raises(LayerUnavailableError),
    ):
        run_again(workspace, office.kept.id, author="wu")
    with office.table() as table:
        assert table.result(office.kept.id) == (office.kept, office.document)
