"""Rules for candidate parcels as data: what must be away, near or true, and where that is written.

No distance is invented here. A rule carries its source and clause; without one it says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import numpy as np
import shapely

from geosvc.analysis.siting.asked import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geosvc.analysis.siting.asked import Asked

Keep: TypeAlias = Literal["away", "near", "attribute"]

_KEEPS: Final[tuple[Keep, ...]] = get_args(Keep)

_TESTS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda found, wanted: bool(found == wanted),
    ">=": lambda found, wanted: bool(found >= wanted),
    "<=": lambda found, wanted: bool(found <= wanted),
    "in": lambda found, wanted: found in wanted,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    ``keep`` "away": the parcel must be at least ``distance_m`` from every feature of ``layer`` (0:
    must not overlap one); "near": at most ``distance_m`` from one; "attribute": its ``field`` must
    be ``test`` (=, >=, <=, in) ``value``. ``hard`` rules exclude; a soft one adds ``penalty_m`` to
    every way to the parcel. ``hard_field``, ``source_field`` and ``name_field`` name columns of
    the layer that say it feature by feature. ``example`` marks a rule that is no law.
    """

    name: str
    keep: Keep = "away"
    layer: str = ""
    distance_m: float = 0.0
    hard: bool = True
    penalty_m: float = 0.0
    source: str = ""
    clause: str = ""
    hard_field: str = ""
    source_field: str = ""
    name_field: str = ""
    field: str = ""
    test: str = "="
    value: Any = None
    example: bool = False

    @classmethod
    def of(cls, asked: Asked) -> Rule:
        """Read one from settings of the same names.

        >>> from geosvc.analysis.siting.asked import Asked
        >>> Rule.of(Asked({"keep": "attribute", "field": "sewer", "value": True})).name
        'sewer'
        """
        layer, field = asked.text("layer"), asked.text("field")
        rule = cls(
            name=asked.text("name", layer or field),
            keep=asked.choice("keep", _KEEPS),
            layer=layer,
            distance_m=asked.number("distance_m", 0.0),
            hard=asked.flag("hard", default=True),
            penalty_m=asked.number("penalty_m", 0.0),
            source=asked.text("source"),
            clause=asked.text("clause"),
            hard_field=asked.text("hard_field"),
            source_field=asked.text("source_field"),
            name_field=asked.text("name_field"),
            field=field,
            test=asked.choice("test", tuple(_TESTS)),
            value=asked.plain("value"),
            example=asked.flag("example", default=False),
        )
        asked.done()
        return rule


EXAMPLE_ZONES: Final = Rule(
    name="exclusion_zones",
    layer="exclusion_zones",
    hard_field="hard",
    source_field="rule_basis",
    name_field="zone_name",
    example=True,
)
"""The county's own zones: each says itself whether it excludes, and on what basis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a parcel breaks.

    ``found`` is the distance in meters, or the value of the field; ``asked`` what the rule wants.
    ``feature`` names the nearest feature that matters.
    """

    rule: str
    keep: Keep
    hard: bool
    penalty_m: float
    found: float | str | bool | None
    asked: Any
    feature: str
    source: str
    clause: str
    example: bool


def screen(
    parcels: gpd.GeoDataFrame,
    rules: Sequence[Rule],
    frames: Mapping[str, gpd.GeoDataFrame],
) -> list[tuple[Finding, ...]]:
    """Hold each parcel against each rule.

    Parameters
    ----------
    parcels
        In a metric CRS.
    rules
        In the order in which findings are listed.
    frames
        The layers of the rules, in the CRS of the parcels.

    Returns
    -------
    findings
        One tuple a parcel, empty where it keeps all rules.

    Raises
    ------
    AnalysisError
        If a rule names a layer or a field that does not exist, or compares what cannot be.

    Examples
    --------
    >>> import geopandas as gpd
    >>> parcels = gpd.GeoDataFrame({"bays": [9, 20]}, geometry=gpd.points_from_xy([0, 9], [0, 0]))
    >>> rule = Rule(name="bays", keep="attribute", field="bays", test=">=", value=14)
    >>> [[broken.found for broken in found] for found in screen(parcels, [rule], {})]
    [[9], []]
    >>> screen(parcels, [], {})
    [(), ()]
    """
    found: list[list[Finding]] = [[] for _ in range(len(parcels))]
    for number, rule in enumerate(rules):
        at = f"rules[{number}]"
        if rule.keep == "attribute":
            _hold_attribute(parcels, rule, at, found)
            continue
        if rule.layer not in frames:
            raise refused(rule.layer, at=f"{at}.layer")
        zones = frames[rule.layer]
        for name in (rule.hard_field, rule.source_field, rule.name_field):
            if name and name not in zones.columns:
                raise refused(name, at=f"{at}.layer")
        held = _hold_near if rule.keep == "near" else _hold_away
        held(parcels, rule, zones, found)
    return [tuple(broken) for broken in found]


def _hold_attribute(
    parcels: gpd.GeoDataFrame, rule: Rule, at: str, found: list[list[Finding]]
) -> None:
    if rule.field not in parcels.columns:
        raise refused(rule.field, at=f"{at}.field")
    for row, value in enumerate(parcels[rule.field].tolist()):
        try:
            is_kept = not _is_missing(value) and _TESTS[rule.test](value, rule.value)
        except TypeError as error:
            raise refused(rule.value, at=f"{at}.value") from error
        if not is_kept:
            said = None if _is_missing(value) else value
            found[row].append(_finding(rule, said, asked=rule.value))


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _hold_away(
    parcels: gpd.GeoDataFrame, rule: Rule, zones: gpd.GeoDataFrame, found: list[list[Finding]]
) -> None:
    place, zone = _pairs(parcels, zones, rule.distance_m)
    ours = np.asarray(parcels.geometry.array, dtype=object)[place]
    theirs = np.asarray(zones.geometry.array, dtype=object)[zone]
    distance = shapely.distance(ours, theirs)
    if rule.distance_m > 0:
        is_broken = distance < rule.distance_m
    else:  # neighbors share an edge and do not overlap
        is_broken = shapely.intersects(ours, theirs) & ~shapely.touches(ours, theirs)
    order = np.lexsort((zone, distance, place))
    for at in order[is_broken[order]].tolist():
        row = zones.iloc[int(zone[at])]
        found[int(place[at])].append(_finding(rule, float(distance[at]), row))


def _hold_near(
    parcels: gpd.GeoDataFrame, rule: Rule, zones: gpd.GeoDataFrame, found: list[list[Finding]]
) -> None:
    theirs = np.asarray(zones.geometry.array, dtype=object)
    for row, geom in enumerate(parcels.geometry):
        distance = shapely.distance(geom, theirs)
        if not (distance <= rule.distance_m).any():
            known = np.isfinite(distance).any()
            nearest = int(np.nanargmin(distance)) if known else -1
            feature = zones.iloc[nearest] if known else None
            said = float(distance[nearest]) if known else None
            found[row].append(_finding(rule, said, feature))


def _pairs(
    parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, distance_m: float
) -> NDArray[np.int64]:
    tree = shapely.STRtree(np.asarray(zones.geometry.array, dtype=object))
    ours = np.asarray(parcels.geometry.array, dtype=object)
    return tree.query(ours, predicate="dwithin", distance=distance_m).astype(np.int64)


def _finding(
    rule: Rule,
    found: float | str | bool | None,  # noqa: FBT001 - a value of a field
    feature: Any = None,  # noqa: ANN401 - a row of any layer
    *,
    asked: Any = None,  # noqa: ANN401 - the value of a rule is of any kind
) -> Finding:
    def said(name: str, default: Any) -> Any:  # noqa: ANN401 - a value of a field
        return default if feature is None or not name else feature[name]

    return Finding(
        rule=rule.name,
        keep=rule.keep,
        hard=bool(said(rule.hard_field, rule.hard)),
        penalty_m=rule.penalty_m,
        found=found,
        asked=rule.distance_m if rule.keep != "attribute" else asked,
        feature=str(said(rule.name_field, "")),
        source=str(said(rule.source_field, rule.source)),
        clause=rule.clause,
        example=rule.example,
    )
