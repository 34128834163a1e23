"""A base map in GCJ-02 in real Chromium: what is drawn follows it, what is read stays true."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.gcj02 import wgs84_to_gcj02
from tests.browser.crowd import place, write_crowd
from tests.browser.tile_host import FOLD, TILES, Tiles, county_with
from tests.online_site import SHIFTED, SITE
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]
    Spot = tuple[float, float]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

ZOOM = 16
SIDE = 110
STOP = (121.13, 33.52)
ROAD_LAT = 33.55
VIEW = f"z={ZOOM}&c={STOP[0]},{STOP[1]}"
ON = f"{VIEW}&base=shifted&display=gcj02"
TILE = """(name) => {
  const tiles = ".leaflet-geosvc-base-pane img.leaflet-tile-loaded";
  const tile = document.querySelector(`${tiles}[src$="${name}"]`);
  const box = tile?.getBoundingClientRect();
  return box ? [box.left, box.top, box.width] : null;
}"""
INK = """([pane, middle, line, reach = 16]) => {
  const all = [...geosvcSession.map.getPane(pane).querySelectorAll("canvas")];
  const canvas = all.find(({ style }) => style.visibility !== "hidden");
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const corner = [middle - box.left, line - box.top].map((at) => Math.round((at - reach) * ratio));
  const size = 2 * reach * ratio;
  const { data } = canvas.getContext("2d").getImageData(...corner, size, size);
  let [sum, over, down] = [0, 0, 0];
  for (let at = 0; at < size * size; at += 1) {
    const ink = data[at * 4 + 3];
    sum += ink;
    over += ink * ((at % size) + 0.5);
    down += ink * (Math.floor(at / size) + 0.5);
  }
  const x = (over / sum + corner[0]) / ratio + box.left;
  return sum ? [x, (down / sum + corner[1]) / ratio + box.top] : null;
}"""
MIDDLE = f"([id, ...at]) => ({INK})([geosvcSession.layers.get(id).options.pane, ...at])"
BAND = """([x, y]) => {
  const { canvas } = globalThis.geosvcSession.ground;
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const [column, top] = [x - box.left, y - box.top - 20].map((at) => Math.round(at * ratio));
  const { data } = canvas.getContext("2d").getImageData(column, top, 1, 40 * ratio);
  const isOther = (row) => [0, 1, 2].some((at) => Math.abs(data[row * 4 + at] - data[at]) > 3);
  const rows = [...Array(40 * ratio).keys()].filter(isOther);
  const sum = rows.reduce((all, row) => all + row + 0.5, 0);
  return rows.length ? (sum / rows.length + top) / ratio + box.top : null;
}"""
LOOK = """() => {
  const { map, layers, ground, base } = globalThis.geosvcSession;
  const { lat, lng } = map.getCenter();
  const picture = (canvas) => canvas?.toDataURL() ?? "";
  const pictures = { stops: picture(layers.get("stops").canvas), ground: picture(ground?.canvas) };
  return { base: base?.about.id ?? "", middle: [lng, lat], zoom: map.getZoom(), ...pictures };
}"""
SETTLED = "(id) => (globalThis.geosvcSession?.base?.about.id ?? '') === id"
LOADED = f"(n) => ({TILES})() >= n"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[str]:
    with county_with(SITE + SHIFTED, tmp_path_factory.mktemp("shifted"), serve) as url:
        yield url


@pytest.fixture
def tiles() -> Tiles:
    return Tiles()


@pytest.fixture
def see(open_page: Open, county: str, tiles: Tiles) -> Callable[..., tuple[Page, Watch]]:
    return tiles.opener(open_page, county)


def on_tile(page: Page, lon: float, lat: float, *, shifted: bool = True, zoom: int = ZOOM) -> Spot:
    """Where on the screen the tile shows a place of the earth, by the formula of the service."""
    if shifted:
        lon, lat = (float(part) for part in wgs84_to_gcj02(lon, lat))
    many = 2**zoom
    x = (lon / 360 + 0.5) * many
    y = (0.5 - math.asinh(math.tan(math.radians(lat))) / math.tau) * many
    name = f"/{zoom}/{int(x)}/{int(y)}.png"
    page.wait_for_function(TILE, arg=name)
    left, top, side = page.evaluate(TILE, name)
    return left + (x % 1) * side, top + (y % 1) * side


def apart(found: list[float], known: Spot) -> float:
    return math.dist(found, known)


def test_what_is_drawn_lies_where_the_tiles_show_it(see: Open, tiles: Tiles) -> None:
    page, watch = see(f"/maps/county?{ON}&sel=stops/S1")
    for number in range(3):
        lon = 121.12 + number / 100
        if number == 1:
            continue
        page.evaluate("(at) => geosvcSession.map.setView(at, 16, { animate: false })", [33.52, lon])
        known = on_tile(page, lon, 33.52)
        assert apart(page.evaluate(MIDDLE, ["stops", *known]), known) < 1
    page.evaluate("(at) => geosvcSession.map.setView(at, 16, { animate: false })", [33.52, 121.13])
    known = on_tile(page, *STOP)
    assert apart(page.evaluate(MIDDLE, ["stops", *known]), known) < 1
    # without the shift it would lie elsewhere by more than a hundred pixels
    assert apart(list(known), on_tile(page, *STOP, shifted=False)) > 100
    popup = page.locator(".leaflet-popup-tip-container").bounding_box()
    assert popup is not None
    assert popup["x"] + popup["width"] / 2 == pytest.approx(known[0], abs=1.5)
    assert {url.split("/")[2] for url in tiles.asked} == {"shifted.tiles.example"}
    assert watch.is_clean(), watch


def test_the_ground_beneath_is_drawn_in_the_same_datum(see: Open) -> None:
    page, _ = see(f"/maps/county?z={ZOOM}&c=121.104,{ROAD_LAT}&base=shifted")
    page.wait_for_function(LOADED, arg=4)
    page.wait_for_function("() => globalThis.geosvcSession.ground.painted.length")
    known = on_tile(page, 121.104, ROAD_LAT)
    assert page.evaluate(BAND, list(known)) == pytest.approx(known[1], abs=1)
    # and so does the layer itself
    page.evaluate("() => geosvcSession.setOn('roads', true)")
    page.wait_for_function("() => geosvcSession.layers.get('roads').canvas")
    assert page.evaluate(MIDDLE, ["roads", *known])[1] == pytest.approx(known[1], abs=1)


def test_what_is_read_stays_true(see: Open) -> None:
    page, watch = see(f"/maps/county?{ON}&lang=en")
    x, y = on_tile(page, *STOP)
    page.mouse.move(x, y)
    said = page.locator("[data-geosvc=coordinates]").inner_text()
    assert said.endswith("CGCS2000")
    lon, lat = (float(part[:-2]) for part in said.split(" ")[:2])
    # a pixel is two meters wide
    assert (lon, lat) == pytest.approx(STOP, abs=2.5e-5)
    page.evaluate("() => geosvcSession.remember(false)")
    assert f"c={STOP[0]:.5f},{STOP[1]:.5f}" in page.url.replace("%2C", ",")
    page.mouse.click(x, y)
    assert "站1" in page.inner_text(".popup-card")
    page.keyboard.press("Escape")
    # two places that are 0.005 degrees apart, pressed where the tiles show them
    page.locator("[data-tool=measure]").click()
    for place_lon in (121.1275, 121.1325):
        page.mouse.click(*on_tile(page, place_lon, 33.518))
    value = float(page.locator(".measure-value").inner_text().split(" ")[0])
    assert value == pytest.approx(464.6, abs=4)
    assert watch.is_clean(), watch


def test_a_place_that_is_gone_to_and_ones_own_lie_on_the_tiles(see: Open) -> None:
    page, _ = see(f"/maps/county?{ON}")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 33.521, "longitude": 121.131, "accuracy": 30})
    page.locator("[data-tool=place]").click()
    page.locator("#place-go").fill("121.1312, 33.5204")
    page.keyboard.press("Enter")
    page.wait_for_selector(".place-mark")
    assert page.evaluate("() => geosvcSession.map.getZoom()") == ZOOM
    for selector, at in ((".place-mark", (121.1312, 33.5204)), (".here-dot", (121.131, 33.521))):
        if selector == ".here-dot":
            page.get_by_title("我的位置").click()
            page.wait_for_selector(selector)
            page.evaluate("() => geosvcSession.map.setZoom(16, { animate: false })")
        box = page.locator(selector).bounding_box()
        assert box is not None
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert apart(middle, on_tile(page, *at)) < 1.5


def test_switching_back_puts_everything_back(see: Open) -> None:
    page, watch = see(f"/maps/county?{VIEW}")
    page.wait_for_function("() => globalThis.geosvcSession.ready")
    before = page.evaluate(LOOK)
    page.click(FOLD)
    page.get_by_label("火星图").check()
    page.wait_for_function(LOADED, arg=4)
    assert "base=shifted&display=gcj02" in page.url
    assert page.evaluate(LOOK)["middle"] == pytest.approx(before["middle"], abs=1e-9)
    assert page.evaluate(LOOK)["stops"] != before["stops"]
    note = page.locator(".base-datum")
    assert "整张图按 GCJ-02 显示" in note.inner_text()
    foot = page.locator(".map-foot")
    assert "按 GCJ-02 显示，导出仍为 CGCS2000" in foot.inner_text()
    assert "丙图" in foot.inner_text()
    page.locator(".legend-bases input").first.check()
    page.wait_for_function(SETTLED, arg="")
    assert page.evaluate(LOOK) == before
    assert "display" not in page.url
    assert note.inner_text() == ""
    assert "GCJ-02" not in foot.inner_text()
    page.go_back()
    page.wait_for_function(SETTLED, arg="shifted")
    assert "display=gcj02" in page.url
    assert apart(page.evaluate(MIDDLE, ["stops", *on_tile(page, *STOP)]), on_tile(page, *STOP)) < 1
    page.go_back()
    page.wait_for_function(SETTLED, arg="")
    assert page.evaluate(LOOK) == before
    assert watch.is_clean(), watch


def test_a_base_in_the_true_datum_takes_the_shift_away(see: Open, tiles: Tiles) -> None:
    page, _ = see(f"/maps/county?{ON}&lang=en")
    page.wait_for_function(LOADED, arg=4)
    assert "Displayed in GCJ-02" in page.inner_text(".map-foot")
    page.click(FOLD)
    page.locator(".legend-bases input[value=open]").check()
    page.wait_for_function(SETTLED, arg="open")
    assert "display" not in page.url
    known = on_tile(page, *STOP, shifted=False)
    assert apart(page.evaluate(MIDDLE, ["stops", *known]), known) < 1
    assert any("open.example" in url for url in tiles.asked)


@pytest.mark.parametrize("asked", ["display=gcj02", "display=gcj02&base=open", "display=x"])
def test_the_datum_is_that_of_the_base_whatever_the_address_says(see: Open, asked: str) -> None:
    page, watch = see(f"/maps/county?{VIEW}&{asked}")
    assert "GCJ-02" not in page.inner_text(".map-foot")
    page.evaluate("() => geosvcSession.remember(false)")
    assert "display" not in page.url
    assert watch.is_clean(), watch


def test_files_and_figures_of_such_a_page_are_in_the_true_datum(see: Open, county: str) -> None:
    page, _ = see(f"/maps/county?{ON}")
    page.wait_for_function(LOADED, arg=4)
    get = page.request.get
    query = page.url.partition("?")[2]
    assert get(f"{county}/figures/county.svg?{query}").ok
    assert not get(f"{county}/layers/stops.geojson?display=gcj02").ok
    page.evaluate("() => geosvcSession.tell('show-row', 'stops')")
    link = page.locator("a[data-format=geojson]").first
    page.wait_for_function("() => document.querySelector('a[data-format=geojson]')?.href")
    file = get(f"{county}{link.get_attribute('href')}").json()
    assert [121.13, 33.52] in [item["geometry"]["coordinates"] for item in file["features"]]


def test_an_embed_shows_the_true_datum_and_says_so(see: Open, tiles: Tiles) -> None:
    page, watch = see("/embed/county?base=shifted&display=gcj02", width=800, height=500)
    said = page.inner_text(".map-notices .notice")
    assert said.startswith("“火星图”是 GCJ-02 底图；这个页面只按 CGCS2000 显示")
    assert "GCJ-02" not in page.inner_text(".map-foot")
    assert tiles.asked == []
    assert watch.is_clean(), watch


def test_the_code_of_a_frame_names_no_such_base(see: Open) -> None:
    page, _ = see(f"/maps/county?{ON}")
    path = """async (query) => {
      const { href } = document.querySelector("link[href$='/share_links.js']");
      const { framePath } = await import(href);
      return framePath({ map: "county", query }, { controls: true, legend: true, wheel: false });
    }"""
    assert (
        page.evaluate(path, "z=9&base=shifted&display=gcj02&lang=en") == "/embed/county?z=9&lang=en"
    )
    assert page.evaluate(path, "z=9&base=open") == "/embed/county?z=9&base=open"


def test_a_phone_says_which_datum_it_shows(see: Open) -> None:
    page, _ = see(f"/maps/county?{ON}&lang=en", width=390, height=844, touch=True)
    page.wait_for_function(LOADED, arg=4)
    said = page.locator(".map-datum")
    assert said.is_visible()
    assert said.inner_text() == "Displayed in GCJ-02; exports remain in CGCS2000"
    sources = page.locator("[data-geosvc=sources]")
    assert sources.inner_text().endswith("Map C")
    # nothing is cut off
    box = page.locator(".map-foot")
    assert box.evaluate("(foot) => foot.scrollWidth <= foot.clientWidth")
    known = on_tile(page, *STOP)
    assert apart(page.evaluate(MIDDLE, ["stops", *known]), known) < 1


def test_counts_and_density_follow_too(see: Open) -> None:
    page, _ = see(f"/maps/county?z=11&c={STOP[0]},{STOP[1]}&base=shifted&as=stops:cluster")
    page.wait_for_function(LOADED, arg=4)
    known = on_tile(page, *STOP, zoom=11)
    made = "() => [...document.querySelectorAll('.leaflet-geosvc-counts-pane canvas')].length"
    page.wait_for_function(made)
    # the middle of three stops is the middle of their circle
    inside = page.evaluate(INK, ["geosvc-counts", *known])
    assert apart(inside, known) < 1
    page.mouse.click(*known)
    page.wait_for_function("() => geosvcSession.map.getZoom() > 11")
    page.goto(page.url.replace("as=stops:cluster", "as=stops:heat").replace("z=", "z=16&old="))
    wait_drawn(page)
    page.wait_for_function("() => globalThis.geosvcSession?.base")
    page.evaluate("(at) => geosvcSession.map.setView(at, 16, { animate: false })", STOP[::-1])
    known = on_tile(page, *STOP)
    pane = page.evaluate("() => geosvcSession.layers.get('stops').options.pane")
    # it stands in cells of sixteen pixels
    assert apart(page.evaluate(INK, [pane, *known, 200]), known) < 8.5


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[str]:
    root = tmp_path_factory.mktemp("crowd")
    settings = write_crowd(root, side=SIDE)
    (root / "layers" / "site.toml").write_text(SITE + SHIFTED, encoding="utf-8")
    environ = {"GEOSVC_LAYERS": str(settings.layers), "GEOSVC_INSTANCE": str(settings.instance)}
    with serve(environ) as url:
        yield url


def test_many_points_are_drawn_counted_and_picked_where_the_tiles_show_them(
    see: Open, crowd: str
) -> None:
    number = 55 * SIDE + 57
    lon, lat = place(number, SIDE)
    view = f"z={ZOOM}&c={lon:.6f},{lat:.6f}&base=shifted"
    page, watch = see(f"/maps/crowd?{view}", url=crowd)
    known = on_tile(page, lon, lat)
    assert apart(page.evaluate(MIDDLE, ["crowd", *known]), known) < 1
    page.mouse.click(*known)
    page.wait_for_selector(".popup-card")
    assert f"C{number:07}" in page.inner_text(".popup-card")
    page.keyboard.press("Escape")
    # a filter that comes later is laid out in the same datum
    page.evaluate("() => geosvcSession.setFilter('crowd', 'kind', { codes: ['none'] })")
    page.wait_for_function(f"() => geosvcSession.layers.get('crowd').features.count < {SIDE**2}")
    assert page.evaluate("() => geosvcSession.layers.get('crowd').features.truth !== null")
    passes = next(n for n in (number, number + 1, number + 2) if n % 3 == 2)
    known = on_tile(page, *place(passes, SIDE))
    assert apart(page.evaluate(MIDDLE, ["crowd", *known]), known) < 1
    page.evaluate("() => geosvcSession.setFilters([])")
    page.evaluate("() => geosvcSession.map.setZoom(9, { animate: false })")
    total = f"{SIDE**2:,}"
    page.wait_for_function(
        "(said) => document.querySelector('[data-geosvc=drawn]').textContent === said",
        arg=f"{total} / {total}",
    )
    assert watch.is_clean(), watch
