from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.model import Text
from geosvc.errors import PublishError
from geosvc.map_state import MapState
from geosvc.reports import figures
from geosvc.reports.document_styles import TEXT_MM
from geosvc.workspace import Workspace
from tests.reports.county import Press, a_book, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    with closing(Workspace(folder.settings)) as opened:
        yield opened


def test_a_map_is_as_wide_as_the_text_and_counts_every_row(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DPI", 150)
    state = MapState("overview", layers=("area", "stops", "cases"))
    made = figures.figure_of(a_book(workspace, Press()), state, Text("总览", "Overview"))
    assert made.facts["size_mm"] == pytest.approx([TEXT_MM, figures.HEIGHT_MM], abs=0.2)
    assert made.facts["title"] == "总览"
    assert made.facts["titles"] == {"zh": "总览", "en": "Overview"}
    assert figures.rows_counted(made) == 10
    assert made.facts["caption"]["zh"].startswith("站台 5")


def test_an_untrue_title_is_refused(workspace: Workspace) -> None:
    state = MapState("overview", layers=("area", "stops"))
    with pytest.raises(PublishError):
        figures.figure_of(a_book(workspace, Press()), state, Text("共 6 个站", "6"))
