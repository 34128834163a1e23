from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geosvc.crs import metric_crs
from geosvc.errors import (
    LayerUnavailableError,
    StoreUnavailableError,
    UnknownLayerError,
    UnknownMapError,
    UnknownRevisionError,
)
from geosvc.workspace import Workspace
from tests.workspace.folder import DENSITY, STOPS

if TYPE_CHECKING:
    from tests.workspace.conftest import County

PROJECT = Path(__file__).resolve().parents[2]
TAG = re.compile(r"[0-9a-f]{12}")


def test_a_reader_answers_from_the_store_alone(county: County) -> None:
    county.prepare()
    county.derive()
    for path in (county.folder / "data").iterdir():
        path.unlink()
    workspace = Workspace(county.settings)
    stops = workspace.frame("stops")
    assert isinstance(stops, gpd.GeoDataFrame)
    assert stops.crs == "OGC:CRS84"
    assert stops["name"].tolist() == ["宝塔", "泰北路", None]
    assert type(workspace.frame("fleet")) is pd.DataFrame
    assert workspace.frame("density")["cases"].sum() == 3


def test_layers_come_in_the_order_of_dependency_and_broken_ones_last(county: County) -> None:
    county.write_layer("aaa", "wrong = 1")
    ids = Workspace(county.settings).layer_ids
    assert ids[-1] == "aaa"
    assert ids.index("boundary") < ids.index("stops") < ids.index("density")


def test_nothing_was_imported_yet(county: County) -> None:
    workspace = Workspace(county.settings)
    assert {workspace.status(name).state for name in workspace.layer_ids} == {"pending"}
    with pytest.raises(LayerUnavailableError):
        workspace.frame("stops")
    assert TAG.fullmatch(workspace.tag("stops"))


def test_names_that_no_file_has(county: County) -> None:
    workspace = Workspace(county.settings)
    for asked in (workspace.status, workspace.frame, workspace.tag):
        with pytest.raises(UnknownLayerError):
            asked("nowhere")
    with pytest.raises(UnknownMapError):
        workspace.map_tag("nowhere")


def test_a_layer_that_names_a_method_wrongly_counts_as_broken(county: County) -> None:
    county.write_layer("density", DENSITY.replace("lixel_m", "lixel_km"))
    workspace = Workspace(county.settings)
    assert "density" in workspace.layer_ids
    assert "density" not in workspace.catalog.layers
    assert [issue.code for issue in workspace.status("density").issues] == ["unknown_key"]
    assert [issue.key for issue in workspace.catalog.issues] == ["derivation.parameters.lixel_km"]
    with pytest.raises(LayerUnavailableError) as caught:
        workspace.frame("density")
    assert caught.value.issues == workspace.catalog.issues
    assert TAG.fullmatch(workspace.map_tag("all"))


def test_frames_are_read_once_a_revision(county: County) -> None:
    county.prepare()
    workspace = Workspace(county.settings)
    first = workspace.frame("stops")
    assert workspace.frame("stops") is first
    assert not workspace.refresh()
    assert workspace.frame("stops") is first


def test_frames_outlive_the_workspace(county: County) -> None:
    workspace = county.prepare()
    stops = workspace.frame("stops")
    workspace.close()
    assert stops["name"].notna().sum() == 2
    assert not workspace.refresh() or len(workspace.frame("stops")) == 3


def test_a_request_costs_one_query(county: County) -> None:
    county.prepare()
    workspace = Workspace(county.settings)
    workspace.frame("stops")
    asked: list[str] = []
    with workspace.store._connection() as opened:  # noqa: SLF001 - to listen
        opened.set_trace_callback(asked.append)
    workspace.refresh()
    workspace.frame("stops")
    workspace.status("stops")
    workspace.tag("stops")
    workspace.map_tag("all")
    assert asked == ["PRAGMA data_version"]


def test_a_reader_sees_a_new_revision_after_a_look(county: County) -> None:
    writer = county.prepare()
    reader = Workspace(county.settings)
    tags = reader.tag("stops"), reader.tag("roads"), reader.map_tag("all")
    assert len(reader.frame("stops")) == 3
    county.write_table(["s1,宝塔,121.101,33.5"])
    county.prepare()
    assert reader.refresh()
    assert not reader.refresh()
    assert len(reader.frame("stops")) == 1
    assert reader.tag("stops") != tags[0]
    assert reader.tag("roads") == tags[1]
    assert reader.map_tag("all") != tags[2]
    assert writer.refresh()


def test_a_reader_that_slept_through_revisions_stays_at_its_moment(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geosvc.store.columns.GRACE_S", -1.0)
    county.prepare()
    reader = Workspace(county.settings)
    for count in (1, 2, 4):
        county.write_table([f"s{at},n,121.101,33.5" for at in range(count)])
        county.prepare()
    assert len(reader.frame("stops")) == reader.status("stops").count == 3
    assert reader.refresh()
    assert len(reader.frame("stops")) == reader.status("stops").count == 4


def test_a_reader_finds_its_way_when_a_backup_took_its_revision_away(county: County) -> None:
    county.prepare()
    reader = Workspace(county.settings)
    reader.store.backup(county.folder / "copy.sqlite")
    county.write_table(["s1,宝塔,121.101,33.5"])
    county.prepare()
    reader.refresh()
    view = reader.pinned()
    reader.store.restore_backup(county.folder / "copy.sqlite")
    assert len(reader.frame("stops")) == reader.status("stops").count == 3
    shutil.rmtree(county.settings.instance / "columns")
    with pytest.raises(UnknownRevisionError):
        view.frame("stops")


def test_a_pinned_view_stays_at_its_moment(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geosvc.store.columns.GRACE_S", -1.0)
    county.prepare()
    workspace = Workspace(county.settings)
    view = workspace.pinned()
    tag, status = view.tag("stops"), view.status("stops")
    county.write_table(["s1,宝塔,121.101,33.5"])
    county.prepare()
    assert workspace.refresh()
    assert (view.tag("stops"), view.status("stops")) == (tag, status)
    assert len(view.frame("stops")) == 3
    assert len(workspace.frame("stops")) == 1
    for count in (2, 3):
        county.write_table([f"s{at},n,121.101,33.5" for at in range(count)])
        county.prepare()
    late = workspace.pinned()
    workspace.refresh()
    workspace.frame("stops")
    assert len(late.frame("stops")) == late.status("stops").count == 1


def test_a_store_that_cannot_be_read_is_no_reason_to_look_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.prepare()
    workspace = Workspace(county.settings)

    def fails(*_given: object, **_named: object) -> None:
        msg = "disk gone"
        raise StoreUnavailableError(msg)

    monkeypatch.setattr(workspace.store, "frame", fails)
    with pytest.raises(StoreUnavailableError):
        workspace.frame("stops")


def test_tags_move_with_the_layer_file(county: County) -> None:
    county.prepare()
    before = Workspace(county.settings)
    county.write_layer("stops", STOPS.replace("c-urban", "c-rural"))
    after = Workspace(county.settings)
    assert before.tag("stops") != after.tag("stops")
    assert before.tag("roads") == after.tag("roads")
    assert before.map_tag("all") != after.map_tag("all")


def test_tags_are_the_same_in_every_process_and_instance(county: County) -> None:
    county.prepare()
    script = (
        "import sys; from pathlib import Path; from geosvc.settings import Settings;"
        "from geosvc.workspace import Workspace, prepare;"
        "layers, instance = map(Path, sys.argv[1:]);"
        "settings = Settings(layers=layers, instance=instance);"
        "workspace = prepare(settings, progress=lambda *told: None);"
        "print(*(workspace.tag(name) for name in workspace.layer_ids))"
    )
    workspace = Workspace(county.settings)
    expected = [workspace.tag(name) for name in workspace.layer_ids]
    for instance in ("instance", "another"):
        done = subprocess.run(  # noqa: S603 - the arguments are our own
            [sys.executable, "-c", script, county.settings.layers, county.folder / instance],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == expected


def test_threads_share_a_workspace(county: County) -> None:
    county.prepare()
    workspace = Workspace(county.settings)
    failures: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                workspace.refresh()
                view = workspace.pinned()
                assert len(view.frame("stops")) == view.status("stops").count
        except BaseException as error:  # noqa: BLE001 - the test fails below
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for count in (1, 4, 2):
        county.write_table([f"s{at},n,121.101,33.5" for at in range(count)])
        county.prepare()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    workspace.refresh()
    assert len(workspace.frame("stops")) == 2


def test_a_network_is_made_once_a_revision(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    county.prepare()
    workspace = Workspace(county.settings)
    network = workspace.network("roads")
    roads = workspace.frame("roads")
    assert isinstance(roads, gpd.GeoDataFrame)
    # 0.02 degrees of longitude at 33.5 degrees north, to the scale error of a county
    assert network.length_m == pytest.approx(1858, abs=2)
    assert network.line.tolist() == [0]
    placed = network.snap(
        shapely.get_coordinates(roads.to_crs(metric_crs(roads)).geometry), limit_m=0.001
    )
    assert placed.offset_m == pytest.approx([0, network.length_m])
    view = workspace.pinned()
    assert view.network("roads") is workspace.network("roads") is network
    longer = [[121.10, 33.50], [121.14, 33.50]]
    county.write_geojson("roads", {"type": "LineString", "coordinates": longer}, road_id="r1")
    county.prepare()
    workspace.refresh()
    assert workspace.network("roads").length_m == pytest.approx(2 * network.length_m, rel=1e-3)
    assert view.network("roads").length_m == network.length_m
    monkeypatch.setattr("geosvc.workspace.reader._NETWORKS_KEPT", 1)
    assert workspace.network("roads") is not view.network("roads")
    assert view.network("roads") is not network, "few are kept"


def test_threads_share_a_network(county: County) -> None:
    county.prepare()
    workspace = Workspace(county.settings)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(workspace.network("roads"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(network) for network in found}) == 1


def test_what_makes_no_network(county: County) -> None:
    workspace = Workspace(county.settings)
    with pytest.raises(UnknownLayerError):
        workspace.network("nowhere")
    with pytest.raises(LayerUnavailableError):
        workspace.network("roads")
    county.prepare()
    workspace.refresh()
    for name in ("stops", "fleet"):
        with pytest.raises(ValueError, match="lines"):
            workspace.network(name)


def test_personal_fields_are_masked(county: County) -> None:
    private = STOPS.replace(
        'name = "name"\n@title', 'name = "name"\n@title\nprivacy = "enforcement"'
    )
    county.write_layer("stops", private)
    county.write_table(["s1,苏XA1234,121.101,33.5"])
    [shown] = county.prepare().frame("stops")["name"]
    assert "A1" not in shown
    path = county.settings.instance / "geosvc.sqlite"
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT feature, field, value FROM personal").fetchall()
    connection.close()
    assert found == [("s1", "name", "苏XA1234")]
    columns = [item for item in (county.settings.instance / "columns").rglob("*") if item.is_file()]
    assert columns
    assert not any(b"XA1234" in item.read_bytes() for item in columns)
