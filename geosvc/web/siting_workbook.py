"""A siting as a workbook for people: sheets in the reader's language, no live formula."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from geosvc import messages
from geosvc.web import siting_question
from geosvc.web.siting_tables import curve_record, link_records, site_records
from geosvc.words import scenarios as scenario_words
from geosvc.words import siting as siting_words
from geosvc.words.siting_names import column
from geosvc.workspace.scenarios import outcome_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language

SITES: Final = ("key", "name", "role", "bays", "demand", "utilisation", "cost", "street", "rules")
ROWS: Final = (
    *("added", "value", "bound", "status", "gain", "mean_m", "p95_m", "max_m", "gini"),
    *("unserved", "cost"),
)
LINKS: Final = ("point", "site", "amount")
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NARROW, _WIDE = 9, 48


def workbook(
    document: Mapping[str, Any], facts: Mapping[str, Any], names: siting_question.Names
) -> bytes:
    """Write a workbook.

    Parameters
    ----------
    document
        What `geosvc.workspace.siting.ask` returned.
    facts
        What the file says of itself, see `geosvc.web.siting_tables.facts_of`.
    names
        The reader's language, and what layers, fields and values are called.

    Returns
    -------
    body
        Sheets: summary, sites, curve, other plans, who goes where, and the question with the
        revisions of its layers. The same facts give the same bytes.
    """
    body, tongue = io.BytesIO(), names.tongue
    heads = partial(_heads, document=document, tongue=tongue)
    sheets = {
        "summary": _summary(document, facts, tongue),
        "sites": [heads(SITES), *_sites(document, tongue)],
        "curve": [heads(ROWS), *(_row(row, tongue) for row in document["curve"])],
        "plans": [heads((*ROWS, "sites")), *_plans(document, tongue)],
        "links": [heads(LINKS), *_links(document)],
        "question": [heads(("setting", "found")), *_question(document, facts, names)],
    }
    with xlsxwriter.Workbook(body, _OPTIONS) as book:
        at = datetime.fromisoformat(facts["at"]) if facts["at"] else datetime.fromtimestamp(0, UTC)
        # a workbook knows no time zones
        created = at.astimezone(UTC).replace(tzinfo=None)
        said = {"title": facts["title"], "author": facts["author"]}
        book.set_properties(said | {"created": created})
        looks = [
            book.add_format(look | {"valign": "top", "text_wrap": True})
            for look in ({}, {"bold": True, "bottom": 1}, {"num_format": "#,##0.###"})
        ]
        for name, rows in sheets.items():
            sheet = book.add_worksheet(messages.text(f"siting_sheet.{name}", tongue))
            _fill(sheet, rows, looks, has_heads=name != "summary")
    return body.getvalue()


def _fill(
    sheet: Any,  # noqa: ANN401 - the package has no types
    rows: Sequence[Sequence[Any]],
    looks: Sequence[Any],
    *,
    has_heads: bool,
) -> None:
    plain, head, numeric = looks
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str):
                # never write(): it would guess formulas, links and numbers
                sheet.write_string(at, place, value, head if has_heads and at == 0 else plain)
            elif value is not None:
                sheet.write_number(at, place, value, numeric)
    for place in range(max(map(len, rows), default=0)):
        longest = max(len(str(row[place])) for row in rows if place < len(row))
        sheet.set_column(place, place, min(max(1.6 * longest, _NARROW), _WIDE))
    if has_heads:
        sheet.freeze_panes(1, 0)


def _heads(names: Sequence[str], document: Mapping[str, Any], tongue: Language) -> list[str]:
    return [column(name, document, tongue) for name in names]


def _summary(
    document: Mapping[str, Any], facts: Mapping[str, Any], tongue: Language
) -> list[list[Any]]:
    told = outcome_of(document).facts
    rows = {
        "scenario": facts["title"],
        "verdict": scenario_words.headline(told, tongue),
        "proof": scenario_words.proof(told, tongue)["text"],
        "unit": scenario_words.value_unit(document, tongue),
        "author": facts["author"],
        "at": facts["at"] or "",
    }
    said = [[messages.text(f"siting_column.{name}", tongue), text] for name, text in rows.items()]
    said += [[text] for text in siting_words.reasons(document, tongue)]
    said += [[text] for text in siting_words.verdict(document, tongue)]
    if facts["synthetic"]:
        said.append([messages.text("scenarios.synthetic", tongue)])
    return said


def _sites(document: Mapping[str, Any], tongue: Language) -> list[list[Any]]:
    records = site_records(document)
    for record in records:
        record["role"] = messages.text(f"scenario_role.{record['role']}", tongue)
    return [[record[name] for name in SITES] for record in records]


def _row(row: Mapping[str, Any], tongue: Language) -> list[Any]:
    record = curve_record(row)
    record["status"] = scenario_words.proof(row, tongue)["text"] if row["added"] else ""
    return [record[name] for name in ROWS]


def _plans(document: Mapping[str, Any], tongue: Language) -> list[list[Any]]:
    best = [] if document["chosen"] is None else [document["curve"][document["chosen"]]]
    return [
        [*_row(row, tongue), "、".join(document["sites"][at]["key"] for at in row["opened"])]
        for row in (*best, *document["plans"])
    ]


def _links(document: Mapping[str, Any]) -> list[list[Any]]:
    return [[record[name] for name in LINKS] for record in link_records(document)]


def _question(
    document: Mapping[str, Any], facts: Mapping[str, Any], names: siting_question.Names
) -> list[list[Any]]:
    said = messages.text("siting_column.revision", names.tongue)
    revisions = [
        [f"{said} {names.layer(layer_id)}", number]
        for layer_id, number in facts["revisions"].items()
    ]
    asked = siting_question.question(document["wishes"], names.tongue, names.catalog)
    return [*map(list, asked), *revisions]
