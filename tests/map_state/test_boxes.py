"""Boxes of degrees: what lies in them, counted as the browser counts."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import StateError
from geosvc.map_state.boxes import parse_box, within

degrees = st.floats(-80, 80, allow_nan=False).map(lambda value: round(value, 6))


def shapes(*texts: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([shapely.from_wkt(text) for text in texts], dtype=object)


def test_a_box_is_four_numbers_in_order() -> None:
    assert parse_box("121.1000005,33.5,121.2,33.6") == (121.1000005, 33.5, 121.2, 33.6)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "wrong_type"),
        ("1,2,3", "wrong_type"),
        ("1,2,3,4,5", "wrong_type"),
        ("1,2,x,4", "wrong_type"),
        ("1,2,nan,4", "wrong_type"),
        ("-181,2,3,4", "below_minimum"),
        ("1,2,3,91", "above_maximum"),
        ("3,2,1,4", "order"),
        ("1,4,3,2", "order"),
    ],
)
def test_what_is_no_box_is_refused(text: str, code: str) -> None:
    with pytest.raises(StateError) as caught:
        parse_box(text)
    assert [(issue.code, issue.path) for issue in caught.value.issues] == [(code, "bbox")]


def test_points_lines_and_areas_meet_by_their_boxes() -> None:
    found = within(
        shapes(
            "POINT (1 1)",
            "POINT (3 1)",
            "LINESTRING (-1 -1, 5 5)",
            # its box covers the corner that the line itself passes by
            "LINESTRING (1.5 3, 3 1.5)",
            "POLYGON ((-9 -9, 9 -9, 9 9, -9 9, -9 -9))",
            "POINT EMPTY",
        ),
        (0, 0, 2, 2),
    )
    assert found.tolist() == [True, False, True, True, True, False]


def test_each_part_counts_by_itself() -> None:
    # the box of the whole covers the view, neither part does
    apart = shapes("MULTILINESTRING ((0 0, 1 0), (8 0, 9 0))")
    assert within(apart, (3, -1, 5, 1)).tolist() == [False]
    assert within(apart, (8.5, -1, 9, 1)).tolist() == [True]


@given(degrees, degrees)
def test_the_edge_between_two_micro_degrees_parts_them(x: float, y: float) -> None:
    point = shapes(f"POINT ({x} {y})")
    half = 0.5e-6
    assert within(point, (x - half, y - half, x + half, y + half)).tolist() == [True]
    assert within(point, (x + half, y - half, x + 3 * half, y + half)).tolist() == [False]
