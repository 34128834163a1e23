"""What the charts of a report show: the numbers and words of the pages, for `geosvc.figures`.

``violations_by_week`` and ``hotspots`` come from the published hotspots, ``siting/<number>`` from a
saved scenario. A run that nobody has saved is its editor's alone and has no chart here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from geosvc.errors import ForbiddenError
from geosvc.map_state.faults import number, refuse
from geosvc.store.scenarios import ScenarioTable
from geosvc.web.hotspot_runs import LAYER
from geosvc.web.loading import load_figures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from geosvc.catalog.model import Language
    from geosvc.figures import Figure
    from geosvc.figures.charts import Chart
    from geosvc.workspace import Workspace

WIDTHS_MM: Final = (60, 400)
_CHOICES: Final = {"lang": ("zh", "en"), "dpi": ("150", "300")}
_SCENARIO = re.compile(r"siting/([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """A chart and its form; equal requests are equal bytes."""

    data: Chart
    format: str
    language: Language
    width_mm: float = 160.0
    dpi: int = 300

    def draw(self, static: Path) -> Figure:
        """Draw it with the fonts of a static tree.

        Raises
        ------
        FigureError
            If there is nothing to draw.
        """
        from geosvc.figures.charts import draw_chart  # noqa: PLC0415 - matplotlib comes with it

        return draw_chart(
            self.data,
            format=cast("Any", self.format),
            language=self.language,
            width_mm=self.width_mm,
            dpi=self.dpi,
            static=static,
        )


def read_chart(
    name: str, ending: str, pairs: Iterable[tuple[str, str]], workspace: Workspace
) -> ChartRequest | None:
    """Read what is asked of a chart, and gather its numbers.

    Parameters
    ----------
    name
        ``violations_by_week``, ``hotspots`` or ``siting/<number of a scenario>``.
    ending
        ``png``, ``svg`` or ``pdf``.
    pairs
        Decoded parameters: ``lang``, ``width`` (mm) and ``dpi``.
    workspace
        Where the numbers are.

    Returns
    -------
    request
        None where there is no such chart.

    Raises
    ------
    StateError
        If a parameter is unknown, comes twice or makes no sense.
    UnknownLayerError, LayerUnavailableError
        If hotspots are not there, or have nothing to show.
    UnknownScenarioError
        If there is no such scenario.
    ForbiddenError
        If the public profile would show a scenario.
    """
    load_figures()
    from geosvc.reports.hotspot_charts import (  # noqa: PLC0415 - matplotlib comes with it
        evidence_table,
        weeks_chart,
    )

    given = _read(pairs)
    tongue: Language = "en" if given.get("lang") == "en" else "zh"
    match = _SCENARIO.fullmatch(name)
    data: Chart
    if match:
        data = _curve(workspace, int(match[1]), tongue)
    elif name == "violations_by_week":
        data = weeks_chart(workspace, tongue)
    elif name == "hotspots":
        data = evidence_table(workspace, tongue)
    else:
        return None
    width = number("width", given.get("width", "160"), *WIDTHS_MM)
    return ChartRequest(data, ending, tongue, width, int(given.get("dpi", "300")))


def _read(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in {*_CHOICES, "width"}:
            refuse("unknown_key", name, name, "lang, width, dpi")
        if name in given:
            refuse("not_unique", name, text)
        if name in _CHOICES and text not in _CHOICES[name]:
            refuse("not_allowed", name, text, ", ".join(_CHOICES[name]))
        given[name] = text
    return given


def _curve(workspace: Workspace, scenario_id: int, tongue: Language) -> Chart:
    from geosvc.reports.hotspot_charts import note_of  # noqa: PLC0415 - as above
    from geosvc.reports.siting_chart import siting_curve  # noqa: PLC0415 - as above

    if workspace.settings.profile == "public":
        raise ForbiddenError(LAYER)
    with ScenarioTable(workspace.store.path) as table:
        found, document = table.result(scenario_id)
    note = note_of(workspace, document["inputs"], tongue)
    return siting_curve(document, tongue, title=found.title, note=note)
