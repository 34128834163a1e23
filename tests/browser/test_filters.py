"""Filters of the address in real Chromium: what passes, what is drawn, counted and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.harness import Site, layer, look, paths, points, served
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from geosvc import messages

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

TABLE = json.loads(
    (Path(__file__).parents[1] / "map_state" / "filters.json").read_text(encoding="utf-8")
)
X, Y = 121.1, 33.5
BOUNDS = (X - 0.02, Y - 0.02, X + 0.02, Y + 0.02)
LABELS = {"open": "营业", "closed": "关停"}
FIELDS: list[dict[str, Any]] = [
    {"name": "name", "title": "名称", "type": "string", "labels": {}},
    {
        "name": "state",
        "title": "状态",
        "type": "string",
        "labels": {code: {"label": text} for code, text in LABELS.items()},
    },
]
SCHEMA = {
    "fields": [
        {"name": "bays", "title": {"zh": "车位", "en": "Bays"}, "type": "integer"},
        {"name": "built", "title": {"zh": "建成", "en": "Built"}, "type": "date"},
        {"name": "owner", "title": {"zh": "业主", "en": "Owner"}, "type": "string", "privacy": "x"},
    ]
}
# another order than the map's: a newer revision may have come meanwhile
ROWS = {
    "keys": ["S3", "S2", "S1"],
    "columns": {
        "bays": {"values": [None, 4, 9]},
        "built": {"codes": [0, 1, 0], "dictionary": ["2024-02-01", "2023-05-06"]},
    },
}


def _files(language: messages.Language = "zh") -> dict[str, str]:
    shops = layer(
        "shops",
        points([(X - 0.005, Y), (X, Y), (X + 0.005, Y)]),
        [look("open", "营业"), look("closed", "关停")],
        keys=["S1", "S2", "S3"],
        codes=[0, 1, 1],
        title="洗车店",
        class_field="state",
        fields=FIELDS,
        popup={"title": "name", "subtitle": None, "badges": [], "facts": ["state"]},
        columns={"name": ["甲", "乙", "丙"], "state": ["open", "closed", "closed"]},
    )
    lines = [[[(X, Y + n / 1e3), (X + 0.01, Y + n / 1e3)]] for n in (2, 4)]
    streets = layer(
        "streets",
        paths("line", lines),
        [look(None, "道路", shape="line")],
        keys=["R1", "R2"],
        title="道路",
        fields=[{"name": "lanes", "title": "车道", "type": "integer", "labels": {}}],
        popup={"title": "lanes", "subtitle": None, "badges": [], "facts": []},
        columns={"lanes": [2, 6]},
    )
    site = Site([streets, shops], BOUNDS, language=language)
    return site.files() | {
        "/layers/shops/schema.json": json.dumps(SCHEMA),
        "/layers/shops/rows.json": json.dumps(ROWS),
    }


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(_files() | {"/blank": "<!doctype html><title>blank</title>"}) as address:
        yield address


@pytest.fixture
def demo(url: str, open_page: Open) -> Callable[..., Page]:
    def opened(query: str = "", path: str = "maps/demo", **options: Any) -> Page:  # noqa: ANN401
        page, watch = open_page(f"{url}/{path}?{query}", **options)
        wait_drawn(page)
        assert watch.is_clean(), (watch.foreign, watch.errors)
        return page

    return opened


def shown(page: Page, name: str = "shops") -> str:
    """Return the count of a layer once the page has come to rest."""
    page.wait_for_timeout(350)
    return page.locator(f"[data-layer={name}] > .count").inner_text()


def chips(page: Page) -> list[str]:
    return [item.inner_text() for item in page.locator(".chip bdi").all()]


def test_the_browser_and_the_service_agree_on_what_passes(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/blank")
    found = page.evaluate(
        """async (table) => {
          const { parseFilters, passing } = await import("/static/js/filters.js");
          const rows = Object.entries(table.rows);
          const source = {
            count: rows.length,
            field: (name) => table.fields[name] && { type: table.fields[name] },
            value: (name, row) => rows[row][1][name],
          };
          return table.cases.map(({ query }) =>
            passing(parseFilters(`?${query}`), source).map((row) => rows[row][0]));
        }""",
        TABLE,
    )
    asked = [case["query"] for case in TABLE["cases"]]
    expected = [case["pass"] for case in TABLE["cases"]]
    assert dict(zip(asked, found, strict=True)) == dict(zip(asked, expected, strict=True))


def test_the_browser_writes_filters_as_the_service_does(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/blank")
    found = page.evaluate(
        """async (rows) => {
          const { parseState, formatState } = await import("/static/js/state.js");
          return rows.map(({ query }) => formatState("?lang=en", parseState(`?${query}`)));
        }""",
        TABLE["written"],
    )
    assert found == [f"?{case['canonical']}&lang=en" for case in TABLE["written"]]


def test_only_what_passes_is_counted_and_met(demo: Callable[..., Page]) -> None:
    page = demo(f"z=15&c={X},{Y}&f.shops.state=closed")
    assert shown(page) == "2 / 3"
    assert shown(page, "streets") == "2"
    assert chips(page) == ["状态 = 关停"]
    classes = page.locator("[data-class] .count")
    assert [item.inner_text() for item in classes.all()] == ["0", "2"]
    # S1 is open: its place is empty land now
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator(".popup-card h2").inner_text() == "乙"
    assert page.locator("[data-geosvc=drawn]").inner_text() == "4 / 5"


def test_a_map_opens_on_what_passes_unless_a_place_is_asked_for(
    demo: Callable[..., Page],
) -> None:
    page = demo("f.shops.bays=9")
    page.wait_for_timeout(350)
    assert f"c={X - 0.005:.5f},{Y:.5f}" in page.url
    page = demo(f"z=12&c={X},{Y}&f.shops.bays=9")
    page.wait_for_timeout(350)
    assert f"z=12&c={X:.5f},{Y:.5f}" in page.url


def test_a_field_that_the_map_does_not_show_is_fetched(demo: Callable[..., Page]) -> None:
    page = demo("f.shops.bays=5..")
    assert (shown(page), chips(page)) == ("1 / 3", ["车位 ≥ 5"])
    page = demo("f.shops.built=2024-01-01..2024-12-31&f.shops.bays=")
    assert shown(page) == "1 / 3"
    assert chips(page) == ["车位 = 无值", "建成：2024年1月1日 至 2024年12月31日"]


def test_what_makes_no_sense_is_left_out(demo: Callable[..., Page]) -> None:
    page = demo("f.trains.kind=x")
    assert (shown(page), chips(page)) == ("3", [])
    # a personal field is never a filter, and one that is not there is none
    for name in ("owner", "color"):
        page = demo(f"f.shops.{name}=x&f.shops.bays=..")
        assert (shown(page), chips(page)) == ("2 / 3", ["车位有值"])
        assert name not in page.url


def test_a_chip_takes_its_filter_away_and_back_brings_it_again(
    demo: Callable[..., Page],
) -> None:
    page = demo("f.shops.state=closed&f.streets.lanes=6")
    assert (shown(page), shown(page, "streets")) == ("2 / 3", "1 / 2")
    assert chips(page) == ["洗车店：状态 = 关停", "道路：车道 = 6"]
    page.locator(".chip").first.click()
    assert shown(page) == "3"
    assert "f.shops" not in page.url
    assert "f.streets.lanes=6" in page.url
    page.go_back()
    assert shown(page) == "2 / 3"
    assert len(chips(page)) == 2
    page.get_by_role("button", name="全部去掉").click()
    assert (shown(page), shown(page, "streets")) == ("3", "2")
    assert page.locator(".chip-bar").is_hidden()


def test_nothing_that_passes_is_explained(demo: Callable[..., Page]) -> None:
    page = demo("f.shops.state=closed&f.shops.bays=9")
    assert shown(page) == "0 / 3"
    said = page.locator(".chips-none p").inner_text()
    assert said == "“洗车店”没有要素符合全部条件。去掉“车位 = 9”后有 2 个。"
    page = demo("f.shops.state=gone&f.shops.bays=99")
    assert "去掉其中一条也没有" in page.locator(".chips-none").inner_text()


def test_others_set_filters_and_the_selection_follows(demo: Callable[..., Page]) -> None:
    page = demo("sel=shops/S2")
    keep = """document.addEventListener("geosvc:started", ({ detail }) => {
      globalThis.session = detail;
    });"""
    page.add_init_script(keep)
    page.reload()
    wait_drawn(page)
    page.wait_for_selector(".popup-card")
    page.evaluate("session.setFilter('shops', 'state', { codes: ['closed'] })")
    # S2 is now the first of those that pass
    assert page.evaluate("session.selection.index") == 0
    assert page.locator(".popup-card h2").inner_text() == "乙"
    assert "sel=shops/S2&f.shops.state=closed" in page.url
    page.evaluate("session.setFilter('shops', 'state', { codes: ['open'] })")
    assert page.locator(".popup-card").count() == 0
    assert page.url.endswith("f.shops.state=open")
    page.evaluate("session.setFilter('shops', 'state', null)")
    assert shown(page) == "3"
    assert "f.shops" not in page.url
    assert page.evaluate("session.layers.get('shops').features.count") == 3


def test_a_layer_that_is_off_is_filtered_when_it_comes(demo: Callable[..., Page]) -> None:
    page = demo("layers=streets&f.shops.bays=4")
    assert chips(page) == ["车位 = 4"]
    page.locator("#on-shops").check()
    assert shown(page) == "1 / 3"


def test_the_language_switch_keeps_the_filters(demo: Callable[..., Page]) -> None:
    page = demo("f.shops.state=closed&f.shops.bays=4")
    page.locator(".chip").first.click()
    page.wait_for_timeout(350)
    address = page.locator("a[data-geosvc=switch]").get_attribute("href")
    assert "f.shops.state=closed" in (address or "")
    assert "bays" not in (address or "")


def test_an_embed_says_what_it_leaves_out(demo: Callable[..., Page]) -> None:
    legend = demo("f.shops.state=closed", path="embed/demo").locator(".map-legend")
    assert "筛选：状态 = 关停" in legend.inner_text()
    rows = legend.locator("li:not(.legend-title)")
    assert [row.inner_text().split("\n") for row in rows.all()] == [["洗车店", "2"], ["道路", "2"]]


def test_a_phone_shows_the_filters_above_the_list(demo: Callable[..., Page]) -> None:
    page = demo("f.shops.state=closed", width=390, height=844, touch=True)
    box = page.locator(".chip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["height"] >= 26
