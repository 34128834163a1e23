"""The report of a half-year as a Word file: numbers, maps, hotspots, before and after, siting.

Every number is the scorecard's and every figure is frozen (`geosvc.snapshots`) with its id printed
below it. A report is made only where its numbers agree; its texts stay editable in Word.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from geosvc import __version__, messages
from geosvc.catalog.model import Text
from geosvc.errors import Issue, StateError
from geosvc.reports import agreement, sections
from geosvc.reports import document as word
from geosvc.reports.book import Book, Report, quiet
from geosvc.reports.document_contents import add_contents
from geosvc.reports.half_year import half_year
from geosvc.reports.outline import FILE, HALF_YEAR, SECTIONS
from geosvc.reports.publish import Made, json_part, subject_of
from geosvc.reports.rows import layer_titles, words
from geosvc.reports.scenario_choice import chosen_scenario
from geosvc.snapshots import Part
from geosvc.words import hotspots
from geosvc.words.numerals import day
from geosvc.workspace.recomputed import recomputed
from geosvc.workspace.trust import trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from docx.text.paragraph import Paragraph

    from geosvc.catalog.model import Language
    from geosvc.reports.book import Keep, Progress
    from geosvc.reports.half_year import HalfYear
    from geosvc.scorecard import Scorecard
    from geosvc.workspace import Workspace

_WRITERS: Final[Mapping[str, Callable[[Book, Scorecard], None]]] = MappingProxyType(
    {
        "numbers": sections.write_numbers,
        "maps": sections.write_maps,
        "hotspots": sections.write_hotspots,
        "before_after": sections.write_before_after,
        "siting": sections.write_siting,
        "changes": sections.write_changes_of,
        "notes": sections.write_notes,
    }
)

_COMPUTED: Final = {"hotspots", "before_after", "notes"}
"""The sections that say what was computed from the layers."""


def report(  # noqa: PLR0913 - what a report can be asked for
    workspace: Workspace,
    period: str | None,
    *,
    sections: Sequence[str] = SECTIONS,
    scenario: int | None = None,
    language: Language = "zh",
    snapshots: Keep,
    progress: Progress = quiet,
) -> Report:
    """Write the report of a half-year.

    Parameters
    ----------
    workspace
        The layers, as readers see them who have not signed in.
    period
        As ``2024H1``; by default the half-year of the data's day.
    sections
        Names in `SECTIONS`; they stand in that order.
    scenario
        The number of the siting that is told; by default the one that was saved or computed last.
    language
        Of the text.
    snapshots
        Publishes a figure and returns its id.
    progress
        Hears how far it is.

    Returns
    -------
    report
        The same bytes for the same layers and choices.

    Raises
    ------
    StateError
        If there is no such half-year, section or scenario.
    PublishError
        If numbers, parts, layers and maps do not agree.
    StoreUnavailableError
        If a snapshot cannot be written.
    """
    chosen = _chosen(sections)
    if scenario is not None:
        chosen_scenario(workspace, scenario)
    half = half_year(workspace if workspace.is_pinned else workspace.pinned(), period)
    if half.is_past and _COMPUTED & set(chosen):
        half = replace(half, view=half.view.through(recomputed))
    view, card = half.view, half.card
    check_card(card, language)
    document = word.new_document(language, has_cover=True)
    book = Book(document, view, language, snapshots, scenario=scenario)
    titles = _titles(card)
    cover = _write_cover(book, card, titles.of(language))
    _write_moment(book, half)
    for at, name in enumerate(chosen):
        progress(at / len(chosen), name)
        _WRITERS[name](book, card)
    add_contents(book.document, cover)
    asked: dict[str, Any] = {"period": card.period.id, "sections": list(chosen)}
    asked |= {} if scenario is None else {"scenario": scenario}
    facts = _facts(book, card, titles, asked)
    progress(1.0, "save")
    return Report(word.save(book.document), tuple(found for _, found in book.frozen), facts)


def made_of(found: Report) -> Made:
    """Return a report as the parts of a snapshot, so that readers can have it."""
    counts = found.facts["counts"]
    told = [
        {"id": name, **item, "classes": [], "columns": [], "rows": []}
        for name, item in counts.items()
    ]
    parts = {FILE: Part(found.content, word.MEDIA_TYPE), "table.json": json_part(told)}
    return Made(parts, found.facts)


def check_card(card: Scorecard, language: Language) -> None:
    """Refuse numbers that do not agree with their parts, their layers or their maps.

    Raises
    ------
    PublishError
        With an issue for each number.
    """
    issues = []
    for number in card.numbers:
        if number.value is None:
            issues.append(Issue("no_value", number.title.of(language)))
        elif not number.agrees:
            said = f"{number.value:g} / {sum(part.value for part in number.parts):g}"
            issues.append(Issue("not_agreed", number.title.of(language), found=said))
    if card.overdue is not None and not card.overdue.agrees:
        issues.append(Issue("no_value", messages.text("scorecard.overdue.title", language)))
    agreement.refuse(issues)
    agreement.check_sums(
        (number.title.of(language), [part.value for part in number.parts], number.value or 0)
        for number in card.numbers
        if number.parts
    )


def _chosen(asked: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in asked if name not in SECTIONS]
    if unknown or not asked:
        found, expected = ", ".join(unknown)[:80], ", ".join(SECTIONS)
        name = "sections"
        issue = Issue("not_allowed", name, found=found, expected=expected)
        raise StateError(name, issues=[issue])
    return tuple(name for name in SECTIONS if name in asked)


def _half(card: Scorecard, language: Language) -> str:
    return messages.text(f"scorecard.half.{card.period.half}", language, year=card.period.year)


def _write_cover(book: Book, card: Scorecard, title: str) -> Paragraph:
    tongue, period = book.language, card.period
    lines = [
        book.workspace.catalog.site.title.of(tongue),
        book.say("days", first=day(period.first, tongue), last=day(period.last, tongue)),
    ]
    if card.as_of:
        lines.append(book.say("as_of", day=day(card.as_of, tongue)))
    layers = list(book.workspace.catalog.layers)
    notice = book.say("synthetic") if trust(book.workspace, layers, tongue)["synthetic"] else ""
    return word.add_cover(book.document, title, lines, notice=notice)


def _write_moment(book: Book, half: HalfYear) -> None:
    """Say of which moment the layers are, where a later one could be meant."""
    last = day(half.card.period.last, book.language)
    if half.is_past:
        known = book.workspace.catalog.layers
        again = [
            known[name].title.of(book.language)
            for name, status in book.workspace.moment.statuses.items()
            if status.is_served and status.revision is None and name in known
        ]
        listed = hotspots.listed(again, book.language)
        computed = book.say("computed_again", layers=listed) if again else ""
        book.text(book.say("as_it_stood", day=last), computed)
    elif half.is_late:
        book.text(book.say("as_it_stands", day=last, first=day(half.first, book.language)))


def _titles(card: Scorecard) -> Text:
    zh, en = (
        messages.text("report.title", tongue, period=_half(card, tongue))
        for tongue in messages.LANGUAGES
    )
    return Text(zh, en)


def _facts(
    book: Book, card: Scorecard, titles: Text, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    view, layers = book.workspace, list(book.workspace.catalog.layers)
    asked = {**parameters, "language": book.language}
    return {
        "kind": HALF_YEAR,
        "subject": subject_of(HALF_YEAR, asked),
        "title": titles.of(book.language),
        "titles": words(titles),
        "caption": {tongue: _spoken(card, tongue) for tongue in messages.LANGUAGES},
        "note": "",
        "language": book.language,
        "as_of": card.as_of,
        "revisions": {name: view.status(name).revision for name in layers},
        "layers": layer_titles(view.catalog, layers),
        "counts": {
            number.id: {
                "title": words(number.title),
                "unit": words(number.unit),
                "count": number.value,
            }
            for number in card.numbers
        },
        "total": None,
        "synthetic": trust(view, layers, book.language)["synthetic"],
        "sources": {
            tongue: trust(view, layers, tongue)["sources"] for tongue in messages.LANGUAGES
        },
        "parameters": asked,
        "figures": [found for _, found in book.frozen],
        "service": __version__,
    }


def _spoken(card: Scorecard, language: Language) -> str:
    said = [sections.number_text(number, language) for number in card.numbers]
    return messages.text("publish.semicolon", language).join(said)
