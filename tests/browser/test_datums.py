"""GCJ-02 in real Chromium, held against that of the service."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest

from geosvc.gcj02 import gcj02_to_wgs84, wgs84_to_gcj02
from tests.browser.harness import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.watching import Watch

    Spots = list[tuple[float, float]]
    Both = list[list[list[float]]]

pytestmark = pytest.mark.browser

BLANK = {"/blank": "<!doctype html><title>blank</title>"}
ASK = """async (places) => {
  const { toGcj02, fromGcj02 } = await import("/static/js/datums.js");
  return places.map(([x, y]) => [toGcj02(x, y), fromGcj02(x, y)]);
}"""
INSIDE: Spots = [(72.5 + i * 0.731 % 65, 1 + i * 1.377 % 54) for i in range(2000)]


@pytest.fixture
def ask(open_page: Callable[..., tuple[Page, Watch]]) -> Iterator[Callable[[Spots], Both]]:
    """Shift places there and back in a browser."""
    with served(BLANK) as url:
        page, _ = open_page(f"{url}/blank")
        yield lambda places: list(page.evaluate(ASK, places))


def test_both_ways_are_those_of_the_service(ask: Callable[[Spots], Both]) -> None:
    forth = zip(*wgs84_to_gcj02(*zip(*INSIDE, strict=True)), strict=True)
    back = zip(*gcj02_to_wgs84(*zip(*INSIDE, strict=True)), strict=True)
    for (found, undone), known, known_back in zip(ask(INSIDE), forth, back, strict=True):
        assert found == pytest.approx(list(known), abs=1e-11)
        assert undone == pytest.approx(list(known_back), abs=1e-11)


def test_back_undoes_there(ask: Callable[[Spots], Both]) -> None:
    there = [(found[0], found[1]) for found, _ in ask(INSIDE)]
    for known, (_, found) in zip(INSIDE, ask(there), strict=True):
        assert found == pytest.approx(known, abs=1e-10)


def test_outside_nothing_moves(ask: Callable[[Spots], Both]) -> None:
    outside = [(60.0, 30.0), (-43.2, -22.9), (24.9, 60.2), (140.0, 36.0), (110.0, -7.0)]
    for known, (found, back) in zip(outside, ask(outside), strict=True):
        assert tuple(found) == tuple(back) == known
    assert ask([]) == []


def test_nothing_jumps_within_the_county(ask: Callable[[Spots], Both]) -> None:
    step = 2e-5
    ways = [
        [(121.0 + i * step, 33.5 + i * step / 3) for i in range(5000)],
        [(121.1 - i * step / 3, 33.4 + i * step) for i in range(5000)],
    ]
    for way in ways:
        pairs = zip(way, ask(way), strict=True)
        moved = [(x - lon, y - lat) for (lon, lat), ((x, y), _) in pairs]
        leaps = [math.dist(a, b) for a, b in itertools.pairwise(moved)]
        assert max(leaps) < step / 100
        # some hundred meters, and not nothing
        assert min(math.hypot(*part) for part in moved) > 0.003
