"""The parts of snapshots of numbers: the scorecard of a half-year, the violations by week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from geosvc import __version__, messages
from geosvc.catalog.model import Text
from geosvc.errors import Issue
from geosvc.figures import draw_chart
from geosvc.reports import agreement, rows
from geosvc.reports.hotspot_charts import LAYER as HOTSPOTS
from geosvc.reports.hotspot_charts import report_of, weeks_chart
from geosvc.reports.publish import JSON, Made, Words, check_text, json_part, subject_of
from geosvc.scorecard import scorecard
from geosvc.snapshots import Part
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geosvc.catalog.model import Language
    from geosvc.figures.charts import Chart
    from geosvc.figures.request import Format
    from geosvc.scorecard import Number
    from geosvc.workspace import Workspace

FORMATS: Final[tuple[Format, ...]] = ("png", "svg", "pdf")


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
    return made_of(
        workspace,
        {"table.json": Part(orjson.dumps([_number(item) for item in card.numbers]), JSON)},
        words,
        known=known,
        facts={
            "kind": "scorecard",
            "language": language,
            "titles": words.titled(rows.both("publish.scorecard", period=card.period.id)),
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


def make_weeks(workspace: Workspace, *, language: Language = "zh") -> Made | None:
    """Make the parts of the chart of violations by week.

    Parameters
    ----------
    workspace
        A view of one moment; its hotspots are there.
    language
        Of the chart.

    Returns
    -------
    made
        None where hotspots were found without weeks.

    Raises
    ------
    PublishError
        If the weeks do not sum to the violations that hotspots were made of.
    """
    chart = weeks_chart(workspace, language)
    if not chart.counts:
        return None
    counts = [count for _, count in chart.counts]
    used = report_of(workspace)["events"]["used"]
    agreement.check_sums([(HOTSPOTS, counts, used)])
    title = rows.both("charts.violations_by_week")
    table = {
        "id": HOTSPOTS,
        "title": rows.words(title),
        "count": used,
        "classes": [],
        "columns": [
            {"name": name, "title": rows.words(rows.both(f"charts.{name}")), "labels": {}}
            for name in ("week", "cases")
        ],
        "rows": [list(row) for row in chart.counts],
    }
    parts, about = drawn_chart(workspace, chart, language)
    status = workspace.status(HOTSPOTS)
    return made_of(
        workspace,
        parts | {"table.json": Part(orjson.dumps([table]), JSON)},
        Words(),
        known={used},
        facts={
            "kind": "chart",
            "language": language,
            "titles": title,
            "as_of": status.as_of,
            "revisions": {HOTSPOTS: status.revision},
            "caption": rows.words(counted(title, used)),
            "counts": {"weeks": {"title": rows.words(title), "count": used}},
            "total": used,
            "parameters": {"chart": "violations_by_week"},
        }
        | about,
        layers=[HOTSPOTS],
    )


def drawn_chart(
    workspace: Workspace, chart: Chart, language: Language, *, stem: str = "figure"
) -> tuple[dict[str, Part], dict[str, Any]]:
    """Draw a chart in all formats.

    Returns
    -------
    parts, about
        The files by name, and the facts ``alt`` and ``size_mm``.
    """
    static = workspace.settings.static
    drawn = {
        name: draw_chart(chart, format=name, language=language, static=static) for name in FORMATS
    }
    png = drawn["png"]
    about = {
        "alt": rows.words(png.alt),
        "size_mm": [round(png.width_mm, 2), round(png.height_mm, 2)],
    }
    parts = {f"{stem}.{name}": Part(one.content, one.media_type) for name, one in drawn.items()}
    return parts, about


def made_of(
    workspace: Workspace,
    parts: dict[str, Part],
    words: Words,
    *,
    known: set[float],
    facts: dict[str, Any],
    layers: Iterable[str],
) -> Made:
    """Put parts and facts of numbers together.

    Parameters
    ----------
    workspace
        A view of one moment.
    parts
        All but the caption.
    words
        What a person writes.
    known
        The numbers that a text may say.
    facts
        ``kind``, ``language``, ``titles``, ``as_of``, ``revisions``, ``caption``, ``counts``,
        ``total`` and ``parameters``.
    layers
        Where the numbers are from.

    Raises
    ------
    PublishError
        If a text says another number.
    """
    agreement.check_words(words.title, known)
    agreement.check_words(words.caption, known)
    ids = list(layers)
    texts = [source_of(workspace, name) for name in ids]
    days = [day for name in ids if (day := workspace.status(name).as_of)]
    titles: Text = facts["titles"]
    facts |= {"title": titles.of(facts["language"]), "titles": rows.words(titles)}
    said = {"title": facts["title"], "counted": facts["caption"], "note": words.caption}
    more = {
        "as_of": facts["as_of"] or max(days, default=None),
        "layers": rows.layer_titles(workspace.catalog, facts["revisions"]),
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


def counted(title: Text, count: int) -> Text:
    """Say how many there are of what a title names."""
    zh, en = (
        messages.text("publish.layer", item, title=title.of(item), count=count)
        for item in messages.LANGUAGES
    )
    return Text(zh, en)
