"""The curve of a siting: what each number of new sites reaches, as a chart of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.figures.charts import Curve
from geosvc.words.siting import curve_chart, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language


def siting_curve(
    document: Mapping[str, Any], tongue: Language, *, title: str, note: str = ""
) -> Curve:
    """Return the chart of an answer of siting, for `geosvc.figures.draw_chart`.

    Parameters
    ----------
    document
        What `geosvc.workspace.siting.ask` returned.
    tongue
        The reader's language.
    title
        What stands above it.
    note
        What stands below it, after the verdict.

    Returns
    -------
    curve
        Without points where no number of new sites has a value.
    """
    told = curve_chart(document, tongue)
    rows = [row for row in document["curve"] if row["value"] is not None]
    chosen = None if document["chosen"] is None else document["curve"][document["chosen"]]
    notes = [*verdict(document, tongue)[:1], note]
    return Curve(
        title=title,
        points=tuple(
            (int(row["added"]), item["value"], item["bound"])
            for row, item in zip(rows, told["points"], strict=True)
        ),
        y_title=told["axis"],
        chosen=int(chosen["added"]) if chosen else None,
        note=" · ".join(text for text in notes if text),
    )
