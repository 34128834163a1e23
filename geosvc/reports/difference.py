"""The report of what changed between two moments, as a Word file of its own or as a section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc import __version__, messages
from geosvc.reports import document as word
from geosvc.reports.book import Book, Report, quiet
from geosvc.reports.difference_map import ChangeMaps
from geosvc.reports.document_contents import add_contents
from geosvc.reports.layer_changes import HOTSPOTS, changes
from geosvc.reports.outline import DIFFERENCE
from geosvc.reports.publish import subject_of
from geosvc.reports.rows import words
from geosvc.symbology import code_of
from geosvc.words.numerals import ABSENT, day, number
from geosvc.workspace.trust import trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.model import Field, Language, Layer
    from geosvc.reports.book import Keep, Progress
    from geosvc.reports.layer_changes import Changes, Hotspot, LayerChanges, Row
    from geosvc.reports.publish import Made
    from geosvc.workspace import Workspace

MOST_ROWS: Final = 100
"""How many features of a layer a report lists of each kind."""
_LONGEST: Final = 40


def difference(
    workspace: Workspace,
    since: str,
    until: str,
    *,
    language: Language = "zh",
    snapshots: Keep,
    progress: Progress = quiet,
) -> Report:
    """Write what differs between two moments.

    Parameters
    ----------
    workspace
        The layers, as readers see them who have not signed in.
    since, until
        Days (``2024-03-31``: their end) or instants in ISO 8601.
    language
        Of the text.
    snapshots
        Publishes a figure and returns its id.
    progress
        Hears how far it is.

    Returns
    -------
    report
        The same bytes as long as the store says the same of both moments.

    Raises
    ------
    StateError
        If a moment makes no sense, or nothing was stored at the second.
    """
    view = workspace if workspace.is_pinned else workspace.pinned()
    progress(0.0, "changes")
    found = changes(view, since, until)
    book = Book(word.new_document(language, has_cover=True), view, language, snapshots)
    days = _days(found, language)
    layers = [item.layer.id for item in found.layers]
    synthetic = trust(view, layers, language)["synthetic"]
    place = view.catalog.site.title.of(language)
    cover = word.add_cover(
        book.document,
        book.say("difference_cover"),
        [place, book.say("between", **days)],
        notice=book.say("synthetic") if synthetic else "",
    )
    progress(0.5, "write")
    write_changes(book, found)
    book.heading("notes")
    book.text(book.say("difference_notes"), book.say("privacy"))
    add_contents(book.document, cover)
    progress(1.0, "save")
    kept = tuple(made for _, made in book.frozen)
    return Report(word.save(book.document), kept, _facts(book, found))


def write_changes(book: Book, found: Changes) -> None:
    """Write what changed: counts of all layers, hotspots new and gone, each layer's features.

    Hotspots and each layer have a map.

    Parameters
    ----------
    book
        The report.
    found
        What changed.
    """
    book.heading("changes")
    moved = [item for item in found.layers if item.added or item.removed or item.changed]
    first = [item for item in found.layers if item.is_first]
    book.text(
        book.say(
            "changes_lead",
            layers=number(len(found.layers)),
            moved=number(len(moved)),
            **{
                name: number(sum(len(getattr(item, name)) for item in moved))
                for name in ("added", "removed", "changed")
            },
        ),
        book.say("changes_first", count=number(len(first)), day=day(found.first, book.language))
        if first
        else "",
    )
    header = [
        book.say(name)
        for name in (
            "layer",
            "revision",
            "count_before",
            "count_after",
            "added",
            "removed",
            "changed",
        )
    ]
    rows = [_counted(item, book.language) for item in found.layers]
    book.table(book.say("changes_table"), header, rows, (36, 26, 18, 18, 18, 21, 21))
    maps = ChangeMaps(book.workspace, found, book.language)
    _write_hotspots(book, found, maps)
    for item in moved:
        _write_layer(book, item, maps)


def _counted(item: LayerChanges, language: Language) -> list[str]:
    before = "–" if item.before is None else f"r{item.before}"
    is_listed = not item.is_first and item.layer.derivation is None
    parts = [
        number(len(part)) if is_listed else ABSENT
        for part in (item.added, item.removed, item.changed)
    ]
    was = ABSENT if item.is_first else number(item.counts[0])
    return [
        item.layer.title.of(language),
        f"{before} → r{item.after}",
        was,
        number(item.counts[1]),
        *parts,
    ]


def _write_hotspots(book: Book, found: Changes, maps: ChangeMaps) -> None:
    if HOTSPOTS not in book.workspace.catalog.layers:
        return
    book.part(book.say("changes_hotspots"))
    if found.new is None or found.gone is None:
        book.text(book.say("hotspots_unknown"))
        return
    counts = {"new": number(len(found.new)), "gone": number(len(found.gone))}
    book.text(book.say("hotspots_moved", stayed=number(len(found.stayed)), **counts))
    rows = [*_hotspot_rows(book, found.new, "new"), *_hotspot_rows(book, found.gone, "gone")]
    heads = ("rank", "road", "visits")
    header = [
        book.say("change"),
        *(messages.text(f"charts.{name}", book.language) for name in heads),
    ]
    book.table(book.say("hotspots_table"), header, rows, (24, 20, 80, 32))
    _draw(book, maps.of_hotspots())


def _hotspot_rows(book: Book, items: Sequence[Hotspot], kind: str) -> list[list[str]]:
    said = book.say(f"hotspot_{kind}")
    return [[said, number(item.rank), item.road, number(item.visits)] for item in items]


def _draw(book: Book, made: Made | None) -> None:
    if made is not None:
        book.figure(made)


def _write_layer(book: Book, item: LayerChanges, maps: ChangeMaps) -> None:
    tongue = book.language
    book.part(item.layer.title.of(tongue))
    _draw(book, maps.of_layer(item))
    for kind in ("added", "removed"):
        rows: Sequence[Row] = getattr(item, kind)
        header = [book.say("key"), book.say("name")]
        listed = [[row.key, _named(book, item.layer, row)] for row in rows[:MOST_ROWS]]
        title = book.say(
            f"{kind}_table", layer=item.layer.title.of(tongue), count=number(len(rows))
        )
        book.table(title, header, listed, (46, 110), note=_left(book, rows))
    header = [book.say(name) for name in ("key", "name", "change")]
    listed = [
        [row.key, _named(book, item.layer, row), _said(book, item.layer, row)]
        for row in item.changed[:MOST_ROWS]
    ]
    title = book.say(
        "changed_table", layer=item.layer.title.of(tongue), count=number(len(item.changed))
    )
    book.table(title, header, listed, (38, 40, 78), note=_left(book, item.changed))


def _named(book: Book, layer: Layer, row: Row) -> str:
    field = layer.schema.field(layer.popup.title) if layer.popup.title else None
    return _shown(field, row.name, book.language)


def _moment_text(text: str, language: Language) -> str:
    return day(text, language) if len(text) == len("2024-06-30") else text


def _days(found: Changes, language: Language) -> dict[str, str]:
    return {name: _moment_text(getattr(found, name), language) for name in ("since", "until")}


def _left(book: Book, rows: Sequence[Row]) -> str:
    left = len(rows) - MOST_ROWS
    return book.say("rows_left", count=number(left)) if left > 0 else ""


def _said(book: Book, layer: Layer, row: Row) -> str:
    said = []
    for name, before, after in row.fields:
        field = layer.schema.field(name)
        title = field.title.of(book.language) if field else name
        old, new = (_shown(field, value, book.language) for value in (before, after))
        said.append(book.say("field_change", field=title, before=old, after=new))
    if row.moved_m is not None:
        said.append(book.say("moved_m", distance=number(row.moved_m, 1)))
    return messages.text("publish.semicolon", book.language).join(said)


def _shown(field: Field | None, value: Any, language: Language) -> str:  # noqa: ANN401 - a cell
    code = code_of(value) or ""
    label = field.labels.get(code) if field else None
    text = label.text.of(language) if label else code or ABSENT
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _facts(book: Book, found: Changes) -> dict[str, Any]:
    layers = [item.layer.id for item in found.layers]
    asked = {"since": found.since, "until": found.until, "language": book.language}
    facts = trust(book.workspace, layers, book.language)
    titles = {
        tongue: messages.text("report.difference", tongue, **_days(found, tongue))
        for tongue in messages.LANGUAGES
    }
    return {
        "kind": DIFFERENCE,
        "subject": subject_of(DIFFERENCE, asked),
        "title": titles[book.language],
        "titles": titles,
        "caption": {tongue: _spoken(found, tongue) for tongue in messages.LANGUAGES},
        "note": "",
        "language": book.language,
        "as_of": facts["as_of"],
        "revisions": {item.layer.id: item.after for item in found.layers},
        "counts": {
            item.layer.id: {"title": words(item.layer.title), "count": item.counts[1]}
            for item in found.layers
        },
        "total": None,
        "synthetic": facts["synthetic"],
        "sources": {
            tongue: trust(book.workspace, layers, tongue)["sources"]
            for tongue in messages.LANGUAGES
        },
        "parameters": asked,
        "figures": [made for _, made in book.frozen],
        "service": __version__,
    }


def _spoken(found: Changes, language: Language) -> str:
    totals = {
        name: number(sum(len(getattr(item, name)) for item in found.layers))
        for name in ("added", "removed", "changed")
    }
    return messages.text("report.changes_counted", language, **totals)
