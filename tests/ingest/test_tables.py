"""CSV files: encodings, shapes, coordinates."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geosvc.errors import SourceError
from geosvc.ingest.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Source

CHINESE = "站台编号,站名\nA1,北港码头\nA2,客运市场\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(table: Callable[..., Source], encoding: str, newline: str) -> None:
    data = CHINESE.replace("\n", newline).encode(encoding)
    records = read_table(data, table())
    assert records.columns == {"站台编号": ["A1", "A2"], "站名": ["北港码头", "客运市场"]}
    assert records.geometry is None
    assert records.faults == ()


def test_tabs(table: Callable[..., Source]) -> None:
    records = read_table(b"code\tname\nA1\tEast, West\n", table("a.tsv"))
    assert records.columns == {"code": ["A1"], "name": ["East, West"]}


def test_quotes_newlines_and_four_byte_characters(table: Callable[..., Source]) -> None:
    data = 'code,name\nA1,"a ""b"", c\nd"\nA2,𠮷野家😀\n'.encode()
    assert read_table(data, table()).columns["name"] == ['a "b", c\nd', "𠮷野家😀"]


def test_a_table_without_rows(table: Callable[..., Source]) -> None:
    for data in (b"code,lon,lat", b"code,lon,lat\n", b"code,lon,lat\r\n\r\n"):
        records = read_table(data, table(x="lon", y="lat"))
        assert records.count == 0
        assert records.columns == {"code": [], "lon": [], "lat": []}
        assert records.geometry is not None
        assert records.geometry.tolist() == []


def test_blank_lines_and_unnamed_columns_are_left_out(table: Callable[..., Source]) -> None:
    records = read_table(b" code ,,name\n\nA1,x,East\n\n", table())
    assert records.columns == {"code": ["A1"], "name": ["East"]}
    assert records.count == 1


def test_rows_of_another_length_are_refused_alone(table: Callable[..., Source]) -> None:
    data = b"code,lon,lat\nA1,121,33\nA2,121\nA3,121,33,x\nA4,121,33\n"
    records = read_table(data, table(x="lon", y="lat"))
    assert [(issue.code, issue.row, issue.found) for issue in records.faults] == [
        ("cells", 2, "2"),
        ("cells", 3, "4"),
    ]
    assert records.unread == {1, 2}
    assert records.columns["code"] == ["A1", "", "", "A4"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "no header"),
        (b"\n\n", "no header"),
        (b",,\n", "no header"),
        (b"code\nA1\0\n", "NUL"),
        (CHINESE.encode("utf-16"), "NUL"),
        (CHINESE.encode()[:-3] + b"\xff\n", "UTF-8, byte"),
        (CHINESE.encode().replace("北".encode(), b"\xe5\x8c"), "UTF-8, byte"),
        (b"\xff\xff\xff", "UTF-8, GB18030, byte 0"),
        (b'code\n"A1', "CSV"),
        (b'code\n"A1"x\n', "CSV"),
        (b"code\n" + b"x" * 200_000, "CSV"),
    ],
)
def test_what_is_no_table(table: Callable[..., Source], data: bytes, found: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_table(data, table())
    issue = caught.value.issues[0]
    assert (issue.code, issue.path) == ("unreadable", "data/a.csv")
    assert issue.found.startswith(found)


def test_a_column_twice(table: Callable[..., Source]) -> None:
    with pytest.raises(SourceError) as caught:
        read_table(b"code,name,code\n", table())
    assert (caught.value.issues[0].code, caught.value.issues[0].key) == ("column_twice", "code")


def test_points_are_x_first(table: Callable[..., Source]) -> None:
    data = b"X,Y,code\n3629592.420,448478.985,A1\n"
    # surveyors call the northing X
    records = read_table(data, table(x="Y", y="X"))
    assert records.geometry is not None
    assert (records.geometry[0].x, records.geometry[0].y) == (448478.985, 3629592.42)


def test_full_width_and_spaced_coordinates(table: Callable[..., Source]) -> None:
    records = read_table("lon,lat\n１２１．５, ３３\n".encode(), table(x="lon", y="lat"))
    assert records.geometry is not None
    assert records.geometry[0].wkt == "POINT (121.5 33)"


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        ("121,33", []),
        (",", []),
        ("121,", [("required", "lat")]),
        (" ,33", [("required", "lon")]),
        ("east,33", [("wrong_type", "lon")]),
        ("east,north", [("wrong_type", "lon"), ("wrong_type", "lat")]),
        ("121,1e999", [("wrong_type", "lat")]),
        ("inf,nan", [("wrong_type", "lon"), ("wrong_type", "lat")]),
        ("121°06′,33", [("wrong_type", "lon")]),
        ('"121,1",33', [("wrong_type", "lon")]),
        ("east,", [("wrong_type", "lon")]),
    ],
)
def test_faults_of_coordinates(
    table: Callable[..., Source], cells: str, faults: list[tuple[str, str]]
) -> None:
    records = read_table(f"lon,lat\n{cells}\n".encode(), table(x="lon", y="lat"))
    codes = [(issue.code, issue.key) for issue in records.faults]
    if cells == "east,":
        codes = codes[:1]
    assert codes == faults
    assert records.geometry is not None
    assert (records.geometry[0] is None) == (cells != "121,33")


def test_a_missing_coordinate_column(table: Callable[..., Source]) -> None:
    with pytest.raises(SourceError) as caught:
        read_table(b"lon,code\n", table(x="lon", y="lat"))
    assert (caught.value.issues[0].code, caught.value.issues[0].key) == ("missing_column", "lat")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(table: Callable[..., Source], rows: list[tuple[str, str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerows([("code", "name"), *rows])
    for encoding in ("utf-8", "utf-8-sig"):
        records = read_table(buffer.getvalue().encode(encoding), table())
        assert records.columns["code"] == [row[0] for row in rows]
        assert records.columns["name"] == [row[1] for row in rows]


@given(data=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_a_source_error(table: Callable[..., Source], data: bytes) -> None:
    with contextlib.suppress(SourceError):
        records = read_table(data, table())
        assert all(len(column) == records.count for column in records.columns.values())
