"""The charts of the published hotspots: violations by week, and the evidence as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from geosvc import messages
from geosvc.errors import LayerUnavailableError
from geosvc.figures.charts import Table, Weeks
from geosvc.figures.words import day_words
from geosvc.words import hotspots as hotspot_words
from geosvc.workspace.reruns import to_features
from geosvc.workspace.trust import trust

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

LAYER: Final = "violation_hotspots"
HEADS: Final = ("rank", "road", "level", "visits", "cases", "expected", "ratio", "p_value")
"""The columns of the evidence, as messages name them."""
KEYS: Final = ("rank", "road", "level_text", "visits", "cases", "expected", "ratio", "p")
"""The same columns in `geosvc.words.hotspots.evidence`."""
_NUMBERS: Final = (3, 4, 5, 6, 7)


def weeks_chart(workspace: Workspace, tongue: Language) -> Weeks:
    """Return violations by week.

    Parameters
    ----------
    workspace
        Where the hotspots are.
    tongue
        The reader's language.

    Raises
    ------
    UnknownLayerError, LayerUnavailableError
        If hotspots are not there, or have nothing to show.
    """
    weeks = report_of(workspace).get("weekly") or ()
    return Weeks(
        title=messages.text("charts.violations_by_week", tongue),
        counts=tuple((str(week["from"]), int(week["cases"])) for week in weeks),
        note=note_of(workspace, (LAYER,), tongue),
    )


def evidence_table(workspace: Workspace, tongue: Language) -> Table:
    """Return what stands for each hotspot.

    Raises
    ------
    UnknownLayerError, LayerUnavailableError
        As `weeks_chart` does.
    """
    report = report_of(workspace)
    rows = [item["properties"] for item in to_features(workspace.frame(LAYER))]
    said = hotspot_words.headline(report, rows, tongue)
    return Table(
        title=said[0] if said else messages.text("hotspots.evidence", tongue),
        columns=tuple(messages.text(f"charts.{name}", tongue) for name in HEADS),
        rows=tuple(
            tuple(str(row[key]) for key in KEYS) for row in hotspot_words.evidence(rows, tongue)
        ),
        numbers=_NUMBERS,
        note=note_of(workspace, (LAYER,), tongue),
    )


def report_of(workspace: Workspace) -> dict[str, Any]:
    """Return what the method said of the published hotspots.

    Raises
    ------
    UnknownLayerError, LayerUnavailableError
        As `weeks_chart` does.
    """
    workspace.catalog.layer(LAYER)
    status = workspace.status(LAYER)
    report = status.notes.get("report") if status.is_served else None
    if report is None:
        raise LayerUnavailableError(LAYER, issues=status.issues)
    return cast("dict[str, Any]", report)


def note_of(workspace: Workspace, layer_ids: Iterable[str], tongue: Language) -> str:
    """Return the line below a chart: of which day, which revision, from whom."""
    known = [name for name in layer_ids if name in workspace.layer_ids]
    facts = trust(workspace, known, tongue)
    day = day_words(facts["as_of"], tongue)
    parts = [
        messages.text("figure.synthetic", tongue) if facts["synthetic"] else "",
        messages.text("figure.as_of", tongue, day=day) if day else "",
        messages.text("figure.revision", tongue, number=facts["revision"]),
        *facts["sources"],
    ]
    return " · ".join(part for part in parts if part)
