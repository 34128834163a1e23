"""Real OpenStreetMap data in real Chromium: the 66 stops of Haidian stand on their streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest

from geosvc.crs import metric_crs
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

# the map's middle in each canvas: the most opaque pixel within some pixels of it
NEAR_MIDDLE = """([reach]) => {
  const box = document.querySelector(".folium-map").getBoundingClientRect();
  const found = {};
  for (const canvas of document.querySelectorAll(".leaflet-pane canvas")) {
    const place = canvas.getBoundingClientRect();
    const ratio = canvas.width / place.width;
    const x = (box.x + box.width / 2 - place.x - reach) * ratio;
    const y = (box.y + box.height / 2 - place.y - reach) * ratio;
    const size = Math.max(1, 2 * reach * ratio);
    const data = canvas.getContext("2d").getImageData(x, y, size, size).data;
    let most = 0;
    for (let i = 3; i < data.length; i += 4) most = Math.max(most, data[i]);
    found[canvas.closest(".leaflet-pane").className] = most;
  }
  return found;
}"""


@pytest.fixture(scope="module")
def haidian(
    tmp_path_factory: pytest.TempPathFactory,
    project: Path,
    shared: Path,
    serve: Callable[..., Any],
) -> Iterator[str]:
    environ = {
        "GEOSVC_LAYERS": str(project / "tests" / "catalogs" / "real" / "layers"),
        "GEOSVC_DATA_ROOTS": str(shared / "real"),
        "GEOSVC_INSTANCE": str(tmp_path_factory.mktemp("haidian")),
    }
    with serve(environ) as url:
        yield url


@pytest.fixture(scope="module")
def layers(haidian: str) -> dict[str, gpd.GeoDataFrame]:
    frames = {
        name: gpd.read_file(f"{haidian}/layers/{name}.geojson") for name in ("bus_stops", "roads")
    }
    metric = metric_crs(frames["roads"])
    return {name: frame.to_crs(metric) for name, frame in frames.items()}


def test_the_stops_lie_on_their_streets(layers: dict[str, gpd.GeoDataFrame]) -> None:
    stops, roads = layers["bus_stops"], layers["roads"]
    assert len(stops) == 66
    away_m = stops.distance(roads.union_all())
    assert away_m.median() < 10
    assert away_m.max() < 60


@pytest.mark.parametrize("index", [0, 20, 40, 65])
def test_a_browser_sees_them_there(
    haidian: str, layers: dict[str, gpd.GeoDataFrame], open_page: Open, index: int
) -> None:
    stops = layers["bus_stops"].to_crs(4326).geometry
    place = f"{stops.x.iloc[index]:.6f},{stops.y.iloc[index]:.6f}"
    page, watch = open_page(f"{haidian}/maps/haidian?z=18&c={place}")
    wait_drawn(page)
    opaque = page.evaluate(NEAR_MIDDLE, [2])
    assert sum(alpha == 255 for alpha in opaque.values()) >= 1, opaque
    # at zoom 18 a pixel is less than half a meter here: a street passes within 60 m
    assert sum(alpha == 255 for alpha in page.evaluate(NEAR_MIDDLE, [140]).values()) >= 2
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_the_legend_counts_all_66(haidian: str, open_page: Open) -> None:
    page, watch = open_page(f"{haidian}/maps/haidian")
    wait_drawn(page)
    row = page.locator(".legend-row", has_text="公交站点")
    assert "66" in (row.text_content() or "")
    assert watch.is_clean(), (watch.foreign, watch.errors)


def test_one_boundary_in_three_datums_is_drawn(haidian: str, open_page: Open) -> None:
    page, watch = open_page(f"{haidian}/maps/boundaries")
    wait_drawn(page)
    assert page.locator(".legend-row").count() >= 3
    assert watch.is_clean(), (watch.foreign, watch.errors)
