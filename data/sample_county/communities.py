"""The town's communities: groups of street blocks around seeds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Polygon

from data.sample_county import plan
from data.sample_county.chance import stream
from data.sample_county.places import Area
from data.sample_county.tiling import Labels, groups, inner_points, made_whole
from data.sample_county.town import quarter

if TYPE_CHECKING:
    from data.sample_county.frame import Floats

SIZE_M = {"old": 396.0, "new": 720.0, "west": 720.0, "works": 1368.0}  # least seed distance
PEOPLE_KM2 = {"old": 9200, "new": 4900, "west": 2600, "works": 1200}
ROOMY_M2 = 9e4  # smaller faces seed no community outside the old town,
ROUNDNESS = 0.35  # nor do strips
BORDER_STREET_M = 930.0  # 宝塔街道 lies west of it, 金桥街道 east


def make_communities(tiles: list[Polygon]) -> list[Area]:
    """Group the town's faces into communities, none of them across the canal."""
    rng = stream("communities")
    middles = inner_points(tiles)
    kinds = [quarter(x, y) for x, y in middles.tolist()]
    seeds, names = _seeds(tiles, middles, kinds, rng)
    label = made_whole(tiles, _nearest(seeds, middles, kinds))
    counts = Counter[str]()
    areas = []
    for (x, y), name, shape in zip(
        seeds.tolist(), names, groups(tiles, label, len(names)), strict=True
    ):
        if shape.is_empty:
            continue
        township = plan.townships()[int(x >= BORDER_STREET_M)]
        counts[township.code] += 1
        code, kind = f"{township.code}{counts[township.code]:03d}", quarter(x, y)
        people = int(shape.area / 1e6 * PEOPLE_KM2[kind] * rng.uniform(0.75, 1.25))
        areas.append(Area(name + "社区", code, shape, township.name, township.code, kind, people))
    return areas


def _seeds(
    tiles: list[Polygon], middles: Floats, kinds: list[str], rng: np.random.Generator
) -> tuple[Floats, list[str]]:
    """Give the places and names of the communities: the plan's, then others far enough off."""
    given = plan.community_seeds()
    seeds, names = [(item.x, item.y) for item in given], [item.name for item in given]
    area, rim = shapely.area(tiles), shapely.length(tiles)
    roomy = (area > ROOMY_M2) & (4 * np.pi * area / rim**2 > ROUNDNESS)
    for kind, least_m in SIZE_M.items():
        rest = [name for name in plan.words(f"{kind}_communities") if name not in names]
        is_kind = np.array([item == kind for item in kinds])
        for index in rng.permutation(np.flatnonzero(is_kind & (roomy | (kind == "old")))):
            gap = np.hypot(*(np.array(seeds) - middles[index]).T).min()
            if rest and gap > least_m:
                x, y = middles[index].tolist()
                seeds.append((x, y))
                names.append(rest.pop(0))
    return np.array(seeds), names


def _nearest(seeds: Floats, middles: Floats, kinds: list[str]) -> Labels:
    """Label each face with the nearest seed on its own bank of the canal."""
    is_west = np.array([quarter(x, y) == "west" for x, y in seeds.tolist()])
    label = []
    for middle, kind in zip(middles, kinds, strict=True):
        gaps = np.hypot(*(seeds - middle).T)
        label.append(int(np.argmin(np.where(is_west == (kind == "west"), gaps, np.inf))))
    return np.array(label)
