"""The layer tree, the names, the popup's place and the phone, in real Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geosvc import messages
from tests.browser.harness import Site, layer, look, paths, points, served
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

X, Y = 121.1, 33.5
AT = f"z=15&c={X},{Y}"
BOUNDS = (X - 0.02, Y - 0.02, X + 0.02, Y + 0.02)
# the names that were written last, with their pixels on the canvas of the names
RECORD = """(() => {
  globalThis.written = [];
  const pen = CanvasRenderingContext2D.prototype;
  const { fillText, clearRect } = pen;
  const names = (canvas) => canvas.closest(".leaflet-geosvc-names-pane");
  pen.clearRect = function (...box) {
    if (names(this.canvas)) written.length = 0;
    return clearRect.apply(this, box);
  };
  pen.fillText = function (text, x, y) {
    const { a, b, c, d, e, f } = this.getTransform();
    if (names(this.canvas)) written.push([text, a * x + c * y + e, b * x + d * y + f]);
    return fillText.call(this, text, x, y);
  };
})()"""
OVERLAPS = """([one, other]) => {
  const [a, b] = [one, other].map((name) => document.querySelector(name).getBoundingClientRect());
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}"""
# a press at the middle of the row of a check box, 22 pixels off, still meets the box
REACHED = """() => [...document.querySelectorAll(".panel .check")].every((check) => {
  if (!check.offsetWidth) return true;
  const box = check.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return document.elementFromPoint(x - 21, y + 21) === check;
})"""


def _roads() -> tuple[dict[str, Any], dict[str, Any]]:
    # eight classes with features and one without
    lines = [[[(X - 0.05, Y - n / 400), (X + 0.05, Y - n / 400)]] for n in range(8)]
    return layer(
        "roads",
        paths("line", lines),
        [look(str(n), f"等级{n}", shape="line", width_px=8) for n in range(9)],
        keys=[f"R{n}" for n in range(8)],
        codes=list(range(8)),
        group="ground",
        label="name",
        columns={"name": ["金桥路", *[None] * 7]},
    )


def _layers() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    steps = [look(str(n), f"{n} – {n + 1}", shape="line", width_px=6) for n in range(8)]
    ramp = layer(
        "density",
        paths("line", [[[(X, Y), (X, Y + n / 1e4)]] for n in range(1, 9)]),
        steps,
        keys=[f"D{n}" for n in range(8)],
        codes=list(range(8)),
        group="cases",
        unit="起每公里",
    )
    stops = layer(
        "stops",
        # the middle, the corner at the lower right, and one far away
        points([(X, Y + 0.001), (X + 0.0193, Y - 0.0122), (X + 1, Y)]),
        [look("u", "城区"), look("r", "农村"), look("x", "无")],
        keys=["S1", "S2", "S3"],
        codes=[0, 1, 1],
        group="cases",
        fields=[{"name": "name", "title": "名称", "type": "string", "labels": {}}],
        popup={"title": "name", "subtitle": None, "badges": [], "facts": ["name"]},
        columns={"name": ["first", "corner", "far"]},
    )
    hidden = layer(
        "hidden",
        points([(X, Y)]),
        [look(None, "隐藏")],
        keys=["H"],
        group="cases",
        visible=False,
        fields=stops[0]["fields"],
        popup=stops[0]["popup"],
        columns={"name": ["secret"]},
    )
    broken = layer(
        "broken", points([]), [], keys=[], group="cases", state="unavailable", reason="", url=None
    )
    return [_roads(), ramp, stops, hidden, broken]


def _files(language: messages.Language = "zh", title: str = "Harness") -> dict[str, str]:
    site = Site(_layers(), BOUNDS, language=language, title=title)
    card: dict[str, Any] = {
        "id": "demo",
        "title": title,
        "description": "说明",
        "url": "/maps/demo",
        "picture": "/static/icon.svg",
    }
    card |= {"updated": "2026年11月22日", "counts": []}
    groups = [{"id": "cases", "title": "案件", "layers": [{}, {}]}]
    facts = {"maps": [card], "groups": groups, "layers": 5, "features": 9101}
    return site.files() | {"/": site.page("index.html", **facts)}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(_files()) as url:
        yield url


@pytest.fixture(scope="module")
def english() -> Iterator[str]:
    with served(_files("en", "The whole county with every facility and case " * 9)) as url:
        yield url


@pytest.fixture
def demo(site: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = AT, path: str = "maps", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{site}/{path}/demo?{query}", **options)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def test_the_ground_starts_folded_with_its_count(demo: Callable[..., Page]) -> None:
    page = demo()
    heads = page.locator(".legend-group h3 button")
    assert [head.get_attribute("aria-expanded") for head in heads.all()] == ["false", "true"]
    assert page.locator("[data-layer=roads]").is_hidden()
    assert heads.nth(0).locator(".count").inner_text() == "已开 1"
    assert heads.nth(1).locator(".count").is_hidden()
    heads.nth(0).click()
    page.locator("#on-roads").uncheck()
    heads.nth(0).click()
    assert heads.nth(0).locator(".count").text_content() == ""
    page.reload()
    wait_drawn(page)
    assert page.locator("[data-layer=roads]").is_hidden()


def test_many_classes_start_folded_and_a_ramp_does_not(demo: Callable[..., Page]) -> None:
    page = demo()
    page.locator(".legend-group h3 button").first.click()
    classes = page.locator("#classes-roads")
    assert classes.is_hidden()
    more = page.locator("[data-layer=roads] .legend-more")
    more.click()
    assert classes.locator("li:visible").count() == 8
    assert more.get_attribute("aria-expanded") == "true"
    page.locator("#on-roads").uncheck()
    assert classes.is_hidden()
    assert more.is_hidden()
    assert page.locator("#classes-density li[data-class]:visible").count() == 8
    assert page.locator("[data-layer=density] .legend-more").count() == 0


def test_a_class_without_features_is_not_listed(demo: Callable[..., Page]) -> None:
    page = demo()
    labels = page.locator("#classes-stops li:visible .legend-label").all_inner_texts()
    assert labels == ["城区", "农村"]
    phone = demo(width=390, height=844, touch=True)
    phone.locator(".sheet-grip").click()
    assert phone.locator("#classes-stops li:visible").count() == 2


def test_the_legend_of_an_embed_leaves_the_ground_out(demo: Callable[..., Page]) -> None:
    page = demo(path="embed")
    texts = page.locator(".map-legend li").all_inner_texts()
    assert not any("等级" in text or "roads" in text for text in texts)
    assert [text.split("\n")[0] for text in texts[:3]] == ["stops", "城区", "农村"]
    assert not any(text.startswith("无") for text in texts)


def test_an_embed_does_not_speak_of_a_panel(demo: Callable[..., Page]) -> None:
    assert "面板" in demo().locator(".map-notices").inner_text()
    said = demo(path="embed").locator(".map-notices").inner_text()
    assert "broken" in said
    assert "面板" not in said


def test_the_trust_line_counts_no_ground(demo: Callable[..., Page]) -> None:
    page = demo()
    drawn = page.locator("[data-geosvc=drawn]")
    # eight steps and two of three stops; eight roads are ground
    assert drawn.inner_text() == "10 / 11"
    title = drawn.locator("..").get_attribute("title")
    assert title == messages.text("pages.trust.drawn_about", "zh")


def test_a_selection_switches_its_layer_on(demo: Callable[..., Page]) -> None:
    page = demo("sel=hidden/H")
    assert page.locator(".popup-card h2").inner_text() == "secret"
    assert page.locator("#on-hidden").is_checked()
    page.wait_for_url(lambda url: "layers=roads,density,stops,hidden" in url)


def test_a_popup_at_the_edge_stands_clear(demo: Callable[..., Page]) -> None:
    page = demo(f"{AT}&sel=stops/S2")
    box = ".leaflet-popup-content-wrapper"
    clear = f"""() => {{
      const popup = document.querySelector("{box}").getBoundingClientRect();
      const map = document.querySelector(".leaflet-container").getBoundingClientRect();
      return popup.left >= map.left && popup.right <= map.right && popup.bottom <= map.bottom;
    }}"""
    page.wait_for_function(clear)
    page.wait_for_function(f"() => !({OVERLAPS})(['{box}', '.map-tools'])")
    page.wait_for_function(f"() => !({OVERLAPS})(['{box}', '.map-foot'])")


def test_escape_gives_the_focus_back(demo: Callable[..., Page]) -> None:
    page = demo(f"z=15&c={X},{Y + 0.001}")
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    page.locator(".popup-card").get_by_title("关闭").focus()
    page.keyboard.press("Escape")
    assert page.locator(".popup-card").count() == 0
    assert page.evaluate("document.activeElement.classList.contains('leaflet-container')")


def test_escape_leaves_a_reader_who_is_elsewhere(demo: Callable[..., Page]) -> None:
    page = demo(f"{AT}&sel=stops/S1")
    page.locator("#on-stops").focus()
    page.keyboard.press("Escape")
    assert page.locator(".popup-card").count() == 0
    assert page.evaluate("document.activeElement.id") == "on-stops"


def test_names_of_streets_keep_their_place(site: str, open_page: Open) -> None:
    page, _ = open_page(f"{site}/")
    page.add_init_script(RECORD)
    page.goto(f"{site}/maps/demo?{AT}")
    wait_drawn(page)
    before = page.evaluate("written.slice(0, 3)")
    assert [text for text, *_ in before] == ["金", "桥", "路"]
    page.locator(".leaflet-container").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "c=121.1," not in url)
    after = page.evaluate("written.slice(0, 3)")
    assert [text for text, *_ in after] == ["金", "桥", "路"]
    # an arrow key moves the map by 80 pixels
    for (_, x, y), (_, moved_x, moved_y) in zip(before, after, strict=True):
        assert abs(x - 80 - moved_x) < 1.5
        assert abs(y - moved_y) < 1.5


@pytest.mark.parametrize("path", ["/maps/demo", "/"])
def test_a_phone_holds_the_longest_english(english: str, open_page: Open, path: str) -> None:
    page, _ = open_page(english + path, width=390, height=844, touch=True)
    if path != "/":
        wait_drawn(page)
    root = page.evaluate(
        "(({ scrollWidth, scrollHeight }) => [scrollWidth, scrollHeight])(document.documentElement)"
    )
    assert root == [390, 844]
    assert page.locator(".trust").bounding_box()["height"] <= 56  # type: ignore[index]
    assert page.locator(".trust .synthetic").is_visible()
    assert page.evaluate("document.querySelector('.scroll')?.scrollWidth ?? 0") <= 390


def test_what_a_thumb_presses_is_wide_enough(demo: Callable[..., Page]) -> None:
    page = demo(width=390, height=844, touch=True)
    page.evaluate("document.querySelector('.work').dataset.sheet = 'full'")
    page.wait_for_function("() => document.querySelector('.panel').offsetHeight > 600")
    small = page.evaluate(
        "[...document.querySelectorAll('a:not(.skip), button')].filter((e) => e.offsetWidth &&"
        " (e.offsetHeight < 44 || e.offsetWidth < 44)).map((e) => e.className)"
    )
    assert small == []
    assert page.evaluate(REACHED)


def test_the_portal_ends_at_the_window(site: str, open_page: Open) -> None:
    page, _ = open_page(f"{site}/")
    trust = page.locator(".trust").bounding_box()
    assert trust is not None
    assert trust["y"] + trust["height"] == 800
    assert "9,101" in page.locator(".trust").inner_text()
    assert "2026年11月22日更新" in page.locator(".map-card").inner_text()
    link = page.locator(".quiet-links a")
    assert link.get_attribute("href") == "/layers#group-cases"
    assert "2 个图层" in link.inner_text()


def test_without_scripts_a_page_says_so(site: str, browser: Any) -> None:  # noqa: ANN401
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/maps/demo")
    said = page.locator(".map .notice")
    box = said.bounding_box()
    assert said.is_visible()
    assert box is not None
    assert box["y"] < 200
    assert "JavaScript" in said.inner_text()
    assert page.locator(".synthetic").is_visible()
    context.close()
