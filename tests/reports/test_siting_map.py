from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.errors import PublishError
from geosvc.reports import figures, siting_map
from geosvc.reports.publish import Words
from geosvc.workspace import Workspace
from geosvc.workspace.chosen import LAYER
from tests.web.kept import asked, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = write_folder(tmp_path_factory.mktemp("office"))
    with pytest.MonkeyPatch.context() as patch, closing(Workspace(folder.settings)) as opened:
        patch.setattr(figures, "DPI", 150)
        yield opened.pinned()


@pytest.fixture(scope="module")
def document(workspace: Workspace) -> dict[str, Any]:
    return asked(workspace.settings)


def test_every_new_site_is_drawn_though_none_is_kept(
    workspace: Workspace, document: dict[str, Any]
) -> None:
    assert workspace.frame(LAYER).empty
    made = siting_map.siting_map(workspace, document, Words("两处"), "zh")
    assert made is not None
    rows = json.loads(made.parts["data.geojson"].content)["features"]
    sites = [row["id"] for row in rows if row["layer"] == LAYER]
    best = document["curve"][document["chosen"]]
    assert sites == sorted(document["sites"][place]["key"] for place in best["opened"])
    assert made.facts["counts"][LAYER]["count"] == 2
    assert made.facts["title"] == "两处"
    assert siting_map.siting_map(workspace, document, Words("两处"), "zh") == made
    # other sites are another picture with another number
    other = siting_map.siting_map(
        workspace, asked(workspace.settings, added=1), Words("两处"), "zh"
    )
    assert other is not None
    assert other.facts["mark"] != made.facts["mark"]


def test_without_a_plan_or_a_map_there_is_none(
    workspace: Workspace, document: dict[str, Any]
) -> None:
    none = document | {"chosen": None}
    assert siting_map.siting_map(workspace, none, Words("两处"), "zh") is None
    bare = workspace.pinned()
    bare.catalog = replace(bare.catalog, maps={})
    assert siting_map.siting_map(bare, document, Words("两处"), "zh") is None


def test_a_site_that_is_not_drawn_is_refused(
    workspace: Workspace, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = siting_map.siting_map(workspace, document, Words("两处"), "zh")
    assert made is not None
    counts = made.facts["counts"] | {LAYER: made.facts["counts"][LAYER] | {"count": 1}}
    short = replace(made, facts={**made.facts, "counts": counts})
    monkeypatch.setattr(siting_map, "make", lambda *_given: short)
    with pytest.raises(PublishError) as error:
        siting_map.siting_map(workspace, document, Words("两处"), "zh")
    assert [issue.found for issue in error.value.issues] == ["1 / 2"]


def test_the_map_is_of_the_instance_as_it_is_kept(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    with closing(Workspace(folder.settings)) as opened:
        found = siting_map.siting_map(opened.pinned(), asked(folder.settings), Words("x"), "en")
    assert found is not None
    assert found.facts["language"] == "en"
