"""The places of a siting: sites that stand, and parcels where one could."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geosvc.analysis.siting.asked import refused
from geosvc.analysis.siting.rules import Finding, Rule, screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geosvc.analysis.siting.asked import Asked

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Sites that stand, then parcels; all arrays have one length.

    ``fixed`` sites must be open: standing ones that cannot be closed, and parcels that a person
    keeps. ``cost`` is that of a parcel, ``closing`` that of closing a site that stands (NaN where
    it cannot be closed); ``bays`` how many there are, or can be (NaN: unknown). ``findings`` are
    the rules that each breaks: they bind parcels only, and are told of sites that stand.
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]
    geometry: NDArray[np.object_]
    standing: Booleans
    fixed: Booleans
    bays: Floats
    cost: Floats
    closing: Floats
    findings: tuple[tuple[Finding, ...], ...]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def excluded(self) -> Booleans:
        """Which parcels a hard rule takes out."""
        hard = [any(broken.hard for broken in found) for found in self.findings]
        return np.array(hard, dtype=np.bool_) & ~self.standing

    @property
    def penalty_m(self) -> Floats:
        """What soft rules add to every way to a site; each rule counts once."""
        added = np.zeros(len(self))
        for row, found in enumerate(self.findings):
            soft = {broken.rule: broken.penalty_m for broken in found if not broken.hard}
            added[row] = 0.0 if self.standing[row] else sum(soft.values())
        return added

    def index(self, key: str) -> int:
        """Return the row of a key.

        Raises
        ------
        AnalysisError
            If no site has it.
        """
        if key not in self.keys:
            raise refused(key, at="key")
        return self.keys.index(key)


def read_sites(
    asked: Asked, frames: Mapping[str, gpd.GeoDataFrame], rules: Sequence[Rule]
) -> Sites:
    """Read the tables ``existing`` and ``candidates``, and the lists ``keep`` and ``exclude``.

    Parameters
    ----------
    asked
        ``candidates``: ``layer``, ``key``, ``name``, ``bays`` and ``cost`` (fields), ``where``.
        ``existing``: the same without cost, and ``closable``, a table of closing costs by key.
        ``keep`` and ``exclude`` are keys of candidates.
    frames
        By layer, in one metric CRS.
    rules
        What binds the candidates.

    Raises
    ------
    AnalysisError
        If a layer, a field or a key does not exist, or a key stands twice.

    Examples
    --------
    >>> from geosvc.analysis.siting.asked import Asked
    >>> here = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=gpd.points_from_xy([0, 1], [0, 0]))
    >>> asked = Asked({"candidates": {"layer": "here", "key": "id"}, "exclude": ["b"]})
    >>> read_sites(asked, {"here": here}, []).excluded.tolist()
    [False, True]
    """
    standing = _table(asked.table("existing"), frames, is_standing=True)
    parcels = _table(asked.table("candidates"), frames, is_standing=False)
    keys = [*standing["key"], *parcels["key"]]
    for key in keys:
        if keys.count(key) > 1:
            raise refused(key, at="candidates.key")
    findings = [
        *screen(standing, [rule for rule in rules if rule.keep != "attribute"], frames),
        *screen(parcels, rules, frames),
    ]
    kept = _marked(keys, asked, "keep")
    for row in np.flatnonzero(_marked(keys, asked, "exclude")).tolist():
        if kept[row] or row < len(standing):
            raise refused(keys[row], at="exclude")
        findings[row] = (_EXCLUDED, *findings[row])
    both = pd.concat([standing[list(_FIELDS)], parcels[list(_FIELDS)]], ignore_index=True)
    stands = np.arange(len(both)) < len(standing)
    closing = both["closing"].to_numpy(dtype=np.float64)
    geometry = [
        np.asarray(gdf.geometry.array, dtype=object).reshape(-1) for gdf in (standing, parcels)
    ]
    return Sites(
        tuple(keys),
        tuple(both["name"]),
        np.concatenate(geometry),
        stands,
        (stands & np.isnan(closing)) | kept,
        both["bays"].to_numpy(dtype=np.float64),
        both["cost"].to_numpy(dtype=np.float64),
        closing,
        tuple(findings),
    )


_FIELDS = ("name", "bays", "cost", "closing")

_EXCLUDED = Finding(
    rule="excluded_by_user",
    keep="attribute",
    hard=True,
    penalty_m=0.0,
    found=None,
    asked=None,
    feature="",
    source="",
    clause="",
    example=False,
)


def _marked(keys: list[str], asked: Asked, setting: str) -> Booleans:
    marked = np.zeros(len(keys), dtype=np.bool_)
    for key in asked.texts(setting):
        if key not in keys:
            raise refused(key, at=setting)
        marked[keys.index(key)] = True
    return marked


def _table(
    asked: Asked, frames: Mapping[str, gpd.GeoDataFrame], *, is_standing: bool
) -> gpd.GeoDataFrame:
    """Return the layer with the columns key, name, bays, cost and closing put in front."""
    layer = asked.text("layer")
    fields = {name: asked.text(name) for name in ("key", "name", "bays", "cost")}
    where = asked.table("where")
    closable = asked.weights("closable") if is_standing else {}
    asked.done()
    if not layer:
        empty = {name: np.empty(0) for name in ("key", *_FIELDS)}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([]))
    if layer not in frames:
        fault = asked.refuse("layer")
        raise fault
    gdf = frames[layer]
    for name in where.names():
        gdf = gdf[_field(gdf, name, asked, "where").isin(list(where.values(name)))]
    keys = gdf.index if not fields["key"] else _field(gdf, fields["key"], asked, "key")
    key = [str(value) for value in keys]
    names = key if not fields["name"] else _field(gdf, fields["name"], asked, "name").tolist()
    made = {
        "key": key,
        "name": [str(name) for name in names],
        "bays": _numbers(gdf, fields["bays"], asked, "bays"),
        "cost": _numbers(gdf, fields["cost"], asked, "cost"),
        "closing": [closable.pop(one, np.nan) for one in key],
    }
    for unknown in closable:
        raise refused(unknown, at="existing.closable")
    rest = gdf.drop(columns=[column for column in made if column in gdf.columns])
    put = pd.DataFrame(made, index=gdf.index)
    return gpd.GeoDataFrame(pd.concat([put, rest], axis=1), geometry=gdf.geometry.name, crs=gdf.crs)


def _field(gdf: gpd.GeoDataFrame, name: str, asked: Asked, setting: str) -> pd.Series[Any]:
    if name not in gdf.columns:
        raise asked.refuse(setting)
    return gdf[name]


def _numbers(gdf: gpd.GeoDataFrame, name: str, asked: Asked, setting: str) -> Floats:
    """Return a column of numbers of at least 0; NaN where there is none."""
    if not name:
        return np.full(len(gdf), np.nan)
    try:
        column = _field(gdf, name, asked, setting).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise asked.refuse(setting) from error
    if (column < 0).any():
        raise refused(column[column < 0][0], at=setting)
    return np.asarray(column, dtype=np.float64)
