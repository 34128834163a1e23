"""The scorecard in words, for its page and its block."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geosvc import messages
from geosvc.catalog.model import Text
from geosvc.symbology import symbolize
from geosvc.web.context import link
from geosvc.words.numerals import day, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Language, Measure
    from geosvc.map_state import MapState
    from geosvc.scorecard import Number, Overdue, Part, Period, Remark, Scorecard
    from geosvc.symbology import LegendClass
    from geosvc.workspace import Workspace

GAP = 0.4
"""Between the pieces of a bar, in hundredths of its width."""
LEAST = 1.0
"""The width of the smallest piece, in hundredths."""
FADES = (1.0, 0.55, 0.3)
"""How strong a color is where several parts share it, one after the other."""
_PAIR = 2


def title(period: Period, tongue: Language) -> str:
    """Return the title of a half-year's scorecard.

    >>> from geosvc.scorecard import Period
    >>> title(Period(2024, 1), "zh"), title(Period(2024, 2), "en")
    ('2024 年上半年成绩单', 'Scorecard, second half of 2024')
    """
    return messages.text("scorecard.title", tongue, period=period_text(period, tongue))


def period_text(period: Period, tongue: Language) -> str:
    """Return the words of a half-year.

    >>> from geosvc.scorecard import Period
    >>> period_text(Period(2024, 1), "zh")
    '2024 年上半年'
    """
    return messages.text(f"scorecard.half.{period.half}", tongue, year=period.year)


def verdict(found: Scorecard, tongue: Language) -> str:
    """Say how many numbers agree."""
    if found.agrees:
        return messages.text("scorecard.all_agree", tongue, count=found.total)
    values = {"count": found.agreeing, "total": found.total}
    return messages.text("scorecard.some_agree", tongue, **values)


def summary(found: Scorecard, tongue: Language) -> str:
    """Return the numbers that are there in one sentence, for what shows no page."""
    said = [
        f"{item.title.of(tongue)} {number(item.value)} {item.unit.of(tongue)}"
        for item in found.numbers
        if item.value is not None
    ]
    return ("；" if tongue == "zh" else "; ").join(said)


def cards(workspace: Workspace, found: Scorecard, tongue: Language) -> list[dict[str, Any]]:
    """Return what the page shows of each number.

    Parameters
    ----------
    workspace
        Where the numbers are from, for the symbols of their parts.
    found
        The scorecard.
    tongue
        The reader's language.

    Returns
    -------
    cards
        Texts and addresses; ``is_wide`` where parts have a bar. Wide cards stand in pairs, so that
        an odd last one is not wide.
    """
    rows = [_card(workspace, item, tongue) for item in found.numbers]
    wide = [row for row in rows if row["bar"]]
    for row in wide[: len(wide) // _PAIR * _PAIR]:
        row["is_wide"] = True
    return [*(row for row in rows if row["is_wide"]), *(row for row in rows if not row["is_wide"])]


def overdue_rows(workspace: Workspace, found: Overdue, tongue: Language) -> dict[str, Any]:
    """Return what the page shows of the overdue tasks."""
    nobody = messages.text("scorecard.overdue.nobody", tongue)
    layers = workspace.catalog.layers
    return {
        "count": number(len(found.tasks)),
        "open": number(found.open),
        "day": day(found.as_of, tongue) if found.as_of else "",
        "definition": found.definition.of(tongue),
        "agrees": found.agrees,
        "remarks": remarks_of(found.remarks, tongue),
        "url": map_url(found.state, tongue),
        "tasks": [
            {
                "name": task.name,
                "url": feature_url(found.state, task.layer, task.key, tongue),
                "layer": layers[task.layer].title.of(tongue),
                "task": task.task,
                "unit": task.unit or nobody,
                "post": task.post,
                "due": day(task.due, tongue),
                "progress": f"{task.progress:g}%",
                "days": say("overdue.days_count", tongue, count=number(task.days)),
            }
            for task in found.tasks
        ],
        "units": [
            {
                "unit": item.unit or nobody,
                "open": number(item.open),
                "overdue": number(item.overdue),
                "next_due": day(item.next_due, tongue),
            }
            for item in found.units
        ],
    }


def map_url(state: MapState | None, tongue: Language) -> str:
    """Return the address of the map that shows a state; empty where there is none.

    >>> from geosvc.map_state import MapState
    >>> map_url(MapState("stops"), "en"), map_url(None, "en")
    ('/maps/stops?lang=en', '')
    """
    if state is None:
        return ""
    query = replace(state, language=tongue).query()
    return f"/maps/{state.map_id}" + (f"?{query}" if query else "")


def feature_url(state: MapState | None, layer: str, key: str, tongue: Language) -> str:
    """Return the address of a map with one feature selected; empty where there is no map."""
    return map_url(replace(state, selected=(layer, key)), tongue) if state else ""


def say(key: str, tongue: Language, /, **values: object) -> str:
    """Return a sentence of the scorecard."""
    return messages.text(f"scorecard.{key}", tongue, **values)


def _card(workspace: Workspace, item: Number, tongue: Language) -> dict[str, Any]:
    parts = _part_rows(workspace, item, tongue)
    layers = workspace.catalog.layers
    named = next((name for name in item.layers if name in layers), None)
    return {
        "id": item.id,
        "title": item.title.of(tongue),
        "icon": _measure(workspace, item.id).icon,
        "value": "–" if item.value is None else number(item.value),
        "unit": item.unit.of(tongue),
        "is_there": item.value is not None,
        "is_wide": False,
        "parts": parts,
        "bar": _bar(item.parts, parts),
        "definition": item.definition.of(tongue),
        "line": span_of(item, tongue),
        "revision": _revision(item),
        "facts": _facts(workspace, item, tongue),
        "agrees": item.agrees,
        "state": state_of(item, tongue),
        "remarks": remarks_of(item.remarks, tongue),
        "url": map_url(item.state, tongue) if item.value is not None else "",
        "layer_url": link(tongue, f"/layers/{named}") if named else "",
    }


def state_of(item: Number, tongue: Language) -> str:
    """Say whether a number agrees."""
    key = "agrees" if item.agrees else "absent" if item.value is None else "differs"
    return say(key, tongue)


def _revision(item: Number) -> str:
    known = [revision for revision in item.revisions.values() if revision]
    # as on the trust line: the sum grows with each of them
    return f"r{sum(known)}" if known else ""


def span_of(item: Number, tongue: Language) -> str:
    """Say when the records of a number began, or of which day it is."""
    if item.value is None:
        return ""
    if not item.is_timed:
        return say("on_day", tongue, day=day(item.as_of, tongue)) if item.as_of else ""
    if item.first is None or item.last is None:
        return say("none_in_period", tongue)
    # the year of a record is that of the title; an English range says it once
    first = day(item.first, tongue) if tongue == "en" else _without_year(item.first, tongue)
    if item.first == item.last:
        return first
    return say("span_days", tongue, first=first, last=_without_year(item.last, tongue))


def _without_year(text: str, tongue: Language) -> str:
    _, month, day_ = text[:10].split("-")
    if tongue == "zh":
        month, day_ = str(int(month)), str(int(day_))
    return say("day", tongue, month=month, day=day_)


def remarks_of(remarks: Sequence[Remark], tongue: Language) -> list[dict[str, Any]]:
    """Return remarks as sentences, each with whether it is a fault."""
    return [
        {"text": text, "is_fault": remark.is_fault}
        for remark in remarks
        for text in sentences(remark, tongue)
    ]


def sentences(remark: Remark, tongue: Language) -> list[str]:
    """Return a remark as sentences; the faults of a definition follow it."""
    values = {name: _worded(name, value, tongue) for name, value in remark.values.items()}
    said = [messages.text(f"scorecard.remark.{remark.code}", tongue, **values)]
    # what is wrong with a layer stands on its own page
    if remark.code == "definition":
        said += [messages.render_issue(issue, tongue) for issue in remark.issues]
    return said


def _worded(name: str, value: object, tongue: Language) -> str:
    if isinstance(value, Text):
        return value.of(tongue)
    if isinstance(value, (int, float)):
        return number(value, 2)
    return day(str(value), tongue) if name == "day" else str(value)


def _part_rows(workspace: Workspace, item: Number, tongue: Language) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    rows = []
    for part in item.parts:
        ink = _ink(workspace, item, part)
        nth = seen.get(ink.color, 0)
        seen[ink.color] = nth + 1
        rows.append(
            {
                "title": part.title.of(tongue) or say("part_none", tongue),
                "value": number(part.value),
                "url": map_url(part.state, tongue),
                "shape": ink.shape,
                "color": ink.color,
                "fill": ink.color if ink.color.startswith("#") else f"var(--{ink.color})",
                "fade": FADES[min(nth, len(FADES) - 1)],
                "is_mapped": part.state is not None,
            }
        )
    return rows


def _ink(workspace: Workspace, item: Number, part: Part) -> LegendClass:
    layer = workspace.catalog.layer(part.id if part.id in item.layers else item.layers[0])
    found = symbolize(layer, workspace.frame(layer.id))
    grouped = found.field is not None and found.field == _measure(workspace, item.id).group
    wanted = [row for row in found.classes if grouped and row.value == part.id]
    return (wanted or list(found.classes))[0]


def _measure(workspace: Workspace, number_id: str) -> Measure:
    found = workspace.catalog.scorecard
    assert found is not None  # noqa: S101 - a number comes from a file
    return next(item for item in found.numbers if item.id == number_id)


def _bar(parts: Sequence[Part], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    values = [float(part.value) for part in parts]
    total = sum(values)
    if len(values) < _PAIR or total <= 0 or min(values) < 0:
        return []
    room = 100 - GAP * (len(values) - 1)
    widths = [max(LEAST, room * value / total) for value in values]
    scale = room / sum(widths)
    pieces, left = [], 0.0
    for width, row in zip(widths, rows, strict=True):
        piece = {"x": round(left, 3), "width": round(width * scale, 3)}
        pieces.append(piece | {"fill": row["fill"], "fade": row["fade"]})
        left += width * scale + GAP
    return pieces


def sum_of(item: Number, tongue: Language) -> str:
    """Write the sum of a number's parts; empty where it has none."""
    if not item.parts or item.value is None:
        return ""
    parts = " + ".join(number(part.value) for part in item.parts)
    return say("sum_of", tongue, parts=parts, total=number(item.value))


def _facts(workspace: Workspace, item: Number, tongue: Language) -> list[dict[str, Any]]:
    layers = workspace.catalog.layers
    named = [
        {
            "text": layers[name].title.of(tongue) if name in layers else name,
            "revision": f"r{revision}" if revision else "",
            "url": link(tongue, f"/layers/{name}"),
        }
        for name, revision in item.revisions.items()
    ]
    shown = say("shown", tongue, count=number(item.features)) if item.state else ""
    checks = [text for text in (sum_of(item, tongue), shown) if text]
    rows = {
        "counted": say("features", tongue, count=number(item.features)),
        "span": span_of(item, tongue),
        "checked": ("；" if tongue == "zh" else "; ").join(checks),
    }
    said = rows if item.value is not None else {}
    facts: list[dict[str, Any]] = [
        {"label": say(key, tongue), "text": text, "layers": []}
        for key, text in said.items()
        if text
    ]
    return [{"label": say("from_layers", tongue), "text": "", "layers": named}, *facts]
