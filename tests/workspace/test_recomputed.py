from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from geosvc import derive
from geosvc.errors import AnalysisError
from geosvc.reports.layer_changes import HOTSPOTS
from geosvc.workspace import Workspace, refresh_derived
from geosvc.workspace.recomputed import recomputed
from tests.reports.test_layer_changes import dated
from tests.web.hotspot_catalog import AFTER, write_hotspots

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder

EARLY, LATE = "2024-03-01T00:00:00+00:00", "2024-09-01T00:00:00+00:00"
THEN = datetime(2024, 6, 30, tzinfo=UTC)


@pytest.fixture
def calls() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, Any]]) -> Folder:
    """Hotspots of three stops; a fourth stop came after the half-year."""
    made = write_hotspots(tmp_path, monkeypatch, calls=calls, after=AFTER)
    rows = (made.root / "data/stops.csv").read_text(encoding="utf-8").rstrip("\n")
    last = rows.splitlines()[-1].replace("A3", "A4")
    made.write("data/stops.csv", f"{rows}\n{last}\n")
    made.prepare().close()
    refresh_derived(made.settings)
    for name in ("stops", "roads", "area", HOTSPOTS, "before_after"):
        dated(made, name, EARLY, LATE)
    calls.clear()
    return made


def test_derived_layers_are_computed_of_what_was_stored_then(
    folder: Folder, calls: list[dict[str, Any]]
) -> None:
    with closing(Workspace(folder.settings)) as opened:
        past = opened.as_of(THEN)
        assert len(past.frame("stops")) < len(opened.frame("stops"))
        shown = recomputed(past)
        status = shown.status(HOTSPOTS)
        assert (status.state, status.revision, status.count) == ("ok", None, 3)
        assert status.notes["report"]
        assert [call["events"] for call in calls] == [len(past.frame("stops"))]
        assert list(shown.frame(HOTSPOTS).index) == ["h1", "h2", "h3"]
        # nothing is stored, and the present is as it was
        assert opened.status(HOTSPOTS).revision is not None
        assert past.status(HOTSPOTS).state == "stale"


def test_what_is_up_to_date_with_its_notes_stays(
    folder: Folder, calls: list[dict[str, Any]]
) -> None:
    with closing(Workspace(folder.settings)) as opened:
        now = opened.pinned()
        assert recomputed(now).status(HOTSPOTS) == now.status(HOTSPOTS)
        assert calls == []


def test_an_input_that_was_not_there_is_named(folder: Folder) -> None:
    dated(folder, "roads", LATE)
    with closing(Workspace(folder.settings)) as opened:
        status = recomputed(opened.as_of(THEN)).status(HOTSPOTS)
    assert not status.is_served
    assert [(issue.code, issue.found) for issue in status.issues] == [("layer_needed", "roads")]


def test_data_that_allow_no_answer_say_so(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        reason = "no_events"
        raise AnalysisError(reason)

    monkeypatch.setattr(derive, "run", refuse)
    with closing(Workspace(folder.settings)) as opened:
        status = recomputed(opened.as_of(THEN)).status(HOTSPOTS)
    assert status.state == "unavailable"
    assert status.issues
