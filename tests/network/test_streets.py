from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.network import Lixels, Snapped, StreetNetwork

GRID = st.integers(0, 6).map(lambda value: value * 25.0)
LINES = st.lists(
    st.lists(st.tuples(GRID, GRID), min_size=2, max_size=6).map(shapely.LineString), max_size=6
)


def streets(*lines: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(lines), crs="EPSG:4549")


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(xy)


def test_lines_meet_at_shared_vertices() -> None:
    network = StreetNetwork.from_lines(
        streets(line((0, 0), (100, 0), (200, 0)), line((100, 0), (100, 50)))
    )
    assert len(network.vertices_xy) == 4
    assert network.lengths_m.tolist() == [100, 100, 50]
    assert network.line.tolist() == [0, 0, 1]
    assert network.line_offset_m.tolist() == [0, 100, 0]
    assert network.segments[0, 1] == network.segments[1, 0] == network.segments[2, 0]


def test_lines_that_only_cross_do_not_meet() -> None:
    network = StreetNetwork.from_lines(streets(line((0, 0), (10, 10)), line((0, 10), (10, 0))))
    assert len(network.vertices_xy) == 4
    assert len(network.segments) == 2


def test_lines_meet_at_a_declared_crossing() -> None:
    crossing = streets(line((0, 0), (10, 10)), line((0, 10), (10, 0)))
    network = StreetNetwork.from_lines(crossing, crossings_xy=[[5, 5], [80, 80]])
    assert len(network.vertices_xy) == 5
    assert network.line.tolist() == [0, 0, 1, 1]
    assert network.line_offset_m == pytest.approx([0, 50**0.5, 0, 50**0.5])
    assert network.length_m == pytest.approx(800**0.5)
    one, other = (network.snap([xy], limit_m=1) for xy in ([2, 2], [2, 8]))
    assert network.distances(one, other) == pytest.approx(np.array([[72**0.5]]))
    apart = StreetNetwork.from_lines(crossing)
    assert apart.distances(*(apart.snap([xy], limit_m=1) for xy in ([2, 2], [2, 8]))) == np.inf


def test_vertices_less_than_a_millimeter_apart_are_one_node() -> None:
    network = StreetNetwork.from_lines(streets(line((0, 0), (9, 0)), line((9.0001, 0), (20, 0))))
    assert len(network.vertices_xy) == 3


def test_repeated_and_empty_segments_are_left_out() -> None:
    network = StreetNetwork.from_lines(
        streets(
            line((0, 0), (0, 0), (10, 0)),
            line((10, 0), (0, 0)),
            line((0, 0), (10, 0), (20, 0)),
            shapely.LineString(),
        )
    )
    assert network.length_m == 20
    assert network.line.tolist() == [0, 2]
    assert network.line_offset_m.tolist() == [0, 10]


def test_the_parts_of_a_line_are_not_joined() -> None:
    both = shapely.MultiLineString([[(0, 0), (10, 0)], [(50, 0), (60, 0)]])
    network = StreetNetwork.from_lines(streets(both))
    assert network.length_m == 20
    assert network.line.tolist() == [0, 0]
    assert network.line_offset_m.tolist() == [0, 10]


@given(lines=LINES)
def test_a_network_is_as_long_as_its_distinct_segments(lines: list[shapely.LineString]) -> None:
    network = StreetNetwork.from_lines(streets(*lines))
    steps = {
        frozenset((start, end))
        for one in lines
        for start, end in zip(one.coords, one.coords[1:], strict=False)
        if start != end
    }
    expected = sum(shapely.LineString(list(step)).length for step in steps)
    assert network.length_m == pytest.approx(expected, rel=1e-12)
    assert len(network.segments) == len(steps)
    assert (network.lengths_m > 0).all()


@given(lines=LINES.filter(len), length_m=st.floats(3, 200))
def test_lixels_are_as_long_as_the_network(
    lines: list[shapely.LineString], length_m: float
) -> None:
    network = StreetNetwork.from_lines(streets(*lines))
    lixels = network.lixels(length_m)
    assert isinstance(lixels, Lixels)
    assert lixels.length_m.sum() == pytest.approx(network.length_m, rel=1e-9)
    assert (lixels.length_m <= length_m).all()
    assert set(lixels.segment) == set(range(len(network.segments)))


@given(lines=LINES.filter(len), x=st.floats(-50, 200), y=st.floats(-50, 200))
def test_a_place_on_a_segment_is_the_place_on_its_line(
    lines: list[shapely.LineString], x: float, y: float
) -> None:
    network = StreetNetwork.from_lines(streets(*lines))
    found = network.snap(np.array([[x, y]]), limit_m=np.inf)
    point = shapely.Point(x, y)
    assert isinstance(found, Snapped)
    if not len(network.segments):
        assert found.segment.tolist() == [-1]
        return
    [segment], [offset], [distance] = found.segment, found.offset_m, found.distance_m
    # a line of no length is no street
    nearest = min(one.distance(point) for one in lines if one.length > 0)
    assert distance == pytest.approx(nearest, abs=1e-9)
    along = network.line_offset_m[segment] + offset
    place = lines[network.line[segment]].interpolate(along)
    assert place.distance(point) == pytest.approx(distance, abs=1e-6)


def test_offsets_are_in_the_lengths_that_were_given() -> None:
    network = StreetNetwork.from_segments([[0, 0], [10, 0]], [[0, 1]], lengths_m=[40])
    found = network.snap([[2.5, 3.0], [99.0, 0.0]], limit_m=100)
    assert found.offset_m.tolist() == [10, 40]
    assert found.distance_m.tolist() == [3, 89]
    assert network.lixels(10).end_m.tolist() == [10, 20, 30, 40]


def test_segments_keep_their_numbers() -> None:
    network = StreetNetwork.from_segments([[0, 0], [3, 4]], [[0, 1], [0, 0], [1, 0]])
    assert network.lengths_m.tolist() == [5, 0, 5]
    assert network.line.tolist() == [0, 1, 2]
    assert network.lixels(5).segment.tolist() == [0, 2]
    assert network.snap([[3, 4]], limit_m=1).segment.tolist() == [0]


@pytest.mark.parametrize(
    ("vertices", "segments", "lengths"),
    [
        ([[0, 0]], [[0, 1]], None),
        ([[0, 0], [1, 1]], [[-1, 0]], None),
        ([[0, np.nan], [1, 1]], [[0, 1]], None),
        ([[0, 0], [1, 1]], [[0, 1]], [-1.0]),
        ([[0, 0], [1, 1]], [[0, 1]], [np.inf]),
        ([[0, 0], [1, 1]], [[0, 1]], [1.0, 2.0]),
    ],
)
def test_arrays_that_make_no_network_are_refused(
    vertices: list[list[float]], segments: list[list[int]], lengths: list[float] | None
) -> None:
    with pytest.raises(ValueError, match="must"):
        StreetNetwork.from_segments(vertices, segments, lengths_m=lengths)


def test_degrees_and_other_geometry_are_refused() -> None:
    with pytest.raises(ValueError, match="metric"):
        StreetNetwork.from_lines(streets(line((0, 0), (1, 1))).to_crs(4326))
    with pytest.raises(ValueError, match="lines"):
        StreetNetwork.from_lines(streets(shapely.Point(0, 0)))
    with pytest.raises(ValueError, match="finite"):
        StreetNetwork.from_lines(streets(line((0, 0), (1, np.inf))))


def test_no_streets() -> None:
    network = StreetNetwork.from_lines(streets())
    assert network.length_m == 0
    assert len(network.lixels(10)) == 0
    assert network.snap([[0, 0]], limit_m=10).segment.tolist() == [-1]


def test_the_input_is_not_changed() -> None:
    given_lines = streets(line((0, 0), (10, 0)))
    before = given_lines.copy()
    network = StreetNetwork.from_lines(given_lines)
    points = np.array([[1.0, 1.0]])
    network.snap(points, limit_m=5)
    assert points.tolist() == [[1.0, 1.0]]
    assert given_lines.equals(before)
