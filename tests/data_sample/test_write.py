from __future__ import annotations

import csv
import doctest
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from data.sample_county import write
from data.sample_county.write import Layer, cell

if TYPE_CHECKING:
    from pathlib import Path


def test_geojson_is_written_one_feature_a_line(tmp_path: Path) -> None:
    clockwise = Polygon([(0, 0), (0, 100), (100, 100), (100, 0)])
    layer = Layer("areas", [{"a": 1, "b": ["甲", "乙"]}, {"a": None, "b": []}], [clockwise] * 2)
    lines = layer.write(tmp_path).read_bytes().decode().split("\n")
    assert lines[0] == ('{"type":"FeatureCollection","name":"areas","synthetic":true,"features":[')
    assert json.loads(lines[1].rstrip(","))["properties"] == {"a": 1, "b": ["甲", "乙"]}
    ring = json.loads(lines[2])["geometry"]["coordinates"][0]
    assert Polygon(ring).exterior.is_ccw
    assert lines[3:] == ["]}", ""]


@pytest.mark.parametrize("shape", [Point(1, 2), LineString([(0, 0), (1, 1)])])
def test_coordinates_have_six_decimals(tmp_path: Path, shape: Point | LineString) -> None:
    text = Layer("things", [{}], [shape]).write(tmp_path).read_text(encoding="utf-8")
    numbers = text.replace("[", " ").replace("]", " ").replace(",", " ").split()
    assert all(len(item.split(".")[1]) <= 6 for item in numbers if item[:4] in {"121.", "33.5"})


def test_csv_has_its_columns(tmp_path: Path) -> None:
    rows: list[write.Row] = [{"a": "x,y", "b": True}, {"a": None, "b": False}]
    path = Layer("table", rows).write(tmp_path)
    assert path.read_bytes() == b'a,b\n"x,y",true\n,false\n'


@given(st.floats(-180, 180))
def test_numbers_survive_a_cell(value: float) -> None:
    assert float(cell(value)) == pytest.approx(value, abs=5e-7)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1))
def test_texts_survive_a_cell(value: str) -> None:
    assert cell(value) == value


def test_examples_hold() -> None:
    assert doctest.testmod(write).failed == 0
    assert list(csv.reader(["a;b,true"])) == [[cell(["a", "b"]), cell(value=True)]]
