"""The basemap in real Chromium: tiles are drawn, names stand once, and faults leave no hole."""

from __future__ import annotations

import shutil
from math import hypot
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.tiles.basemap import FILE
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

LAKE, LAND, OUTSIDE = (120.95, 33.55), (121.35, 33.45), (121.7, 33.2)
COLOR = """([lon, lat]) => {
  const map = globalThis.geosvcSession.map;
  const at = map.latLngToContainerPoint([lat, lon]);
  const frame = map.getContainer().getBoundingClientRect();
  const canvas = document.querySelector(".leaflet-geosvc-ground-pane canvas");
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const x = Math.round((frame.x + at.x - box.x) * ratio);
  const y = Math.round((frame.y + at.y - box.y) * ratio);
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
}"""
ROLE = """(name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const [r, g, b] = getComputedStyle(probe).color.match(/[0-9.]+/g).map(Number);
  probe.remove();
  return [r, g, b, 255];
}"""
WRITTEN = """() => {
  globalThis.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
    const { a, b, c, d, e, f } = this.getTransform();
    globalThis.written.push([text, this.font, a * x + c * y + e, b * x + d * y + f]);
    return write.call(this, text, x, y, ...more);
  };
  const keep = ({ detail }) => { globalThis.geosvcSession = detail; };
  document.addEventListener("geosvc:started", keep);
}"""


STATE = """() => {
  const session = globalThis.geosvcSession;
  const { ground, manifest, map } = session;
  const level = (name) => Number(map.getPane(name)?.style.zIndex ?? 0);
  const flat = manifest.layers.filter(({ geometry }) => geometry === "line" || geometry === "area");
  const notices = document.querySelectorAll(".map-notices .notice");
  return {
    on: Boolean(ground?.canvas),
    url: manifest.ground.url,
    layers: manifest.layers.map(({ id }) => id).filter((id) => session.isOn(id)),
    notices: [...notices].map((row) => row.textContent),
    names: level("geosvc-names"),
    ground: level("geosvc-ground"),
    lines: Math.max(...flat.map(({ id }) => level(session.layers.get(id).options.pane))),
  };
}"""


@pytest.fixture(scope="module")
def instance(new_county: Callable[[], Path]) -> Path:
    return new_county()


@pytest.fixture(scope="module")
def county(instance: Path, serve: Callable[..., Any]) -> Iterator[str]:
    with serve({"GEOSVC_INSTANCE": str(instance)}) as url:
        yield url


@pytest.fixture
def see(open_page: Open, county: str) -> Callable[..., tuple[Page, Watch]]:
    """Open a page of the county that notes what is written on its canvases."""

    def opened(path: str, **more: Any) -> tuple[Page, Watch]:  # noqa: ANN401 - options of a page
        page, watch = open_page(f"{county}/healthz", **more)
        page.add_init_script(f"({WRITTEN})()")
        page.goto(county + path)
        wait_drawn(page)
        return page, watch

    return opened


def state(page: Page) -> dict[str, Any]:
    """What the page says of its ground."""
    return dict(page.evaluate(STATE))


def test_the_ground_is_drawn_from_tiles(see: Open) -> None:
    page, watch = see("/maps/overview")
    assert page.evaluate(COLOR, LAKE) == page.evaluate(ROLE, "m-water")
    assert page.evaluate(COLOR, LAND) == page.evaluate(ROLE, "m-land")
    assert page.evaluate(COLOR, OUTSIDE)[3] == 0
    found = state(page)
    assert found["on"]
    # neither loaded nor drawn a second time
    assert not {"roads", "water", "boundary", "townships", "communities"} & set(found["layers"])
    asked = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [url for url in asked if "/data/roads/" in url]
    assert [url for url in asked if url.endswith(found["url"])]
    # names lie above lines and areas, the ground below everything
    assert found["ground"] < 400 <= found["lines"] <= found["names"]
    assert watch.is_clean(), watch


def test_a_name_stands_once(see: Open) -> None:
    page, _ = see("/maps/overview?z=11.25&c=121.05,33.55")
    # the last drawing: the lake spans several tiles
    page.evaluate("globalThis.written.length = 0; globalThis.geosvcSession.tell('sheet')")
    page.wait_for_function("() => globalThis.written.length > 20")
    written = page.evaluate("globalThis.written")
    assert [row[0] for row in written].count("荻") == 1
    towns = [row[0] for row in written if row[0].endswith(("镇", "街道")) and len(row[0]) > 2]
    assert len(towns) == len(set(towns)) > 3


def test_dark_and_english(see: Open) -> None:
    page, watch = see("/maps/overview?lang=en", dark=True)
    assert page.evaluate(COLOR, LAKE) == page.evaluate(ROLE, "m-water")
    page.click("[data-action=theme]")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
    assert page.evaluate(COLOR, LAND) == page.evaluate(ROLE, "m-land")
    page.click("button[aria-controls=group-ground]")
    assert page.locator("label[for=ground-switch]").inner_text() == "Offline basemap"
    assert watch.is_clean(), watch


def test_a_layer_that_is_switched_on_is_not_drawn_twice(see: Open) -> None:
    page, _ = see("/maps/overview?z=14&c=121.098,33.5")
    page.click("button[aria-controls=group-ground]")

    def ground() -> list[str]:
        script = "globalThis.geosvcSession.ground.painted.map(({ about }) => about.kind)"
        return list(page.evaluate(script))

    assert "road" in ground()
    page.check("#on-roads")
    page.wait_for_function("() => globalThis.geosvcSession.layers.get('roads').features")
    assert "road" not in ground()
    # land stays: the edge alone of the layer is drawn over it
    page.check("#on-boundary")
    page.wait_for_function("() => globalThis.geosvcSession.layers.get('boundary').features")
    assert page.evaluate("globalThis.geosvcSession.layers.get('boundary').bare")
    assert "land" in ground()
    page.uncheck("#on-roads")
    assert "road" in ground()
    # what is shown at first needs no place in an address, the rest keeps its
    assert page.evaluate("globalThis.geosvcSession.state().layers") is None
    page.check("#on-villages")
    page.wait_for_function("() => globalThis.geosvcSession.layers.get('villages').features")
    asked = page.evaluate("globalThis.geosvcSession.state().layers")
    assert {"water", "roads", "villages"} <= set(asked)
    page.uncheck("#ground-switch")
    assert not state(page)["on"]
    assert "base=none" in page.url
    assert not page.evaluate("globalThis.geosvcSession.layers.get('boundary').bare")


SHIELDS = r"""() => globalThis.written
  .filter(([text, font]) => /^[A-Z]\d{1,4}$/.test(text) && /^(bold|700) 10px/.test(font))
  .map(([text, , x, y]) => [text, Math.round(x), Math.round(y)])"""
AGAIN = """() => {
  globalThis.written.length = 0;
  globalThis.geosvcSession.tell("sheet");
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def test_a_stretch_of_a_numbered_road_has_one_shield(see: Open) -> None:
    page, watch = see("/maps/stops")
    page.wait_for_function("() => globalThis.geosvcSession")
    page.evaluate(AGAIN)
    shields = page.evaluate(SHIELDS)
    assert {"G636", "S91", "S64"} <= {text for text, *_ in shields}
    for number, (text, x, y) in enumerate(shields):
        near = [a for a, b, c in shields[:number] if a == text and hypot(b - x, c - y) < 420]
        assert not near
    # where the shield says it, the name does not say it again
    names = {str(text) for text, *_ in page.evaluate("globalThis.written")}
    assert not {name for name in names if name.startswith("G636") and name != "G636"}
    # drawn again they stand where they stood, and the layer itself has none
    page.evaluate(AGAIN)
    assert page.evaluate(SHIELDS) == shields
    page.evaluate("globalThis.geosvcSession.setOn('roads', true)")
    page.wait_for_function("() => globalThis.geosvcSession.layers.get('roads').features")
    page.evaluate(AGAIN)
    assert page.evaluate(SHIELDS) == []
    assert watch.is_clean(), watch


def test_an_embed_has_the_ground(see: Open) -> None:
    page, watch = see("/embed/overview", width=800, height=500)
    found = state(page)
    assert found["on"]
    assert found["notices"] == []
    assert page.evaluate(COLOR, LAKE) == page.evaluate(ROLE, "m-water")
    assert watch.is_clean(), watch


def test_a_sandboxed_frame_has_the_ground(open_page: Open, county: str) -> None:
    page, watch = open_page(f"{county}/healthz")
    # a page with no policy of ours
    markup = f'<iframe sandbox="allow-scripts" src="{county}/embed/overview"></iframe>'
    answer = {"body": markup, "content_type": "text/html"}
    page.route("**/frame", lambda route: route.fulfill(**answer))
    page.goto(f"{county}/frame")
    frame = page.frame_locator("iframe")
    frame.locator("html[data-drawn]").wait_for(state="attached", timeout=20_000)
    assert frame.locator(".leaflet-geosvc-ground-pane canvas").count() == 1
    assert not [text for text in watch.errors if "basemap" in text]


def test_tiles_that_do_not_come_leave_no_hole(open_page: Open, county: str) -> None:
    page, _ = open_page(f"{county}/healthz")
    page.add_init_script(f"({WRITTEN})()")
    page.route("**/basemap/**", lambda route: route.abort())
    page.goto(f"{county}/maps/overview")
    wait_drawn(page)
    found = state(page)
    assert not found["on"]
    assert {"roads", "water", "boundary"} <= set(found["layers"])
    assert [text for text in found["notices"] if "底图没有读到" in text]


@pytest.mark.parametrize("fault", ["truncated", "missing"])
def test_without_a_whole_file_the_layers_draw_the_ground(
    see: Open, instance: Path, fault: str
) -> None:
    path, kept = instance / FILE, instance / "kept.pmtiles"
    shutil.copy(path, kept)
    try:
        if fault == "truncated":
            path.write_bytes(kept.read_bytes()[:5000])
        else:
            path.unlink()
        page, watch = see("/maps/overview")
        found = state(page)
        assert (found["on"], found["url"]) == (False, None)
        assert {"roads", "water", "boundary"} <= set(found["layers"])
        said = [text for text in found["notices"] if "没有离线底图" in text]
        assert bool(said) == (fault == "truncated")
        page.click("button[aria-controls=group-ground]")
        assert "没有离线底图" in page.locator("#group-ground").inner_text()
        assert watch.is_clean(), watch
    finally:
        kept.replace(path)
