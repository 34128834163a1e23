"""The parts of a snapshot, all made of one query: picture, data, table, style, numbers, caption.

Nothing is made unless what is drawn, counted and said agrees (`geosvc.reports.agreement`). No time
and no author is part of it: the same question to the same revisions gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from geosvc import __version__, messages
from geosvc.catalog.model import Text
from geosvc.errors import Issue, PublishError
from geosvc.figures.content import data_layers
from geosvc.figures.draw import drawn
from geosvc.figures.request import MEDIA_TYPES
from geosvc.figures.words import alt_of
from geosvc.map_state import filtered, shown_layers
from geosvc.reports import agreement, rows
from geosvc.snapshots import Part
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language
    from geosvc.figures import FigureRequest
    from geosvc.figures.draw import Drawing
    from geosvc.reports.rows import Rows
    from geosvc.workspace import Workspace

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
LONGEST: Final = {"title": 500, "caption": 2000}
"""Characters that the texts of a person may have."""
MARK: Final = 12
"""How many hexadecimal digits stand in a picture."""
_SEVERAL: Final = 2
_NUMBER: Final = re.compile(r"[\d,]+")


@dataclass(frozen=True, slots=True)
class Words:
    """What a person writes: a title (empty for the map's own) and a caption (empty for none).

    ``titles`` is the title in both languages, where it is ours and not a person's.
    """

    title: str = ""
    caption: str = ""
    titles: Text | None = None

    def titled(self, usual: Text) -> Text:
        """Return the title in both languages; a person's own is the same in both.

        >>> Words("Mine").titled(Text("图", "Map")), Words().titled(Text("图", "Map"))
        (Text(zh='Mine', en='Mine'), Text(zh='图', en='Map'))
        """
        return self.titles or (Text(self.title, self.title) if self.title else usual)


@dataclass(frozen=True, slots=True)
class Made:
    """What `geosvc.workspace.published.Shelf.publish` takes."""

    parts: Mapping[str, Part]
    facts: Mapping[str, Any]


def make(
    workspace: Workspace, request: FigureRequest, words: Words, *, kind: str = "figure"
) -> Made:
    """Make the parts of a map or a figure.

    Parameters
    ----------
    workspace
        A view of one moment (`Workspace.pinned`), as readers see it who have not signed in.
    request
        State and paper; its format and title do not count: all formats are drawn, with the title
        of ``words``.
    words
        What a person writes.
    kind
        ``map`` or ``figure``.

    Returns
    -------
    made
        Parts ``figure.png``, ``figure.svg``, ``figure.pdf``, ``data.geojson``, ``table.json``,
        ``style.json``, ``numbers.json``, ``caption.json``. Facts: ``kind``, ``subject``, ``title``
        (and ``titles`` by language), ``caption``, ``note`` (the person's), ``alt``, ``language``,
        ``as_of``, ``revisions``, ``counts``, ``total``, ``synthetic``, ``sources``,
        ``parameters``, ``mark``, ``size_mm``.

    Raises
    ------
    PublishError
        If what is drawn, counted and said does not agree, or there is nothing to draw.
    FigureError, StateError
        If no figure can be made of the request.
    """
    check_text(words)
    workspace = workspace if workspace.is_pinned else workspace.pinned()
    asked = replace(request, title=words.title or request.title)
    asked = replace(asked, snapshot=mark_of(workspace, asked, words))
    drawing = drawn(workspace, asked)
    found = rows_drawn(workspace, asked, drawing)
    caption = caption_of(found, drawing)
    _check(found, drawing, caption, (asked.title, asked.subtitle, words.caption))
    own = replace(words, title=asked.title or "")
    titles = own.titled(workspace.catalog.map(asked.state.map_id).title)
    title = titles.of(asked.state.language)
    facts = _facts(workspace, asked, found) | {
        "kind": kind,
        "subject": subject_of(kind, _parameters(asked)),
        "title": title,
        "titles": rows.words(titles),
        "caption": rows.words(caption),
        "note": words.caption,
        "mark": asked.snapshot,
        "size_mm": [round(drawing.sheet.width, 2), round(drawing.sheet.height, 2)],
        "alt": rows.words(alt_of(dict(drawing.words), drawing.plan.layers)),
    }
    pictures = {
        f"figure.{name}": Part(drawing.sheet.rendered(name, asked.dpi), media)
        for name, media in MEDIA_TYPES.items()
    }
    said = {"title": title, "counted": facts["caption"], "note": words.caption}
    return Made(pictures | _data_parts(found) | {"caption.json": json_part(said)}, facts)


def check_text(words: Words) -> None:
    r"""Refuse a title or a caption that is too long or holds what cannot be printed.

    Raises
    ------
    PublishError
        With an issue that names it.

    Examples
    --------
    >>> check_text(Words("违法", "第一行\n第二行"))
    >>> check_text(Words("a\x00b"))
    Traceback (most recent call last):
    geosvc.errors.PublishError: title
    """
    for name, most in LONGEST.items():
        text = getattr(words, name)
        plain = text.replace("\n", "") if name == "caption" else text
        if len(text) > most:
            said = Issue("length", name, found=str(len(text)), expected=f"<= {most}")
            raise PublishError(name, issues=[said])
        if not plain.isprintable():
            raise PublishError(name, issues=[Issue("not_printable", name)])


def mark_of(workspace: Workspace, request: FigureRequest, words: Words) -> str:
    """Return the number that a picture bears: of the question, the data and the words.

    It is made before the picture, so it cannot be the id of the snapshot, which covers the picture
    too; it leads there all the same (`geosvc.store.snapshots.SnapshotTable.find`).
    """
    shown = shown_layers(request.state, workspace.catalog)
    tags = {name: workspace.tag(name) for name in shown}
    given = [
        _parameters(request),
        request.title,
        request.subtitle,
        asdict(words),
        tags,
        __version__,
    ]
    return hashlib.sha256(json_part(given).content).hexdigest()[:MARK]


def caption_of(found: Sequence[Rows], drawing: Drawing) -> Text:
    """Say what is drawn, in numbers: each layer, its classes, what has no place or is outside.

    By which filters its features were chosen stands behind.
    """
    lines = {}
    for language in messages.LANGUAGES:
        told = [_caption(found, language), drawing.words[language].filters]
        semicolon = messages.text("publish.semicolon", language)
        lines[language] = semicolon.join(text for text in told if text)
    return Text(lines["zh"], lines["en"])


def rows_drawn(workspace: Workspace, request: FigureRequest, drawing: Drawing) -> list[Rows]:
    """Return the rows behind a drawing, layer by layer.

    Raises
    ------
    PublishError
        If nothing is drawn.
    """
    counted = data_layers(drawing.plan.layers) or drawing.plan.layers
    found = [
        rows.rows_of(
            shown.layer, filtered(workspace, request.state, shown.layer.id), shown.frame.index
        )
        for shown in counted
    ]
    if not any(item.count for item in found):
        map_id = request.state.map_id
        raise PublishError(map_id, issues=[Issue("nothing_drawn", map_id)])
    return found


def _check(
    found: Sequence[Rows], drawing: Drawing, caption: Text, texts: tuple[str | None, ...]
) -> None:
    drawn_counts = counts_drawn(found, drawing)
    for language in messages.LANGUAGES:
        agreement.check_counts(found, drawn_counts, spoken(caption, found, language))
    numbers = agreement.numbers_of(found)
    for text in texts:
        agreement.check_words(text or "", numbers)


def counts_drawn(found: Sequence[Rows], drawing: Drawing) -> dict[str, int]:
    """Count the symbols of a drawing, by layer."""
    counted = {item.layer.id for item in found}
    return {
        shown.layer.id: sum(item.count for item in shown.symbols.classes)
        for shown in drawing.plan.layers
        if shown.layer.id in counted
    }


def _data_parts(found: Sequence[Rows]) -> dict[str, Part]:
    numbers = {
        item.layer.id: {
            "count": item.count,
            "classes": [[one.value, one.count] for one in item.symbols.classes],
            "unlocated": item.unlocated,
            "outside": item.outside,
        }
        for item in found
    }
    return {
        "data.geojson": Part(rows.geojson(found), GEOJSON),
        "table.json": Part(rows.table(found), JSON),
        "style.json": Part(rows.style(found), JSON),
        "numbers.json": json_part(numbers),
    }


def _facts(workspace: Workspace, request: FigureRequest, found: Sequence[Rows]) -> dict[str, Any]:
    states = {item.layer.id: workspace.status(item.layer.id) for item in found}
    return {
        "language": request.state.language,
        "as_of": max((state.as_of for state in states.values() if state.as_of), default=None),
        "revisions": {name: state.revision for name, state in states.items()},
        "synthetic": any(state.synthetic for state in states.values()),
        "sources": _sources(workspace, found),
        "counts": {
            item.layer.id: {"title": rows.words(item.layer.title), "count": item.count}
            for item in found
        },
        "total": sum(item.count for item in found),
        "parameters": _parameters(request),
        "service": __version__,
    }


def _parameters(request: FigureRequest) -> dict[str, Any]:
    said = asdict(replace(request, snapshot=None))
    left = {"state", "format", "title", "subtitle", "snapshot", "bare"}
    given = {name: value for name, value in said.items() if name not in left}
    return {"map": request.state.map_id, "query": request.state.query()} | given


def subject_of(kind: str, parameters: Mapping[str, Any]) -> str:
    """Name what is shown, whatever the data: a later snapshot of the same is its new version."""
    return f"{kind}:{json.dumps(parameters, sort_keys=True, ensure_ascii=False)}"


def _sources(workspace: Workspace, found: Sequence[Rows]) -> dict[str, list[str]]:
    texts = [source_of(workspace, item.layer.id) for item in found]
    return {
        language: [text for text in dict.fromkeys(item.of(language) for item in texts) if text]
        for language in messages.LANGUAGES
    }


def _caption(found: Sequence[Rows], language: Language) -> str:
    told = [_layer(item, language) for item in found]
    for item in found:
        title = item.layer.title.of(language)
        for key, count in (("unlocated", item.unlocated), ("outside", item.outside)):
            if count:
                said = messages.text(f"publish.{key}", language, title=title, count=f"{count:,}")
                told.append(said)
    return messages.text("publish.semicolon", language).join(told)


def _layer(item: Rows, language: Language) -> str:
    title, count = item.layer.title.of(language), f"{item.count:,}"
    if len(item.symbols.classes) < _SEVERAL:
        return messages.text("publish.layer", language, title=title, count=count)
    classes = messages.text("publish.comma", language).join(
        messages.text("publish.layer", language, title=one.label.of(language), count=one.count)
        for one in item.symbols.classes
        if one.count
    )
    return messages.text("publish.classes", language, title=title, count=count, classes=classes)


def spoken(caption: Text, found: Sequence[Rows], language: Language) -> dict[str, int]:
    """Read the counts of the layers out of a caption again, as a reader would."""
    told = caption.of(language).split(messages.text("publish.semicolon", language))
    spoken = {}
    for item, said in zip(found, told, strict=False):
        number = _NUMBER.match(said.removeprefix(item.layer.title.of(language)).strip())
        if number:
            spoken[item.layer.id] = int(number[0].replace(",", ""))
    return spoken


def json_part(value: object) -> Part:
    """Write a value as a part, always the same way.

    >>> json_part({"b": 1, "a": []}).content
    b'{"a": [], "b": 1}'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return Part(text.encode(), JSON)
