"""The parts of snapshots without a map state: the scorecard of a half-year, an answer of siting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from geosvc import __version__, messages
from geosvc.catalog.model import Text
from geosvc.errors import Issue
from geosvc.figures import draw_chart
from geosvc.reports import agreement, rows
from geosvc.reports.publish import GEOJSON, JSON, Made, Words, check_text, json_part, subject_of
from geosvc.reports.siting_chart import siting_curve
from geosvc.scorecard import scorecard
from geosvc.snapshots import Part
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geosvc.catalog.model import Language
    from geosvc.figures.request import Format
    from geosvc.scorecard import Number
    from geosvc.workspace import Workspace

FORMATS: Final[tuple[Format, ...]] = ("png", "svg", "pdf")
SITE_FIELDS: Final = ("key", "name", "street", "bays")
"""What is written of a site of a siting."""
CURVE_FIELDS: Final = ("added", "value", "bound", "mean_m", "p95_m", "max_m")
"""What is written of each number of new sites."""


def make_scorecard(
    workspace: Workspace, period: str | None, words: Words, *, language: Language = "zh"
) -> Made:
    """Make the parts of a half-year's numbers.

    Parameters
    ----------
    workspace
        A view of one moment, as readers see it who have not signed in.
    period
        As ``2024H1``; by default the half-year of the data's day.
    words
        What a person writes.
    language
        The language of the page.

    Raises
    ------
    PublishError
        If a number does not agree with its parts, its layers or its map.
    StateError
        If there is no such half-year.
    """
    check_text(words)
    workspace = workspace if workspace.is_pinned else workspace.pinned()
    card = scorecard(workspace, period)
    wrong = [number for number in card.numbers if not number.agrees or number.value is None]
    agreement.refuse([Issue("not_agreed", number.id, found=_sides(number)) for number in wrong])
    if not card.numbers:
        agreement.refuse([Issue("nothing_drawn", "scorecard")])
    agreement.check_sums(
        (number.id, [part.value for part in number.parts], number.value or 0)
        for number in card.numbers
        if number.parts
    )
    known = {number.value or 0 for number in card.numbers}
    known |= {part.value for number in card.numbers for part in number.parts}
    return _made(
        workspace,
        {"table.json": Part(orjson.dumps([_number(item) for item in card.numbers]), JSON)},
        words,
        known=known,
        facts={
            "kind": "scorecard",
            "language": language,
            "title": words.title
            or messages.text("publish.scorecard", language, period=card.period.id),
            "as_of": card.as_of,
            "revisions": {
                name: revision
                for number in card.numbers
                for name, revision in number.revisions.items()
            },
            "caption": rows.words(_spoken(card.numbers)),
            "counts": {
                number.id: {"title": rows.words(number.title), "count": _whole(number.value)}
                for number in card.numbers
            },
            "total": None,
            "parameters": {"period": card.period.id},
        },
        layers=card.layers,
    )


def make_siting(
    workspace: Workspace,
    document: Mapping[str, Any],
    words: Words,
    *,
    language: Language = "zh",
) -> Made:
    """Make the parts of an answer of siting.

    Parameters
    ----------
    workspace
        A view of one moment.
    document
        What `geosvc.workspace.siting.ask` returned, of a scenario or a job.
    words
        What a person writes; a title is needed.
    language
        The language of the page.

    Raises
    ------
    PublishError
        If no plan was found, or the sites do not sum up.
    """
    check_text(words)
    if not words.title:
        agreement.refuse([Issue("required", "title")])
    if document["chosen"] is None:
        agreement.refuse([Issue("nothing_drawn", "siting")])
    best = document["curve"][document["chosen"]]
    sites = [_site(document, best, place) for place in best["opened"]]
    agreement.check_sums([("siting", [1.0] * len(sites), best["added"])])
    title = _words("publish.sites")
    table = [_sites(title, sites), _curve(document)]
    pictures, about = _chart(workspace, document, words, language)
    return _made(
        workspace,
        pictures
        | {
            "data.geojson": Part(_points(sites), GEOJSON),
            "table.json": Part(orjson.dumps(table), JSON),
            "answer.json": json_part(dict(document)),
        },
        words,
        known={len(sites), *(site["bays"] or 0 for site in sites)},
        facts={
            "kind": "siting",
            "language": language,
            "title": words.title,
            "as_of": None,
            "revisions": {name: one["revision"] for name, one in document["inputs"].items()},
            "caption": rows.words(_layer(title, len(sites))),
            "counts": {"sites": {"title": rows.words(title), "count": len(sites)}},
            "total": len(sites),
            "parameters": {"map": "siting", "wishes": document["wishes"]},
        }
        | about,
        layers=[name for name in document["inputs"] if name in workspace.catalog.layers],
    )


def _chart(
    workspace: Workspace, document: Mapping[str, Any], words: Words, language: Language
) -> tuple[dict[str, Part], dict[str, Any]]:
    """Draw the curve of the numbers in the table; nothing where none has a value."""
    curve = siting_curve(document, language, title=words.title)
    if not curve.points:
        return {}, {}
    static = workspace.settings.static
    drawn = {
        name: draw_chart(curve, format=name, language=language, static=static) for name in FORMATS
    }
    png = drawn["png"]
    about = {
        "alt": rows.words(png.alt),
        "size_mm": [round(png.width_mm, 2), round(png.height_mm, 2)],
    }
    parts = {f"figure.{name}": Part(one.content, one.media_type) for name, one in drawn.items()}
    return parts, about


def _made(
    workspace: Workspace,
    parts: dict[str, Part],
    words: Words,
    *,
    known: set[float],
    facts: dict[str, Any],
    layers: Iterable[str],
) -> Made:
    agreement.check_words(words.title, known)
    agreement.check_words(words.caption, known)
    ids = list(layers)
    texts = [source_of(workspace, name) for name in ids]
    days = [day for name in ids if (day := workspace.status(name).as_of)]
    said = {"title": facts["title"], "counted": facts["caption"], "note": words.caption}
    more = {
        "as_of": facts["as_of"] or max(days, default=None),
        "note": words.caption,
        "service": __version__,
        "sources": {
            item: [text for text in dict.fromkeys(one.of(item) for one in texts) if text]
            for item in messages.LANGUAGES
        },
        "subject": subject_of(facts["kind"], facts["parameters"]),
        "synthetic": any(workspace.status(name).synthetic for name in ids),
    }
    return Made(parts | {"caption.json": json_part(said)}, facts | more)


def _number(number: Number) -> dict[str, Any]:
    return {
        "id": number.id,
        "title": rows.words(number.title),
        "unit": rows.words(number.unit),
        "definition": rows.words(number.definition),
        "count": _whole(number.value),
        "classes": [
            {"value": part.id, "label": rows.words(part.title), "count": _whole(part.value)}
            for part in number.parts
        ],
        "revisions": dict(number.revisions),
        "map": None if number.state is None else number.state.map_id,
        "query": None if number.state is None else number.state.query(),
        "columns": [],
        "rows": [],
    }


def _spoken(numbers: Sequence[Number]) -> Text:
    lines = {
        language: messages.text("publish.semicolon", language).join(
            messages.text(
                "publish.number",
                language,
                title=number.title.of(language),
                count=f"{_whole(number.value):,}",
                unit=number.unit.of(language),
            )
            for number in numbers
        )
        for language in messages.LANGUAGES
    }
    return Text(lines["zh"], lines["en"])


def _sides(number: Number) -> str:
    parts = sum(part.value for part in number.parts)
    return f"{number.value} / {parts:g} / {number.features}"


def _whole(value: float | None) -> float | int:
    number = value or 0
    return int(number) if float(number).is_integer() else number


def _site(document: Mapping[str, Any], row: Mapping[str, Any], place: int) -> dict[str, Any]:
    site, places = document["sites"][place], document["places"]["sites"]
    loads = {load["site"]: load for load in row["loads"]}
    return {
        **{name: site[name] for name in SITE_FIELDS},
        "bays": loads.get(place, {}).get("bays", site["bays"]),
        "lon": places["lon"][place],
        "lat": places["lat"][place],
    }


def _sites(title: Text, sites: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": "sites",
        "title": rows.words(title),
        "count": len(sites),
        "classes": [],
        "columns": [_column(name) for name in SITE_FIELDS],
        "rows": [[site[name] for name in SITE_FIELDS] for site in sites],
    }


def _curve(document: Mapping[str, Any]) -> dict[str, Any]:
    curve = document["curve"]
    return {
        "id": "curve",
        "title": rows.words(_words("publish.curve")),
        "count": len(curve),
        "classes": [],
        "columns": [_column(name) for name in CURVE_FIELDS],
        "rows": [[row[name] for name in CURVE_FIELDS] for row in curve],
    }


def _column(name: str) -> dict[str, Any]:
    return {"name": name, "title": rows.words(_words(f"siting_column.{name}")), "labels": {}}


def _words(key: str) -> Text:
    return Text(messages.text(key, "zh"), messages.text(key, "en"))


def _layer(title: Text, count: int) -> Text:
    zh, en = (
        messages.text("publish.layer", item, title=title.of(item), count=count)
        for item in messages.LANGUAGES
    )
    return Text(zh, en)


def _points(sites: Sequence[Mapping[str, Any]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "id": str(site["key"]),
            "layer": "sites",
            "geometry": {"type": "Point", "coordinates": [site["lon"], site["lat"]]},
            "properties": {name: site[name] for name in SITE_FIELDS},
        }
        for site in sites
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})
