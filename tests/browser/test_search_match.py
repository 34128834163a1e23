"""Any part of any name finds it: the matcher of the search box, asked in real Chromium."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geosvc.search import readings_of
from tests.browser.harness import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

ASK = """async ([index, queries]) => {
  const { prepare, search, fold } = await import("/static/js/search_match.js");
  const ready = prepare(index);
  return queries.map((query) => search(ready, query).flatMap(({ total, hits }) => hits.map(
    ({ row, field, kind, span }) => ({ row, field, kind, span, total, folded: fold(query) }))));
}"""
FOLD = """async (texts) => {
  const { fold } = await import("/static/js/search_match.js");
  return texts.map(fold);
}"""
HAN = "泰北路重庆六安长堤厦门绿地解放曾庄车站东西南北大道𠮷"
NAMES = st.text(st.sampled_from(f"{HAN}aAé1（） ·-"), min_size=1, max_size=12)
ANY = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def asked(browser: Browser) -> Iterator[Page]:
    with served({"/blank": "<!doctype html><title>blank</title>"}) as url:
        page = browser.new_page()
        page.goto(f"{url}/blank")
        yield page
        page.close()


def index(names: list[str]) -> dict[str, Any]:
    readings, said = readings_of(names)
    many = list(range(len(names)))
    only: dict[str, Any] = {
        "id": "a",
        "merged": None,
        "texts": [names],
        "keys": [str(n) for n in many],
    }
    only |= {"class": [0] * len(names), "lon": many, "lat": many}
    return {"layers": [only], "readings": readings, "said": said}


@pytest.fixture
def ask(asked: Page) -> Callable[[list[str], str], list[str]]:
    def names_found(names: list[str], query: str) -> list[str]:
        hits = asked.evaluate(ASK, [index(names), [query]])[0]
        return [names[hit["row"]] for hit in hits]

    return names_found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NAMES | ANY, min_size=1, max_size=7), st.data())
def test_any_part_of_any_name_finds_it(asked: Page, names: list[str], data: st.DataObject) -> None:
    parts = []
    for name in names:
        start = data.draw(st.integers(0, len(name) - 1))
        parts.append(name[start : data.draw(st.integers(start + 1, len(name)))])
    answers = asked.evaluate(ASK, [index(names), parts])
    plain = asked.evaluate(FOLD, parts)
    for row, (hits, folded) in enumerate(zip(answers, plain, strict=True)):
        # what consists of blanks and marks between syllables asks for nothing
        assert row in [hit["row"] for hit in hits] or not folded, (names[row], parts[row])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(HAN[:-1]), min_size=1, max_size=6), st.data())
def test_each_reading_and_initial_of_each_character_finds_a_name(
    asked: Page, chars: list[str], data: st.DataObject
) -> None:
    name = "".join(chars)
    made = index([name])
    syllables = [data.draw(st.sampled_from(made["readings"][char].split())) for char in chars]
    queries = ["".join(syllables), "".join(item[0] for item in syllables)]
    for hits in asked.evaluate(ASK, [made, queries]):
        assert [hit["row"] for hit in hits] == [0]


def _utf16(text: str, span: list[int]) -> str:
    return text.encode("utf-16-le")[2 * span[0] : 2 * span[1]].decode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "query", "met"),
    [
        ("吉𠮷路", "𠮷", "𠮷"),
        ("Ａ１路", "a1", "Ａ１"),
        ("泰 北路", "泰北", "泰 北"),
        ("㎏路", "kg", "㎏"),
        ("泰北路（东）", "beil", "北路"),
        ("G636国道", "g636guo", "G636国"),
        ("站\u202e名", "名", "名"),
    ],
)
def test_the_part_that_was_met_is_known(asked: Page, name: str, query: str, met: str) -> None:
    hit = asked.evaluate(ASK, [index([name]), [query]])[0][0]
    assert _utf16(name, hit["span"]) == met


def test_the_best_comes_first(ask: Callable[[list[str], str], list[str]]) -> None:
    names = ["新泰北路", "台北路", "泰北路口", "泰北路"]
    assert ask(names, "泰北路") == ["泰北路", "泰北路口", "新泰北路"]
    assert ask(names, "taibeilu") == ["台北路", "泰北路", "泰北路口", "新泰北路"]
    assert ask(["太平北路", "泰北路", "tb站"], "tb") == ["tb站", "泰北路"]


def test_letters_in_order_are_not_enough(ask: Callable[[list[str], str], list[str]]) -> None:
    assert ask(["泰兴北路"], "taibei") == []
    assert ask(["泰北路"], "taibeilux") == []
    assert ask(["泰北路"], "aibei") == []


def test_an_initial_of_a_rare_reading_counts_only_alone(
    ask: Callable[[list[str], str], list[str]],
) -> None:
    assert ask(["重庆路", "喜鹊路"], "cql") == ["重庆路"]
    assert ask(["喜鹊路"], "cql") == ["喜鹊路"]


@pytest.mark.parametrize("query", ["", "  ", "'", "-·-", "\u00a0"])
def test_nothing_asked_is_nothing_found(
    ask: Callable[[list[str], str], list[str]], query: str
) -> None:
    assert ask(["泰-北 路"], query) == []


def test_a_long_query_of_one_letter_ends(asked: Page) -> None:
    made = index(["长" * 120, "安" * 120, "昌" * 120])
    for query in ("c" * 80, "ch" * 40, "an" * 40, "chchang" * 11):
        hits = asked.evaluate(ASK, [made, [query]])[0]
        assert len(hits) <= 3
    assert json.dumps(made)
