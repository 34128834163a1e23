"""Write the county's layers into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapely import Point, Polygon

from data.sample_county import area_rows, stop_rows
from data.sample_county.cases import make_cases, violation_layer
from data.sample_county.county import County, make_county
from data.sample_county.focus import focus_layer
from data.sample_county.parcels import parcel_layer
from data.sample_county.patrols import make_patrols, patrol_layer
from data.sample_county.volunteers import volunteer_layer
from data.sample_county.washing import make_shops, shop_layer, site_layer
from data.sample_county.write import Layer
from data.sample_county.zones import zone_layer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from data.sample_county.places import Area
    from data.sample_county.roadside import Stop
    from data.sample_county.settlements import Settlement


def _points(items: Iterable[Stop | Settlement]) -> list[Point]:
    return [Point(item.x, item.y) for item in items]


def _shapes(areas: Iterable[Area]) -> list[Polygon]:
    return [area.shape for area in areas]


def base_layers(county: County) -> list[Layer]:
    """Make the layers of the place itself: land, water, roads, areas."""
    places, terrain, segments = county.places, county.terrain, county.network.segments
    waters = terrain.waters
    return [
        Layer("boundary", area_rows.boundary_rows(), [terrain.county]),
        Layer("water", area_rows.water_rows(waters), [item.shape for item in waters]),
        Layer("roads", [area_rows.road_row(item) for item in segments], [i.line for i in segments]),
        Layer("townships", area_rows.township_rows(places.townships), _shapes(places.townships)),
        Layer(
            "communities",
            area_rows.community_rows(places.communities),
            _shapes(places.communities),
        ),
        Layer("villages", area_rows.village_rows(places), _points(places.villages)),
    ]


def work_layers(county: County) -> list[Layer]:
    """Make the layers of the bureau's work: stops, washing, patrols, posts, sites to choose."""
    places, network = county.places, county.network
    shops = make_shops(places, network)
    cases = make_cases(network, shops)
    patrols = make_patrols(network, cases)
    return [
        Layer("urban_stops", stop_rows.urban_rows(county.urban, places), _points(county.urban)),
        Layer("rural_stops", stop_rows.rural_rows(county.rural, places), _points(county.rural)),
        site_layer(places, network),
        shop_layer(shops),
        violation_layer(cases, places),
        patrol_layer(patrols, places),
        focus_layer(places, network),
        volunteer_layer(places, network),
        parcel_layer(places, network, county.terrain),
        zone_layer(places, county.terrain),
        Layer("fleet", area_rows.fleet_rows()),
    ]


def build(folder: Path) -> list[Path]:
    """Make the county and write its seventeen files; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    county = make_county()
    return [layer.write(folder) for layer in base_layers(county) + work_layers(county)]
