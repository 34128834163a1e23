"""Density and counts in real Chromium: fixed classes, true sums, in legend and address."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import Site, layer, look, points, served
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

X, Y = 121.1, 33.5
CHANCE = random.Random(3)  # noqa: S311 - nothing secret
PLACES = [(X + CHANCE.gauss(0, 0.004), Y + CHANCE.gauss(0, 0.003)) for _ in range(120)]
# as `toWorld` does it, at a zoom, in a box around all points
ASK = """async ([places, zoom]) => {
  const { densities, classOf, STEPS } = await import("/static/js/heat.js");
  const { clusters, radiusOf } = await import("/static/js/cluster.js");
  const { toWorld } = await import("/static/js/drawn_in.js");
  const all = places.map(([lon, lat]) => toWorld(lat, lon));
  const points = { x: all.map(([x]) => x), y: all.map(([, y]) => y), count: all.length };
  const pad = 0.02;
  const box = [Math.min(...points.x) - pad, Math.min(...points.y) - pad];
  box.push(Math.max(...points.x) + pad, Math.max(...points.y) + pad);
  const view = { scale: 2 ** zoom, box };
  const { values, cell } = densities(points, view);
  const sides = clusters(points, view).map(({ members }) => members);
  return { sum: values.reduce((a, b) => a + b, 0), most: Math.max(...values), cell, sides,
    classes: [0, 1.9, 2, 4.9, 99, 100, 1e6].map(classOf), steps: STEPS.length,
    radii: [1, 2, 9, 10, 5000].map(radiusOf) };
}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    cases = layer(
        "cases",
        points([*PLACES, (X + 0.03, Y), (X + 0.03, Y)]),
        [look(None, "案件")],
        keys=[str(number) for number in range(len(PLACES) + 2)],
        title="案件",
        fields=[{"name": "name", "title": "名称", "type": "string", "labels": {}}],
        popup={"title": "name", "subtitle": None, "badges": [], "facts": ["name"]},
        columns={"name": ["案"] * (len(PLACES) + 2)},
    )
    made = Site([cases], (X - 0.02, Y - 0.02, X + 0.04, Y + 0.02)).files()
    with served(made) as address:
        yield address


@pytest.fixture
def shown(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = "", page_name: str = "maps", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/{page_name}/demo?z=14&c={X},{Y}{query}", **options)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


@pytest.mark.parametrize("zoom", [11, 13.25, 16])
def test_densities_sum_to_the_features_and_mean_the_same_at_every_zoom(
    url: str, open_page: Open, zoom: float
) -> None:
    page, _ = open_page(f"{url}/maps/demo")
    found = page.evaluate(ASK, [PLACES, zoom])
    meters = 40075016.68557849 / 256 * math.cos(math.radians(Y))
    area_km2 = (found["cell"] * meters / 1000) ** 2
    assert found["sum"] * area_km2 == pytest.approx(len(PLACES), rel=2e-3)
    # the middle of a normal cloud, blurred by 500 m: about as dense at every zoom
    assert found["most"] == pytest.approx(115, rel=0.25)
    assert found["classes"] == [-1, -1, 0, 0, 4, 5, 5]
    assert found["radii"] == [0, 13, 13, 17, 26]
    # each point is in one cluster
    assert sorted(sum(found["sides"], [])) == list(range(len(PLACES)))  # noqa: RUF017 - few


def ink(page: Page) -> list[int]:
    """The color of the display at the middle of the map."""
    found: list[int] = page.evaluate(
        """() => {
          const canvas = [...document.querySelectorAll(".leaflet-pane_1-pane canvas")].at(-1);
          const pen = canvas.getContext("2d");
          return [...pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data];
        }"""
    )
    return found


def test_density_is_a_choice_of_the_layer_with_its_own_legend(shown: Callable[..., Page]) -> None:
    page = shown()
    page.get_by_role("button", name="案件", exact=True).click()
    page.get_by_role("button", name="热力").click()
    page.wait_for_timeout(300)
    assert "as=cases:heat" in page.url
    legend = page.locator("[data-block=cases] .legend-classes").first
    assert legend.locator("li").all_inner_texts() == [
        "每平方公里个数（500 米范围内，只是显示方式）",
        *("100 及以上", "50–100", "20–50", "10–20", "5–10", "2–5"),
    ]
    assert "热点" not in page.locator("[data-block=cases]").inner_text()
    # the densest class in the middle; the symbols are away
    red, green, blue, alpha = ink(page)
    assert alpha > 150
    assert red > green
    assert page.locator(".leaflet-pane_1-pane canvas").first.is_hidden()
    # there is no feature to press
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator(".popup-card").count() == 0
    page.go_back()
    page.wait_for_timeout(300)
    assert legend.is_hidden()
    assert page.locator(".leaflet-pane_1-pane canvas").count() == 1
    assert page.locator(".leaflet-pane_1-pane canvas").is_visible()
    assert blue < red


def test_a_circle_opens_and_what_cannot_come_apart_is_listed(shown: Callable[..., Page]) -> None:
    page = shown("&as=cases:cluster,cases2:heat,x")
    assert (
        page.locator("[data-block=cases] .legend-classes li")
        .first.inner_text()
        .startswith("圆圈里是个数")
    )
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert float(page.url.split("z=")[1].split("&")[0]) > 14
    assert "as=cases:cluster" in page.url
    # two at one place stay a circle at every zoom: pressed, they are listed
    page.goto(page.url.split("?")[0] + f"?z=17&c={X + 0.03},{Y}&as=cases:cluster")
    wait_drawn(page)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".popup-card")
    assert "1 / 2" in page.locator(".popup-pager").inner_text()


def test_an_embed_says_what_its_colors_mean(shown: Callable[..., Page]) -> None:
    page = shown("&as=cases:heat", "embed", width=700, height=500)
    legend = page.locator(".map-legend")
    assert "每平方公里个数" in legend.inner_text()
    assert "100 及以上" in legend.inner_text()
