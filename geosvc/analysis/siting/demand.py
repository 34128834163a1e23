"""Demand: points with a weight each, made from layers by weights that a person sets.

No weight is claimed to be right. One that nobody set is 1 and marked as an example.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geosvc.analysis.siting.asked import refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geosvc.analysis.siting.asked import Asked

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandKind:
    """One kind of demand: which features of a layer count, and how much each.

    A feature weighs ``weight``, times its ``amount`` (a field of numbers; a missing one counts as
    none), times what ``by_weights`` says of its value in the field ``by`` (1 where it says
    nothing), halved for every ``half_life_days`` between the field ``time`` and the day asked for.
    ``where`` keeps features whose fields have one of the listed values. ``example`` says that
    nobody set the weight.
    """

    name: str
    layer: str
    weight: float = 1.0
    amount: str = ""
    by: str = ""
    by_weights: Mapping[str, float] = field(default_factory=dict)
    time: str = ""
    half_life_days: float | None = None
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    label: str = ""
    example: bool = False

    @classmethod
    def of(cls, asked: Asked) -> DemandKind:
        """Read one from settings of the same names.

        >>> from geosvc.analysis.siting.asked import Asked
        >>> DemandKind.of(Asked({"layer": "shops", "amount": "washes"})).example
        True
        """
        layer = asked.text("layer")
        where = asked.table("where")
        kind = cls(
            name=asked.text("name", layer),
            layer=layer,
            weight=asked.number("weight", 1.0),
            amount=asked.text("amount"),
            by=asked.text("by"),
            by_weights=asked.weights("by_weights"),
            time=asked.text("time"),
            half_life_days=asked.maybe("half_life_days", above=True),
            where={name: where.values(name) for name in where.names()},
            label=asked.text("label"),
            example=not asked.has("weight"),
        )
        asked.done()
        return kind


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Demand points; all arrays have one length.

    ``group`` is the row of ``groups``: one for each weight that a person set, with the kind's name
    and the value of its field ``by`` (empty without one). ``dropped`` counts features by kind that
    have no place, or no amount or time where one is needed.
    """

    xy: Floats
    weights: Floats
    labels: tuple[str, ...]
    group: Integers
    groups: tuple[tuple[str, str], ...]
    kinds: tuple[DemandKind, ...]
    dropped: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.weights)


def demand_points(
    frames: Mapping[str, gpd.GeoDataFrame],
    kinds: Sequence[DemandKind],
    *,
    as_of: pd.Timestamp | None = None,
) -> Demand:
    """Make demand points of layers.

    Parameters
    ----------
    frames
        By layer, in one metric CRS. Areas and lines stand at a point on them.
    kinds
        What counts how much.
    as_of
        The day from which ages count; needed where a kind has a half-life. What came later counts
        in full.

    Raises
    ------
    AnalysisError
        If a layer or a field does not exist, a field that should hold numbers or times does not,
        or an amount is negative.

    Examples
    --------
    >>> import geopandas as gpd
    >>> places = gpd.points_from_xy([0, 1], [2, 3])
    >>> shops = gpd.GeoDataFrame({"washes": [14, None]}, geometry=places)
    >>> kind = DemandKind(name="shops", layer="shops", amount="washes", weight=0.5)
    >>> made = demand_points({"shops": shops}, [kind])
    >>> made.weights.tolist(), dict(made.dropped)
    ([7.0], {'shops': 1})
    >>> len(demand_points({}, []))
    0
    """
    xy, weights, labels, group = [np.empty((0, 2))], [np.empty(0)], [""], [np.empty(0, np.int64)]
    groups: list[tuple[str, str]] = []
    dropped = {}
    labels.clear()
    for number, kind in enumerate(kinds):
        at = f"demand[{number}]"
        if kind.layer not in frames:
            raise refused(kind.layer, at=f"{at}.layer")
        gdf = _kept(frames[kind.layer], kind, at)
        weight, values = _weights(gdf, kind, at, as_of)
        points = shapely.get_coordinates(_points(gdf))
        good = np.isfinite(weight) & np.isfinite(points).all(axis=1)
        dropped[kind.name] = int((~good).sum())
        names, code = np.unique(values[good], return_inverse=True)
        group.append(len(groups) + code.reshape(-1))
        groups += [(kind.name, str(name)) for name in names]
        xy.append(points[good])
        weights.append(weight[good])
        labels += _labels(gdf, kind, at)[good].tolist()
    return Demand(
        np.concatenate(xy),
        np.concatenate(weights),
        tuple(labels),
        np.concatenate(group),
        tuple(groups),
        tuple(kinds),
        dropped,
    )


def _kept(gdf: gpd.GeoDataFrame, kind: DemandKind, at: str) -> gpd.GeoDataFrame:
    keep = np.ones(len(gdf), dtype=np.bool_)
    for name, values in kind.where.items():
        keep &= _column(gdf, name, f"{at}.where").isin(list(values)).to_numpy(dtype=bool)
    return gdf[keep]


def _points(gdf: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return one point a feature, with NaN where it has no place."""
    geometry = np.asarray(gdf.geometry.array, dtype=object)
    point = shapely.point_on_surface(geometry)
    gone = shapely.is_missing(point) | shapely.is_empty(point)
    nowhere = shapely.points([np.nan, np.nan])
    return np.where(gone, np.array(nowhere, dtype=object), point)


def _weights(
    gdf: gpd.GeoDataFrame, kind: DemandKind, at: str, as_of: pd.Timestamp | None
) -> tuple[Floats, NDArray[np.str_]]:
    weight = np.full(len(gdf), kind.weight)
    values = np.full(len(gdf), "", dtype=np.str_)
    if kind.amount:
        weight *= _amounts(gdf, kind, at)
    if kind.by:
        values = _column(gdf, kind.by, f"{at}.by").astype(str).to_numpy(dtype=np.str_)
        weight *= np.array([kind.by_weights.get(str(value), 1.0) for value in values])
    if kind.half_life_days is not None:
        weight *= 0.5 ** (_ages(gdf, kind, at, as_of) / kind.half_life_days)
    return weight, values


def _amounts(gdf: gpd.GeoDataFrame, kind: DemandKind, at: str) -> Floats:
    try:
        amount = _column(gdf, kind.amount, f"{at}.amount").to_numpy(
            dtype=np.float64, na_value=np.nan
        )
    except (TypeError, ValueError) as error:
        raise refused(kind.amount, at=f"{at}.amount") from error
    if (amount < 0).any():
        raise refused(amount[amount < 0][0], at=f"{at}.amount")
    return np.asarray(amount, dtype=np.float64)


def _ages(gdf: gpd.GeoDataFrame, kind: DemandKind, at: str, as_of: pd.Timestamp | None) -> Floats:
    """Return days between each feature's time and the day asked for, at least 0."""
    if as_of is None:
        raise refused(as_of, at="as_of")
    try:
        times = pd.to_datetime(_column(gdf, kind.time, f"{at}.time"), utc=True, format="ISO8601")
    except (TypeError, ValueError) as error:
        raise refused(kind.time, at=f"{at}.time") from error
    day = as_of.tz_localize("UTC") if as_of.tzinfo is None else as_of
    seconds = (day - times).dt.total_seconds().to_numpy(dtype=np.float64)
    return np.asarray(np.maximum(seconds, 0) / _DAY_S, dtype=np.float64)


def _labels(gdf: gpd.GeoDataFrame, kind: DemandKind, at: str) -> NDArray[np.object_]:
    if kind.label:
        texts = _column(gdf, kind.label, f"{at}.label").astype(str)
    else:
        texts = pd.Series(gdf.index.astype(str))
    return texts.to_numpy(dtype=object)


def _column(gdf: gpd.GeoDataFrame, name: str, setting: str) -> pd.Series[Any]:
    if name not in gdf.columns:
        raise refused(name, at=setting)
    return gdf[name]
