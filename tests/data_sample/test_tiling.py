from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Polygon, box

from data.sample_county.tiling import faces, groups, inner_points, made_whole, rough_borders, union

CELLS = [box(k * 10, 0, k * 10 + 10, 10) for k in range(4)]


def test_faces_share_their_vertices() -> None:
    lines = [box(0, 0, 40, 10).exterior, LineString([(10, -1), (10, 11)])]
    found = faces(lines)
    assert sorted(face.area for face in found) == [100, 300]
    assert shapely.coverage_is_valid(np.array(found))


def test_cut_off_parts_change_their_group() -> None:
    assert made_whole(CELLS, np.array([0, 1, 1, 0])).tolist() in ([0, 1, 1, 1], [1, 1, 1, 0])
    assert made_whole(CELLS, np.array([0, 0, 1, 1])).tolist() == [0, 0, 1, 1]


def test_groups_join_their_shapes() -> None:
    left, right, none = groups(CELLS, np.array([0, 0, 0, 1]), 3)
    assert (left.area, right.area) == (300, 100)
    assert none.is_empty
    assert union([]).is_empty


def test_inner_points_lie_inside() -> None:
    ring = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(2, 2), (8, 2), (8, 8), (2, 8)]])
    x, y = inner_points([ring])[0]
    assert ring.contains(shapely.Point(x, y))


def test_borders_are_roughened_once() -> None:
    cells = [box(0, 0, 5000, 5000), box(5000, 0, 10_000, 5000)]
    length = sum(line.length for line in rough_borders(cells, box(-3000, -3000, 13_000, 8000)))
    assert 35_000 < length < 40_000
