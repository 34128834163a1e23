"""Rows of boundary, townships, communities, villages, waters, roads and vehicles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.sample_county import plan
from data.sample_county.chance import stream
from data.sample_county.frame import lonlat
from data.sample_county.records import AS_OF, point_fields

if TYPE_CHECKING:
    from data.sample_county.places import Area, Places
    from data.sample_county.segments import Segment
    from data.sample_county.terrain import Water
    from data.sample_county.write import Row

FLEET = {"taxi": 337, "bus": 116, "rural_bus": 86}
URBAN_HOUSEHOLD, RURAL_HOUSEHOLD = (2.4, 2.9), (2.7, 3.3)  # people, least and most


def boundary_rows() -> list[Row]:
    """Make the county's row; it has no map review number because nobody reviewed it."""
    return [
        {
            "feature_id": "BD001",
            "adcode": plan.ADCODE,
            "name": "某市",
            "level": "county",
            "map_review_no": None,
            "year": 2024,
        }
    ]


def township_rows(areas: list[Area]) -> list[Row]:
    """Make the townships' rows; a label stands at the seat."""
    return [
        {
            "feature_id": f"TW{number:03d}",
            "name": area.name,
            "township_code": area.code,
            "population": area.population,
            "area_m2": round(area.shape.area),
            **dict(zip(("label_lon", "label_lat"), lonlat(seat.x, seat.y), strict=True)),
        }
        for number, (area, seat) in enumerate(zip(areas, plan.townships(), strict=True), start=1)
    ]


def community_rows(areas: list[Area]) -> list[Row]:
    """Make the communities' rows."""
    rng = stream("community-rows")
    return [
        {
            "feature_id": f"CM{number:03d}",
            "name": area.name,
            "community_code": area.code,
            "township_code": area.township_code,
            "township": area.township,
            "grid_code": area.code + "001",
            "grid_name": area.name + "第一网格",
            "responsible_unit": f"{area.township}办事处",
            "quarter": area.kind,
            "population": area.population,
            "households": round(area.population / rng.uniform(*URBAN_HOUSEHOLD)),
            "area_m2": round(area.shape.area),
        }
        for number, area in enumerate(areas, start=1)
    ]


def village_rows(places: Places) -> list[Row]:
    """Make the villages' rows; the point is the seat of the village committee on its road."""
    rng = stream("village-rows")
    rows: list[Row] = []
    for number, (site, area) in enumerate(
        zip(places.villages, places.lands, strict=False), start=1
    ):
        row: Row = {
            "feature_id": f"VL{number:04d}",
            "village": site.name,
            "village_code": area.code,
            "township": area.township,
            "population": area.population,
            "households": round(area.population / rng.uniform(*RURAL_HOUSEHOLD)),
            **point_fields((site.x, site.y), places, rng),
        }
        # a seat on the border of two villages' lands belongs to its own
        own = {"community": area.name, "grid_code": area.code + "001"}
        rows.append({**row, "township_code": area.township_code, **own})
    return rows


def water_rows(waters: list[Water]) -> list[Row]:
    """Make the waters' rows."""
    return [
        {
            "feature_id": f"WA{number:03d}",
            "name": item.name,
            "kind": item.kind,
            "area_m2": round(item.shape.area),
        }
        for number, item in enumerate(waters, start=1)
    ]


def road_row(segment: Segment) -> Row:
    """Make a road segment's row."""
    street = segment.street
    return {
        "road_id": segment.road_id,
        "road_name": street.name,
        "road_code": street.code or None,
        "road_class": street.road_class,
        "length_m": round(street.line.length, 1),
        "oneway": segment.oneway,
        "lanes": segment.lanes,
        "width_m": segment.width_m,
        "has_sidewalk": segment.has_sidewalk,
        "has_tactile_paving": segment.has_tactile_paving,
        "strict_control": segment.is_strict,
        "bridge": street.bridge,
    }


def fleet_rows() -> list[Row]:
    """Make the vehicle counts of the work report; every vehicle carries a public-interest ad."""
    return [
        {"vehicle_kind": kind, "count": count, "with_public_ad": count, "as_of": AS_OF}
        for kind, count in FLEET.items()
    ]
