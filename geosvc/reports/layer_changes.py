"""What differs between two moments of the layers: features that came, went and changed.

A moment is a day (its end, where the service runs) or an instant. What is compared is what the
store held then; personal fields are left out. Layers that are computed are compared by count, and
hotspots by place: their keys are new with every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
import shapely

from geosvc.errors import Issue, StateError
from geosvc.symbology import code_of
from geosvc.tiles.columns import shown_fields

if TYPE_CHECKING:
    import pandas as pd

    from geosvc.catalog.model import Layer
    from geosvc.store.edits import FeatureChange
    from geosvc.store.past import Revision
    from geosvc.workspace import Workspace

HOTSPOTS: Final = "violation_hotspots"
STRONG: Final = ("significant", "tentative")
"""The levels of a hotspot that is one."""
_LONGEST: Final = 40
_ALL: Final = -1


@dataclass(frozen=True, slots=True)
class Row:
    """A feature that came, went or changed; ``fields`` are names with the values before and after.

    ``moved_m`` is how far it went, None where its place is the same.
    """

    key: str
    name: str
    fields: tuple[tuple[str, Any, Any], ...] = ()
    moved_m: float | None = None


@dataclass(frozen=True, slots=True)
class LayerChanges:
    """How a layer differs between two moments.

    ``before`` and ``after`` are its revisions then, None where there was none yet; ``counts`` how
    many features it had. What is computed has no rows.
    """

    layer: Layer
    before: int | None
    after: int | None
    counts: tuple[int, int]
    added: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether the layer came after the first moment: then all of it is new."""
        return self.before is None


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A hotspot of one of the moments: its road, its rank and how many visits made it."""

    road: str
    rank: int | None
    visits: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """How all layers differ between two moments, given as they were asked for.

    ``new``, ``gone`` and ``stayed`` are hotspots (the last of them as at the second moment); new
    and gone are None where hotspots were not computed at both moments. ``first`` is the instant of
    the first revision of all.
    """

    since: str
    until: str
    layers: tuple[LayerChanges, ...]
    new: tuple[Hotspot, ...] | None
    gone: tuple[Hotspot, ...] | None
    stayed: tuple[Hotspot, ...]
    first: str


def changes(workspace: Workspace, since: str, until: str) -> Changes:
    """Compare the layers of two moments.

    Parameters
    ----------
    workspace
        The layers, as readers see them who have not signed in.
    since, until
        Days (``2024-03-31``) or instants in ISO 8601.

    Returns
    -------
    changes
        Of every layer that is shown and was there at the second moment.

    Raises
    ------
    StateError
        If a moment is none, they are in the wrong order, or nothing was stored yet at the second.
    """
    moments = moments_of(since, until)
    past = {
        name: workspace.store.revisions(name, limit=_ALL)
        for name in workspace.catalog.order()
        if workspace.status(name).is_served
    }
    first = min((items[-1].at for items in past.values() if items), default="")
    found = []
    for name, items in past.items():
        pair = [_as_of(items, moment) for moment in moments]
        if pair[1] is not None:
            found.append(_layer(workspace, name, pair[0], pair[1]))
    if not found:
        _refuse("before_first", "until", until, first[:10])
    new, gone, stayed = _hotspots(workspace, found)
    return Changes(since, until, tuple(found), new, gone, stayed, first)


def moments_of(since: str, until: str) -> tuple[datetime, datetime]:
    """Read two moments, the first of which is the earlier one.

    Raises
    ------
    StateError
        If a text is no moment, or they are in the wrong order.

    Examples
    --------
    >>> early, late = moments_of("2024-03-31", "2024-06-30")
    >>> early.date().isoformat(), late.time().isoformat()
    ('2024-03-31', '23:59:59')
    >>> moments_of("2024-06-30", "")
    Traceback (most recent call last):
    geosvc.errors.StateError: until
    """
    moments = _moment("since", since), _moment("until", until)
    if moments[0] >= moments[1]:
        _refuse("order", "until", until, f"> {since}")
    return moments


def _refuse(code: str, name: str, found: str, expected: str) -> NoReturn:
    issue = Issue(code, name, found=found[:_LONGEST], expected=expected)
    raise StateError(name, issues=[issue])


def _moment(name: str, text: str) -> datetime:
    """Read a day, which is meant to its end, or an instant."""
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59)).astimezone()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        _refuse("bad_parameter", name, text, "2024-06-30")


def _as_of(revisions: tuple[Revision, ...], moment: datetime) -> Revision | None:
    return next((item for item in revisions if datetime.fromisoformat(item.at) <= moment), None)


def _layer(
    workspace: Workspace, name: str, before: Revision | None, after: Revision
) -> LayerChanges:
    layer = workspace.catalog.layer(name)
    counts = (before.count if before else 0, after.count)
    numbers = (before.number if before else None, after.number)
    is_same = numbers[0] == numbers[1]
    if before is None or layer.derivation is not None or is_same:
        return LayerChanges(layer, *numbers, counts)
    compared = workspace.store.compare(name, before.number, after.number)
    return LayerChanges(
        layer,
        *numbers,
        counts,
        added=_rows(workspace, layer, compared.added, after.number),
        removed=_rows(workspace, layer, compared.removed, before.number),
        changed=tuple(
            row
            for item in compared.changed
            if (row := _changed(workspace, layer, item, after.number))
        ),
    )


def _rows(
    workspace: Workspace, layer: Layer, keys: tuple[str, ...], number: int
) -> tuple[Row, ...]:
    return tuple(Row(key, _name(workspace, layer, key, number)) for key in keys)


def _name(workspace: Workspace, layer: Layer, key: str, number: int) -> str:
    field = layer.schema.field(layer.popup.title) if layer.popup.title else None
    version = workspace.store.version(layer.id, key, number=number)
    if field is None or field.privacy is not None or version is None:
        return ""
    return code_of(version.properties.get(field.name)) or ""


def _changed(workspace: Workspace, layer: Layer, item: FeatureChange, number: int) -> Row | None:
    """Return what everybody may see of a change; None where that is nothing."""
    open_fields = {field.name for field in layer.schema.fields if field.privacy is None} & {
        *shown_fields(layer),
        *_styled(layer),
    }
    fields = tuple(
        (change.name, change.before, change.after)
        for change in item.fields
        if change.name in open_fields
    )
    if not fields and item.moved_m is None:
        return None
    return Row(item.key, _name(workspace, layer, item.key, number), fields, item.moved_m)


def _styled(layer: Layer) -> list[str]:
    color = layer.style.color
    return [] if isinstance(color, str) else [color.field]


def _hotspots(
    workspace: Workspace, found: list[LayerChanges]
) -> tuple[tuple[Hotspot, ...] | None, tuple[Hotspot, ...] | None, tuple[Hotspot, ...]]:
    item = next((one for one in found if one.layer.id == HOTSPOTS), None)
    if item is None or item.before is None or item.after is None:
        return None, None, ()
    frames = [
        _strong(workspace.store.frame(HOTSPOTS, number=number))
        for number in (item.before, item.after)
    ]
    old, new = (np.asarray(frame["geometry"].array, dtype=object) for frame in frames)
    # streets that share a stretch are the same hotspot, whatever its key and rank
    meets = shapely.intersects(old[:, None], new[None, :])
    is_old, is_kept = meets.any(axis=0), meets.any(axis=1)
    parts = (frames[1], ~is_old), (frames[0], ~is_kept), (frames[1], is_old)
    added, gone, stayed = (_listed(frame.iloc[np.flatnonzero(here)]) for frame, here in parts)
    return added, gone, stayed


def _strong(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.loc[frame["level"].isin(STRONG)]


def _listed(frame: pd.DataFrame) -> tuple[Hotspot, ...]:
    rows = frame.sort_values("rank").to_dict("records")
    return tuple(
        Hotspot(
            code_of(row["road_name"]) or str(row["hotspot_id"]),
            None if row["rank"] != row["rank"] or row["rank"] is None else int(row["rank"]),
            int(row["visits"]),
            str(row["hotspot_id"]),
        )
        for row in rows
    )
