"""The scorecard for a terminal and for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from geosvc.web.scorecard_words import (
    map_url,
    remarks_of,
    say,
    sentences,
    span_of,
    state_of,
    sum_of,
    title,
    verdict,
)
from geosvc.words.numerals import day, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.catalog.model import Language
    from geosvc.scorecard import Number, Overdue, Scorecard


def lines(found: Scorecard, tongue: Language) -> list[str]:
    """Return the scorecard for a terminal: numbers with definitions, what is overdue, verdict."""
    head = title(found.period, tongue)
    if found.as_of:
        head += " · " + say("on_day", tongue, day=day(found.as_of, tongue))
    rows = [head]
    for item in found.numbers:
        unit = item.unit.of(tongue)
        value = f"{number(item.value)} {unit}" if item.value is not None else state_of(item, tongue)
        mark = say("agrees" if item.agrees else "differs", tongue)
        rows.append("\t".join(filter(None, [item.title.of(tongue), value, mark])))
        rows += [f"\t{text}" for text in _told(item, tongue)]
    if found.overdue:
        rows += _overdue_lines(found.overdue, tongue)
    return [*rows, verdict(found, tongue)]


def plain(found: Scorecard, tongue: Language) -> dict[str, Any]:
    """Return the scorecard for machines: plain values, sentences in the reader's language."""
    return {
        "period": found.period.id,
        "first_day": found.period.first,
        "last_day": found.period.last,
        "periods": [item.id for item in found.periods],
        "title": title(found.period, tongue),
        "as_of": found.as_of,
        "agrees": found.agrees,
        "agreeing": found.agreeing,
        "total": found.total,
        "numbers": [_plain_number(item, tongue) for item in found.numbers],
        "overdue": _plain_overdue(found.overdue, tongue) if found.overdue else None,
    }


def _told(item: Number, tongue: Language) -> Iterator[str]:
    yield item.definition.of(tongue)
    if item.parts:
        titles = (
            f"{part.title.of(tongue) or say('part_none', tongue)} {number(part.value)}"
            for part in item.parts
        )
        yield ("、" if tongue == "zh" else ", ").join(titles)
        yield sum_of(item, tongue)
    yield from filter(None, [span_of(item, tongue), map_url(item.state, tongue)])
    for remark in item.remarks:
        yield from sentences(remark, tongue)


def _overdue_lines(found: Overdue, tongue: Language) -> Iterator[str]:
    unit = say("overdue.unit", tongue)
    yield "\t".join(
        [
            say("overdue.title", tongue),
            f"{number(len(found.tasks))} {unit}",
            say("agrees" if found.agrees else "differs", tongue),
        ]
    )
    yield f"\t{found.definition.of(tongue)}"
    if found.as_of:
        yield "\t" + say("overdue.day", tongue, day=day(found.as_of, tongue))
    for task in found.tasks:
        days = say("overdue.days_count", tongue, count=number(task.days))
        words = (
            task.unit,
            task.task,
            task.name,
            day(task.due, tongue),
            f"{task.progress:g}%",
            days,
        )
        yield "\t" + " · ".join(word for word in words if word)
    for remark in found.remarks:
        yield from (f"\t{text}" for text in sentences(remark, tongue))


def _plain_number(item: Number, tongue: Language) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title.of(tongue),
        "unit": item.unit.of(tongue),
        "definition": item.definition.of(tongue),
        "value": item.value,
        "parts": [
            {
                "id": part.id,
                "title": part.title.of(tongue),
                "value": part.value,
                "map": map_url(part.state, tongue) or None,
            }
            for part in item.parts
        ],
        "features": item.features,
        "revisions": dict(item.revisions),
        "as_of": item.as_of,
        "first": item.first,
        "last": item.last,
        "agrees": item.agrees,
        "remarks": remarks_of(item.remarks, tongue),
        "map": map_url(item.state, tongue) or None,
    }


def _plain_overdue(found: Overdue, tongue: Language) -> dict[str, Any]:
    return {
        "definition": found.definition.of(tongue),
        "as_of": found.as_of,
        "count": len(found.tasks),
        "open": found.open,
        "tasks": [asdict(task) for task in found.tasks],
        "units": [asdict(item) for item in found.units],
        "revisions": dict(found.revisions),
        "agrees": found.agrees,
        "remarks": remarks_of(found.remarks, tongue),
        "map": map_url(found.state, tongue) or None,
    }
