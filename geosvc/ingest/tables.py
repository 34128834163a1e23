"""CSV tables: bytes to columns of text, and two of them to points.

UTF-8 with or without a byte order mark; text that is not UTF-8 at all is taken as GB18030, which
spreadsheets in China write. A UTF-8 file with damaged places is refused rather than guessed.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.ingest.records import Columns, Faults, Records, file_fault
from geosvc.ingest.typed import to_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Source
    from geosvc.crs import Geometries
    from geosvc.errors import Issue


def read_table(data: bytes, source: Source) -> Records:
    r"""Read a CSV file, or one with tabs for commas (``.tsv``).

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
    >>> records = read_table(b"code,name\nA1,East", source)
    >>> records.count, records.columns["name"]
    (1, ['East'])
    >>> read_table(b"code,name", source).count
    0
    """
    rows = _rows(_text(data, source.shown_path), source)
    header = [name.strip() for name in rows[0]] if rows else []
    named = [name for name in header if name]
    if not named:
        raise file_fault(source.shown_path, "unreadable", found="no header")
    for name in named:
        if named.count(name) > 1:
            raise file_fault(source.shown_path, "column_twice", key=name)
    faults = Faults(source.shown_path)
    cells = [_cells(row, header, faults, number) for number, row in enumerate(rows[1:])]
    columns = {name: [row[at] for row in cells] for at, name in enumerate(header) if name}
    geometry = _points(columns, source, faults)
    return Records(len(cells), columns, geometry, faults=_once(faults))


def _text(data: bytes, path: str) -> str:
    if b"\0" in data:
        raise file_fault(path, "unreadable", found="NUL")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        loose = data.decode("utf-8", errors="replace")
        bad = loose.count("\ufffd")
        sound = sum(not character.isascii() for character in loose) - bad
        # mostly sound UTF-8 with a few bad bytes is damage; GB18030 has hardly a sound character
        if sound > bad:
            raise file_fault(path, "unreadable", found=f"UTF-8, byte {error.start}") from error
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise file_fault(path, "unreadable", found=f"UTF-8, GB18030, byte {error.start}") from error


def _rows(text: str, source: Source) -> list[list[str]]:
    delimiter = "\t" if source.path.suffix.lower() == ".tsv" else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        # a blank line is no record
        return [row for row in lines if row]
    except csv.Error as error:
        raise file_fault(source.shown_path, "unreadable", found=f"CSV, {error}") from error


def _cells(row: list[str], header: list[str], faults: Faults, number: int) -> list[str]:
    if len(row) == len(header):
        return row
    faults.add("cells", number, found=len(row), expected=len(header))
    return [""] * len(header)


def _once(faults: Faults) -> tuple[Issue, ...]:
    # a row with the wrong number of cells has that fault alone, not those of its blanks
    torn = {issue.row for issue in faults.issues if issue.code == "cells"}
    return tuple(issue for issue in faults.issues if issue.code == "cells" or issue.row not in torn)


def _points(columns: Columns, source: Source, faults: Faults) -> Geometries | None:
    named = source.coordinates
    if named is None:
        return None
    for name in (named.x, named.y):
        if name not in columns:
            raise file_fault(source.shown_path, "missing_column", key=name)
    xy = [_numbers(columns[name], name, faults) for name in (named.x, named.y)]
    given = ~np.isnan(np.array(xy))
    points = np.full(given.shape[1], None, dtype=object)
    both = given.all(axis=0)
    points[both] = shapely.points(np.array(xy).T[both])
    # a half of a pair that is no number has its fault already
    for row in np.flatnonzero(given.any(axis=0) & ~both).tolist():
        name = named.y if given[0][row] else named.x
        if not str(columns[name][row]).strip():
            faults.add("required", row, key=name)
    return points


def _numbers(cells: Sequence[object], name: str, faults: Faults) -> list[float]:
    numbers: list[float] = []
    for row, cell in enumerate(cells):
        text = str(cell).strip()
        number = to_number(text) if text else math.nan
        if number is None:
            faults.add("wrong_type", row, key=name, found=text, expected="number")
        numbers.append(math.nan if number is None else number)
    return numbers
