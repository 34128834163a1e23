from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.map_state import Filter, MapState
from geosvc.web.still import PICTURE_PX, picture_path, view
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.workspace import Workspace

STATE = MapState("overview", layers=("area", "stops"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with closing(write_catalog(tmp_path_factory.mktemp("catalog")).prepare()) as opened:
        yield opened


def test_the_table_counts_what_is_shown_without_the_ground(workspace: Workspace) -> None:
    (stops,) = view(workspace, STATE)["sections"]
    assert (stops["title"], stops["count"]) == ("公交站", "3")
    assert sum(int(row["count"]) for row in stops["classes"]) == 3


def test_filters_count(workspace: Workspace) -> None:
    state = replace(STATE, filters=(Filter("stops", "kind", ("bay",)),), language="en")
    (stops,) = view(workspace, state)["sections"]
    assert (stops["title"], stops["count"]) == ("Bus stops", "1")
    assert stops["classes"] == [{"label": "Bay", "count": "1"}]


def test_what_cannot_be_drawn_is_left_out(workspace: Workspace) -> None:
    assert view(workspace, replace(STATE, layers=("broken",)))["sections"] == []
    assert view(workspace, replace(STATE, layers=()))["sections"] == []


def test_the_picture_is_of_the_state(workspace: Workspace) -> None:
    shown = view(workspace, STATE)
    assert (shown["width"], shown["height"]) == PICTURE_PX
    assert shown["picture"] == picture_path(STATE)
    assert picture_path(STATE).startswith("/figures/overview.png?layers=area,stops&paper=pixels")
