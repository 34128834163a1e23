from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from geosvc.errors import StateError
from geosvc.reports.layer_changes import HOTSPOTS, changes, moments_of
from geosvc.store import Change
from geosvc.workspace import Editor, Workspace
from tests.reports.county import PLATES, prepared
from tests.scorecard.county import STOPS
from tests.web.hotspot_catalog import ROWS, row, write_hotspots
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.reports.layer_changes import LayerChanges
    from tests.web.small import Folder

TOMORROW = "2999-12-31"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return prepared(tmp_path)


def dated(folder: Folder, layer: str, *instants: str) -> None:
    """Give the revisions of a layer other times, the first one first."""
    with closing(Workspace(folder.settings)) as opened, opened.store.writing() as connection:
        for number, at in enumerate(instants, start=1):
            connection.execute(
                "UPDATE revision SET at = ? WHERE number = ? AND layer = "
                "(SELECT id FROM layer WHERE name = ?)",
                (at, number, layer),
            )


def edit(folder: Folder) -> None:
    """Take a stop away, add one, change and move two."""
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    lines = [line for line in rows.splitlines() if not line.startswith("A4")]
    text = "\n".join([*lines, "A6,新站,bay,1,,,,,121.15,33.55", ""])
    text = text.replace("A1,金桥路口,bay", "A1,金桥路口,curb").replace(
        "121.11,33.51", "121.111,33.51"
    )
    folder.write("data/stops.csv", text)
    folder.prepare().close()


def of(found: Any, name: str) -> LayerChanges:  # noqa: ANN401 - changes
    """What changed in one layer."""
    item: LayerChanges = next(one for one in found.layers if one.layer.id == name)
    return item


def test_features_come_go_change_and_move(folder: Folder) -> None:
    folder.write("layers/stops.toml", STOPS.replace("expected_count = 5\n", ""))
    folder.prepare().close()
    edit(folder)
    dated(folder, "stops", "2024-03-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00")
    with closing(Workspace(folder.settings)) as opened:
        found = changes(opened, "2024-03-31", TOMORROW)
    stops = of(found, "stops")
    assert (stops.before, stops.after, stops.counts) == (1, 2, (5, 5))
    assert [(item.key, item.name) for item in stops.added] == [("A6", "新站")]
    assert [(item.key, item.name) for item in stops.removed] == [("A4", "市场")]
    changed, moved = stops.changed
    assert (changed.key, changed.fields) == ("A1", (("kind", "bay", "curb"),))
    assert changed.moved_m is None
    assert (moved.key, moved.fields) == ("A2", ())
    assert moved.moved_m == pytest.approx(93, abs=1)
    assert found.first.startswith("2024-03-01")


def test_a_layer_that_came_later_is_new_as_a_whole(folder: Folder) -> None:
    dated(folder, "stops", "2024-03-01T00:00:00+00:00")
    with closing(Workspace(folder.settings)) as opened:
        found = changes(opened, "2024-03-31", TOMORROW)
        assert not of(found, "stops").is_first
        cases = of(found, "cases")
        assert cases.is_first
        assert (cases.before, cases.counts, cases.added) == (None, (0, 5), ())
        early = changes(opened, "2024-02-01", "2024-04-01")
        assert [item.layer.id for item in early.layers] == ["stops"]


def test_personal_fields_are_left_out(folder: Folder) -> None:
    with closing(Workspace(folder.settings)) as opened:
        editor = Editor(opened)
        editor.replace("cases", "C1", {"plate": "苏X99999"}, base=1, change=Change("wu", ""))
        opened.refresh()
    dated(folder, "cases", "2024-03-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00")
    with closing(Workspace(folder.settings)) as opened:
        found = changes(opened, "2024-03-31", TOMORROW)
    assert of(found, "cases").changed == ()
    assert not [plate for plate in (*PLATES, "苏X99999") if plate in repr(of(found, "cases"))]


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        ("2024-06-30", "2024-06-30", "order"),
        ("2024-06-30", "2024-03-31", "order"),
        ("soon", "2024-06-30", "bad_parameter"),
        ("2024-06-30", "", "bad_parameter"),
        ("1999-01-01", "1999-06-30", "before_first"),
        ("0001-01-01", "9999-99-99", "bad_parameter"),
    ],
)
def test_moments_that_make_no_sense_are_refused(
    folder: Folder, since: str, until: str, code: str
) -> None:
    with closing(Workspace(folder.settings)) as opened, pytest.raises(StateError) as caught:
        changes(opened, since, until)
    assert caught.value.issues[0].code == code
    assert caught.value.issues[0].expected


def test_a_day_means_its_end_and_an_instant_itself() -> None:
    first, last = moments_of("2024-03-31", "2024-06-30T08:00:00+08:00")
    assert (first.hour, first.minute) == (23, 59)
    assert last.isoformat() != first.isoformat()
    assert last.timestamp() == 1719705600


def test_hotspots_are_the_same_where_they_share_a_stretch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    with closing(Workspace(folder.settings)) as opened:
        assert changes(opened, "2001-01-01", TOMORROW).new is None
        stored = opened.store.state(HOTSPOTS)
        assert stored is not None
        frame = opened.store.frame(HOTSPOTS)
        far = shapely.LineString([(121.15, 33.55), (121.16, 33.55)])
        new = gpd.GeoDataFrame(
            [ROWS[0] | {"hotspot_id": "x1"}, row(2, road_name="新路"), row(3, "not_significant")],
            geometry=[frame.geometry.iloc[0], far, far],
            crs=frame.crs,
        ).set_index("hotspot_id", drop=False)
        schema = opened.catalog.layer(HOTSPOTS).schema
        opened.store.put(HOTSPOTS, new, schema=schema, change=Change("job", "again"))
    dated(folder, HOTSPOTS, "2024-03-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00")
    with closing(Workspace(folder.settings)) as opened:
        found = changes(opened, "2024-03-31", TOMORROW)
    assert found.new is not None
    assert found.gone is not None
    assert [(item.road, item.rank, item.visits) for item in found.new] == [("新路", 2, 12)]
    # the streets of the catalog all meet in one crossing, so none of the first ones is gone
    assert found.gone == ()
    assert [(item.key, item.road) for item in found.stayed] == [("x1", "泰北路")]
    assert of(found, HOTSPOTS).added == ()


def test_a_catalog_without_features_has_nothing_to_compare(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare().close()
    with closing(Workspace(folder.settings)) as opened:
        found = changes(opened, "2001-01-01", TOMORROW)
    assert all(item.is_first for item in found.layers)
    assert (found.new, found.gone, found.stayed) == (None, None, ())
