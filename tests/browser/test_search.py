"""The search box in real Chromium: what is found, going there, keys, phones, both languages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from geosvc.search import readings_of
from tests.browser.harness import Site, layer, look, paths, points, served
from tests.poison import PAYLOADS
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from geosvc import messages

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

X, Y = 121.1, 33.5
BOUNDS = (X - 0.02, Y - 0.02, X + 0.02, Y + 0.02)
AT = f"z=15&c={X},{Y}"
STOPS = ["泰北路口", "六安路口", "重庆路北", *(f"金桥{n}号" for n in range(12)), *PAYLOADS[:11]]
NAMED = {"name": "name", "title": "名称", "type": "string", "labels": {}}
POPUP = {"title": "name", "subtitle": None, "badges": [], "facts": ["name"]}


def _layers() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    known: dict[str, Any] = {"fields": [NAMED], "popup": POPUP}
    lines = [[[(X, Y + n / 400), (X, Y + (n + 1) / 400)]] for n in range(4)]
    roads = layer(
        "roads",
        paths("line", lines),
        [look(None, "道路", shape="line")],
        keys=["R0", "R1", "R2", "R3"],
        columns={"name": ["泰北路", "泰北路", "泰北路", "重庆路"]},
        **known,
    )
    places = [(X + n / 1000, Y) for n in range(len(STOPS))]
    stops = layer(
        "stops",
        points(places),
        [look("u", "城区"), look("r", "农村")],
        keys=[f"S{n}" for n in range(len(STOPS))],
        columns={"name": STOPS},
        **known,
    )
    hidden = layer(
        "villages",
        points([(X + 0.5, Y)]),
        [look(None, "村庄")],
        keys=["V1"],
        visible=False,
        columns={"name": ["泰山村"]},
        **known,
    )
    return [roads, hidden, stops]


def _index() -> dict[str, Any]:
    readings, said = readings_of([*STOPS, "泰北路", "重庆路", "泰山村"])
    x, y = round(X * 1e5), round(Y * 1e5)
    stops: dict[str, Any] = {
        "id": "stops",
        "merged": None,
        "texts": [STOPS, [f"3299{n:04}" for n in range(len(STOPS))]],
        "keys": [f"S{n}" for n in range(len(STOPS))],
        "class": [0] * len(STOPS),
        "lon": [x + 100 * n for n in range(len(STOPS))],
        "lat": [y] * len(STOPS),
    }
    village: dict[str, Any] = {
        "id": "villages",
        "merged": None,
        "texts": [["泰山村"]],
        "keys": ["V1"],
    }
    village |= {"class": [0], "lon": [x + 50_000], "lat": [y]}
    roads: dict[str, Any] = {
        "id": "roads",
        "merged": "name",
        "texts": [["泰北路", "重庆路"]],
        "class": [0, 0],
    }
    roads |= {"keys": ["R1", "R3"], "box": [x, y, x, y + 750, x, y + 750, x, y + 1000]}
    return {"layers": [stops, village, roads], "readings": readings, "said": said}


def _files(language: messages.Language = "zh") -> dict[str, str]:
    site = Site(_layers(), BOUNDS, language=language)
    words = site.manifest()
    words["map"]["search"] = "/maps/demo/search-1.json"
    found = {"/maps/demo.json": json.dumps(words), "/maps/demo/search-1.json": json.dumps(_index())}
    lost = json.loads(found["/maps/demo.json"])
    lost["map"]["search"] = "/maps/demo/search-2.json"
    found["/maps/lost"] = site.page("map.html", module="/maps/lost.js")
    found["/maps/lost.js"] = site.module("page", manifest="/maps/lost.json")
    return site.files() | found | {"/maps/lost.json": json.dumps(lost)}


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, str]]:
    with served(_files()) as chinese, served(_files("en")) as english:
        yield {"zh": chinese, "en": english}


@pytest.fixture
def demo(sites: dict[str, str], open_page: Open) -> Callable[..., Page]:
    def opened(query: str = AT, *, path: str = "maps", language: str = "zh", **how: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{sites[language]}/{path}/demo?{query}", **how)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def box(page: Page) -> Locator:
    return page.get_by_role("combobox")


def find(page: Page, text: str) -> list[tuple[str, list[str]]]:
    """Search, and return the groups with the names that each shows."""
    box(page).fill(text)
    expect(page.locator(".results")).to_be_visible()
    expect(page.locator(".results")).not_to_contain_text(re.compile("正在|Loading"))
    found: list[tuple[str, list[str]]] = page.evaluate(
        """() => [...document.querySelectorAll(".results [role=group]")].map((group) => [
          group.getAttribute("aria-label"),
          [...group.querySelectorAll("[role=option] > span > bdi:first-child")]
            .map((name) => name.textContent),
        ])"""
    )
    return [(title, names) for title, names in found]


NAMES = (
    ("泰北路", ("泰北路", "泰北路")),
    ("泰北", ("泰北路口", "泰北")),
    ("taibei", ("泰北路口", "泰北")),
    ("taibeilu", ("泰北路", "泰北路")),
    ("Tai Bei", ("泰北路口", "泰北")),
    ("tàiběi", ("泰北路口", "泰北")),
    ("tb", ("泰北路口", "泰北")),
    ("tbl", ("泰北路", "泰北路")),
    ("chongqing", ("重庆路北", "重庆")),
    ("zhongqinglu", ("重庆路", "重庆路")),
    ("luan", ("六安路口", "六安")),
    ("liuan", ("六安路口", "六安")),
    ("lal", ("六安路口", "六安路")),
    ("泰b", ("泰北路口", "泰北")),
    ("32990001", ("六安路口", "32990001")),
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_are_found(demo: Callable[..., Page], language: str) -> None:
    page = demo(language=language)
    for text, expected in NAMES:
        first = find(page, text)[0][1][0]
        marked = page.locator("[role=option] mark").first.inner_text()
        assert (first, marked) == expected, text


def test_groups_count_and_show_eight(demo: Callable[..., Page]) -> None:
    page = demo()
    assert [(title, len(names)) for title, names in find(page, "金桥")] == [("stops", 8)]
    assert page.locator(".results-title span").inner_text() == "8 / 12"
    expect(page.locator(".search [role=status]")).to_have_text("找到 12 个")
    titles = [title for title, _ in find(page, "泰")]
    assert titles == ["stops", "villages", "roads"]
    # the whole name comes before its beginning
    assert [title for title, _ in find(page, "泰北路")] == ["roads", "stops"]


@pytest.mark.parametrize(("language", "said"), [("zh", "没有找到"), ("en", "Nothing found")])
def test_nothing_found_is_said_plainly(demo: Callable[..., Page], language: str, said: str) -> None:
    page = demo(language=language)
    assert find(page, "<b>无此处</b>") == []
    shown = page.locator(".results-none").inner_text()
    assert said in shown
    assert "<b>无此处</b>" in shown
    box(page).press("Enter")
    assert "sel=" not in page.url


def test_keys_lead_to_a_result_and_back(demo: Callable[..., Page]) -> None:
    page = demo()
    page.locator("body").press("/")
    expect(box(page)).to_be_focused()
    assert box(page).input_value() == ""
    find(page, "金桥")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(box(page)).to_have_attribute("aria-activedescendant", "search-option-0")
    box(page).press("ArrowDown")
    box(page).press("ArrowDown")
    box(page).press("ArrowUp")
    active = box(page).get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    name = page.locator(f"#{active} bdi").first.inner_text()
    box(page).press("Enter")
    expect(page.locator(".popup-card h2")).to_have_text(name)
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    expect(box(page)).to_be_focused()
    box(page).press("Escape")
    expect(page.locator(".popup-card")).to_have_count(0)
    assert box(page).input_value() == ""


def test_enter_before_the_index_is_there_goes_to_the_first(demo: Callable[..., Page]) -> None:
    page = demo()
    box(page).focus()
    box(page).evaluate(
        """(input) => {
          input.value = "泰北路";
          input.dispatchEvent(new Event("input"));
          input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
        }"""
    )
    expect(page.locator(".popup-card h2")).to_have_text("泰北路")


def test_a_result_switches_its_layer_on_and_escape_gives_the_view_back(
    demo: Callable[..., Page],
) -> None:
    page = demo("")
    page.wait_for_timeout(300)
    before = page.evaluate("location.search")
    find(page, "taishancun")
    box(page).press("Enter")
    expect(page.locator(".popup-card h2")).to_have_text("泰山村")
    expect(page.locator("#on-villages")).to_be_checked()
    page.wait_for_url("**sel=villages/V1**")
    assert "c=121.6" in page.url
    box(page).press("Escape")
    expect(page.locator(".popup-card")).to_have_count(0)
    expect(page.locator("#on-villages")).not_to_be_checked()
    page.wait_for_timeout(300)
    after = page.evaluate("location.search")
    assert "sel=" not in after
    assert before in {"", after}


def test_back_leads_to_the_view_before(demo: Callable[..., Page]) -> None:
    page = demo("")
    find(page, "泰山村")
    box(page).press("Enter")
    expect(page.locator(".popup-card h2")).to_have_text("泰山村")
    page.wait_for_url("**sel=villages/V1**")
    page.go_back()
    expect(page.locator(".popup-card")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("sel="))
    assert "c=121.6" not in page.url


def test_a_view_that_the_reader_moved_stays(demo: Callable[..., Page]) -> None:
    page = demo()
    find(page, "泰山村")
    box(page).press("Enter")
    expect(page.locator(".popup-card h2")).to_have_text("泰山村")
    page.get_by_role("button", name="缩小").click()
    page.wait_for_timeout(500)
    there = page.evaluate("location.search.match(/c=([0-9.]+)/)[1]")
    box(page).press("Escape")
    page.wait_for_timeout(300)
    assert page.evaluate("location.search.match(/c=([0-9.]+)/)[1]") == there


def test_what_the_filters_hide_is_said(demo: Callable[..., Page]) -> None:
    page = demo(f"{AT}&f.stops.name=泰北路口")
    find(page, "六安路口")
    box(page).press("Enter")
    expect(page.locator(".results-none")).to_contain_text("“六安路口”被当前筛选条件隐藏")


def test_hostile_names_are_text_and_are_found(demo: Callable[..., Page]) -> None:
    page = demo()
    for name in STOPS[15:]:
        groups = dict(find(page, name))
        assert name in groups["stops"], name
    assert page.evaluate("window.ran") is None
    assert page.locator(".results img, .results script").count() == 0


def test_an_index_that_cannot_be_read_is_said_and_asked_for_again(
    sites: dict[str, str], open_page: Open
) -> None:
    page, _ = open_page(f"{sites['zh']}/maps/lost?{AT}")
    wait_drawn(page)
    page.route("**/search-2.json", lambda route: route.fulfill(status=503, body=""))
    box(page).fill("泰")
    expect(page.locator(".results-none")).to_contain_text("搜索目录没有读到")
    page.unroute("**/search-2.json")
    page.route("**/search-2.json", lambda route: route.fulfill(json=_index()))
    box(page).fill("泰北")
    expect(page.locator("[role=option]").first).to_be_visible()


def test_the_index_waits_for_the_first_focus(sites: dict[str, str], open_page: Open) -> None:
    page, _ = open_page("about:blank")
    page.unroute_all()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{sites['zh']}/maps/demo")
    wait_drawn(page)
    assert not any("search-1" in url for url in asked)
    with page.expect_request("**/search-1.json"):
        box(page).focus()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_a_pill_leads_to_the_sheet(
    demo: Callable[..., Page], language: str, width: int
) -> None:
    page = demo(language=language, width=width, height=844, touch=True)
    pill = page.locator(".search-afloat")
    frame = pill.bounding_box()
    assert frame is not None
    assert frame["height"] >= 44
    assert frame["x"] >= 0
    assert frame["x"] + frame["width"] <= width
    find(page, "泰北路口")
    row = page.locator("[role=option]").first
    shape = row.bounding_box()
    assert shape is not None
    assert shape["height"] >= 44
    row.tap()
    expect(page.locator(".panel-selection h2")).to_have_text("泰北路口")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".search-afloat button").tap()
    expect(page.locator(".panel-selection")).to_be_hidden()


def test_with_the_panel_closed_the_box_floats(demo: Callable[..., Page]) -> None:
    page = demo()
    assert page.locator(".panel .panel-search").count() == 1
    page.get_by_role("button", name="收起图层面板").click()
    expect(page.locator(".search-afloat input")).to_be_visible()
    page.get_by_role("button", name="展开图层面板").click()
    expect(page.locator(".panel .panel-search input")).to_be_visible()


def test_an_embed_has_a_box_only_where_its_address_asks(demo: Callable[..., Page]) -> None:
    assert box(demo(path="embed")).count() == 0
    page = demo(f"{AT}&search=1", path="embed", width=700, height=420)
    find(page, "tbl")
    box(page).press("Enter")
    expect(page.locator(".popup-card h2")).to_have_text("泰北路")


def test_the_whole_street_is_marked_until_another_choice(demo: Callable[..., Page]) -> None:
    page = demo()
    find(page, "泰北路")
    box(page).press("Enter")
    marks = page.locator(".leaflet-geosvc-found-pane canvas")
    expect(marks).to_have_count(1)
    find(page, "六安")
    box(page).press("Enter")
    expect(page.locator(".popup-card h2")).to_have_text("六安路口")
    expect(marks).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_box_follows_the_pattern_of_a_combobox(
    demo: Callable[..., Page], language: str
) -> None:
    page = demo(language=language)
    field = box(page)
    assert field.get_attribute("aria-controls") == "search-list"
    assert field.get_attribute("aria-autocomplete") == "list"
    assert field.get_attribute("aria-expanded") == "false"
    assert page.get_by_role("search").count() == 1
    find(page, "泰")
    assert page.get_by_role("listbox").get_attribute("aria-label")
    options = page.get_by_role("option")
    assert page.get_by_role("option", selected=True).count() == 1
    ids = [option.get_attribute("id") for option in options.all()]
    assert len(set(ids)) == len(ids)
