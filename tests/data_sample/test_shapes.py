from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon

from data.sample_county import shapes


def test_shapes_are_what_they_are_taken_for() -> None:
    line, area = LineString([(0, 0), (1, 1)]), Polygon([(0, 0), (1, 0), (1, 1)])
    assert shapes.as_line(line) is line
    assert shapes.as_polygon(area) is area


def test_other_shapes_are_refused() -> None:
    with pytest.raises(TypeError, match="a line is needed, not Point"):
        shapes.as_line(Point(0, 0))
    with pytest.raises(TypeError, match="a polygon is needed, not MultiPolygon"):
        shapes.as_polygon(MultiPolygon())


def test_single_answers_become_arrays() -> None:
    assert shapes.as_mask(np.True_).tolist() == [True]
    assert shapes.as_shapes(Point(0, 0)).shape == (1,)
    assert len(shapes.points([])) == 0
    assert shapes.points([(1, 2)])[0] == Point(1, 2)
