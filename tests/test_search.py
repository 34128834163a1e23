"""What an index holds, and how names are said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import brotli
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import UnknownMapError
from geosvc.search import LONGEST, readings_of, search_index, search_tag
from geosvc.settings import PROJECT, Settings
from geosvc.web.public import PublicView
from geosvc.workspace import prepare
from tests.web.small import AREA, ROADS, STOPS, Folder, collection, feature, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.workspace import Workspace

SEARCH = '[search]\nfields = ["name", "code"]\n'
STREETS = '[search]\nfields = ["road_name", "road_id"]\nmerge = true\n'
NAME = '[[schema.fields]]\nname = "road_name"\ntitle = { zh = "路名", en = "Road" }\n[style]'


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = write_catalog(tmp_path)
    made.write("layers/stops.toml", f"{STOPS}\n{SEARCH}")
    made.write("layers/roads.toml", ROADS.replace("[style]", NAME) + STREETS)
    pieces = [
        ("R1", "泰北路", [[121.1, 33.5], [121.11, 33.5]]),
        ("R2", "泰北路", [[121.11, 33.5], [121.12, 33.52]]),
        ("R3", "泰北路", [[121.12, 33.52], [121.2, 33.52]]),
        ("R4", None, [[121.1, 33.5], [121.1, 33.49]]),
        ("R5", "重庆路", [[121.1, 33.5], [121.1, 33.49]]),
    ]
    made.write(
        "data/roads.geojson",
        collection(
            *(
                feature(key, "LineString", line, road_id=key, road_name=name, lanes=2)
                for key, name, line in pieces
            )
        ),
    )
    return made


def index(workspace: Workspace, map_id: str = "overview") -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(search_index(workspace, map_id))
    return found


def layer(found: dict[str, Any], layer_id: str) -> dict[str, Any]:
    return next(item for item in found["layers"] if item["id"] == layer_id)


def test_points_have_names_codes_classes_and_places(folder: Folder) -> None:
    stops = layer(index(folder.prepare()), "stops")
    assert stops["texts"] == [["金桥路口", "=1+1", "-3.5"], ["A1", "A2", "A3"]]
    assert stops["keys"] == ["A1", "A2", "A3"]
    assert stops["class"] == [0, 1, 2]
    assert (stops["lon"][0], stops["lat"][0]) == (12110000, 3350000)
    assert stops["merged"] is None
    assert "box" not in stops


def test_the_pieces_of_a_street_are_one_result(folder: Folder) -> None:
    roads = layer(index(folder.prepare()), "roads")
    assert roads["texts"] == [["泰北路", "重庆路"], ["R1", "R5"]]
    # the piece nearest to the middle stands for all, the box holds all
    assert roads["keys"] == ["R2", "R5"]
    assert roads["box"][:4] == [12110000, 3350000, 12120000, 3352000]
    assert roads["merged"] == "road_name"


def test_layers_from_above_come_first_and_others_are_not_there(folder: Folder) -> None:
    assert [item["id"] for item in index(folder.prepare())["layers"]] == ["stops", "roads"]
    assert [item["id"] for item in index(folder.prepare(), "roads")["layers"]] == ["roads"]


def test_a_map_of_nothing_searchable_has_no_tag(tmp_path: Path) -> None:
    workspace = write_catalog(tmp_path).prepare()
    assert search_tag(workspace, "overview") is None
    assert index(workspace) == {"layers": [], "readings": {}, "said": {}}


def test_an_unknown_map_is_an_error(folder: Folder) -> None:
    workspace = folder.prepare()
    for call in (search_tag, search_index):
        with pytest.raises(UnknownMapError):
            call(workspace, "nowhere")


def test_the_tag_moves_with_a_searched_layer_and_with_no_other(folder: Folder) -> None:
    before = search_tag(folder.prepare(), "overview")
    folder.write("layers/area.toml", AREA.replace("m-boundary", "m-water"))
    assert search_tag(folder.prepare(), "overview") == before
    folder.write("data/stops.csv", "code,name,lon,lat\nA1,六安路,121.1,33.5\n")
    workspace = folder.prepare()
    assert search_tag(workspace, "overview") not in {None, before}
    assert search_tag(workspace, "roads") != search_tag(workspace, "overview")


def test_the_same_data_gives_the_same_bytes(folder: Folder) -> None:
    assert search_index(folder.prepare(), "overview") == search_index(folder.prepare(), "overview")


def test_no_personal_value_is_in_an_index(folder: Folder) -> None:
    body = search_index(folder.prepare(), "overview").decode()
    assert "XA1234" not in body
    assert "苏" not in body


def test_a_file_that_would_search_personal_values_gives_no_layer(folder: Folder) -> None:
    folder.write("layers/stops.toml", STOPS + '\n[search]\nfields = ["name", "plate"]\n')
    workspace = folder.prepare()
    assert [issue.code for issue in workspace.catalog.broken["stops"]] == ["private_search"]
    assert [item["id"] for item in index(workspace)["layers"]] == ["roads"]


def test_the_public_profile_searches_public_places(folder: Folder) -> None:
    folder.write("data/stops.csv", "code,name,lon,lat\nA1,六安路,121.123456,33.5\n")
    workspace = folder.prepare()
    public = PublicView(workspace.pinned())
    assert layer(index(workspace), "stops")["lon"] == [12112346]
    assert layer(index(public), "stops")["lon"] == [12112350]
    assert search_tag(public, "overview") != search_tag(workspace, "overview")


def test_rows_without_text_are_left_out_and_long_ones_are_cut(folder: Folder) -> None:
    rows = f"code,name,lon,lat\nA1,{'长' * 500},121.1,33.5\nA2,,121.1,33.5\n"
    folder.write("data/stops.csv", rows)
    folder.write("layers/stops.toml", STOPS + '\n[search]\nfields = ["name"]\n')
    stops = layer(index(folder.prepare()), "stops")
    assert stops["keys"] == ["A1"]
    assert stops["texts"] == [["长" * LONGEST]]


def test_an_empty_layer_is_an_empty_list(folder: Folder) -> None:
    folder.write("data/stops.csv", "code,name,lon,lat\n")
    folder.write("data/roads.geojson", collection())
    found = index(folder.prepare())
    assert [(item["keys"], item.get("box", item.get("lon"))) for item in found["layers"]] in (
        [([], []), ([], [])],
        [],
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("泰北路", "tai bei lu"),
        ("重庆路", "chong qing lu"),
        ("六安路", "lu an lu"),
        ("六合路", "liu he lu"),
        ("厦门路", "xia men lu"),
        ("番禺路", "pan yu lu"),
        ("蚌埠路", "beng bu lu"),
        ("台州路", "tai zhou lu"),
        ("东阿路", "dong e lu"),
        ("长堤路", "chang di lu"),
        ("成长路", "cheng zhang lu"),
        ("解放路", "jie fang lu"),
        ("解庄", "xie zhuang"),
        ("曾庄", "zeng zhuang"),
        ("绿地大道", "lv di da dao"),
    ],
)
def test_names_of_places_are_said_as_people_say_them(text: str, said: str) -> None:
    readings, others = readings_of([text])
    plain = " ".join(readings[char].split()[0] for char in text)
    assert others.get(text, plain) == said


def test_every_reading_is_there() -> None:
    readings, said = readings_of(["重庆路", "重阳路", "绿杨", "𠮷x〇"])
    assert set(readings["重"].split()) >= {"chong", "zhong"}
    assert readings["绿"].split() == ["lv", "lu", "lyu"]
    assert readings["〇"].startswith("ling")
    assert "𠮷" not in readings
    assert "x" not in readings
    assert said == {}


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=5))
def test_any_text_can_be_said(texts: list[str]) -> None:
    readings, said = readings_of(texts)
    assert all(text.isascii() and text == text.lower() for text in readings.values())
    assert set(said) <= set(texts)
    assert set(readings) <= set("".join(texts))
    json.dumps([readings, said])


def test_the_countys_index_is_small(tmp_path: Path) -> None:
    settings = Settings(layers=PROJECT / "layers", instance=tmp_path)
    workspace = prepare(settings, progress=lambda _layer, _done, _total: None)
    body = search_index(workspace, "overview")
    assert len(brotli.compress(body, quality=9)) < 150_000
    found = orjson.loads(body)
    names = layer(found, "roads")["texts"][0]
    assert len(set(names)) == len(names)
    assert "泰北路" in names
    assert len(layer(found, "urban_stops")["keys"]) == 135
