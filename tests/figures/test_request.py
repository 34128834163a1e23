from __future__ import annotations

from typing import Any

import pytest

from geosvc.errors import FigureError
from geosvc.figures.request import (
    COLUMN_MM,
    LONGEST_TITLE,
    FigureRequest,
    check_request,
    page_mm,
    unit_mm,
)
from geosvc.map_state import MapState

STATE = MapState("overview")


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (210, 297)),
        ({"landscape": True}, (297, 210)),
        ({"paper": "a3"}, (297, 420)),
        ({"paper": "a3", "landscape": True}, (420, 297)),
        ({"paper": "column"}, (COLUMN_MM, None)),
        ({"paper": "column", "landscape": True}, (COLUMN_MM, None)),
        ({"paper": "16:9", "landscape": True}, (338.667, 190.5)),
        ({"paper": "pixels", "width_px": 1500, "height_px": 600, "dpi": 150}, (254, 101.6)),
    ],
)
def test_every_paper_has_its_size(asked: dict[str, Any], size: tuple[float, float | None]) -> None:
    request = FigureRequest(STATE, **asked)
    check_request(request)
    assert page_mm(request) == pytest.approx(size)
    assert 0.13 <= unit_mm(request) <= 0.3


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"format": "gif"}, "choice"),
        ({"paper": "b5"}, "choice"),
        ({"dpi": 299}, "choice"),
        ({"ground": "satellite"}, "choice"),
        ({"scale": 4_999}, "scale"),
        ({"scale": 200_001}, "scale"),
        ({"paper": "pixels"}, "pixels"),
        ({"paper": "pixels", "width_px": 119, "height_px": 400}, "pixels"),
        ({"paper": "pixels", "width_px": 400, "height_px": 6_001}, "pixels"),
        ({"title": "题" * (LONGEST_TITLE + 1)}, "title"),
        ({"subtitle": "题" * (LONGEST_TITLE + 1)}, "title"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_numbers(asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(FigureError) as caught:
        check_request(FigureRequest(STATE, **asked))
    assert caught.value.reason == reason
    assert caught.value.numbers


def test_the_limits_themselves_are_allowed() -> None:
    for scale in (5_000, 200_000):
        check_request(FigureRequest(STATE, scale=scale, title="题" * LONGEST_TITLE))


def test_only_paper_has_a_scale_that_can_be_printed() -> None:
    assert FigureRequest(STATE, paper="column").is_on_paper
    assert not FigureRequest(STATE, paper="16:9").is_on_paper
