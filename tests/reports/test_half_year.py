from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import Issue, StateError
from geosvc.reports import figures, sections
from geosvc.reports import report as module
from geosvc.reports.half_year import HalfYear, half_year
from geosvc.reports.report import report
from geosvc.scorecard import scorecard
from geosvc.workspace import Workspace
from tests.reports.county import Press, a_book, prepared
from tests.reports.test_layer_changes import dated
from tests.reports.word_files import paragraphs
from tests.scorecard.county import STOPS
from tests.web.hotspot_catalog import AFTER, write_hotspots

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder

EARLY, LATE = "2024-03-01T00:00:00+00:00", "2024-09-01T00:00:00+00:00"
LAYERS = ("stops", "cases", "fleet", "area")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The county, with a stop that was added after the half-year."""
    made = prepared(tmp_path)
    made.write("layers/stops.toml", STOPS.replace("expected_count = 5\n", ""))
    made.prepare().close()
    rows = (made.root / "data/stops.csv").read_text(encoding="utf-8").rstrip("\n")
    made.write("data/stops.csv", f"{rows}\nA6,新站,bay,1,,,,,121.15,33.55\n")
    made.prepare().close()
    return made


def stops(workspace: Workspace) -> float | None:
    return half_year(workspace.pinned(), "2024H1").card.numbers[0].value


def test_a_half_year_is_counted_as_it_stood_at_its_end(folder: Folder) -> None:
    for name in LAYERS:
        dated(folder, name, EARLY, LATE)
    with closing(Workspace(folder.settings)) as opened:
        found = half_year(opened.pinned(), "2024H1")
        assert found.is_past
        assert found.card.numbers[0].value == 5
        assert found.view.status("stops").revision == 1
        assert len(opened.frame("stops")) == 6
        made = report(opened, "2024H1", sections=["numbers"], snapshots=Press())
    text = "\n".join(text for _, text in paragraphs(made.content))
    assert "在2024年6月30日终了时所存的内容" in text
    assert made.facts["revisions"]["stops"] == 1
    assert made.facts["counts"][found.card.numbers[0].id]["count"] == 5


def test_where_history_does_not_reach_the_layers_are_counted_as_they_are(folder: Folder) -> None:
    for name in LAYERS:
        dated(folder, name, EARLY, LATE)
    dated(folder, "fleet", LATE)
    with closing(Workspace(folder.settings)) as opened:
        found = half_year(opened.pinned(), "2024H1")
        assert not found.is_past
        # the layers say of themselves that they are of the half-year
        assert not found.is_late
        assert stops(opened) == 6


def test_data_of_a_later_day_say_so(folder: Folder) -> None:
    text = (folder.root / "layers/stops.toml").read_text(encoding="utf-8")
    folder.write("layers/stops.toml", text.replace("2024-06-30", "2024-12-31"))
    folder.prepare().close()
    with closing(Workspace(folder.settings)) as opened:
        assert opened.status("stops").as_of == "2024-12-31"
        found = half_year(opened.pinned(), "2024H1")
        assert found.is_late
        made = report(opened, "2024H1", sections=["numbers"], snapshots=Press())
    assert "不在本系统的历史中" in "\n".join(text for _, text in paragraphs(made.content))


def test_what_was_stored_before_the_end_is_the_present(folder: Folder) -> None:
    for name in LAYERS:
        dated(folder, name, "2024-01-01T00:00:00+00:00", EARLY)
    with closing(Workspace(folder.settings)) as opened:
        view = opened.pinned()
        assert half_year(view, "2024H1").view is view


def test_a_view_of_a_moment_has_what_was_there(folder: Folder) -> None:
    dated(folder, "stops", EARLY, LATE)
    with closing(Workspace(folder.settings)) as opened:
        view = opened.pinned()
        before = view.as_of(datetime(2024, 1, 1, tzinfo=UTC))
        assert not before.status("stops").is_served
        then = view.as_of(datetime(2024, 5, 1, tzinfo=UTC))
        assert len(then.frame("stops")) == then.status("stops").count == 5
        assert then.tag("stops") != view.tag("stops")
        assert len(view.frame("stops")) == 6
        assert not then.status("cases").is_served


def test_a_half_year_that_is_none_is_refused(folder: Folder) -> None:
    with closing(Workspace(folder.settings)) as opened, pytest.raises(StateError):
        half_year(opened.pinned(), "1999H1")


def test_a_past_half_year_has_the_verdicts_of_its_own_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DPI", 150)
    folder = write_hotspots(tmp_path, monkeypatch, after=AFTER)
    with closing(Workspace(folder.settings)) as opened:
        past = replace_moment(opened)
        monkeypatch.setattr(module, "half_year", lambda _space, _period: past)
        made = report(opened, None, sections=["hotspots", "before_after"], snapshots=Press())
    text = "\n".join(text for _, text in paragraphs(made.content))
    assert "由计算得出的图层（" in text
    assert "按当时的内容重新计算" in text
    assert "2 处路段的违法明显多于偶然。" in text
    assert "还没有算出来" not in text


def replace_moment(opened: Workspace) -> HalfYear:
    """A half-year whose hotspots were computed when nothing was noted."""
    view = opened.pinned()
    bare = {
        name: replace(status, notes={}, state="stale")
        for name, status in view.moment.statuses.items()
        if name in view.catalog.layers and view.catalog.layers[name].derivation
    }
    view.moment = replace(view.moment, statuses={**view.moment.statuses, **bare})
    return HalfYear(view, scorecard(view), is_past=True)


def test_a_verdict_that_cannot_be_had_is_said_with_its_reason(folder: Folder) -> None:
    book = a_book(folder.prepare(), Press())
    issues = (Issue("layer_needed", "layers/x.toml", "x", found="stops"), Issue("failed", "x"))
    status = replace(book.workspace.status("stops"), issues=issues)
    states = {**book.workspace.moment.statuses, "stops": status}
    book.workspace.moment = replace(book.workspace.moment, statuses=states)
    needed, other = sections._reasons(book, "stops")  # noqa: SLF001 - both verdicts say it
    assert needed == "所需图层（站台）当时不在本系统中，无法计算。"
    assert other
    book.workspace.store.close()
