"""The parts of the snapshot of a siting: its sites on a map, its curve, its full answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from geosvc.errors import Issue
from geosvc.reports import agreement, rows
from geosvc.reports.publish import GEOJSON, JSON, Made, Words, check_text, json_part
from geosvc.reports.publish_numbers import FORMATS, counted, drawn_chart, made_of
from geosvc.reports.siting_chart import siting_curve
from geosvc.reports.siting_map import siting_map
from geosvc.snapshots import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language, Text
    from geosvc.workspace import Workspace

SITE_FIELDS: Final = ("key", "name", "street", "bays")
"""What is written of a site of a siting."""
CURVE_FIELDS: Final = ("added", "value", "bound", "mean_m", "p95_m", "max_m")
"""What is written of each number of new sites."""
_OF_MAP: Final = (*(f"figure.{name}" for name in FORMATS), "numbers.json", "style.json")


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
    title = rows.both("publish.sites")
    workspace = workspace if workspace.is_pinned else workspace.pinned()
    table = [_sites(title, sites), _curve(document)]
    pictures, about = _pictures(workspace, document, words, language)
    return made_of(
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
            "titles": words.titled(title),
            "as_of": None,
            "revisions": {name: one["revision"] for name, one in document["inputs"].items()},
            "caption": rows.words(counted(title, len(sites))),
            "counts": {"sites": {"title": rows.words(title), "count": len(sites)}},
            "total": len(sites),
            "parameters": {"map": "siting", "wishes": document["wishes"]},
        }
        | about,
        layers=[name for name in document["inputs"] if name in workspace.catalog.layers],
    )


def _pictures(
    workspace: Workspace, document: Mapping[str, Any], words: Words, language: Language
) -> tuple[dict[str, Part], dict[str, Any]]:
    """Draw the new sites on their map, and the curve; the curve alone where there is no map."""
    curve = siting_curve(document, language, title=words.title)
    place = siting_map(workspace, document, words, language)
    if place is None:
        return drawn_chart(workspace, curve, language) if curve.points else ({}, {})
    about = {name: place.facts[name] for name in ("alt", "size_mm", "mark")}
    named = {name: part for name, part in place.parts.items() if name in _OF_MAP}
    if not curve.points:
        return named, about
    parts, of_curve = drawn_chart(workspace, curve, language, stem="curve")
    caption = {"caption": rows.words(rows.both("publish.curve"))}
    return named | parts, about | {"pictures": {"curve.png": of_curve | caption}}


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
        "title": rows.words(rows.both("publish.curve")),
        "count": len(curve),
        "classes": [],
        "columns": [_column(name) for name in CURVE_FIELDS],
        "rows": [[row[name] for name in CURVE_FIELDS] for row in curve],
    }


def _column(name: str) -> dict[str, Any]:
    return {"name": name, "title": rows.words(rows.both(f"siting_column.{name}")), "labels": {}}


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
