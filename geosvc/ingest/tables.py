"""CSV tables: bytes to columns of text, and two of them to points.

UTF-8 with or without a byte order mark; text that is not UTF-8 at all is taken as GB18030, which
spreadsheets in China write. A UTF-8 file with damaged places is refused rather than guessed.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.ingest.records import Columns, Faults, Records, file_fault
from geosvc.ingest.typed import to_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Coordinates, Source
    from geosvc.crs import Geometries
    from geosvc.errors import Issue


def read_table(data: bytes, source: Source) -> Records:
    """Read a CSV file.

    Parameters
    ----------
    data
        The file's bytes.
    source
        What the layer file says of it; ``coordinates`` names the columns of a point.

    Returns
    -------
    records
        One text a cell; a row with more or fewer cells than the header is a fault of that row.

    Raises
    ------
    SourceError
        If the bytes are no text, there is no header, a column occurs twice, or a column of the
        coordinates is missing.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geosvc.catalog.model import Source, Text
    >>> source = Source(Path("a.csv"), "a.csv", "WGS84", Text("", ""))
    >>> records = read_table(b"code,name\\nA1,East", source)
    >>> records.count, records.columns["name"]
    (1, ['East'])
    >>> read_table(b"code,name", source).count
    0
    """
    rows = _rows(_text(data, source.shown_path), source.shown_path)
    header = [name.strip() for name in rows[0]] if rows else []
    named = [name for name in header if name]
    if not named:
        raise file_fault("unreadable", source.shown_path, found="no header")
    for name in named:
        if named.count(name) > 1:
            raise file_fault("column_twice", source.shown_path, key=name)
    faults = Faults(source.shown_path)
    cells = [_cells(row, header, faults, number) for number, row in enumerate(rows[1:])]
    columns = {
        name: [row[at] for row in cells] for at, name in enumerate(header) if name
    }
    geometry = _points(columns, source, faults)
    return Records(len(cells), columns, geometry, faults=_once(faults))


def _text(data: bytes, path: str) -> str:
    if b"\0" in data:
        raise file_fault("unreadable", path, found="NUL")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        loose = data.decode("utf-8", errors="replace")
        bad = loose.count("\ufffd")
        sound = sum(not character.isascii() for character in loose) - bad
        # mostly sound UTF-8 with a few bad bytes is damage; GB18030 has hardly a sound character
        if sound > bad:
            raise file_fault("unreadable", path, found=f"UTF-8, byte {error.start}") from error
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise file_fault("unreadable", path, found=f"UTF-8, GB18030, byte {error.start}") from error


def _rows(text: str, path: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise file_fault("unreadable", path, found=f"CSV, {error}") from error


def _cells(row: list[str], header: list[str], faults: Faults, number: int) -> list[str]:
    if len(row) == len(header):
        return row
    faults.add("cells", number, found=len(row), expected=len(header))
    return [""] * len(header)


def _once(faults: Faults) -> tuple[Issue, ...]:
    # a row with the wrong number of cells has that fault alone, not those of its blanks
    torn = {issue.row for issue in faults.issues if issue.code == "cells"}
    return tuple(
        issue for issue in faults.issues if issue.code == "cells" or issue.row not in torn
    )


def _points(columns: Columns, source: Source, faults: Faults) -> Geometries | None:
    named = source.coordinates
    if named is None:
        return None
    for name in (named.x, named.y):
        if name not in columns:
            raise file_fault("missing_column", source.shown_path, key=name)
    x = _numbers(columns[named.x], named.x, faults)
    y = _numbers(columns[named.y], named.y, faults)
    return _where_both(x, y, faults, named)


def _numbers(cells: Sequence[object], name: str, faults: Faults) -> list[float | None]:
    numbers: list[float | None] = []
    for row, cell in enumerate(cells):
        text = str(cell).strip()
        number = to_number(text) if text else None
        if text and number is None:
            faults.add("wrong_type", row, key=name, found=text, expected="number")
        numbers.append(number)
    return numbers


def _where_both(
    x: list[float | None], y: list[float | None], faults: Faults, named: Coordinates
) -> Geometries:
    points = np.full(len(x), None, dtype=object)
    for row, (east, north) in enumerate(zip(x, y, strict=True)):
        if east is not None and north is not None:
            points[row] = shapely.Point(east, north)
        elif (east is None) != (north is None) and row not in faults.rows:
            faults.add("required", row, key=named.x if east is None else named.y)
    return points
