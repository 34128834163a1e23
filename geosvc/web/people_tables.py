"""The records of a layer as tables for people: titles, words and dates; CSV and workbook.

No cell is a live formula: CSV marks a text that looks like one, a workbook writes it as text.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
import xlsxwriter

from geosvc import messages
from geosvc.store import ERASED
from geosvc.symbology import code_of
from geosvc.tiles.columns import plain_values
from geosvc.web.downloads import DIGITS, neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from geosvc.catalog.model import Field, Language, Layer

MOST_ROWS: Final = 1_048_575
"""How many records a sheet of a workbook holds below its titles."""
LONGEST: Final = 32_767
"""How many characters a cell of a workbook holds."""
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NARROW, _WIDE, _SAMPLE = 8, 40, 200
_EPOCH: Final = date(1900, 3, 1)
_DATES: Final = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a workbook says of itself, in the reader's language: ``rows`` of a name and a value."""

    title: str
    at: datetime | None
    about: str
    rows: tuple[tuple[str, str], ...]


def records(
    layer: Layer, frame: pd.DataFrame, tongue: Language, *, synthetic: bool
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the titles of the columns, and the records in words.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; personal fields masked.
    tongue
        The reader's language.
    synthetic
        Whether they are invented; said in each row.

    Returns
    -------
    heads, rows
        Texts, numbers, `date` and naive `datetime` as the record has it, None for nothing. Points
        have longitude and latitude; a column says whether the record is invented.
    """
    fields = [field for field in layer.schema.fields if field.name in frame.columns]
    columns = [_column(field, frame, tongue) for field in fields]
    heads = [_head(field, tongue) for field in fields]
    if layer.schema.geometry == "Point":
        shapes = np.asarray(frame.geometry.array, dtype=object)
        columns += [
            np.round(get(shapes), DIGITS).tolist() for get in (shapely.get_x, shapely.get_y)
        ]
        heads += [messages.text(f"exports.{name}", tongue) for name in ("lon", "lat")]
    said = messages.text("value.yes" if synthetic else "value.no", tongue)
    heads.append(messages.text("exports.synthetic", tongue))
    return heads, list(zip(*columns, [said] * len(frame), strict=True))


def sheet_csv(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    r"""Write records as CSV that spreadsheets open as it is: UTF-8 with BOM.

    >>> sheet_csv(["站名", "数"], [("=1+1", 2)]).decode("utf-8-sig")
    "站名,数\r\n'=1+1,2\r\n"
    >>> sheet_csv([], [])[:3] == b"\xef\xbb\xbf"
    True
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([neutral(head) for head in heads])
    writer.writerows([_plain(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def workbook(heads: Sequence[str], rows: Sequence[Sequence[Any]], facts: Facts) -> bytes:
    """Write records as a workbook with one sheet of records and one of facts.

    Parameters
    ----------
    heads, rows
        What `records` returned, at most `MOST_ROWS`.
    facts
        What the file says of itself.

    Returns
    -------
    body
        The titles stay in sight and can be filtered by; texts are texts, dates dates.
    """
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, _OPTIONS) as book:
        # a workbook knows no time zones
        created = facts.at.replace(tzinfo=None) if facts.at else datetime(1980, 1, 1)  # noqa: DTZ001 - as above
        book.set_properties({"title": facts.title, "created": created})
        looks = {name: book.add_format({"num_format": form}) for name, form in _DATES.items()}
        looks["head"] = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(_sheet_name(facts.title))
        _fill(sheet, [heads, *rows], looks)
        sheet.freeze_panes(1, 0)
        if heads:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        about = book.add_worksheet(_sheet_name(facts.about))
        _fill(about, [(facts.about, facts.title), *facts.rows], looks)
    return body.getvalue()


def _head(field: Field, tongue: Language) -> str:
    title = field.title.of(tongue)
    return f"{title} ({field.unit.of(tongue)})" if field.unit else title


def _column(field: Field, frame: pd.DataFrame, tongue: Language) -> list[Any]:
    word = _words(field, tongue)
    return [None if value is None else word(value) for value in plain_values(frame[field.name])]


def _words(field: Field, tongue: Language) -> Callable[[Any], Any]:
    labels = {code: label.text.of(tongue) for code, label in field.labels.items()}
    if field.privacy is not None:
        labels[ERASED] = messages.text("value.erased", tongue)
    truths = {True: messages.text("value.yes", tongue), False: messages.text("value.no", tongue)}

    def word(value: Any) -> Any:  # noqa: ANN401 - a JSON value
        if isinstance(value, list):
            return ("、" if tongue == "zh" else ", ").join(str(word(item)) for item in value)
        found = labels.get(code_of(value) or "")
        if found is not None:
            return found
        if isinstance(value, bool):
            return truths[value]
        return _moment(field, value) if field.type in _DATES else value

    return word


def _moment(field: Field, value: Any) -> Any:  # noqa: ANN401 - text where it is no moment
    try:
        if field.type == "date":
            return date.fromisoformat(str(value))
        # as the record has it: no shift between zones
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return value


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return neutral(value) if isinstance(value, str) else value


def _sheet_name(title: str) -> str:
    kept = "".join(" " if sign in "[]:*?/\\'" else sign for sign in title).strip()
    return kept[:31] or "1"


def _fill(sheet: Any, rows: Sequence[Sequence[Any]], looks: dict[str, Any]) -> None:  # noqa: ANN401 - untyped
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            _write(sheet, (at, column), value, looks)
    wide = max(map(len, rows), default=0)
    for column in range(wide):
        texts = [str(row[column]) for row in rows[:_SAMPLE] if row[column] is not None]
        longest = max((len(text) + sum(sign > "⺀" for sign in text) for text in texts), default=0)
        sheet.set_column(column, column, min(max(longest + 2, _NARROW), _WIDE))


def _write(sheet: Any, place: tuple[int, int], value: Any, looks: dict[str, Any]) -> None:  # noqa: ANN401 - untyped
    # never write(): it would guess formulas, links and numbers
    if value is None or value == "":
        return
    if isinstance(value, (int, float)):
        sheet.write_number(*place, value)
    elif isinstance(value, date) and _day(value) >= _EPOCH:
        kind = "datetime" if isinstance(value, datetime) else "date"
        sheet.write_datetime(*place, value, looks[kind])
    else:
        look = looks["head"] if place[0] == 0 else None
        sheet.write_string(*place, str(value)[:LONGEST], look)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
