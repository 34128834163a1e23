"""A report as it is asked for: written, its figures and itself published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geosvc.reports.book import quiet
from geosvc.reports.difference import difference
from geosvc.reports.outline import SECTIONS
from geosvc.reports.report import made_of, report
from geosvc.workspace.published import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.reports.book import Progress, Report
    from geosvc.reports.publish import Made
    from geosvc.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Built:
    """A report and the id of the snapshot that readers have it by."""

    report: Report
    id: str


def build(
    workspace: Workspace,
    asked: Mapping[str, Any],
    *,
    author: str,
    progress: Progress = quiet,
) -> Built:
    """Write and publish a report.

    Parameters
    ----------
    workspace
        The layers, as readers see them who have not signed in.
    asked
        ``language``; ``since`` and ``until`` for a difference, else ``period`` (None for that of
        the data's day), ``sections`` and ``scenario`` (None for the last).
    author
        Who publishes.
    progress
        Hears how far it is.

    Raises
    ------
    StateError
        If what is asked for makes no sense.
    PublishError
        If numbers do not agree; nothing of the report is then published but figures that do.
    WithdrawnError
        If the very same report was withdrawn before.
    StoreUnavailableError
        If it cannot be written now.
    """
    shelf = Shelf(workspace.settings)

    def keep(made: Made) -> str:
        return shelf.publish(made.parts, made.facts, author=author).id

    language = asked.get("language", "zh")
    if asked.get("since"):
        found = difference(
            workspace,
            asked["since"],
            asked["until"],
            language=language,
            snapshots=keep,
            progress=progress,
        )
    else:
        found = report(
            workspace,
            asked.get("period"),
            sections=asked.get("sections") or SECTIONS,
            scenario=asked.get("scenario"),
            language=language,
            snapshots=keep,
            progress=progress,
        )
    return Built(found, keep(made_of(found)))
