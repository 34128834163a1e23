"""One number: counted in its layers, split into parts, held against what a map would show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from geosvc.catalog.model import Text
from geosvc.map_state import Filter, MapState, filtered
from geosvc.symbology import code_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from geosvc.catalog.model import Layer, Measure
    from geosvc.errors import Issue
    from geosvc.scorecard.periods import Period
    from geosvc.workspace import Workspace

GROUND = "ground"
"""The group of the layers that lie under every map and are nobody's number."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What must be said beside a number: ``code`` names the sentence, ``values`` fill it.

    A fault says why the number does not agree, or is not there.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    is_fault: bool = False
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a number: a code of a field (empty for none) or a layer."""

    id: str
    title: Text
    value: float
    state: MapState | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number with all that is needed to trust it.

    ``value`` is None where a layer of it has nothing to show. ``features`` counts what lies behind
    it; ``state`` is the map that shows just these, None where none has a place. ``revisions`` and
    ``as_of`` are of its layers, ``as_of`` the earliest day. Where ``agrees`` is false, the remarks
    say why.
    """

    id: str
    title: Text
    unit: Text
    definition: Text
    layers: tuple[str, ...]
    value: float | None = None
    parts: tuple[Part, ...] = ()
    features: int = 0
    revisions: Mapping[str, int | None] = field(default_factory=dict)
    as_of: str | None = None
    is_timed: bool = False
    first: str | None = None
    last: str | None = None
    state: MapState | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether parts, layers and map say the same."""
        return not any(remark.is_fault for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What one layer gives to a number."""

    layer: Layer
    kept: pd.DataFrame
    amounts: npt.NDArray[np.float64]
    filters: tuple[Filter, ...]
    starts: tuple[str, ...]
    remarks: tuple[Remark, ...]


def count(workspace: Workspace, measure: Measure, period: Period) -> Number:
    """Compute one number.

    Parameters
    ----------
    workspace
        The catalog and its data.
    measure
        What is counted.
    period
        The half-year; layers without ``[time]`` are counted as they are.

    Returns
    -------
    number
        Without a value, and with a remark that says why, where a layer has nothing to show.
    """
    remarks = [*missing_layers(workspace, measure.layers)]
    faults = workspace.catalog.scorecard.broken if workspace.catalog.scorecard else {}
    if faults.get(measure.id) and not remarks:
        remarks = [Remark("definition", is_fault=True, issues=faults[measure.id])]
    if remarks:
        return _number(workspace, measure, [], remarks=tuple(remarks))
    tallies = [
        _tally(workspace, workspace.catalog.layer(layer_id), measure, period)
        for layer_id in measure.layers
    ]
    number = _number(workspace, measure, tallies)
    if number.is_timed or number.as_of is None or period.holds(number.as_of):
        return number
    said = Remark("outside", {"day": number.as_of})
    return replace(number, remarks=(*number.remarks, said))


def missing_layers(workspace: Workspace, layers: Iterable[str]) -> Iterable[Remark]:
    """Say which layers have nothing to show, and why; each is a fault."""
    for layer_id in layers:
        if layer_id not in workspace.layer_ids:
            yield Remark("missing", {"layer": layer_id}, is_fault=True)
        elif not workspace.status(layer_id).is_served:
            layer = workspace.catalog.layers.get(layer_id)
            issues = workspace.status(layer_id).issues
            title = layer.title if layer else layer_id
            yield Remark("unavailable", {"layer": title}, is_fault=True, issues=issues)


def map_of(
    workspace: Workspace, map_id: str | None, layers: Iterable[str], filters: Iterable[Filter]
) -> MapState | None:
    """Return the state of a map that shows the features of some layers that pass, on the ground.

    Parameters
    ----------
    workspace
        The catalog.
    map_id
        The map, None where there is none.
    layers
        Their ids; those without a geometry are not drawn.
    filters
        What their features must pass.

    Returns
    -------
    state
        None where there is no map, or nothing that it could draw.
    """
    known = workspace.catalog.layers
    drawn = [name for name in layers if known[name].schema.geometry != "None"]
    if map_id is None or map_id not in workspace.catalog.maps or not drawn:
        return None
    found = workspace.catalog.maps[map_id]
    if not {*drawn} <= {*found.layers}:
        return None
    visible = found.visible if found.visible is not None else found.layers
    under = [name for name in visible if name in known and _is_ground(known[name])]
    shown = tuple(name for name in found.layers if name in under or name in drawn)
    kept = {item for item in filters if item.layer in drawn}
    return MapState(map_id, layers=shown, filters=tuple(sorted(kept)))


def _is_ground(layer: Layer) -> bool:
    # points of the ground, such as seats of villages, would be taken for what was counted
    return layer.group == GROUND and layer.schema.geometry != "Point"


def _tally(workspace: Workspace, layer: Layer, measure: Measure, period: Period) -> _Tally:
    frame = workspace.frame(layer.id)
    matches = np.ones(len(frame), dtype=bool)
    filters = []
    for name, codes in measure.where.items():
        matches &= np.array([_has(value, codes) for value in frame[name]], dtype=bool)
        filters.append(Filter(layer.id, name, tuple(sorted(codes))))
    remarks = [*_of_rows(workspace, layer, len(frame))]
    starts: list[str] = []
    if layer.time:
        given = [code_of(value) or "" for value in frame[layer.time.start]]
        undated = int(sum(not text for text in np.array(given, dtype=object)[matches]))
        remarks += [_note("undated", layer, undated)] if undated else []
        matches &= np.array([period.holds(text) for text in given], dtype=bool)
        starts = [text for text, is_kept in zip(given, matches, strict=True) if is_kept]
        filters.append(Filter(layer.id, layer.time.start, low=period.first, high=period.last))
    kept = frame[matches]
    amounts = np.ones(len(kept))
    if measure.sum:
        given_amounts = kept[measure.sum].to_numpy(dtype=np.float64, na_value=np.nan)
        empty = int(np.isnan(given_amounts).sum())
        remarks += [_note("no_amount", layer, empty)] if empty else []
        amounts = np.nan_to_num(given_amounts)
    unplaced = _unplaced(kept)
    remarks += [_note("unplaced", layer, unplaced)] if unplaced else []
    return _Tally(layer, kept, amounts, tuple(filters), tuple(starts), tuple(remarks))


def _has(value: object, codes: Sequence[str]) -> bool:
    if isinstance(value, (list, tuple)):
        return any(item in codes for item in value)
    return code_of(value) in codes


def _of_rows(workspace: Workspace, layer: Layer, rows: int) -> Iterable[Remark]:
    status = workspace.status(layer.id)
    expected = status.count if status.expected is None else status.expected
    if rows != expected:
        values = {"layer": layer.title, "found": rows, "expected": expected}
        yield Remark("rows", values, is_fault=True)
    if status.refused:
        yield Remark("refused", {"layer": layer.title, "count": status.refused}, is_fault=True)
    if status.state == "stale":
        yield Remark("stale", {"layer": layer.title})


def _note(code: str, layer: Layer, count: int) -> Remark:
    return Remark(code, {"layer": layer.title, "count": count})


def _unplaced(frame: pd.DataFrame) -> int:
    if not isinstance(frame, gpd.GeoDataFrame):
        return 0
    return int((frame.geometry.isna() | frame.geometry.is_empty).sum())


def _number(
    workspace: Workspace,
    measure: Measure,
    tallies: list[_Tally],
    *,
    remarks: tuple[Remark, ...] = (),
) -> Number:
    served = [name for name in measure.layers if name in workspace.layer_ids]
    states = {name: workspace.status(name) for name in served}
    features = sum(len(tally.kept) for tally in tallies)
    value = None if remarks else _whole(sum(float(tally.amounts.sum()) for tally in tallies))
    filters = [item for tally in tallies for item in tally.filters]
    state = map_of(workspace, measure.map, measure.layers, filters) if tallies else None
    parts = _parts(workspace, measure, tallies)
    starts = [text[:10] for tally in tallies for text in tally.starts]
    said = [*remarks, *(remark for tally in tallies for remark in tally.remarks)]
    if value is not None:
        said += _contradictions(workspace, value, parts, (state, tallies))
    return Number(
        id=measure.id,
        title=measure.title,
        unit=measure.unit,
        definition=measure.definition,
        layers=measure.layers,
        value=value,
        parts=parts,
        features=features,
        revisions={name: status.revision for name, status in states.items()},
        as_of=min((status.as_of for status in states.values() if status.as_of), default=None),
        is_timed=any(tally.layer.time for tally in tallies),
        first=min(starts, default=None),
        last=max(starts, default=None),
        state=state,
        remarks=tuple(said),
    )


def _contradictions(
    workspace: Workspace,
    value: float,
    parts: tuple[Part, ...],
    shown: tuple[MapState | None, list[_Tally]],
) -> Iterable[Remark]:
    total = _whole(sum(part.value for part in parts))
    if parts and total != value:
        yield Remark("parts", {"found": total, "expected": value}, is_fault=True)
    state, tallies = shown
    if state is None:
        return
    for tally in tallies:
        drawn = filtered(workspace, state, tally.layer.id)
        if not drawn.index.equals(tally.kept.index):
            values = {"layer": tally.layer.title, "found": len(drawn), "expected": len(tally.kept)}
            yield Remark("shown", values, is_fault=True)


def _parts(workspace: Workspace, measure: Measure, tallies: list[_Tally]) -> tuple[Part, ...]:
    if measure.group:
        return _groups(workspace, measure, measure.group, tallies)
    if len(tallies) < 2:  # noqa: PLR2004 - a part is less than the whole
        return ()
    return tuple(
        Part(
            tally.layer.id,
            measure.labels.get(tally.layer.id, tally.layer.title),
            _whole(float(tally.amounts.sum())),
            map_of(workspace, measure.map, [tally.layer.id], tally.filters),
        )
        for tally in tallies
    )


def _groups(
    workspace: Workspace, measure: Measure, group: str, tallies: list[_Tally]
) -> tuple[Part, ...]:
    sums: dict[str, float] = defaultdict(float)
    words: dict[str, Text] = {}
    for tally in tallies:
        field_ = tally.layer.schema.field(group)
        words |= {code: label.text for code, label in field_.labels.items()} if field_ else {}
        for value, amount in zip(tally.kept[group], tally.amounts.tolist(), strict=True):
            sums[code_of(value) or ""] += amount
    words |= measure.labels
    order = [
        *(code for code in words if code in sums),
        *(code for code in sums if code not in words),
    ]
    parts = []
    for code in order:
        filters = [Filter(tally.layer.id, group, (code,)) for tally in tallies]
        # a where on the same field says no more than the code of the part
        filters += [item for tally in tallies for item in tally.filters if item.field != group]
        title = words.get(code, Text(code, code))
        state = map_of(workspace, measure.map, measure.layers, filters)
        parts.append(Part(code, title, _whole(sums[code]), state))
    return tuple(parts)


def _whole(value: float) -> float:
    # sums of decimals are compared as people write them
    return int(value) if float(value).is_integer() else round(value, 6)
