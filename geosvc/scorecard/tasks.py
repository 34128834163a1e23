"""What is overdue: tasks past their due date on the day of their layer's data.

Not on today's date: whether a task was done since is not known.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from geosvc.catalog.parse_scorecard import TASKS
from geosvc.map_state import Filter, MapState, filtered
from geosvc.scorecard.counting import Remark, map_of, missing_layers
from geosvc.scorecard.periods import as_of
from geosvc.symbology import code_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geosvc.catalog.model import Layer, TaskFields, Text
    from geosvc.errors import Issue
    from geosvc.workspace import Workspace

DONE = 100
"""The progress of a task that is done, in percent."""


@dataclass(frozen=True, slots=True)
class Task:
    """One open task; ``days`` is how long it is overdue, negative while it is not."""

    layer: str
    key: str
    name: str
    task: str
    unit: str
    post: str
    due: str
    progress: float
    days: int


@dataclass(frozen=True, slots=True)
class UnitTasks:
    """The open tasks of one responsible unit; ``next_due`` is of those that are not overdue."""

    unit: str
    open: int
    overdue: int
    next_due: str | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """The overdue tasks, the longest overdue first, and the open ones by responsible unit.

    ``as_of`` is the day that they are reckoned by; ``state`` the map that shows just the overdue.
    """

    definition: Text
    layers: tuple[str, ...]
    tasks: tuple[Task, ...] = ()
    units: tuple[UnitTasks, ...] = ()
    open: int = 0
    as_of: str | None = None
    revisions: Mapping[str, int | None] = field(default_factory=dict)
    state: MapState | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether list, units and map say the same, and every layer could be asked."""
        return not any(remark.is_fault for remark in self.remarks)


def overdue(workspace: Workspace, fields: TaskFields) -> Overdue:
    """List the tasks that are overdue.

    Parameters
    ----------
    workspace
        The catalog and its data.
    fields
        Where tasks are found.

    Returns
    -------
    overdue
        From the layers that have something to show; a remark names each of the others.
    """
    faults = _faults(workspace)
    given = [_ask(workspace, name, fields) for name in (() if faults else fields.layers)]
    remarks = [Remark("definition", is_fault=True, issues=faults)] if faults else []
    remarks += [remark for answer in given for remark in answer.remarks]
    tasks = [task for answer in given for task in answer.tasks]
    filters = [item for answer in given for item in answer.filters]
    late = sorted(
        (task for task in tasks if task.days > 0),
        key=lambda task: (-task.days, task.layer, task.key),
    )
    drawn = dict.fromkeys(item.layer for item in filters)
    state = map_of(workspace, fields.map, drawn, filters) if filters else None
    remarks += _contradictions(workspace, state, late)
    asked = [answer for answer in given if answer.day]
    return Overdue(
        definition=fields.definition,
        layers=fields.layers,
        tasks=tuple(late),
        units=_units(tasks),
        open=len(tasks),
        as_of=max((answer.day for answer in asked), default=None),
        revisions={answer.layer: workspace.status(answer.layer).revision for answer in asked},
        state=state,
        remarks=tuple(remarks),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one layer says of its tasks; ``day`` is empty where it could not be asked."""

    layer: str
    remarks: tuple[Remark, ...] = ()
    day: str = ""
    tasks: tuple[Task, ...] = ()
    filters: tuple[Filter, ...] = ()


def _ask(workspace: Workspace, layer_id: str, fields: TaskFields) -> _Answer:
    missing = tuple(missing_layers(workspace, [layer_id]))
    if missing:
        return _Answer(layer_id, missing)
    layer = workspace.catalog.layer(layer_id)
    today = workspace.status(layer_id).as_of or as_of(workspace)
    if today is None:
        return _Answer(layer_id, (Remark("no_day", {"layer": layer.title}, is_fault=True),))
    found, unknown = _open(workspace, layer, fields, today)
    said = Remark("no_progress", {"layer": layer.title, "count": unknown})
    is_late = any(task.days > 0 for task in found)
    filters = _filters(layer, fields, today) if is_late else ()
    return _Answer(layer_id, (said,) if unknown else (), today, tuple(found), filters)


def _faults(workspace: Workspace) -> tuple[Issue, ...]:
    found = workspace.catalog.scorecard
    issues = found.broken.get(TASKS, ()) if found else ()
    # a layer that is not there is left out, and the others stand
    return tuple(issue for issue in issues if issue.code != "unknown_layer")


def _open(
    workspace: Workspace, layer: Layer, fields: TaskFields, today: str
) -> tuple[list[Task], int]:
    frame, unknown, found = workspace.frame(layer.id), 0, []
    names = [fields.due, fields.progress, fields.task, fields.unit, fields.post, layer.popup.title]
    columns = [
        frame[name] if name and name in frame.columns else [None] * len(frame) for name in names
    ]
    for key, due, progress, *words in zip(frame.index, *columns, strict=True):
        if code_of(due) is None:
            continue
        if code_of(progress) is None:
            unknown += 1
        elif progress < DONE:
            found.append(_task(layer, str(key), (str(due)[:10], progress, words), today))
    return found, unknown


def _task(layer: Layer, key: str, values: tuple[str, Any, list[Any]], today: str) -> Task:
    due, progress, words = values
    task, unit, post, name = (code_of(word) or "" for word in words)
    days = (date.fromisoformat(today) - date.fromisoformat(due)).days
    share = int(progress) if float(progress).is_integer() else float(progress)
    return Task(layer.id, key, name or key, task, unit, post, due, share, days)


def _filters(layer: Layer, fields: TaskFields, today: str) -> tuple[Filter, Filter]:
    yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    progress = layer.schema.field(fields.progress)
    most = "99" if progress and progress.type == "integer" else "99.999999"
    return (
        Filter(layer.id, fields.due, high=yesterday),
        Filter(layer.id, fields.progress, high=most),
    )


def _contradictions(
    workspace: Workspace, state: MapState | None, late: list[Task]
) -> Iterable[Remark]:
    if state is None:
        return
    layers = dict.fromkeys(item.layer for item in state.filters)
    shown = {(name, str(key)) for name in layers for key in filtered(workspace, state, name).index}
    if shown != {(task.layer, task.key) for task in late}:
        values = {"layer": "", "found": len(shown), "expected": len(late)}
        yield Remark("shown", values, is_fault=True)


def _units(tasks: list[Task]) -> tuple[UnitTasks, ...]:
    by_unit: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        by_unit[task.unit].append(task)
    units = [
        UnitTasks(
            unit,
            len(found),
            sum(task.days > 0 for task in found),
            min((task.due for task in found if task.days <= 0), default=None),
        )
        for unit, found in by_unit.items()
    ]
    return tuple(sorted(units, key=lambda item: (-item.overdue, -item.open, item.unit)))
