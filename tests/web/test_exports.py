"""A part of a layer as a file: as many rows as promised, in titles where people read it."""

from __future__ import annotations

import csv
import io
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import pytest

from geosvc.errors import StateError
from geosvc.map_state import Filter
from geosvc.web.exports import Export, exported, facts_of, filename, read_export
from tests.web.test_people_tables import cells

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from geosvc.web.service import Service
    from geosvc.workspace import Workspace

BOX = "121.0999995,33.4999995,121.1150005,33.5150005"
EVERY = ("csv", "xlsx", "geojson", "gpkg")


@pytest.fixture
def space(shared: Service) -> Workspace:
    return shared.now().workspace


def table(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/layers/stops.csv?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_an_address_says_what_is_asked(space: Workspace) -> None:
    layer = space.catalog.layer("stops")
    pairs = [("f.stops.slots", "1.."), ("bbox", "1,2,3,4"), ("titles", "1"), ("lang", "en")]
    expected = Export("stops", "en", (Filter("stops", "slots", low="1"),), (1, 2, 3, 4), True)  # noqa: FBT003 - in order
    assert read_export(layer, "csv", pairs) == expected
    assert read_export(layer, "geojson", [("titles", "1")]).is_whole
    assert not read_export(layer, "xlsx", []).is_whole
    assert read_export(layer, "csv", [("lang", "en")]).is_whole


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("f.roads.lanes=2", "unknown_key"),
        ("utm=x", "unknown_key"),
        ("f.stops.color=x", "unknown_field"),
        ("f.stops.plate=x", "private_filter"),
        ("f.stops.kind=x", "not_in_domain"),
        ("bbox=1,2", "wrong_type"),
        ("bbox=1,2,3,4&bbox=1,2,3,4", "not_unique"),
    ],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, query: str, code: str) -> None:
    for ending in EVERY:
        answer = client.get(f"/layers/stops.{ending}?{query}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "state")
    layer = client.application.extensions["geosvc"].now().workspace.catalog.layer("stops")
    pairs = parse_qsl(query, keep_blank_values=True)
    with pytest.raises(StateError) as caught:
        read_export(layer, "csv", pairs)
    assert caught.value.issues[0].code == code


def test_a_table_without_positions_has_no_view(client: FlaskClient) -> None:
    assert client.get(f"/layers/fleet.csv?bbox={BOX}").status_code == 400
    assert client.get("/layers/fleet.gpkg").status_code == 404
    rows = cells(client.get("/layers/fleet.xlsx?lang=en").data)
    assert [row["A"][1] for row in rows] == ["Kind", "bus", "taxi"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("f.stops.kind=bay", ["A1"]),
        ("f.stops.kind=bay,", ["A1", "A3"]),
        (f"bbox={BOX}", ["A1", "A2"]),
        (f"f.stops.slots=..&bbox={BOX}", ["A1"]),
        ("f.stops.slots=9..", []),
    ],
)
def test_every_format_holds_what_passes(
    client: FlaskClient, tmp_path: Path, query: str, codes: list[str]
) -> None:
    assert [row["code"] for row in table(client, query)] == codes
    assert [row["编号"] for row in table(client, f"{query}&titles=1")] == codes
    rows = cells(client.get(f"/layers/stops.xlsx?{query}").data)
    assert [row["A"][1] for row in rows[1:]] == codes
    features = client.get(f"/layers/stops.geojson?{query}").get_json(force=True)["features"]
    assert [feature["id"] for feature in features] == codes
    path = tmp_path / "part.gpkg"
    path.write_bytes(client.get(f"/layers/stops.gpkg?{query}").data)
    with sqlite3.connect(path) as base:
        assert [row[0] for row in base.execute("SELECT code FROM stops ORDER BY fid")] == codes
    base.close()


def test_a_part_does_not_take_the_place_of_the_whole(client: FlaskClient) -> None:
    assert len(table(client, "")) == 3
    assert len(table(client, "f.stops.kind=bay")) == 1
    assert len(table(client, "f.stops.kind=curb")) == 1
    assert len(table(client, "lang=en")) == 3


def test_titles_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    (row,) = table(client, "f.stops.kind=bay&titles=1&lang=en")
    assert row["Kind"] == "Bay"
    assert row["Ad slots (slots)"] == "3"
    assert row["Synthetic data"] == "Yes"
    # a program's table stays as it is
    (row,) = table(client, "f.stops.kind=bay&lang=en")
    assert row["kind"] == "bay"


def test_no_part_holds_a_personal_value(client: FlaskClient) -> None:
    for ending in EVERY:
        body = client.get(f"/layers/stops.{ending}?bbox={BOX}&titles=1").data
        assert b"XA1234" not in body, ending
        assert b"XB5678" not in body, ending
    rows = cells(client.get("/layers/stops.xlsx").data)
    assert ("s", "苏X·**234") in rows[1].values()


def test_a_name_that_looks_like_a_formula_is_text(client: FlaskClient) -> None:
    rows = cells(client.get("/layers/stops.xlsx?f.stops.kind=curb").data)
    assert rows[1]["B"] == ("s", "=1+1")
    assert table(client, "f.stops.kind=curb&titles=1")[0]["站名"] == "'=1+1"


def test_a_file_is_named_in_chinese_with_a_day(client: FlaskClient, space: Workspace) -> None:
    answer = client.get("/layers/stops.xlsx")
    name = answer.headers["Content-Disposition"].removeprefix("attachment; filename*=UTF-8''")
    day = (space.status("stops").at or "")[:10]
    assert unquote(name) == f"公交站-{day}.xlsx"
    assert name.isascii()
    assert filename(space, Export("stops", "en"), "csv") == f"Bus stops-{day}.csv"


def test_a_workbook_says_what_was_left_out(client: FlaskClient) -> None:
    rows = cells(client.get(f"/layers/stops.xlsx?f.stops.kind=bay&bbox={BOX}").data, 2)
    said = {row["A"][1]: row["B"][1] for row in rows}
    assert said["本表行数 / 总数"] == "1 / 3"
    assert said["筛选条件"] == "类型 = 港湾式"
    assert said["视图范围（西、南、东、北）"].startswith("121.10000, 33.50000")
    assert said["模拟数据"] == "是"


def test_facts_leave_out_what_is_not_there(space: Workspace) -> None:
    facts = facts_of(space, Export("roads"), 3)
    names = [name for name, _ in facts.rows]
    assert "筛选条件" not in names
    assert facts.title == "道路"
    assert len(exported(space, Export("roads"))) == 3
