"""Volunteers' posts: civility posts at busy corners, grid posts in the communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapely import Point

from data.sample_county.chance import side, stream
from data.sample_county.lines import side_point
from data.sample_county.records import point_fields
from data.sample_county.write import Layer, Row

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.places import Area, Places
    from data.sample_county.segments import Network

CORNERS = (  # a street and the one that it crosses
    ("人民路", "解放路"),
    ("人民路", "北门大街"),
    ("人民路", "泰北路"),
    ("金桥路", "解放路"),
    ("金桥路", "泰北路"),
    ("金桥路", "文昌路"),
    ("金桥路", "新城大道"),
    ("佳醇路", "泰北路"),
    ("佳醇路", "解放路"),
    ("建设路", "解放路"),
    ("建设路", "泰南路"),
    ("建设路", "新城大道"),
    ("迎宾大道", "新城大道"),
    ("迎宾大道", "文昌路"),
    ("府前街", "南门大街"),
    ("学海路", "新城大道"),
)
PLACES = ("汽车客运站", "农工商超市")
POSTS = 30
FROM_CORNER_M = 28.0
KERB_M = 3.0  # from the carriageway
UNITS = ("市文明办", "交警大队", "团市委", "市交通运输局")
APART = 3  # every third community has a grid post


def volunteer_layer(places: Places, network: Network) -> Layer:
    """Place thirty posts."""
    rng = stream("volunteers")
    found = [(f"{one}{two}口文明岗", _corner(one, two, network)) for one, two in CORNERS]
    found += [(f"{name}文明岗", _roadside(places.spot(name), network, rng)) for name in PLACES]
    civility = len(found)
    units = [UNITS[index % len(UNITS)] for index in range(civility)]
    for area in _grids(places, POSTS - civility):
        middle = area.shape.representative_point()
        found.append((f"{area.name}网格志愿岗", _roadside(middle, network, rng)))
        units.append(f"{area.township}办事处")
    rows: list[Row] = [
        {
            "feature_id": f"VP{index + 1:03d}",
            "post_name": name,
            "kind": "civility_post" if index < civility else "grid",
            "lead_unit": unit,
            **point_fields((spot.x, spot.y), places, rng),
        }
        for index, ((name, spot), unit) in enumerate(zip(found, units, strict=True))
    ]
    return Layer("volunteer_posts", rows, [spot for _, spot in found])


def _grids(places: Places, count: int) -> list[Area]:
    """Choose communities all over the town, the most peopled first."""
    order = sorted(places.communities, key=lambda area: (-area.population, area.code))
    return order[::APART][:count]


def _corner(one: str, two: str, network: Network) -> Point:
    line, other = network.road(one), network.road(two)
    meet = line.interpolate(line.project(line.intersection(other).representative_point()))
    at = line.project(meet) - FROM_CORNER_M
    at = at if at > 0 else line.project(meet) + FROM_CORNER_M
    x, y, _ = side_point(line, at, network.width_m(one) / 2 + KERB_M)
    return Point(x, y)


def _roadside(spot: Point, network: Network, rng: np.random.Generator) -> Point:
    """Move a place to the side of the nearest street."""
    segment = network.segments[int(network.tree.nearest(spot))]
    offset = side(rng) * (segment.width_m / 2 + KERB_M)
    x, y, _ = side_point(segment.line, segment.line.project(spot), offset)
    return Point(x, y)
