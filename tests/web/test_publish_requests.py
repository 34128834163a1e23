from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.errors import (
    ForbiddenError,
    PublishError,
    StateError,
    UnknownJobError,
    UnknownMapError,
    UnknownScenarioError,
)
from geosvc.reports import publish, publish_numbers
from geosvc.reports.publish import Made, Words
from geosvc.store.jobs import JobTable
from geosvc.web.publish_requests import made_of
from geosvc.workspace import Workspace
from tests.web.kept import asked, keep, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.figures import FigureRequest
    from tests.web.small import Folder

NOTHING = Made({}, {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return write_folder(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def workspace(folder: Folder) -> Iterator[Workspace]:
    with closing(Workspace(folder.settings)) as opened:
        yield opened


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[FigureRequest, Words, str]]:
    """What was asked of the drawing."""
    found: list[tuple[FigureRequest, Words, str]] = []

    def make(_workspace: Workspace, request: FigureRequest, words: Words, *, kind: str) -> Made:
        found.append((request, words, kind))
        return NOTHING

    monkeypatch.setattr(publish, "make", make)
    return found


def test_a_map_fills_a_screen_and_a_figure_a_sheet(
    workspace: Workspace, seen: list[tuple[FigureRequest, Words, str]]
) -> None:
    made_of(workspace, {"map": "overview"})
    made_of(workspace, {"map": "overview", "kind": "figure"})
    (first, words, kind), (second, _, other) = seen
    assert (first.paper, kind, words) == ("16:9", "map", Words())
    assert (second.paper, second.dpi, other) == ("a4", 300, "figure")


def test_state_options_and_words_are_read(
    workspace: Workspace, seen: list[tuple[FigureRequest, Words, str]]
) -> None:
    given = {
        "kind": "figure",
        "map": "overview",
        "query": "?layers=stops&f.stops.kind=bay&title=left&bare=1",
        "paper": "a3",
        "landscape": "1",
        "dpi": "150",
        "scale": "50000",
        "ground": "none",
        "subtitle": "第二行",
        "lang": "en",
        "title": " A  title ",
        "caption": " one\r\ntwo ",
    }
    made_of(workspace, given)
    ((request, words, _),) = seen
    assert request.state.query() == "layers=stops&f.stops.kind=bay&lang=en"
    assert (request.paper, request.landscape, request.dpi) == ("a3", True, 150)
    assert (request.scale, request.ground, request.subtitle) == (50_000, "none", "第二行")
    assert (request.title, request.bare) == (None, False)
    assert words == Words("A title", "one\ntwo")


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": "layers=nothing"},
        {"query": "f.stops.plate=x"},
        {"query": "z=near"},
        {"query": "paper=a5"},
        {"paper": "a5"},
        {"scale": "1"},
        {"query": "unknown=1"},
        {"query": "lang=fr"},
    ],
)
def test_nonsense_is_refused(workspace: Workspace, wrong: dict[str, str]) -> None:
    with pytest.raises(StateError):
        made_of(workspace, {"map": "overview"} | wrong)


def test_what_is_unknown_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UnknownMapError):
        made_of(workspace, {})
    with pytest.raises(PublishError):
        made_of(workspace, {"kind": "poster"})
    with pytest.raises(UnknownScenarioError):
        made_of(workspace, {"kind": "siting", "scenario": "99", "title": "x"})
    with pytest.raises(UnknownJobError):
        made_of(workspace, {"kind": "siting", "job": "99", "title": "x"})
    for number in ("", "x", "-1", "1.5", "９", str(2**63)):
        with pytest.raises(PublishError):
            made_of(workspace, {"kind": "siting", "job": number, "title": "x"})


def test_a_scenario_and_a_job_are_the_same_siting(folder: Folder, workspace: Workspace) -> None:
    document: Any = asked(folder.settings)
    kept = keep(folder.settings, document)
    with JobTable(workspace.store.path) as table:
        job = table.enqueue("siting", {"wishes": {}}, cache_key="k", author="li")
        with pytest.raises(PublishError):
            made_of(workspace, {"kind": "siting", "job": str(job.id), "title": "x"})
        table.claim()
        table.finish(job.id, "done", result=document)
    first = made_of(workspace, {"kind": "siting", "scenario": str(kept.id), "title": "选址"})
    second = made_of(workspace, {"kind": "siting", "job": str(job.id), "title": "选址"})
    assert first == second
    assert json.loads(first.parts["answer.json"].content) == document


def test_the_public_profile_publishes_no_siting(folder: Folder) -> None:
    settings = replace(folder.settings, profile="public")
    with closing(Workspace(settings)) as public, pytest.raises(ForbiddenError):
        made_of(public, {"kind": "siting", "scenario": "1", "title": "x"})


def test_the_scorecard_takes_its_period(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[object, ...]] = []

    def make(_workspace: Workspace, period: str | None, words: Words, *, language: str) -> Made:
        found.append((period, words, language))
        return NOTHING

    monkeypatch.setattr(publish_numbers, "make_scorecard", make)
    made_of(workspace, {"kind": "scorecard", "period": "2024H1", "lang": "en"})
    made_of(workspace, {"kind": "scorecard", "title": "半年"})
    assert found == [("2024H1", Words(), "en"), (None, Words("半年"), "zh")]
