from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import PublishError
from geosvc.figures import FigureRequest
from geosvc.map_state import Filter, MapState
from geosvc.reports import tally as module
from geosvc.reports.publish import Words, make
from geosvc.reports.tally import tally
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.reports.publish import Made
    from geosvc.workspace import Workspace


def asked(**more: object) -> FigureRequest:
    state = MapState("overview", layers=("area", "stops"), **more)  # type: ignore[arg-type]
    return FigureRequest(state, paper="pixels", width_px=300, height_px=260, dpi=150)


def published(workspace: Workspace, filters: tuple[Filter, ...]) -> Made:
    return make(workspace, asked(filters=filters), Words())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with closing(write_catalog(tmp_path_factory.mktemp("catalog")).prepare()) as opened:
        yield opened


def test_picture_counts_and_caption_agree(workspace: Workspace) -> None:
    found = tally(workspace, asked())
    assert found.agrees
    assert found.totals == (3, 3, 3)
    assert found.drawn == {"stops": 3}
    assert found.caption.zh.startswith("公交站 3")


def test_filters_count(workspace: Workspace) -> None:
    found = tally(workspace, asked(filters=(Filter("stops", "kind", ("bay",)),), language="en"))
    assert found.agrees
    assert found.totals == (1, 1, 1)


def test_what_is_told_is_what_is_published(workspace: Workspace) -> None:
    for filters in ((), (Filter("stops", "kind", ("bay",)),)):
        made, told = published(workspace, filters), tally(workspace, asked(filters=filters))
        assert made.facts["total"] == told.totals[0]
        # the filters stand in both captions
        assert made.facts["caption"] == {"zh": told.caption.zh, "en": told.caption.en}
        assert ("筛选" in told.caption.zh) == bool(filters)


def test_a_caption_that_says_something_else_is_seen(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "spoken", lambda *_: {"stops": 4})
    found = tally(workspace, asked())
    assert not found.agrees
    assert found.totals == (3, 3, 4)


def test_nothing_drawn_is_nothing_to_publish(workspace: Workspace) -> None:
    with pytest.raises(PublishError):
        tally(workspace, asked(center=(100.0, 20.0), zoom=18.0))
