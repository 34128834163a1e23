"""What real Chromium draws, counts and answers, over a small catalog made here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import Site, layer, look, paths, points, served
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

X, Y = 121.1, 33.5
AT = f"z=15&c={X},{Y}"
BOUNDS = (X - 0.02, Y - 0.02, X + 0.02, Y + 0.02)
HOSTILE = (
    "<img src=x onerror=window.ran=1>",
    "{{7*7}}",
    "</script><script>window.ran=1</script>",
    "javascript:window.ran=1",
    "\u202etxet\u202c שלום",
    "𠮷𠮷🚌",
    "长" * 10_000,
)
PROBE = """([pane, dx, dy]) => {
  const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
  const map = document.querySelector(".leaflet-container").getBoundingClientRect();
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const [x, y] = [map.x + map.width / 2 + dx - box.x, map.y + map.height / 2 + dy - box.y];
  return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data];
}"""


def _square(half: float, x: float = X, y: float = Y) -> list[tuple[float, float]]:
    ring = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    return [*ring, ring[0]]


def _field(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    plain: dict[str, Any] = {
        "title": name,
        "type": "string",
        "unit": None,
        "masked": False,
        "labels": {},
    }
    return {"name": name, **plain, **more}


def _stops() -> tuple[dict[str, Any], dict[str, Any]]:
    # three at the middle, one east, one outside the view
    places = [(X, Y), (X, Y), (X, Y), (X + 0.004, Y), (X + 1, Y)]
    names = ["first", HOSTILE[0], "third", "east", "far"]
    labels = {"in_use": {"label": "在用", "tone": "ok"}, "fault": {"label": "故障", "tone": "bad"}}
    return layer(
        "stops",
        points(places),
        [look("u", "城区"), look("r", "农村", shape="ring", color="c-rural"), look("n", "无")],
        keys=["S1", "S2", "S/3", "S4", "S5"],
        codes=[0, 0, 1, 1, 1],
        expected=6,
        warning="应有 6，实有 5",
        fields=[
            _field("name"),
            _field("status", labels=labels),
            _field("plate", masked=True),
            _field("at", type="datetime"),
            _field("yen", type="integer", unit="元"),
        ],
        popup={
            "title": "name",
            "subtitle": None,
            "badges": ["status"],
            "facts": ["plate", "at", "yen"],
        },
        columns={
            "name": names,
            "status": ["in_use", "fault", None, "in_use", "in_use"],
            "plate": ["苏X·**123"] * 5,
            "at": ["2024-06-17T16:08:00+08:00"] * 5,
            "yen": [1200, None, 3, 4, 5],
        },
    )


def _site(**options: Any) -> Site:  # noqa: ANN401 - options of a site
    ground = layer(
        "land",
        paths("area", [[_square(0.05), _square(0.001, X, Y + 0.003)]]),
        [look(None, "陆地", shape="area", color="#112233", casing="#445566")],
        keys=["L"],
        fill_opacity=1,
    )
    roads = layer(
        "roads",
        paths("line", [[[(X - 0.05, Y - 0.002), (X + 0.05, Y - 0.002)]]]),
        [
            look("a", "干路", shape="line", color="#ff0000", casing="#00ff00", width_px=8),
            look("b", "街巷", shape="line", color="#0000ff", min_zoom=17),
        ],
        keys=["R1"],
        label="name",
        columns={"name": ["金桥路"]},
    )
    hidden = layer("hidden", points([(X, Y)]), [look(None, "隐藏")], keys=["H"], visible=False)
    broken = layer(
        "broken", points([]), [], keys=[], state="unavailable", reason=HOSTILE[0], url=None
    )
    lost = layer("lost", points([(X, Y)]), [look(None, "丢失")], keys=["X"])
    lost[0]["url"] = "/data/nothing-here.json"
    return Site([ground, roads, _stops(), hidden, broken, lost], BOUNDS, **options)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    files = _site().files()
    del files["/data/nothing-here.json"]
    with served(files) as url:
        yield url


@pytest.fixture
def demo(site: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = AT, **options: Any) -> Page:  # noqa: ANN401 - options of a page
        page, watch = open_page(f"{site}/maps/demo?{query}", **options)
        wait_drawn(page)
        assert watch.foreign == []
        return page

    return opened


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator(".leaflet-container").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_areas_have_holes_and_lines_lie_on_their_casings(demo: Callable[..., Page]) -> None:
    page = demo()
    assert page.evaluate(PROBE, ["pane_1", 60, 20]) == [0x11, 0x22, 0x33, 255]
    # 0.003 degrees north at zoom 15 are 84 pixels
    assert page.evaluate(PROBE, ["pane_1", 0, -84])[3] == 0
    rows = [page.evaluate(PROBE, ["pane_2", 30, dy]) for dy in range(40, 75)]
    reds = [row for row in rows if row[:3] == [255, 0, 0]]
    assert len(reds) in range(7, 10)
    assert any(row[1] > 200 and row[0] < 60 for row in rows)


def test_points_are_drawn_where_they_lie(demo: Callable[..., Page]) -> None:
    page = demo()
    assert page.evaluate(PROBE, ["pane_3", 0, 0])[3] == 255
    # 0.004 degrees east at zoom 15 are 93.2 pixels
    assert page.evaluate(PROBE, ["pane_3", 97, 0])[3] > 200
    assert page.evaluate(PROBE, ["pane_3", 50, 0])[3] == 0


def test_counts_are_those_of_the_view(demo: Callable[..., Page]) -> None:
    page = demo()
    row = page.locator("[data-layer=stops]")
    assert row.locator(".count").inner_text() == "4 / 5"
    classes = page.locator("#classes-stops li:visible")
    assert classes.locator(".count").all_inner_texts() == ["2", "2"]
    assert page.locator("[data-geosvc=drawn]").inner_text() == "6 / 7"
    assert page.locator("li[data-class=b] .count").inner_text() == "–"


def test_what_is_wrong_is_said(demo: Callable[..., Page]) -> None:
    page = demo()
    notices = page.locator(".map-notices .notice").all_inner_texts()
    assert any("应有 6，实有 5" in text for text in notices)
    assert any("broken" in text for text in notices)
    assert any("lost" in text for text in notices)
    assert HOSTILE[0] in page.locator(".legend-notes").all_inner_texts()[0]


def test_overlapping_points_are_turned_over(demo: Callable[..., Page]) -> None:
    page = demo()
    page.mouse.click(*_middle(page))
    card = page.locator(".popup-card")
    assert card.locator("h2").inner_text() == "first"
    assert "1 / 3" in card.inner_text()
    assert "1,200\u00a0元" in card.locator(".facts").inner_text()
    assert "2024年6月17日 16:08" in card.locator(".facts").inner_text()
    assert card.locator(".badge-ok").inner_text() == "在用"
    assert card.locator("use[href='#i-lock']").count() == 1
    card.get_by_title("下一个").click()
    assert page.locator(".popup-card h2").inner_text() == HOSTILE[0]
    assert page.evaluate("window.ran") is None
    assert "sel=stops/S2" in page.url


def test_a_miss_closes_and_a_near_click_hits(demo: Callable[..., Page]) -> None:
    page = demo()
    x, y = _middle(page)
    page.mouse.click(x + 93 + 10, y)
    assert page.locator(".popup-card h2").inner_text() == "east"
    page.mouse.click(x - 60, y + 20)
    assert page.locator(".popup-card").count() == 0
    assert "sel=" not in page.url


def test_the_address_holds_the_state_and_back_works(demo: Callable[..., Page]) -> None:
    page = demo(f"{AT}&lang=zh")
    page.locator("#on-hidden").check()
    page.wait_for_url("**layers=*")
    assert "layers=land,roads,stops,hidden,lost" in page.url
    page.go_back()
    page.wait_for_function("() => !document.getElementById('on-hidden').checked")
    page.mouse.click(*_middle(page))
    assert "lang=zh" in page.url
    switch = page.locator("a[data-geosvc=switch]").get_attribute("href") or ""
    assert "lang=en" in switch
    assert "sel=stops/S1" in switch
    page.reload()
    wait_drawn(page)
    assert page.locator(".popup-card h2").inner_text() == "first"
    assert page.evaluate(PROBE, ["pane_3", 97, 0])[3] > 200


@pytest.mark.parametrize(
    "query",
    ["z=99&c=1,2,3", "z=abc&c=NaN,NaN", "layers=..,%3Cimg%3E", "sel=stops", "sel=stops/none", "c="],
)
def test_bad_addresses_are_ignored(demo: Callable[..., Page], query: str) -> None:
    page = demo(query)
    assert page.locator(".popup-card").count() == 0
    assert page.locator("[data-layer=stops]").is_visible()


def test_a_key_with_a_slash_can_be_selected(demo: Callable[..., Page]) -> None:
    page = demo(f"{AT}&sel=stops/S%2F3")
    assert page.locator(".popup-card h2").inner_text() == "third"


def test_the_map_is_drawn_anew_after_a_zoom_and_a_drag(demo: Callable[..., Page]) -> None:
    page = demo()
    page.get_by_title("放大", exact=True).click()
    page.wait_for_url("**z=16*")
    # 0.004 degrees east at zoom 16 are 186.4 pixels
    assert page.evaluate(PROBE, ["pane_3", 190, 0])[3] > 200
    x, y = _middle(page)
    page.mouse.move(x, y + 100)
    page.mouse.down()
    page.mouse.move(x - 300, y + 100, steps=6)
    page.wait_for_timeout(300)  # a hand that rests gives no swing
    page.mouse.up()
    page.wait_for_url(lambda url: "c=121.100" not in url)
    page.wait_for_function(
        "() => document.querySelector('.leaflet-pane_3-pane canvas').offsetWidth > 0"
    )
    assert page.locator("[data-layer=stops] .count").inner_text() == "4 / 5"
    assert page.evaluate(PROBE, ["pane_1", 300, 0])[:3] == [0x11, 0x22, 0x33]


def test_keys_alone_suffice(demo: Callable[..., Page]) -> None:
    page = demo()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator(".leaflet-container").focus()
    page.keyboard.press("Enter")
    assert page.locator(".popup-card h2").inner_text() == "first"
    page.keyboard.press("Escape")
    assert page.locator(".popup-card").count() == 0
    assert page.evaluate("document.activeElement.classList.contains('leaflet-container')")
    page.keyboard.press("+")
    page.wait_for_url("**z=16*")


def test_settings_of_a_layer_open_on_its_name(demo: Callable[..., Page]) -> None:
    page = demo()
    row = page.locator("[data-layer=stops]")
    row.locator(".legend-name").click()
    page.locator("#opacity-stops").fill("40")
    assert (
        page.evaluate("document.querySelector('.leaflet-pane_3-pane canvas').style.opacity")
        == "0.4"
    )
    link = page.locator("[data-layer=stops] + .legend-tools a").get_attribute("href")
    assert link == "/layers/stops"


def test_the_scheme_changes_and_is_kept(demo: Callable[..., Page]) -> None:
    page = demo()
    light = page.evaluate(PROBE, ["pane_3", 93, 0])
    page.locator("[data-action=theme]").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.wait_for_function("() => getComputedStyle(document.body).colorScheme === 'dark'")
    assert page.evaluate(PROBE, ["pane_3", 93, 0]) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_phone_shows_the_selection_in_the_sheet(demo: Callable[..., Page]) -> None:
    page = demo(AT, width=390, height=844, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = page.evaluate(
        "[...document.querySelectorAll('.map-tools .icon-button:not(.only-wide)')]"
        ".map((button) => button.offsetHeight)"
    )
    assert all(size >= 44 for size in sizes)
    page.touchscreen.tap(*_middle(page))
    page.wait_for_selector(".panel-selection .popup-card")
    assert page.locator(".leaflet-popup").count() == 0
    page.locator(".panel-selection").get_by_title("关闭").click()
    assert page.locator("[data-layer=stops]").is_visible()
    page.locator(".sheet-grip").click()
    assert page.locator(".work").get_attribute("data-sheet") == "half"


def test_without_a_manifest_the_ground_stays_and_says_so(site: str, open_page: Open) -> None:
    page, _ = open_page(f"{site}/maps/broken")
    wait_drawn(page)
    assert "没有读到" in page.locator(".map-notices").inner_text()


def test_an_embed_works_in_a_sandboxed_frame(site: str, open_page: Open) -> None:
    page, watch = open_page(f"{site}/frame")
    frame = page.frame_locator("iframe")
    frame.locator("html[data-drawn]").wait_for(state="attached", timeout=20_000)
    assert frame.locator(".map-legend li").count() >= 4
    assert "模拟数据" in frame.locator(".embed-foot").inner_text()
    assert frame.locator(".embed-head a").get_attribute("rel") == "noopener"
    assert watch.foreign == []


@pytest.mark.parametrize("attack", HOSTILE, ids=range(len(HOSTILE)))
def test_every_text_is_shown_as_text(open_page: Open, attack: str) -> None:
    entry, data = _stops()
    entry |= {"title": attack, "description": attack, "reason": attack, "warning": attack}
    entry |= {"attribution": attack, "unit": attack, "group": attack, "state": "stale"}
    entry["classes"] = [{**item, "label": attack} for item in entry["classes"]]
    entry["fields"] = [{**field, "title": attack, "unit": attack} for field in entry["fields"]]
    entry |= {"label": "name", "label_rank": 1}
    data["columns"]["name"]["values"] = [attack] * 5
    data["columns"]["status"]["values"] = [attack] * 5
    files = Site([(entry, data)], BOUNDS, title=attack).files()
    with served(files) as url:
        for path in (f"/maps/demo?{AT}&sel=stops/S4", f"/embed/demo?{AT}&sel=stops/S4"):
            page, watch = open_page(url + path)
            wait_drawn(page)
            page.wait_for_selector(".popup-card")
            assert page.evaluate("window.ran") is None
            assert watch.is_clean(), (watch.foreign, watch.errors)
            # the dialog has pictures that get their address from a script
            assert page.locator("img:not(dialog img)").count() == 0
            assert attack[:300] in (page.locator(".popup-card h2").text_content() or "")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.context.close()
