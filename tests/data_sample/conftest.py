"""A county made once, and a small place drawn by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import LineString, Polygon

from data.sample_county.county import make_county
from data.sample_county.graph import Street
from data.sample_county.noding import noded
from data.sample_county.segments import Network, Segment
from data.sample_county.strokes import chainages, strokes
from data.sample_county.terrain import MOAT, Terrain, Water

if TYPE_CHECKING:
    from data.sample_county.county import County


@pytest.fixture(scope="session")
def county() -> County:
    return make_county()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def crossroads() -> list[Street]:
    """A street of 1 km east and one of 1 km north, which cross in their middles."""
    return [
        Street(LineString([(-500, 0), (500, 0)]), "arterial", "东西路", kind="town"),
        Street(LineString([(0, -500), (0, 500)]), "branch", "南北路", kind="town"),
    ]


@pytest.fixture
def small_network(crossroads: list[Street]) -> Network:
    graph = noded(crossroads)
    chains = strokes(graph)
    segments = [
        Segment(
            f"R{index:05d}",
            edge.street,
            edge.start,
            edge.end,
            2,
            8.0,
            has_sidewalk=True,
            has_tactile_paving=False,
            chain=chain,
        )
        for index, (edge, chain) in enumerate(
            zip(graph.edges, chainages(graph, chains), strict=True)
        )
    ]
    return Network(graph, segments, chains)


@pytest.fixture
def small_terrain() -> Terrain:
    """A square county of 20 km with a lake in its west, a canal and a moat."""
    county = Polygon([(-10_000, -10_000), (10_000, -10_000), (10_000, 10_000), (-10_000, 10_000)])
    lake = Polygon([(-9000, -2000), (-6000, -2000), (-6000, 2000), (-9000, 2000)])
    canal = LineString([(-3000, -10_000), (-3000, 10_000)])
    moat = LineString([(-1000, 800), (1000, 800)])
    waters = [
        Water("湖", "lake", lake),
        Water("运河", "canal", canal.buffer(40, cap_style="flat")),
    ]
    return Terrain(county, canal, {MOAT: moat}, waters)
