"""Tables for people: words instead of codes, dates as dates, nothing that computes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geosvc.catalog.model import Field, Label, Layer, Schema, Style, Text
from geosvc.store import ERASED
from geosvc.web.people_tables import LONGEST, Facts, records, sheet_csv, workbook

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NONE = Text("", "")
KINDS = {"bay": Label(Text("港湾式", "Bay")), "curb": Label(Text("直线式", "Curbside"))}
FIELDS = (
    Field("code", Text("编号", "Code")),
    Field("kind", Text("类型", "Kind"), labels=KINDS),
    Field("lit", Text("照明", "Lit"), "boolean"),
    Field("routes", Text("线路", "Routes"), "list"),
    Field("slots", Text("广告位", "Slots"), "integer", unit=Text("个", "pcs")),
    Field("built", Text("建成", "Built"), "date"),
    Field("seen", Text("时间", "Seen"), "datetime"),
    Field("plate", Text("号牌", "Plate"), privacy="enforcement"),
)
LAYER = Layer("stops", "", NONE, Schema("Point", "code", FIELDS), Style("circle", "ok"))
FACTS = Facts("站点", datetime(2024, 7, 1, tzinfo=UTC), "说明", (("来源", "=甲"),))


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": ["=A1", "A2"],
            "kind": ["bay", None],
            "lit": pd.array([True, None], dtype="boolean"),
            "routes": [("1", "2"), None],
            "slots": pd.array([3, None], dtype="Int64"),
            "built": ["2024-06-30", "soon"],
            "seen": ["2024-06-17T06:08:30+08:00", None],
            "plate": ["某A·**1", ERASED],
        },
        geometry=[shapely.Point(121.123456789, 33.5), shapely.Point(121.2, 33.6)],
        index=["=A1", "A2"],
        crs="OGC:CRS84",
    )


def cells(body: bytes, sheet: int = 1) -> list[dict[str, tuple[str, str]]]:
    """Rows of a sheet: the kind and the text of each cell by its column."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        words = [
            "".join(item.itertext())
            for item in ET.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314 - our own
        ]
        page = ET.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314 - our own
    rows = []
    for row in page.iter(f"{SPACE}row"):
        found = {}
        for cell in row:
            kind, text = cell.get("t", "n"), cell.findtext(f"{SPACE}v") or ""
            place = re.sub(r"\d", "", cell.get("r", ""))
            found[place] = (kind, words[int(text)] if kind == "s" else text)
        rows.append(found)
    return rows


def test_records_speak_the_language_of_the_reader() -> None:
    heads, rows = records(LAYER, frame(), "zh", synthetic=True)
    assert heads[:5] == ["编号", "类型", "照明", "线路", "广告位 (个)"]
    assert heads[-3:] == ["经度", "纬度", "模拟数据"]
    assert rows[0][:5] == ("=A1", "港湾式", "是", "1、2", 3)
    assert rows[0][5:7] == (date(2024, 6, 30), datetime(2024, 6, 17, 6, 8, 30))  # noqa: DTZ001 - as the record has it
    assert rows[0][-3:] == (121.1234568, 33.5, "是")
    heads, rows = records(LAYER, frame(), "en", synthetic=False)
    assert (heads[4], rows[0][1], rows[0][3], rows[0][-1]) == ("Slots (pcs)", "Bay", "1, 2", "No")


def test_what_is_missing_erased_or_no_date_is_said_as_it_is() -> None:
    _, rows = records(LAYER, frame(), "zh", synthetic=True)
    assert rows[1][1:8] == (None, None, None, None, "soon", None, "已按规定清除")
    assert rows[0][7] == "某A·**1"


def test_a_layer_of_nothing_has_titles_only() -> None:
    heads, rows = records(LAYER, frame().iloc[:0], "zh", synthetic=True)
    assert (len(heads), rows) == (len(FIELDS) + 3, [])
    body = sheet_csv(heads, rows)
    assert body.count(b"\r\n") == 1
    assert len(cells(workbook(heads, rows, FACTS))) == 1


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\uff1d1"])
def test_a_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    line = sheet_csv(["a"], [(text,)]).decode("utf-8-sig").split("\r\n", 1)[1]
    assert next(csv.reader(io.StringIO(line)))[0].startswith("'")
    assert cells(workbook(["a"], [(text,)], FACTS))[1]["A"] == ("s", text)
    assert b"<f>" not in workbook(["a"], [(text,)], FACTS)


def test_csv_has_a_mark_of_order_and_plain_dates() -> None:
    body = sheet_csv(*records(LAYER, frame(), "zh", synthetic=True))
    assert body.startswith(b"\xef\xbb\xbf")
    first = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))[1]
    assert first[4:7] == ["3", "2024-06-30", "2024-06-17 06:08"]


def test_a_workbook_has_numbers_dates_and_a_sheet_about_itself() -> None:
    body = workbook(*records(LAYER, frame(), "zh", synthetic=True), FACTS)
    first = cells(body)[1]
    assert first["A"] == ("s", "=A1")
    assert first["E"] == ("n", "3")
    # the days since 1900 as spreadsheets count them
    assert first["F"] == ("n", "45473")
    assert cells(body)[2]["F"] == ("s", "soon")
    assert cells(body, 2)[1] == {"A": ("s", "来源"), "B": ("s", "=甲")}
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert 'name="站点"' in archive.read("xl/workbook.xml").decode()


def test_the_same_records_give_the_same_bytes() -> None:
    told = records(LAYER, frame(), "zh", synthetic=True)
    assert workbook(*told, FACTS) == workbook(*told, FACTS)


@pytest.mark.parametrize(
    "value", ["长" * (LONGEST + 5), "a\x00b", date(1850, 1, 1), "a" * 300, "\ud7ff"]
)
def test_what_a_sheet_cannot_hold_is_held_as_far_as_it_goes(value: Any) -> None:  # noqa: ANN401
    assert cells(workbook(["a"], [(value,)], FACTS))[1]["A"][0] == "s"


def test_a_title_with_signs_that_sheets_refuse() -> None:
    facts = Facts("站/点:[?]*" + "很" * 40, None, "", ())
    assert cells(workbook(["a"], [("b",)], facts))[1]["A"] == ("s", "b")
