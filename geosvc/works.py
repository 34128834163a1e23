"""What jobs do: the name of a work, and the function it stands for.

The command line calls the same functions. A new work is a function and a line in `WORKS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from geosvc.errors import MethodError
from geosvc.workspace import apply_retention, compute_derived
from geosvc.workspace.reruns import Changes, rerun, to_features
from geosvc.workspace.status import basis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.workspace import Workspace

Progress: TypeAlias = "Callable[[float, str], None]"
"""Hears how far a job is, from 0 to 1, and at which stage (a code)."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job can do.

    ``run`` returns JSON. ``inputs`` returns all that the result depends on besides the parameters,
    such as the digests of layers. Where ``is_cached``, a result for the same inputs is given again.
    """

    run: Callable[[Workspace, Mapping[str, Any], Progress], Any]
    inputs: Callable[[Workspace, Mapping[str, Any]], object]
    is_cached: bool = True


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


def _nothing(_workspace: Workspace, _parameters: Mapping[str, Any]) -> None:
    return None


def _rerun(workspace: Workspace, parameters: Mapping[str, Any], progress: Progress) -> Any:  # noqa: ANN401 - JSON
    changes = Changes(**parameters["changes"])
    frame = rerun(workspace, parameters["layer"], changes, progress=progress)
    return {"report": frame.attrs.get("report"), "features": to_features(frame)}


_DERIVE = Work(_derive, _derived_inputs, is_cached=False)
_RETAIN = Work(_retain, _nothing, is_cached=False)
_HOTSPOTS = Work(_rerun, _derived_inputs)
WORKS: Mapping[str, Work] = MappingProxyType(
    {"derive": _DERIVE, "retention": _RETAIN, "hotspots": _HOTSPOTS}
)
"""All that a job can do, by name."""
