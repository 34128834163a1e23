from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.analysis.strokes import Pieces, join_streets

WAYS = st.lists(
    st.tuples(
        st.sampled_from(["金桥路", "泰北路", None]),
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=2, max_size=5, unique=True
        ),
    ),
    min_size=1,
    max_size=8,
)


def streets(*ways: tuple[str | None, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    names = np.array([name for name, _ in ways], dtype=object)
    lines = [shapely.LineString(xy) for _, xy in ways]
    return gpd.GeoDataFrame({"road_name": names}, geometry=lines, crs="EPSG:4549")


def test_streets_of_one_name_are_joined_end_to_end() -> None:
    found = join_streets(
        streets(("甲", [(0, 0), (10, 0)]), ("乙", [(10, 0), (10, 9)]), ("甲", [(20, 0), (10, 0)]))
    )
    assert sorted(found.geometry.length) == [9, 20]
    assert sorted(found["road_name"]) == ["乙", "甲"]
    assert found["road_class"].tolist() == [None, None]


def test_a_class_divides_a_street() -> None:
    given_streets = streets(("甲", [(0, 0), (10, 0)]), ("甲", [(10, 0), (20, 0)]))
    given_streets["road_class"] = ["S", "X"]
    assert join_streets(given_streets)["road_class"].tolist() == ["S", "X"]


def test_streets_without_a_name_are_joined_too() -> None:
    found = join_streets(streets((None, [(0, 0), (10, 0)]), (None, [(10, 0), (20, 0)])))
    assert found["road_name"].tolist() == [None]
    assert found.geometry.length.tolist() == [20]


def test_a_fork_ends_the_joining() -> None:
    arms = [("甲", [(0, 0), (x, y)]) for x, y in ((10, 0), (-10, 0), (0, 10))]
    assert len(join_streets(streets(*arms))) == 3  # type: ignore[arg-type]


def test_a_street_drawn_twice_counts_once() -> None:
    found = join_streets(streets(("甲", [(0, 0), (10, 0)]), ("甲", [(10, 0), (0, 0)])))
    assert found.geometry.length.tolist() == [10]


@given(ways=WAYS, seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(
    ways: list[tuple[str | None, list[tuple[float, float]]]], seed: int
) -> None:
    one = join_streets(streets(*ways))
    mixed = np.random.default_rng(seed).permutation(len(ways))
    other = join_streets(streets(*(ways[at] for at in mixed)))
    assert shapely.to_wkb(one.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
    assert one["road_name"].tolist() == other["road_name"].tolist()


@given(ways=WAYS, length_m=st.floats(0.3, 20))
def test_pieces_keep_all_length(
    ways: list[tuple[str | None, list[tuple[float, float]]]], length_m: float
) -> None:
    strokes = join_streets(streets(*ways))
    pieces = Pieces.cut(strokes, length_m=length_m)
    assert pieces.length_m.sum() == pytest.approx(strokes.geometry.length.sum(), rel=1e-9)
    whole = strokes.geometry.length.to_numpy()[pieces.stroke]
    long = whole >= length_m / 2
    assert (pieces.length_m[long] >= length_m * 2 / 3 * (1 - 1e-9)).all() or (
        whole < length_m
    ).any()
    assert (pieces.length_m <= length_m * 1.5 * (1 + 1e-9)).all()


@given(ways=WAYS, length_m=st.floats(0.3, 20))
def test_lines_are_as_long_as_they_say(
    ways: list[tuple[str | None, list[tuple[float, float]]]], length_m: float
) -> None:
    pieces = Pieces.cut(join_streets(streets(*ways)), length_m=length_m)
    for piece in range(len(pieces)):
        line = pieces.line(piece)
        assert isinstance(line, shapely.LineString)
        assert line.length == pytest.approx(pieces.length_m[piece])


def test_places_fall_into_pieces() -> None:
    pieces = Pieces.cut(join_streets(streets(("甲", [(0, 0), (300, 0)]))), length_m=100)
    along = np.array([0, 99.9, 100, 250, 300, 300.0001])
    assert pieces.holding(np.zeros(6, dtype=np.int64), along).tolist() == [0, 0, 1, 2, 2, 2]


def test_no_streets_have_no_pieces() -> None:
    pieces = Pieces.cut(join_streets(streets()), length_m=100)
    assert len(pieces) == 0
