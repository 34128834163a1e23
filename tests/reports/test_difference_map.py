from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from geosvc.reports import figures
from geosvc.reports.difference import difference
from geosvc.reports.difference_map import ChangeMaps, layer_of
from geosvc.reports.layer_changes import HOTSPOTS, changes, moments_of
from geosvc.store import Change
from geosvc.workspace import Editor, Workspace
from tests.reports.county import PLATES, Press, prepared
from tests.reports.test_layer_changes import TOMORROW, dated, edit, of
from tests.reports.word_files import everything, fields
from tests.scorecard.county import STOPS
from tests.web.hotspot_catalog import row, write_hotspots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


def test_each_kind_of_change_is_drawn_where_it_is_or_was(workspace: Workspace) -> None:
    found = changes(workspace, SINCE, TOMORROW)
    maps, stops = ChangeMaps(workspace, found, "zh"), of(found, "stops")
    made = maps.of_layer(stops)
    assert made is not None
    drawn: dict[str, set[str]] = {}
    for item in json.loads(made.parts["data.geojson"].content)["features"]:
        drawn.setdefault(item["layer"], set()).add(item["id"])
    assert drawn == {
        "stops_added": {"A6"},
        "stops_removed": {"A4"},
        "stops_changed": {"A1", "A2"},
    }
    assert made.facts["caption"]["zh"] == "修改 2；移除 1；新增 1"
    assert made.facts["caption"]["en"] == "Changed 2; Removed 1; Added 1"
    assert made.facts["titles"] == {"zh": "站台：变动", "en": "Stops: changes"}
    assert made.facts["parameters"]["since"] == SINCE
    assert made.facts["parameters"]["layer"] == "stops"
    assert maps.of_layer(stops) == made


def test_kinds_differ_by_shape_as_well_as_by_color(workspace: Workspace) -> None:
    found = changes(workspace, SINCE, TOMORROW)
    made = ChangeMaps(workspace, found, "zh").of_layer(of(found, "stops"))
    assert made is not None
    styles = json.loads(made.parts["style.json"].content)
    looks = [look for layer in styles for look in layer["classes"]]
    assert len({look["shape"] for look in looks}) == len({look["color"] for look in looks}) == 3
    picture = made.parts["figure.svg"].content.decode()
    assert "<svg" in picture


def test_what_moved_away_is_not_drawn_at_its_old_place(workspace: Workspace) -> None:
    found = changes(workspace, SINCE, TOMORROW)
    made = ChangeMaps(workspace, found, "zh").of_layer(of(found, "stops"))
    assert made is not None
    rows = json.loads(made.parts["data.geojson"].content)["features"]
    places = {row["id"]: row["geometry"]["coordinates"] for row in rows}
    assert places["A2"] == [121.111, 33.51]


def test_nothing_new_has_no_map(workspace: Workspace) -> None:
    found = changes(workspace, SINCE, TOMORROW)
    stops = of(found, "stops")
    bare = replace(stops, added=(), removed=(), changed=())
    assert ChangeMaps(workspace, found, "zh").of_layer(bare) is None
    without = workspace.pinned()
    without.catalog = replace(without.catalog, maps={})
    assert ChangeMaps(without, found, "zh").of_layer(stops) is None
    assert ChangeMaps(workspace, found, "zh").of_hotspots() is None
    none = replace(found, new=(), gone=(), stayed=())
    assert ChangeMaps(workspace, none, "zh").of_hotspots() is None


def test_a_code_names_no_feature_on_the_map(workspace: Workspace) -> None:
    layer = workspace.catalog.layer("stops")
    assert layer_of(layer, "added", "new").style.label == "name"
    for title in ("kind", None):
        other = replace(layer, popup=replace(layer.popup, title=title))
        assert layer_of(other, "added", "new").style.label is None


def test_lines_and_areas_tell_kinds_by_dashes_and_hatching(workspace: Workspace) -> None:
    area = workspace.catalog.layer("area")
    line = replace(area, schema=replace(area.schema, geometry="LineString"))
    kinds = ("added", "removed", "changed")
    lines = [layer_of(line, kind, kind).style for kind in kinds]
    assert len({style.dash for style in lines}) == len({style.color for style in lines}) == 3
    areas = [layer_of(area, kind, kind).style for kind in kinds]
    assert [style.shape for style in areas] == [None, "hatch", None]
    assert all(style.fill_opacity for style in areas)


def test_hotspots_new_and_gone_have_a_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "DPI", 150)
    folder = write_hotspots(tmp_path, monkeypatch)
    with closing(Workspace(folder.settings)) as opened:
        frame = opened.store.frame(HOTSPOTS)
        far = shapely.LineString([(121.15, 33.55), (121.16, 33.55)])
        new = gpd.GeoDataFrame(
            [row(2, road_name="新路") | {"hotspot_id": "x2"}], geometry=[far], crs=frame.crs
        ).set_index("hotspot_id", drop=False)
        schema = opened.catalog.layer(HOTSPOTS).schema
        opened.store.put(HOTSPOTS, new, schema=schema, change=Change("job", "again"))
    dated(folder, HOTSPOTS, "2024-03-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00")
    with closing(Workspace(folder.settings)) as opened:
        found = changes(opened, SINCE, TOMORROW)
        assert found.gone
        made = ChangeMaps(opened.pinned(), found, "en").of_hotspots()
    assert made is not None
    counts = {name: item["count"] for name, item in made.facts["counts"].items()}
    gone = len(found.gone)
    assert counts == {f"{HOTSPOTS}_hotspot_new": 1, f"{HOTSPOTS}_hotspot_gone": gone}
    assert made.facts["caption"]["en"] == f"Gone {gone}; New 1"


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
    assert len(made.snapshots) == 1
    assert r"SEQ 图 \* ARABIC" in fields(made.content)
