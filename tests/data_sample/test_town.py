from __future__ import annotations

import pytest
from shapely import Point

from data.sample_county.terrain import make_terrain
from data.sample_county.town import QUARTERS, main_streets, quarter, town_outline


@pytest.mark.parametrize(
    ("x", "y", "name"),
    [
        (0, 0, "old"),
        (2000, 2000, "new"),
        (-2700, 900, "west"),
        (5800, -2400, "works"),
        (5500, 500, "works"),
    ],
)
def test_quarters(x: float, y: float, name: str) -> None:
    assert quarter(x, y) == name
    assert name in QUARTERS


def test_main_streets_have_names_and_lie_in_the_town() -> None:
    streets = {street.name: street for street in main_streets(make_terrain())}
    assert {"金桥路", "佳醇路", "泰北路", "运河西路", "运河东路"} <= set(streets)
    assert len(streets) == 25
    assert streets["金桥路"].line.intersects(streets["泰北路"].line)
    assert town_outline().covers(streets["金桥路"].line)
    assert town_outline().contains(Point(0, 0))
