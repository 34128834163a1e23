"""A snapshot as its page, its embed and its status say it: plain values and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from geosvc import messages
from geosvc.web.context import day_text, moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language
    from geosvc.snapshots import Manifest
    from geosvc.store.snapshots import Published

SHORT: Final = 12
"""How many digits of an id are shown, and enough to find it."""
_SHOWN = "png"
PICTURE: Final = f"figure.{_SHOWN}"
"""The part that a page shows."""
MOST_ROWS: Final = 50
"""How many rows of a layer a page shows; the file has all."""
KB: Final = 1024


def about(found: Published, facts: Mapping[str, Any], tongue: Language) -> dict[str, Any]:
    """Return what a page says of a snapshot.

    Parameters
    ----------
    found
        What the store knows.
    facts
        What its manifest says.
    tongue
        The reader's language.
    """
    return {
        "id": found.id,
        "short": found.id[:SHORT],
        "url": f"/s/{found.id}",
        "mark": found.mark,
        "kind": messages.text(f"snapshot_kind.{found.kind}", tongue),
        "title": title_of(facts, tongue),
        "note": facts.get("note", ""),
        "caption": facts["caption"][tongue],
        "alt": facts.get("alt", facts["caption"])[tongue],
        "other_language": _other_language(facts, tongue),
        "as_of": day_text(facts.get("as_of"), tongue),
        "synthetic": facts["synthetic"],
        "sources": facts["sources"][tongue],
        "revisions": _revisions(facts, tongue),
        "published": moment_text(found.at, tongue),
        "author": found.author,
        "again": _again(found, tongue),
        "live_url": live_url(facts),
        "size": _pixels(facts),
        "pictures": [
            {
                "name": name,
                "alt": more["alt"][tongue],
                "caption": more["caption"][tongue],
                "size": _pixels(more),
            }
            for name, more in facts.get("pictures", {}).items()
        ],
    }


def entry(found: Published, tongue: Language) -> dict[str, Any]:
    """Return a row of the list of snapshots."""
    state = "withdrawn" if found.withdrawn_at else "standing"
    return {
        "id": found.id,
        "short": found.id[:SHORT],
        "url": f"/s/{found.id}",
        "title": title_of(found.facts, tongue),
        "kind": messages.text(f"snapshot_kind.{found.kind}", tongue),
        "as_of": day_text(found.facts["as_of"], tongue) or "",
        "published": moment_text(found.last_at, tongue),
        "author": found.last_author,
        "state": state,
        "state_text": messages.text(f"snapshot_state.{state}", tongue),
        "reason": found.withdrawn_reason or "",
    }


def title_of(facts: Mapping[str, Any], tongue: Language) -> str:
    """Return the title of a snapshot; older ones have theirs in one language.

    >>> title_of({"title": "图", "titles": {"zh": "图", "en": "Map"}}, "en")
    'Map'
    >>> title_of({"title": "图"}, "en"), title_of({"title": "图", "titles": None}, "en")
    ('图', '图')
    """
    return str((facts.get("titles") or {}).get(tongue, facts["title"]))


def downloads(manifest: Manifest, tongue: Language) -> list[dict[str, str]]:
    """Return the files of a snapshot: name, what it is, how large."""
    return [
        {
            "name": name,
            "label": _label(name, tongue),
            "size": f"{max(round(part.bytes / KB), 1):,} KB",
        }
        for name, part in sorted(manifest.parts.items(), key=_order)
    ]


def sections(body: bytes, tongue: Language) -> list[dict[str, Any]]:
    """Return the tables of a snapshot for a page.

    Parameters
    ----------
    body
        The part ``table.json``, see `geosvc.reports.rows.table`.
    tongue
        The reader's language.
    """
    return [_section(layer, tongue) for layer in orjson.loads(body)]


def change(
    before: Mapping[str, Any], now: Mapping[str, Any], tongue: Language
) -> list[dict[str, Any]]:
    """Return the numbers in which two snapshots differ: title, before, now.

    >>> stops = {"title": {"zh": "站", "en": "Stops"}, "count": 126}
    >>> change({"counts": {"a": stops}}, {"counts": {"a": stops | {"count": 131}}}, "en")
    [{'title': 'Stops', 'before': '126', 'now': '131'}]
    >>> change({"counts": {"a": stops}}, {"counts": {"a": stops}}, "zh")
    []
    """
    old, new = before["counts"], now["counts"]
    rows = []
    for name in dict.fromkeys([*old, *new]):
        counts = [_number(side.get(name, {}).get("count")) for side in (old, new)]
        if counts[0] != counts[1]:
            title = (new.get(name) or old[name])["title"][tongue]
            rows.append({"title": title, "before": counts[0], "now": counts[1]})
    return rows


def newer_text(rows: list[dict[str, Any]], tongue: Language) -> str:
    """Say that there is a newer version, and in which numbers it differs."""
    if not rows:
        return messages.text("snapshot.newer_same", tongue)
    told = [messages.text("snapshot.change", tongue, **row) for row in rows]
    joined = messages.text("snapshot.comma", tongue).join(told)
    return messages.text("snapshot.newer", tongue, changes=joined)


def live_url(facts: Mapping[str, Any]) -> str | None:
    """Return the address of what it shows as it is now, None where that has none.

    >>> live_url({"parameters": {"map": "stops", "query": "z=12"}})
    '/maps/stops?z=12'
    >>> live_url({"parameters": {}})
    """
    given = facts["parameters"]
    if "map" not in given:
        return "/scorecard" if "period" in given else None
    query = given.get("query", "")
    return f"/maps/{given['map']}" + (f"?{query}" if query else "")


def _section(layer: Mapping[str, Any], tongue: Language) -> dict[str, Any]:
    columns, rows = layer["columns"], layer["rows"]
    left = len(rows) - MOST_ROWS
    classes = layer["classes"]
    return {
        "title": layer["title"][tongue],
        "count": _number(layer["count"]),
        "unit": layer["unit"][tongue] if "unit" in layer else "",
        "classes": [
            {"label": item["label"][tongue], "count": _number(item["count"])}
            for item in classes
            if len(classes) > 1
        ],
        "notes": [
            messages.text(f"snapshot.{name}", tongue, count=_number(layer[name]))
            for name in ("unlocated", "outside")
            if layer.get(name)
        ],
        "heads": [column["title"][tongue] for column in columns],
        "rows": [
            [_cell(value, column, tongue) for value, column in zip(row, columns, strict=True)]
            for row in rows[:MOST_ROWS]
        ],
        "left": messages.text("snapshot.left", tongue, count=left) if left > 0 else "",
    }


def _cell(value: object, column: Mapping[str, Any], tongue: Language) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(item, column, tongue) for item in value)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return messages.text("value.yes" if value else "value.no", tongue)
    text = _number(value) if isinstance(value, float) else str(value)
    label = column["labels"].get(text)
    return str(label[tongue]) if label else text


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.10g}"
    return f"{value:,}" if isinstance(value, int) else "–"


def _revisions(facts: Mapping[str, Any], tongue: Language) -> list[str]:
    titles = {name: item["title"] for name, item in facts["counts"].items()}
    titles |= facts.get("layers", {})
    return [
        f"{titles[name][tongue] if name in titles else name} r{number or 0}"
        for name, number in sorted(facts["revisions"].items())
    ]


def _other_language(facts: Mapping[str, Any], tongue: Language) -> str:
    """Say in which language pictures and files are, where that is not the reader's."""
    own = facts.get("language", tongue)
    return "" if own == tongue else messages.text(f"snapshot.frozen_in.{own}", tongue)


def _again(found: Published, tongue: Language) -> str:
    if found.times == 1:
        return ""
    at = moment_text(found.last_at, tongue)
    values = {"times": found.times, "author": found.last_author, "at": at}
    return messages.text("snapshot.again", tongue, **values)


def _pixels(facts: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the proportions of the picture, so that a page does not jump when it comes."""
    size = facts.get("size_mm")
    return (round(size[0] * 10), round(size[1] * 10)) if size else None


def _label(name: str, tongue: Language) -> str:
    stem, _, ending = name.partition(".")
    key = f"snapshot_part.{stem}"
    said = messages.text(key, tongue) if messages.has(key) else stem
    return f"{said} {ending.upper()}"


def _order(item: tuple[str, object]) -> tuple[bool, str]:
    return not item[0].startswith("figure"), item[0]
