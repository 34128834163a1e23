"""What jobs do: the name of a work, and the function it stands for.

The command line calls the same functions. A new work is a function and a line in `WORKS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from geosvc.errors import MethodError
from geosvc.tiles.basemap import build_of_layers
from geosvc.tiles.catalog_ground import ground_layers
from geosvc.workspace import apply_retention, compute_derived, scenarios, siting
from geosvc.workspace.reruns import Changes, rerun, to_features
from geosvc.workspace.status import basis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.workspace import Workspace


class Progress(Protocol):
    """Hears how far a job is."""

    def __call__(self, share: float, stage: str, value: float = nan, bound: float = nan, /) -> bool:
        """Hear the share done (0 to 1) and the stage (a code), of a search value and bound too.

        Returns
        -------
        is_stopped
            Whether somebody asked that the job stop; a work that keeps its best gives it then.
        """


@dataclass(frozen=True, slots=True)
class Work:
    """What a job can do.

    ``run`` returns JSON. ``inputs`` returns all that the result depends on besides the parameters,
    such as the digests of layers. Where ``is_cached``, a result for the same inputs is given again.
    Where it ``keeps_best``, it is not stopped by force before it had time to give its best so far.
    """

    run: Callable[[Workspace, Mapping[str, Any], Progress], Any]
    inputs: Callable[[Workspace, Mapping[str, Any]], object]
    is_cached: bool = True
    keeps_best: bool = False


def _derive(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    layer_id = parameters["layer"]
    progress(0.0, "compute")
    compute_derived(workspace, layer_id)
    report, status = workspace.moment.reports.get(layer_id), workspace.status(layer_id)
    if report is not None and not report.usable:
        raise MethodError(layer_id, issues=status.issues)
    return {"layer": layer_id, "revision": status.revision, "count": status.count}


def _derived_inputs(workspace: Workspace, parameters: Mapping[str, Any]) -> object:
    return basis(workspace.catalog.layer(parameters["layer"]), workspace.moment.stored)


def _retain(workspace: Workspace, _parameters: Mapping[str, Any], _progress: Progress) -> Any:  # noqa: ANN401 - JSON
    return {"erased": dict(apply_retention(workspace.store, workspace.settings))}


def _ground(workspace: Workspace, _parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    progress(0.0, "compute")
    return {"bytes": build_of_layers(workspace).path.stat().st_size}


def _ground_inputs(workspace: Workspace, _parameters: Mapping[str, Any]) -> object:
    return ground_layers(workspace)


def _nothing(_workspace: Workspace, _parameters: Mapping[str, Any]) -> None:
    return None


def _rerun(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    changes = Changes(**parameters["changes"])
    frame = rerun(workspace, parameters["layer"], changes, progress=progress)
    return {"report": frame.attrs.get("report"), "features": to_features(frame)}


def _site(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    return siting.ask(workspace, parameters["wishes"], progress)


def _why_not(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    progress(0.0, "compute")
    wishes, place, sites = (parameters[name] for name in ("wishes", "place", "sites"))
    return siting.why_not_here(workspace, wishes, place, sites)


def _site_again(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    scenario_id, author = parameters["scenario"], parameters["author"]
    scenario = scenarios.run_again(workspace, scenario_id, author=author, progress=progress)
    return {"scenario": scenario.id, "run": scenario.run}


def _siting_inputs(workspace: Workspace, parameters: Mapping[str, Any]) -> object:
    return siting.revisions(workspace, parameters["wishes"])


def _report(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    # matplotlib and Word come with it
    from geosvc.reports.building import build  # noqa: PLC0415

    built = build(workspace, parameters, author=parameters["author"], progress=progress)
    return {"id": built.id, "snapshots": list(built.report.snapshots)}


_DERIVE = Work(_derive, _derived_inputs, is_cached=False)
_RETAIN = Work(_retain, _nothing, is_cached=False)
_HOTSPOTS = Work(_rerun, _derived_inputs)
WORKS: Mapping[str, Work] = MappingProxyType(
    {
        "derive": _DERIVE,
        "basemap": Work(_ground, _ground_inputs, is_cached=False),
        "report": Work(_report, _nothing, is_cached=False),
        "retention": _RETAIN,
        "hotspots": _HOTSPOTS,
        "siting": Work(_site, _siting_inputs, keeps_best=True),
        "siting_again": Work(_site_again, _nothing, is_cached=False, keeps_best=True),
        "siting_why": Work(_why_not, _siting_inputs),
    }
)
"""All that a job can do, by name."""
