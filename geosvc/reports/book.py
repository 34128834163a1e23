"""A report while it is written: its document, where its numbers are from, what it has frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from geosvc import messages
from geosvc.errors import WithdrawnError
from geosvc.reports import document as word
from geosvc.reports.publish import Made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docx.document import Document

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

Keep: TypeAlias = Callable[[Made], str]
"""Publishes the parts of a snapshot and returns its id, see `keeper`."""
Progress: TypeAlias = Callable[[float, str], object]
"""Hears the share that is done (0 to 1) and the stage (a code)."""
_SHOWN: Final = "png"
PICTURE: Final = f"figure.{_SHOWN}"
"""The part that stands in a Word file, which shows no SVG everywhere."""
SHORT: Final = 12
"""How many digits of an id are printed, and enough to find it."""


@dataclass(frozen=True, slots=True)
class Report:
    """A Word file, the ids of the snapshots that it shows, and what is said of it in lists."""

    content: bytes
    snapshots: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Book:
    """A report that is being written.

    ``workspace`` is a view of one moment, as readers see it who have not signed in; ``keep``
    publishes figures. ``frozen`` are the titles and ids of the snapshots so far. ``scenario`` is
    the number of the siting that is told, None for the last one.
    """

    document: Document
    workspace: Workspace
    language: Language
    keep: Keep
    frozen: list[tuple[str, str]] = field(default_factory=list)
    scenario: int | None = None

    def say(self, key: str, /, **values: object) -> str:
        """Return a sentence of reports."""
        return messages.text(f"report.{key}", self.language, **values)

    def heading(self, key: str, /, **values: object) -> None:
        """Add a numbered heading of a section."""
        word.add_heading(self.document, self.say(key, **values))

    def part(self, text: str) -> None:
        """Add a numbered heading below that of the section."""
        word.add_heading(self.document, text, level=2)

    def text(self, *sentences: str) -> None:
        """Add a paragraph of sentences; none where they are empty."""
        said = ("" if self.language == "zh" else " ").join(filter(None, sentences))
        if said:
            word.add_text(self.document, said)

    def note(self, text: str) -> None:
        """Add a line of small print."""
        word.add_note(self.document, text)

    def table(
        self,
        title: str,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        note: str = "",
    ) -> None:
        """Add a table below its caption, a line below it; nothing where it has no row."""
        if not rows:
            return
        word.add_caption(self.document, "table", title)
        table = word.add_table(self.document, header, rows, widths)
        for cell in table.rows[-1].cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        self.note(note)

    def figure(self, made: Made) -> None:
        """Publish a figure and show it: pictures, captions, the id of its snapshot.

        What has no picture is published, and leaves its id alone.
        """
        found = self.freeze(made)
        if not found:
            return
        facts = made.facts
        shown = [(PICTURE, facts, self._captioned(facts))] if PICTURE in made.parts else []
        for name, about in facts.get("pictures", {}).items():
            values = {"title": facts["title"], "counted": about["caption"][self.language]}
            shown.append((name, about, self.say("caption", **values)))
        for name, about, said in shown:
            alt = f"{about['alt'][self.language]} {found}"
            word.add_picture(self.document, made.parts[name].content, about["size_mm"][0], alt)
            word.add_caption(self.document, "figure", said)
        self.note(self.mark(found))

    def freeze(self, made: Made) -> str:
        """Publish parts and return the id; what was withdrawn is not shown again, and said so."""
        try:
            found = self.keep(made)
        except WithdrawnError:
            self.note(self.say("withdrawn", title=made.facts["title"]))
            return ""
        self.frozen.append((made.facts["title"], found))
        return found

    def mark(self, snapshot_id: str) -> str:
        """Return the line that leads from a figure to its snapshot."""
        short = snapshot_id[:SHORT]
        base = self.workspace.settings.base_url
        return self.say("frozen", id=short, address=f"{base}/s/{short}")

    def _captioned(self, facts: Mapping[str, Any]) -> str:
        title, counted = facts["title"], facts["caption"][self.language]
        # where a layer alone is shown, both name it
        is_named = counted.startswith(title)
        return counted if is_named else self.say("caption", title=title, counted=counted)


def quiet(_share: float, _stage: str) -> bool:
    """Hear how far a report is, and do nothing."""
    return False
