"""The sections of the half-year's report: what each writes, from which numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from geosvc import messages
from geosvc.errors import Issue, StateError
from geosvc.map_state import MapState
from geosvc.reports import agreement
from geosvc.reports.difference import write_changes
from geosvc.reports.figures import figure_of, rows_counted
from geosvc.reports.hotspot_charts import HEADS, KEYS
from geosvc.reports.hotspot_charts import LAYER as HOTSPOTS
from geosvc.reports.layer_changes import changes
from geosvc.reports.publish import Words
from geosvc.reports.publish_numbers import make_scorecard, make_weeks
from geosvc.reports.publish_siting import make_siting
from geosvc.reports.rows import both
from geosvc.reports.scenario_choice import chosen_scenario
from geosvc.words import evaluation, hotspots, scenarios, siting
from geosvc.words.numerals import day, number
from geosvc.workspace.reruns import to_features
from geosvc.workspace.scenarios import moved_layers
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Language
    from geosvc.reports.book import Book
    from geosvc.scorecard import Number, Overdue, Scorecard

EVALUATION: Final = "before_after"
HOTSPOT_MAP: Final = "hotspots"


def write_numbers(book: Book, card: Scorecard) -> None:
    """Write the numbers of the half-year, what each means, and what is overdue."""
    tongue = book.language
    half = messages.text(f"scorecard.half.{card.period.half}", tongue, year=card.period.year)
    book.heading("numbers")
    said = messages.text("publish.semicolon", tongue).join(
        number_text(item, tongue) for item in card.numbers
    )
    if not said:
        book.text(messages.text("scorecard.none", tongue))
        return
    agreed = book.say("agreed", count=number(card.total))
    book.text(book.say("summary", period=half, numbers=said), agreed)
    header = [book.say(name) for name in ("number", "value", "parts", "definition", "revision")]
    rows = [_number_row(item, tongue) for item in card.numbers]
    found = book.freeze(make_scorecard(book.workspace, card.period.id, Words(), language=tongue))
    title, note = book.say("numbers_table", period=half), book.mark(found) if found else ""
    book.table(title, header, rows, (26, 22, 40, 54, 14), note=note)
    if card.overdue is not None:
        _write_overdue(book, card.overdue)


def write_maps(book: Book, card: Scorecard) -> None:
    """Write a map for each number that one shows, numbers of the same features once."""
    book.heading("maps")
    book.text(book.say("maps_lead"))
    seen: set[tuple[str, str]] = set()
    for item in card.numbers:
        if item.state is None or not item.features:
            continue
        key = (item.state.map_id, item.state.query())
        if key in seen:
            continue
        seen.add(key)
        state = replace(item.state, language=book.language)
        made = figure_of(book, state, item.title)
        counted = rows_counted(made)
        if counted != item.features:
            said = f"{counted} / {item.features}"
            agreement.refuse([Issue("not_agreed", item.title.of(book.language), found=said)])
        book.figure(made)
    if not seen:
        book.text(book.say("no_maps"))


def write_hotspots(book: Book, _card: Scorecard) -> None:
    """Write which streets stand out, how strong one would have to be, and how it was found."""
    tongue, view = book.language, book.workspace
    book.heading("hotspots")
    found = _report(book, HOTSPOTS)
    if found is None:
        _write_absence(book)
        return
    rows = [item["properties"] for item in to_features(view.frame(HOTSPOTS))]
    if view.status(HOTSPOTS).state == "stale":
        book.text(messages.text("hotspots.stale", tongue))
    book.text(*hotspots.headline(found, rows, tongue), *hotspots.lead(found, rows, tongue))
    seen = hotspots.power(found, tongue)
    if seen:
        book.text(seen["text"])
    if HOTSPOT_MAP in view.catalog.maps:
        title = view.catalog.map(HOTSPOT_MAP).title
        book.figure(figure_of(book, MapState(HOTSPOT_MAP, language=tongue), title))
    evidence = hotspots.evidence(rows, tongue)
    header = [messages.text(f"charts.{name}", tongue) for name in HEADS]
    table = [[str(row[key]) for key in KEYS] for row in evidence]
    book.table(book.say("evidence"), header, table, (12, 40, 18, 16, 14, 16, 16, 18))
    header = [messages.text(f"charts.{name}", tongue) for name in HEADS[:2]]
    about = [[str(row["rank"]), row["road"], row["note"]] for row in evidence]
    book.table(book.say("evidence_notes"), [*header, book.say("note")], about, (12, 30, 114))
    if evidence:
        book.text(
            *(messages.text(f"hotspots.{key}", tongue) for key in ("selected", "conservative"))
        )
    weeks = hotspots.weekly(found, tongue)
    book.text(weeks["text"] if weeks else "", *hotspots.surveyed(found, tongue)["texts"][:2])
    chart = make_weeks(view, language=tongue)
    if chart is not None:
        book.figure(chart)
    book.text(*hotspots.score(found, tongue)["texts"], hotspots.used(found, tongue)["text"])


def write_before_after(book: Book, _card: Scorecard) -> None:
    """Write what changed where something was done: what could be seen at all comes first."""
    tongue = book.language
    book.heading("before_after")
    if EVALUATION not in book.workspace.catalog.layers:
        book.text(book.say("no_before_after"))
        return
    found = _report(book, EVALUATION)
    for view in evaluation.comparisons(found, tongue):
        book.part(view["title"])
        texts = view["texts"]
        # the power is the first sentence; the verdict stands behind it
        badge = book.say("verdict", text=view["badge"]) if view["badge"] else ""
        book.text(*texts[:1], badge, *texts[1:])
        if view["dropped"]:
            book.text(view["dropped_text"] + ("。" if tongue == "zh" else "."))
    if found is None:
        book.text(*_reasons(book, EVALUATION))


def write_siting(book: Book, _card: Scorecard) -> None:
    """Write the answer of the chosen scenario, else of the last one; say so where none is."""
    tongue, view = book.language, book.workspace
    book.heading("siting")
    found = chosen_scenario(view, book.scenario)
    if found is None:
        book.text(book.say("no_siting"))
        return
    scenario, document = found
    facts = scenario.facts
    proof = book.say("proof", text=scenarios.proof(facts, tongue)["text"])
    key = "scenario" if book.scenario is None else "scenario_chosen"
    book.text(book.say(key, title=scenario.title), scenarios.headline(facts, tongue), proof)
    moved = [
        view.catalog.layers[name].title.of(tongue)
        for name in moved_layers(view, scenario)
        if name in view.catalog.layers
    ]
    if moved:
        book.text(book.say("moved", layers=hotspots.listed(moved, tongue)))
    book.text(*siting.verdict(document, tongue), *siting.reasons(document, tongue))
    for title, heads, rows, widths in (
        (
            "sites",
            scenarios.SITE_HEADS,
            scenarios.site_rows(document, tongue),
            (24, 52, 20, 14, 24, 18),
        ),
        (
            "curve",
            scenarios.CURVE_HEADS,
            scenarios.curve_rows(document, tongue),
            (18, 30, 30, 26, 30, 24),
        ),
    ):
        header = [messages.text(f"siting_column.{name}", tongue) for name in heads]
        book.table(book.say(f"siting_{title}"), header, rows, widths)
    if document["chosen"] is not None:
        titles = both("report.siting_frozen", number=scenario.id)
        words = Words(titles.of(tongue), titles=titles)
        book.figure(make_siting(view, document, words, language=tongue))


def write_changes_of(book: Book, card: Scorecard) -> None:
    """Write what changed in the layers within the half-year; say so where no history is there."""
    eve = date.fromisoformat(card.period.first) - timedelta(days=1)
    try:
        found = changes(book.workspace, eve.isoformat(), card.period.last)
    except StateError as error:
        book.heading("changes")
        book.text(book.say("changes_none", day=day(error.issues[0].expected, book.language)))
        return
    write_changes(book, found)


def write_notes(book: Book, _card: Scorecard) -> None:
    """Write where the numbers are from and how they were made: layers, method, seeds, snapshots."""
    tongue, view = book.language, book.workspace
    book.heading("notes")
    book.text(book.say("notes_lead"), book.say("privacy"))
    header = [
        book.say(name)
        for name in ("layer", "source", "day", "revision", "count", "datum", "licence")
    ]
    rows = [_layer_row(book, name) for name in view.catalog.order() if view.status(name).is_served]
    book.table(book.say("layers_table"), header, rows, (30, 26, 33, 10, 16, 24, 17))
    found = _report(book, HOTSPOTS)
    if found is not None:
        header = [book.say(name) for name in ("setting", "chosen")]
        book.table(book.say("method_table"), header, hotspots.method(found, tongue), (36, 120))
    if book.frozen:
        book.text(book.say("frozen_lead"))
        header = [book.say(name) for name in ("frozen_title", "frozen_id")]
        book.table(book.say("frozen_table"), header, book.frozen, (28, 128))
    if not view.settings.base_url:
        book.text(book.say("no_address"))


def number_text(item: Number, language: Language) -> str:
    """Write a number with its unit, and its parts in brackets.

    Parameters
    ----------
    item
        The number.
    language
        Of the text.
    """
    said = messages.text(
        "publish.number",
        language,
        title=item.title.of(language),
        count=number(item.value),
        unit=item.unit.of(language),
    )
    parts = _parts(item, language)
    return messages.text("report.with_parts", language, number=said, parts=parts) if parts else said


def _parts(item: Number, language: Language) -> str:
    none = messages.text("scorecard.part_none", language)
    said = [f"{part.title.of(language) or none} {number(part.value)}" for part in item.parts]
    return hotspots.listed(said, language)


def _number_row(item: Number, language: Language) -> list[str]:
    revision = sum(value or 0 for value in item.revisions.values())
    return [
        item.title.of(language),
        f"{number(item.value)} {item.unit.of(language)}",
        _parts(item, language) or "–",
        item.definition.of(language),
        f"r{revision}",
    ]


def _write_overdue(book: Book, found: Overdue) -> None:
    tongue = book.language
    book.part(messages.text("scorecard.overdue.title", tongue))
    on = day(found.as_of, tongue)
    if not found.tasks:
        book.text(messages.text("scorecard.overdue.none", tongue, day=on))
        return
    counts = {"count": number(len(found.tasks)), "open": number(found.open)}
    book.text(book.say("overdue", day=on, **counts))
    heads = ("task", "object", "responsible", "due", "progress", "days")
    header = [messages.text(f"scorecard.overdue.{name}", tongue) for name in heads]
    nobody = messages.text("scorecard.overdue.nobody", tongue)
    rows = [
        [
            task.task,
            task.name,
            task.unit or nobody,
            day(task.due, tongue),
            f"{task.progress:g}%",
            messages.text("scorecard.overdue.days_count", tongue, count=number(task.days)),
        ]
        for task in found.tasks
    ]
    title = messages.text("scorecard.overdue.heading", tongue, count=counts["count"])
    book.table(title, header, rows, (32, 34, 26, 32, 16, 16))


def _write_absence(book: Book) -> None:
    """Say why there is no verdict on hotspots."""
    tongue, view = book.language, book.workspace
    if HOTSPOTS not in view.catalog.layers:
        book.text(book.say("no_hotspots"))
        return
    status = view.status(HOTSPOTS)
    is_waiting = status.state == "pending"
    key = "hotspots.verdict_pending" if is_waiting else "hotspots.verdict_unavailable"
    book.text(messages.text(key, tongue), *_reasons(book, HOTSPOTS))


def _reasons(book: Book, layer_id: str) -> list[str]:
    """Say why a layer that is computed is not there."""
    known, issues = book.workspace.catalog.layers, book.workspace.status(layer_id).issues
    missing = [str(issue.found) for issue in issues if issue.code == "layer_needed"]
    titles = [known[name].title.of(book.language) if name in known else name for name in missing]
    needed = book.say("needed", layers=hotspots.listed(titles, book.language)) if titles else ""
    others = [issue for issue in issues if issue.code != "layer_needed"]
    return [needed, *(messages.render_issue(issue, book.language) for issue in others)]


def _report(book: Book, layer_id: str) -> dict[str, Any] | None:
    view = book.workspace
    if layer_id not in view.catalog.layers or not view.status(layer_id).is_served:
        return None
    return cast("dict[str, Any] | None", view.status(layer_id).notes.get("report"))


def _layer_row(book: Book, layer_id: str) -> Sequence[str]:
    tongue, view = book.language, book.workspace
    layer, status = view.catalog.layer(layer_id), view.status(layer_id)
    derived = book.say("derived")
    return [
        layer.title.of(tongue),
        source_of(view, layer_id).of(tongue) or "–",
        day(status.as_of, tongue),
        f"r{status.revision or 0}",
        number(status.count),
        (layer.source.datum or "–") if layer.source else derived,
        (layer.source.licence if layer.source else "") or "–",
    ]
