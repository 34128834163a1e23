"""What is written on and about a figure: title, sources, datum, day, revision, caption."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from geosvc import messages
from geosvc.catalog.model import Text
from geosvc.figures.content import data_layers
from geosvc.words.filters import filters_text
from geosvc.workspace.trust import trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyproj import CRS

    from geosvc.catalog.model import Language
    from geosvc.figures.content import Shown
    from geosvc.figures.request import FigureRequest
    from geosvc.workspace import Workspace

REVIEW_NUMBER = "map_review_no"
"""The field of a boundary that holds its map review number, once an administrator entered it."""
_MERIDIAN = re.compile(r"CM (\d+)E")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one figure in one language; empty ones are not written.

    ``filters`` say what of the layers is shown.
    """

    title: str
    subtitle: str
    facts: tuple[str, ...]
    is_synthetic: bool
    as_of: str | None
    revision: int
    filters: str = ""


def words_of(
    workspace: Workspace,
    request: FigureRequest,
    layers: Sequence[Shown],
    *,
    crs: CRS,
    language: Language,
) -> Words:
    """Return what is written on a figure.

    Parameters
    ----------
    workspace
        Where the layers come from.
    request
        What was asked for.
    layers
        The layers that are drawn.
    crs
        The coordinate system of the drawing.
    language
        The reader's language.
    """
    found = workspace.catalog.map(request.state.map_id)
    drawn = [shown.layer.id for shown in layers]
    known = trust(workspace, drawn, language)
    own = request.title, request.subtitle
    title, subtitle = (
        text.of(language) if given is None else given
        for given, text in zip(own, (found.title, found.description), strict=True)
    )
    comma = messages.text("figure.comma", language)
    facts = [
        _sentence("sources", language, names=comma.join(known["sources"])),
        datum_words(crs, language),
        _sentence("as_of", language, day=day_words(known["as_of"], language)),
        _sentence("revision", language, number=known["revision"] or ""),
        _sentence("snapshot", language, id=request.snapshot or ""),
        _sentence("review", language, number=comma.join(review_numbers(layers))),
    ]
    return Words(
        title,
        subtitle,
        tuple(text for text in facts if text),
        known["synthetic"],
        known["as_of"],
        known["revision"],
        filters_text(workspace.catalog, request.state, drawn).of(language),
    )


def datum_words(crs: CRS, language: Language) -> str:
    """Name the coordinate system of a figure.

    >>> from pyproj import CRS
    >>> datum_words(CRS("EPSG:4549"), "en")
    'CGCS2000, 3-degree Gauss-Krüger projection, central meridian 120°'
    >>> datum_words(CRS("EPSG:32635"), "en")
    'Coordinate system: WGS 84 / UTM zone 35N'
    """
    meridian = _MERIDIAN.search(crs.name)
    if crs.name.startswith("CGCS2000") and meridian:
        return messages.text("figure.gauss", language, meridian=meridian[1])
    return messages.text("figure.projection", language, name=crs.name)


def day_words(day: str | None, language: Language) -> str:
    """Write an ISO day as offices do, nothing where there is none.

    >>> day_words("2024-06-30", "zh"), day_words("2024-06-03T08:00", "en"), day_words(None, "zh")
    ('2024 年 6 月 30 日', '2024-06-03', '')
    """
    if not day:
        return ""
    when = date.fromisoformat(day[:10])
    form = "d" if language == "zh" else "02d"
    parts = {"month": f"{when.month:{form}}", "day": f"{when.day:{form}}"}
    return messages.text("figure.day", language, year=when.year, **parts)


def review_numbers(layers: Iterable[Shown]) -> list[str]:
    """Return the map review numbers that the boundaries drawn carry; none is ever made up."""
    found: list[str] = []
    for shown in layers:
        if shown.layer.schema.field(REVIEW_NUMBER):
            found += [str(text).strip() for text in shown.column(REVIEW_NUMBER)]
    return sorted({text for text in found if text})


def caption_of(words: Mapping[Language, Words]) -> Text:
    """Return the line below a figure: its title, its filters, of which day, which revision."""
    lines = {}
    for language, said in words.items():
        facts = [
            said.filters,
            _sentence("as_of", language, day=day_words(said.as_of, language)),
            _sentence("revision", language, number=said.revision or ""),
            messages.text("figure.synthetic", language) if said.is_synthetic else "",
        ]
        comma = messages.text("figure.semicolon", language)
        joined = comma.join(text for text in facts if text)
        lines[language] = _sentence("facts", language, title=said.title, facts=joined) or said.title
    return Text(lines["zh"], lines["en"])


def alt_of(words: Mapping[Language, Words], layers: Sequence[Shown]) -> Text:
    """Describe a figure to those who cannot see it: what is shown, and how many."""
    lines = {}
    for language, said in words.items():
        counts = [_count(shown, language) for shown in data_layers(layers) if shown.count]
        comma = messages.text("figure.semicolon", language)
        key = "figure.alt" if counts else "figure.alt_none"
        title = _sentence("facts", language, title=said.title, facts=said.filters) or said.title
        lines[language] = messages.text(key, language, title=title, counts=comma.join(counts))
    return Text(lines["zh"], lines["en"])


def _count(shown: Shown, language: Language) -> str:
    title = shown.layer.title.of(language)
    return messages.text("figure.count", language, layer=title, count=f"{shown.count:,}")


def _sentence(key: str, language: Language, **values: object) -> str:
    if not all(str(value) for value in values.values()):
        return ""
    return messages.text(f"figure.{key}", language, **values)
