from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.reports import figures
from geosvc.reports.difference import difference
from geosvc.reports.difference_map import changes_map
from geosvc.reports.layer_changes import changes, moments_of
from geosvc.store import Change
from geosvc.workspace import Editor, Workspace
from tests.reports.county import PLATES, Press, prepared
from tests.reports.test_layer_changes import TOMORROW, dated, edit
from tests.reports.word_files import everything, fields
from tests.scorecard.county import STOPS

if TYPE_CHECKING:
    from collections.abc import Iterator

SINCE = "2024-03-31"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    folder.write("layers/stops.toml", STOPS.replace("expected_count = 5\n", ""))
    folder.prepare().close()
    edit(folder)
    dated(folder, "stops", "2024-03-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00")
    with pytest.MonkeyPatch.context() as patch, closing(Workspace(folder.settings)) as opened:
        patch.setattr(figures, "DPI", 150)
        yield opened.pinned()


def test_the_map_draws_what_came_and_what_changed(workspace: Workspace) -> None:
    found = changes(workspace, SINCE, TOMORROW)
    made = changes_map(workspace, found, "zh")
    assert made is not None
    rows = json.loads(made.parts["data.geojson"].content)["features"]
    (stops,) = (item for item in found.layers if item.layer.id == "stops")
    wanted = {row.key for row in (*stops.added, *stops.changed)}
    assert {row["id"] for row in rows if row["layer"] == "stops"} == wanted
    assert made.facts["counts"]["stops"]["count"] == len(wanted) == 3
    assert made.facts["titles"]["en"] == "Features added or changed"
    assert made.facts["parameters"]["since"] == SINCE
    assert changes_map(workspace, found, "zh") == made


def test_nothing_new_has_no_map(workspace: Workspace) -> None:
    found = changes(workspace, SINCE, TOMORROW)
    bare = tuple(replace(item, added=(), changed=()) for item in found.layers)
    assert changes_map(workspace, replace(found, layers=bare), "zh") is None
    without = workspace.pinned()
    without.catalog = replace(without.catalog, maps={})
    assert changes_map(without, found, "zh") is None


def test_no_personal_value_is_in_any_byte_of_the_past(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DPI", 150)
    folder = prepared(tmp_path_factory.mktemp("planted"))
    with closing(Workspace(folder.settings)) as opened:
        Editor(opened).replace(
            "cases", "C1", {"plate": "苏X99999"}, base=1, change=Change("wu", "改")
        )
    dated(folder, "cases", "2024-03-01T00:00:00+00:00", "2024-05-01T00:00:00+00:00")
    press = Press()
    with closing(Workspace(folder.settings)) as opened:
        until = "2024-04-01"
        made = difference(opened, "2024-02-01", until, snapshots=press)
        view = opened.pinned().as_of(moments_of("2024-02-01", until)[1])
        assert view.status("cases").revision == 1
        shown = repr(view.frame("cases").to_dict())
    parts = {
        f"{found} {name}": part.content
        for found, one in press.made.items()
        for name, part in one.parts.items()
    }
    body = everything(made.content, parts)
    for plate in (*PLATES, "苏X99999"):
        assert plate.encode() not in body
        assert plate not in shown


def test_the_report_shows_and_names_the_map(workspace: Workspace) -> None:
    press = Press()
    made = difference(workspace, SINCE, TOMORROW, snapshots=press)
    assert list(made.snapshots) == list(press.made) == made.facts["figures"]
    assert r"SEQ 图 \* ARABIC" in fields(made.content)
