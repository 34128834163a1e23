"""Single modules of the front end, asked in real Chromium, and the table of a layer's page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.gcj02 import wgs84_to_gcj02
from tests.browser.harness import Site, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

BLANK = (
    '<!doctype html><title>blank</title><link rel="stylesheet" href="/static/css/tokens.css">'
    '<script src="/static/vendor/leaflet-1.9.4/leaflet.js"></script>'
)
WORDS = "{language: 'zh', yes: '是', no: '否'}"


def _table_page(rows: int) -> dict[str, str]:
    fields: list[dict[str, Any]] = [
        {"name": "name", "title": "名称", "type": "string", "unit": None, "masked": False},
        {"name": "count", "title": "数量", "type": "integer", "unit": "个", "masked": False},
        {"name": "plate", "title": "号牌", "type": "string", "unit": None, "masked": True},
        {"name": "state", "title": "状态", "type": "string", "unit": None, "masked": False},
    ]
    labels = [{"code": "ok", "label": "完好", "tone": "ok"}]
    for field in fields:
        field |= {"required": False, "labels": labels if field["name"] == "state" else []}
    columns: dict[str, Any] = {
        "name": {"values": [f"<b>{n}</b>" for n in range(rows)]},
        "count": {"values": [None if n == 1 else (n * 7) % 5 for n in range(rows)]},
        "plate": {"codes": [0] * rows, "dictionary": ["苏X·**123"]},
        "state": {"codes": [0] * rows, "dictionary": ["ok"]},
    }
    data = {"keys": [f"K{n}" for n in range(rows)], "columns": columns}
    site = Site([], (0, 0, 1, 1))
    layer: dict[str, Any] = {
        "id": "demo",
        "title": "表",
        "description": "",
        "state": "ok",
        "reasons": [],
    }
    layer |= {"warning": None, "count": rows, "expected": None, "revision": 1}
    layer |= {"revised_at": "2024年6月30日", "author": "甲", "reason": "导入"}
    page = site.page(
        "layer.html",
        layer=layer,
        fields=fields,
        provenance=[{"label": "坐标基准", "value": "GCJ-02"}],
        rows_url="/layers/demo/rows.json",
        edit_url=None,
        schema_url="/layers/demo/schema.json",
        downloads=[{"format": "csv", "url": "/layers/demo.csv", "note": "说明"}],
    )
    return {"/layers/demo": page, "/layers/demo/rows.json": json.dumps(data)}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    files = {"/blank": BLANK, **_table_page(250)}
    files |= {"/failed": _table_page(1)["/layers/demo"].replace("rows.json", "none.json")}
    with served(files) as address:
        yield address


@pytest.fixture
def ask(url: str, open_page: Open) -> Callable[[str, str], Any]:
    page, _ = open_page(f"{url}/blank")

    def asked(module: str, expression: str) -> Any:  # noqa: ANN401 - JSON
        return page.evaluate(f"import('/static/js/{module}.js').then((m) => {expression})")

    return asked


@pytest.mark.parametrize(
    ("search", "state"),
    [
        ("", [None, None, None, None]),
        ("?z=14.25&c=121.1,33.5", [14.25, [121.1, 33.5], None, None]),
        ("?z=0&c=200,1&layers=a,B%20,c_2", [None, None, ["a", "c_2"], None]),
        ("?sel=stops/a/b&layers=", [None, None, [], {"layer": "stops", "key": "a/b"}]),
        ("?sel=../x&z=&c=1", [None, None, None, None]),
    ],
)
def test_addresses_are_read(ask: Callable[[str, str], Any], search: str, state: list[Any]) -> None:
    found = ask("state", f"m.parseState({json.dumps(search)})")
    assert [found[name] for name in ("zoom", "center", "layers", "selected")] == state


def test_addresses_are_written_as_they_are_read(ask: Callable[[str, str], Any]) -> None:
    chosen = "layers: ['a', 'b'], selected: {layer: 'a', key: 'x&/é'}"
    state = f"{{zoom: 14.254, center: [121.1, 33.5], {chosen}}}"
    text = ask("state", f"m.formatState('?lang=en&z=3', {state})")
    assert text == "?z=14.25&c=121.10000,33.50000&layers=a,b&sel=a/x%26%2F%C3%A9&lang=en"
    assert ask("state", f"m.parseState({json.dumps(text)}).selected.key") == "x&/é"


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        ("1905", {"type": "integer", "unit": "起"}, "1,905\u00a0起"),
        ("86.4", {"type": "number", "unit": "%"}, "86.4%"),
        ("2024", {"type": "integer", "name": "built_year"}, "2024"),
        ("'2024-06-30'", {"type": "date"}, "2024年6月30日"),
        ("'2024-06-17T06:08:00+08:00'", {"type": "datetime"}, "2024年6月17日 06:08"),
        ("'2024-13-01'", {"type": "date"}, "2024-13-01"),
        ("'05:50:00'", {"type": "time"}, "05:50"),
        ("true", {"type": "boolean"}, "是"),
        ("['a', 'b']", {"type": "list", "labels": {"a": {"label": "甲"}}}, "甲、b"),
        ("[]", {"type": "list"}, "–"),
        ("null", {"type": "string"}, "–"),
    ],
)
def test_values_are_written_as_people_do(
    ask: Callable[[str, str], Any], value: str, field: dict[str, Any], text: str
) -> None:
    assert ask("format", f"m.value({value}, {json.dumps(field)}, {WORDS})") == text


def test_sentences_take_values_as_they_are(ask: Callable[[str, str], Any]) -> None:
    call = "m.fill('{a} {b} {constructor}', {a: '{b}', b: '$1'})"
    assert ask("format", call) == "{b} $1 {constructor}"
    assert ask("format", "m.cut('𠮷'.repeat(30), 5)") == "𠮷𠮷𠮷𠮷…"
    assert ask("format", "m.cut('a\\u2028\\nb', 9)") == "a b"


def test_areas_lines_and_boxes_are_met(ask: Callable[[str, str], Any]) -> None:
    square = (
        "{kind: 'area', lon: [0, 4e6, 0, -4e6, 1e6, 2e6, 0, -2e6], "
        "lat: [0, 0, 4e6, 0, -3e6, 0, 2e6, 0], sizes: [4, 4], owner: [0, 0]}"
    )
    made = f"m.decode({{keys: ['a'], class: [0], columns: {{}}, geometry: {square}}})"
    inside = "[[0.5, 0.5], [2, 2], [5, 1]].map(([x, y]) => m.inside(f, 0, d.toWorld(y, x)))"
    asked = f"import('/static/js/drawn_in.js').then((d) => ((f) => {inside})({made}))"
    assert ask("geometry", asked) == [True, False, False]
    assert ask("geometry", f"((f) => m.countIn(f, [0, 0, 1, 1]).all)({made})") == 0


def test_positions_follow_the_datum_that_is_drawn(ask: Callable[[str, str], Any]) -> None:
    there = "[m.toLatLng(...m.toWorld(33.5, 121.1)), m.toWorld(33.5, 121.1)]"
    plain, world = ask("drawn_in", there)
    assert plain == pytest.approx([33.5, 121.1], abs=1e-9)
    again, shifted = ask("drawn_in", f"(m.drawShifted(true), {there})")
    assert again == pytest.approx([33.5, 121.1], abs=1e-9)
    lon, _ = wgs84_to_gcj02(121.1, 33.5)
    assert shifted[0] == pytest.approx((lon / 360 + 0.5) * 256, abs=1e-9)
    assert shifted[1] != pytest.approx(world[1], abs=1e-5)
    # a line that is straight in one datum is bent in the other, and comes back as it was
    line = "{kind: 'line', lon: [121e6, 2e5], lat: [335e5, 0], sizes: [2], owner: [0]}"
    made = f"g.decode({{keys: ['a'], class: [0], columns: {{}}, geometry: {line}}})"
    both = (
        f"import('/static/js/geometry.js').then((g) => {{ m.drawShifted(false); const f = {made}; "
        "m.drawShifted(true); const s = g.laid(f); const same = g.laid(s) === s; "
        "m.drawShifted(false); return [f.x.length, s.x.length, same, g.laid(s) === f, "
        "s.starts[1], s.boxes[0] > f.boxes[0], g.pick(s, [0]).truth.keys[0]]; })"
    )
    assert ask("drawn_in", both) == [2, 11, True, True, 11, True, "a"]


def test_streets_are_joined_and_carry_names_on_straight_pieces(
    ask: Callable[[str, str], Any],
) -> None:
    lines = (
        "{kind: 'line', lon: [0, 1e5, 0, 1e5, -1e5, 0], lat: [0, 0, 0, 0, 0, 1e5], "
        "sizes: [2, 2, 2], owner: [0, 1, 2]}"
    )
    made = (
        f"g.decode({{keys: ['a', 'b', 'c'], class: [0, 0, 0], columns: {{}}, geometry: {lines}}})"
    )
    joined = f"m.joinLines({made}, (i) => i < 2 ? '路' : '').map((c) => c.path.length)"
    call = f"import('/static/js/geometry.js').then((g) => {joined})"
    assert ask("placement", call) == [3]
    ruler = "new m.Ruler([[0, 0], [100, 0], [100, 100]])"
    assert ask("placement", f"{ruler}.at(150)") == [100, 50]
    assert ask("placement", f"{ruler}.chord(60, 140)") is None
    assert ask("placement", f"{ruler}.chord(10, 90).angle") == 0


def test_the_table_sorts_and_turns_pages(url: str, open_page: Open) -> None:
    page, watch = open_page(f"{url}/layers/demo?sel=K120")
    page.wait_for_selector("tbody tr")
    assert page.locator("tr[aria-selected=true] td").first.inner_text() == "<b>120</b>"
    assert page.locator(".table-foot").inner_text().startswith("第 101–200 条，共 250 条")
    page.get_by_title("按数量 (个)排序").click()
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert page.locator("[data-geosvc=table] tbody td.num").first.inner_text() == "0"
    page.get_by_title("按数量 (个)排序").click()
    assert page.locator("[data-geosvc=table] tbody td.num").first.inner_text() == "4"
    for _ in range(2):
        page.get_by_title("下一页").click()
    assert page.locator("[data-geosvc=table] tbody td.num").last.inner_text() == "–"
    assert page.locator("[data-geosvc=table] tbody use[href='#i-lock']").count() == 50
    assert page.locator("[data-geosvc=table] tbody .badge-ok").first.inner_text() == "完好"
    assert watch.is_clean(), watch.errors


def test_a_table_without_rows_says_so(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/failed")
    page.wait_for_selector("[data-geosvc=table] .notice-bad")
    assert "没有读到" in page.locator("[data-geosvc=table]").inner_text()


def test_a_page_whose_data_moved_on_is_loaded_once_more(url: str, open_page: Open) -> None:
    page, _ = open_page(f"{url}/blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/failed")
    page.wait_for_selector("[data-geosvc=table] .notice-bad")
    assert asked.count(f"{url}/failed") == 2
    assert sum(address.endswith("none.json") for address in asked) == 2


TALLY = """async () => {
  const { PointSieve } = await import("/static/js/points_sieve.js");
  const { countBins, countCodes, tallies } = await import("/static/js/facet_fields.js");
  const sieve = new PointSieve({ id: "crowd", fields: [] }, "zh", null);
  const types = { kind: "string", day: "date", slots: "number" };
  sieve.fields = new Map(Object.entries(types).map(([name, type]) => [name, { name, type }]));
  const days = ["2024-01-05", "2024-01-20", "2024-02-01"];
  const codes = { kind: [0, 1, -1, 0, 1, 0], day: [0, 1, 2, 2, 1, 0] };
  sieve.columns = {
    kind: { codes: Int8Array.from(codes.kind), dictionary: ["bay", "curb"] },
    day: { codes: Int8Array.from(codes.day), dictionary: days },
    slots: { values: Float64Array.from([1, 2, NaN, 2.5, 2, 1]) },
  };
  const filters = [
    { layer: "crowd", field: "kind", codes: ["bay"], low: "", high: "" },
    { layer: "crowd", field: "slots", codes: null, low: "1.5", high: "" },
  ];
  const columns = sieve.source({ count: 6, rows: null });
  const { tallies: _, ...rows } = columns;
  const said = (source) => [[], filters].map((given) => {
    const found = tallies(given, ["kind", "day", "slots"], source);
    const bins = { kind: "day", bins: [{ low: "2024-01-01" }, { low: "2024-02-01" }] };
    return [
      Object.fromEntries(countCodes(found.get("kind"))),
      countBins(bins, found.get("day")),
      Object.fromEntries(countCodes(found.get("slots"))),
    ];
  });
  return [said(columns), said(rows)];
}"""


def test_points_count_by_their_codes_as_others_count_by_their_values(
    url: str, open_page: Open
) -> None:
    page, _ = open_page(f"{url}/blank")
    by_codes, by_values = page.evaluate(TALLY)
    assert by_codes == by_values
    everything, filtered = by_codes
    assert everything == [{"bay": 3, "curb": 2, "": 1}, [4, 2], {"1": 2, "2": 2, "2.5": 1, "": 1}]
    # each field counts what passes the filters on the others
    assert filtered == [{"bay": 1, "curb": 2}, [0, 1], {"1": 2, "2.5": 1}]


@pytest.mark.parametrize(
    ("name", "is_said"), [("S6", True), ("S6省道", True), ("S64省道", False), ("泰北路", False)]
)
def test_a_shield_says_the_whole_number_of_a_road(
    ask: Callable[[str, str], Any], name: str, *, is_said: bool
) -> None:
    assert ask("streets", f"m.isSaid({json.dumps(name)}, new Set(['S6']))") is is_said
