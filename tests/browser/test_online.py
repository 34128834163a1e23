"""Online base maps in real Chromium, from a tile host that the test plays itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.editors import edit, staffed
from tests.browser.tile_host import FOLD, TILES, Tiles, county_with
from tests.ground_county import write_county
from tests.online_site import SITE
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

TOKEN = "0f1e2d"  # noqa: S105 - opens nothing
STATE = """() => {
  const { base, ground, map } = globalThis.geosvcSession;
  const level = (name) => Number(map.getPane(name)?.style.zIndex ?? 0);
  const inPane = (part) => [...document.querySelectorAll(`.leaflet-geosvc-base-pane ${part}`)];
  return {
    base: base?.about.id ?? null,
    named: base?.named ?? false,
    ground: Boolean(ground?.canvas),
    tiles: inPane("img.leaflet-tile-loaded").length,
    over: level("geosvc-base") > level("geosvc-ground") && level("geosvc-base") < 400,
    foot: document.querySelector("[data-geosvc=sources]").textContent,
    notices: [...document.querySelectorAll(".map-notices .notice")].map((row) => row.textContent),
  };
}"""
AGAIN = """() => {
  globalThis.written.length = 0;
  globalThis.geosvcSession.tell("sheet");
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[str]:
    root = tmp_path_factory.mktemp("online")
    with county_with(SITE, root, serve, token=TOKEN) as url:
        yield url


@pytest.fixture
def tiles() -> Tiles:
    return Tiles()


@pytest.fixture
def see(open_page: Open, county: str, tiles: Tiles) -> Callable[..., tuple[Page, Watch]]:
    return tiles.opener(open_page, county)


def state(page: Page) -> dict[str, Any]:
    return dict(page.evaluate(STATE))


def test_no_tile_is_asked_before_a_reader_chooses_a_base(see: Open, tiles: Tiles) -> None:
    page, watch = see("/maps/county")
    page.click(FOLD)
    names = page.locator(".legend-bases label").all_inner_texts()
    # a title is text, whatever it looks like
    assert [name.strip() for name in names] == ["离线底图", "矢量", "开放 <b>图</b>", "不要底图"]
    assert page.locator(".legend-bases input:checked").get_attribute("value") == ""
    assert tiles.asked == []
    assert "base=" not in page.url
    assert watch.is_clean(), watch


def test_tiles_come_from_the_hosts_of_the_base_alone(see: Open, tiles: Tiles) -> None:
    page, watch = see("/maps/county")
    page.click(FOLD)
    page.get_by_label("矢量").check()
    page.wait_for_function("() => globalThis.geosvcSession.base?.named")
    assert tiles.hosts() == {"a.tiles.example", "b.tiles.example"}
    assert {urlsplit(url).path for url in tiles.asked} == {"/vec", "/cva"}
    for url in tiles.asked:
        query = parse_qs(urlsplit(url).query)
        assert query["tk"] == [TOKEN]
        assert int(query["z"][0]) <= 16
    # the site that asks, which keys are bound to, and not the page
    origin = "/".join(page.url.split("/")[:3]) + "/"
    assert {headers.get("referer") for headers in tiles.headers} == {origin}
    found = state(page)
    assert (found["base"], found["ground"], found["over"]) == ("vector", True, True)
    assert "甲图" in found["foot"]
    assert found["notices"] == []
    assert page.locator("label[for=ground-switch]").is_hidden()
    assert "盖在离线底图上面" in page.locator("#group-ground").inner_text()
    assert watch.is_clean(), watch


def test_the_names_of_the_ground_give_way_to_those_of_the_base(see: Open) -> None:
    page, _ = see("/maps/county?base=vector")
    page.wait_for_function("() => globalThis.geosvcSession.base?.named")
    page.evaluate(AGAIN)
    assert "西镇" not in page.evaluate("globalThis.written")
    page.click(FOLD)
    page.locator(".legend-bases input").first.check()
    page.evaluate(AGAIN)
    assert "西镇" in page.evaluate("globalThis.written")


def test_a_base_is_enlarged_beyond_its_closest_zoom(see: Open, tiles: Tiles) -> None:
    page, _ = see("/maps/county?z=18&c=121.1,33.5&base=vector")
    page.wait_for_function(TILES)
    assert {parse_qs(urlsplit(url).query)["z"][0] for url in tiles.asked} == {"16"}


def test_the_address_keeps_the_choice_and_back_undoes_it(see: Open, tiles: Tiles) -> None:
    page, _ = see("/maps/county")
    page.click(FOLD)
    page.get_by_label("矢量").check()
    assert "base=vector" in page.url
    page.locator(".legend-bases input[value=open]").check()
    assert "base=open" in page.url
    page.wait_for_function(TILES)
    assert "open.example:8443" in tiles.hosts()
    assert "乙图" in state(page)["foot"]
    assert "甲图" not in state(page)["foot"]
    page.go_back()
    page.wait_for_function("() => globalThis.geosvcSession.base?.about.id === 'vector'")
    assert page.locator(".legend-bases input:checked").get_attribute("value") == "vector"
    page.go_back()
    page.wait_for_function("() => !globalThis.geosvcSession.base")
    assert "base=" not in page.url
    assert page.locator(".leaflet-geosvc-base-pane img").count() == 0
    assert "乙图" not in state(page)["foot"]


def test_tiles_that_fail_leave_the_local_ground(see: Open, tiles: Tiles) -> None:
    tiles.works = False
    page, watch = see("/maps/county?base=vector&lang=en")
    page.wait_for_selector(".map-notices .notice")
    found = state(page)
    assert (found["base"], found["ground"], found["tiles"]) == ("vector", True, 0)
    # its names stay, since no others came
    assert not found["named"]
    said = "Some tiles of Vector could not be read; the local map shows there."
    assert [text.removesuffix("Close") for text in found["notices"]] == [said]
    assert len(tiles.asked) > 1
    assert watch.foreign == []


def test_a_reader_wants_no_base_at_all(see: Open, tiles: Tiles) -> None:
    page, watch = see("/maps/county")
    page.click(FOLD)
    page.get_by_label("矢量").check()
    page.get_by_label("不要底图").check()
    assert "base=none" in page.url
    assert (state(page)["base"], state(page)["ground"]) == (None, False)
    assert "底图已关闭" in page.locator("#group-ground").inner_text()
    page.go_back()
    page.wait_for_function("() => globalThis.geosvcSession.base?.about.id === 'vector'")
    # an online base has the local one beneath again
    assert state(page)["ground"]
    tiles.asked.clear()
    page.goto(page.url.partition("?")[0] + "?base=none")
    wait_drawn(page)
    page.wait_for_function("() => globalThis.geosvcSession")
    assert not state(page)["ground"]
    assert tiles.asked == []
    page.click(FOLD)
    assert page.locator(".legend-bases input:checked").get_attribute("value") == "none"
    page.locator(".legend-bases input").first.check()
    assert state(page)["ground"]
    assert "base=" not in page.url
    assert watch.is_clean(), watch


def test_tiles_are_dimmed_where_the_page_is_dark(see: Open) -> None:
    dimmed = "getComputedStyle(document.querySelector('.leaflet-geosvc-base-pane')).filter"
    page, _ = see("/maps/county?base=open", dark=True)
    assert page.evaluate(dimmed) == "brightness(0.55) saturate(0.8)"
    page.emulate_media(color_scheme="light")
    page.reload()
    wait_drawn(page)
    assert page.evaluate(dimmed) == "none"


def test_a_thumb_finds_each_choice(see: Open) -> None:
    page, _ = see("/maps/county", width=390, height=844, touch=True)
    page.locator(FOLD).tap()
    for label in page.locator(".legend-bases label").all():
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.locator(".legend-bases label").nth(2).tap()
    page.wait_for_function("() => globalThis.geosvcSession.base?.about.id === 'open'")


@pytest.mark.parametrize("asked", ["gone", "a/b", ""])
def test_a_base_that_is_not_there_is_none(see: Open, tiles: Tiles, asked: str) -> None:
    page, watch = see(f"/maps/county?base={asked}")
    assert state(page)["base"] is None
    assert tiles.asked == []
    assert watch.is_clean(), watch


def test_layers_that_draw_the_ground_give_a_base_room(see: Open) -> None:
    page, _ = see("/maps/county")
    page.route("**/basemap/**", lambda route: route.abort())
    page.goto(page.url.partition("?")[0] + "?base=open")
    wait_drawn(page)
    page.wait_for_function("() => globalThis.geosvcSession && !globalThis.geosvcSession.ground")
    bare = "() => ['land', 'lake'].map((id) => globalThis.geosvcSession.layers.get(id).bare)"
    page.click(FOLD)
    assert page.locator(".legend-bases label").first.inner_text().strip() == "本地底图"
    assert page.evaluate(bare) == [True, True]
    page.locator(".legend-bases input").first.check()
    assert page.evaluate(bare) == [False, False]


def test_a_page_without_a_panel_has_the_choice_in_its_legend(
    open_page: Open, tmp_path: Path, serve: Callable[..., Any], tiles: Tiles
) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/site.toml", SITE)
    with staffed(folder, serve) as site:
        page, watch = edit(open_page, site, "/layers/stops/edit")
        watch.played = ("open.example:8443",)
        page.route("https://open.example:8443/**", tiles.answer)
        wait_drawn(page)
        legend = page.locator(".map-legend")
        names = legend.locator("label").all_inner_texts()
        # without a token that base is not offered
        assert [name.strip() for name in names] == ["离线底图", "开放 <b>图</b>", "不要底图"]
        legend.locator("input[value=open]").check()
        page.wait_for_function(TILES)
        assert tiles.hosts() == {"open.example:8443"}
        assert "base=open" in page.url
        assert watch.is_clean(), watch


def test_an_embed_has_a_base_where_its_address_says_so(see: Open, tiles: Tiles) -> None:
    page, watch = see("/embed/county", width=800, height=500)
    assert tiles.asked == []
    page.goto(page.url + "?base=open")
    wait_drawn(page)
    page.wait_for_function(TILES)
    assert tiles.hosts() == {"open.example:8443"}
    # whose page it is chooses, by the address
    assert page.locator(".legend-bases").count() == 0
    assert watch.is_clean(), watch


def test_printing_asks_for_the_figure_of_the_local_ground(see: Open) -> None:
    page, _ = see("/maps/county?base=open")
    page.wait_for_function(TILES)
    query = page.url.partition("?")[2]
    answer = page.request.get(f"{page.url.split('/maps/')[0]}/figures/county.svg?{query}")
    assert answer.ok, answer.text()
    assert "example" not in answer.text()
