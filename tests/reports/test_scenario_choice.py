from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StateError
from geosvc.reports import report as module
from geosvc.reports.report import report
from geosvc.reports.scenario_choice import chosen_scenario
from geosvc.reports.sections import write_siting
from geosvc.scorecard import scorecard
from geosvc.store.scenarios import ScenarioTable
from geosvc.workspace import Workspace
from tests.reports.county import Press, a_book, prepared
from tests.reports.word_files import paragraphs
from tests.web.kept import asked, keep, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.small import Folder


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Three kept answers, the second of which was deleted."""
    folder = write_folder(tmp_path_factory.mktemp("office"))
    document = asked(folder.settings)
    for title in ("先存的", "删掉的", "后存的"):
        keep(folder.settings, document, title)
    with ScenarioTable(folder.settings.instance / "geosvc.sqlite") as table:
        table.delete(2, author="li")
    return folder


@pytest.fixture
def workspace(office: Folder) -> Iterator[Workspace]:
    with closing(Workspace(office.settings)) as opened:
        yield opened


def title(workspace: Workspace, number: int | None) -> str | None:
    found = chosen_scenario(workspace, number)
    return None if found is None else found[0].title


def test_the_one_that_is_asked_for_is_told_else_the_last(workspace: Workspace) -> None:
    assert title(workspace, None) == "后存的"
    assert title(workspace, 1) == "先存的"
    found = chosen_scenario(workspace, 1)
    assert found is not None
    assert found[1]["chosen"] is not None


@pytest.mark.parametrize("number", [2, 4, 0, -1])
def test_what_does_not_stand_is_refused(workspace: Workspace, number: int) -> None:
    with pytest.raises(StateError) as caught:
        chosen_scenario(workspace, number)
    (issue,) = caught.value.issues
    assert (issue.code, issue.key, issue.found) == ("not_allowed", "", str(number))
    assert (issue.path, issue.expected) == ("scenario", "1, 3")


def test_the_public_profile_has_none(workspace: Workspace) -> None:
    workspace.settings = replace(workspace.settings, profile="public")
    assert chosen_scenario(workspace, None) is None
    with pytest.raises(StateError):
        chosen_scenario(workspace, 1)


def test_the_section_names_the_chosen_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geosvc.reports.figures.DPI", 150)
    book = a_book(workspace, Press())
    book.scenario = 1
    write_siting(book, scorecard(workspace))
    text = "\n".join(paragraph.text for paragraph in book.document.paragraphs)
    assert "本报告取方案“先存的”。" in text
    assert "最近保存的方案" not in text


def test_a_report_is_refused_before_anything_is_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = prepared(tmp_path_factory.mktemp("county"))
    monkeypatch.setattr(module, "half_year", lambda *_: pytest.fail("looked at the half-year"))
    with closing(Workspace(folder.settings)) as opened, pytest.raises(StateError):
        report(opened, "2024H1", scenario=9, snapshots=Press())


def test_the_choice_is_among_the_facts(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(tmp_path_factory.mktemp("county"))
    monkeypatch.setattr(module, "chosen_scenario", lambda *_: None)
    with closing(Workspace(folder.settings)) as opened:
        made = [
            report(opened, "2024H1", sections=["notes"], scenario=number, snapshots=Press())
            for number in (None, 3)
        ]
    assert "scenario" not in made[0].facts["parameters"]
    assert made[1].facts["parameters"]["scenario"] == 3
    said = [text for _, text in paragraphs(made[0].content)]
    assert said == [text for _, text in paragraphs(made[1].content)]
