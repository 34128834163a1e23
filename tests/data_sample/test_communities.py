from __future__ import annotations

from typing import TYPE_CHECKING

from shapely import box

from data.sample_county.communities import make_communities
from data.sample_county.town import QUARTERS

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_communities_have_names_codes_and_people(county: County) -> None:
    areas = county.places.communities
    assert {area.kind for area in areas} == set(QUARTERS)
    assert {"宝塔社区", "金桥社区", "泰北社区"} <= {area.name for area in areas}
    assert all(area.code.startswith(area.township_code) for area in areas)
    assert 150_000 < sum(area.population for area in areas) < 450_000


def test_the_canal_divides_communities() -> None:
    west, east = box(-3000, 1000, -2000, 2000), box(-1500, 2000, -500, 3000)
    areas = make_communities([west, east])
    assert sorted(area.kind for area in areas) == ["new", "west"]
