"""The page, the numbers for machines and the block, in requests."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from geosvc.web.app import create_app
from geosvc.web.hot import HotPath
from tests.scorecard.county import (
    CASE_ROWS,
    OVERDUE,
    SCORECARD,
    STOP_ROWS,
    STOPS,
    a_number,
    write_county,
)

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}\u202e"
PAGES = ("/scorecard", "/embed/scorecard")
ALL = (*PAGES, "/scorecard.json")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return write_county(tmp_path_factory.mktemp("county")).app()


@pytest.fixture
def asking(served: Flask) -> FlaskClient:
    return served.test_client()


def _text(asking: FlaskClient, url: str) -> str:
    answer = asking.get(url, headers={"Accept": "text/html"})
    assert answer.status_code == 200, url
    return answer.get_data(as_text=True)


def test_the_page_shows_numbers_parts_and_links(asking: FlaskClient) -> None:
    page = _text(asking, "/scorecard?lang=en")
    assert "<h1>Scorecard, first half of 2024</h1>" in page
    assert re.search(r'score-figure">1,337<small dir="auto">items</small>', page)
    assert "All 6 agree" in page
    assert "/maps/overview?layers=area,stops&amp;f.stops.kind=bay&amp;lang=en" in page
    assert 'href="/layers/fleet?lang=en"' in page
    assert 'href="/scorecard?lang=en" aria-current="page"' in page
    assert "Synthetic data" in page


def test_the_page_names_what_is_overdue_its_unit_and_the_day(asking: FlaskClient) -> None:
    page = _text(asking, "/scorecard")
    assert "逾期任务 1 项" in page
    assert "按 2024年6月30日 的数据推算" in page
    row = page[page.index("<tbody>") :].split("</tr>")[0]
    assert all(word in row for word in ("更换画面", "市公交公司", "2024年6月20日", "60%", "10 天"))
    assert "sel=stops/A1" in row


def test_another_half_year_is_chosen_and_kept(asking: FlaskClient) -> None:
    page = _text(asking, "/scorecard?period=2023H2")
    assert "<h1>2023 年下半年成绩单</h1>" in page
    assert '<option value="2023H2" selected>' in page
    assert "这是 2024年6月30日 的状况，不在本期内" in page
    assert 'href="/scorecard?lang=en&amp;period=2023H2"' in page
    # and the page without a period is none of this
    assert "2024 年上半年成绩单" in _text(asking, "/scorecard")


@pytest.mark.parametrize("url", ALL)
@pytest.mark.parametrize("period", ["2031H1", "2024", "x" * 300, "2024H1' OR 1", "%00"])
def test_an_unknown_period_is_a_bad_request_that_says_what_is_known(
    asking: FlaskClient, url: str, period: str
) -> None:
    answer = asking.get(f"{url}?period={period}")
    assert answer.status_code == 400
    problem: Any = answer.get_json()
    (issue,) = problem["issues"]
    assert "2024H1" in str(issue)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("url", ALL)
def test_who_has_it_already_gets_nothing_again(asking: FlaskClient, url: str) -> None:
    first = asking.get(url)
    again = asking.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "no-cache"
    other = asking.get(f"{url}?period=2023H2")
    assert other.headers["ETag"] != first.headers["ETag"]
    stale = asking.get(f"{url}?period=2023H2", headers={"If-None-Match": first.headers["ETag"]})
    assert stale.status_code == 200


@pytest.mark.parametrize("url", ALL)
def test_the_short_way_does_not_mix_half_years_up(served: Flask, url: str) -> None:
    hot = Client(HotPath(served))
    plain = hot.get(url).data
    assert hot.get(f"{url}?period=2023H2").data != plain
    assert hot.get(f"{url}?period=2024H1").data != hot.get(f"{url}?period=2023H2").data
    assert hot.get(url).data == plain


def test_an_edit_moves_the_answer(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    before = folder.app().test_client().get("/scorecard.json")
    folder.write("data/cases.csv", CASE_ROWS.replace(",rejected,", ",done,"))
    after = folder.app().test_client().get("/scorecard.json")
    values = [
        next(item["value"] for item in answer.get_json()["numbers"] if item["id"] == "cases")
        for answer in (before, after)
    ]
    assert values == [2, 3]
    assert before.headers["ETag"] != after.headers["ETag"]


def test_machines_get_plain_values(asking: FlaskClient) -> None:
    answer = asking.get("/scorecard.json?lang=en")
    assert answer.headers["Content-Type"] == "application/json"
    facts: Any = answer.get_json()
    assert (facts["period"], facts["periods"]) == ("2024H1", ["2024H1", "2023H2"])
    assert (facts["agrees"], facts["synthetic"], facts["as_of"]) == (True, True, "2024-06-30")
    by_id = {item["id"]: item for item in facts["numbers"]}
    assert {name: item["value"] for name, item in by_id.items()} == {
        "stops": 5,
        "slots": 10,
        "cases": 2,
        "all": 8,
        "taxis": 1337,
    }
    assert by_id["taxis"]["map"] is None
    assert facts["overdue"]["tasks"][0]["unit"] == "市公交公司"


def test_every_map_link_leads_to_a_map(asking: FlaskClient) -> None:
    page = _text(asking, "/scorecard")
    links = set(re.findall(r'href="(/(?:maps|layers)/[^"]+)"', page))
    assert len(links) > 5
    for link in links:
        assert asking.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_block_is_for_any_frame(asking: FlaskClient) -> None:
    answer = asking.get("/embed/scorecard")
    headers = answer.headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers
    page = answer.get_data(as_text=True)
    assert "模拟数据" in page
    assert 'property="og:description" content="站台 5 个；' in page
    assert 'type="module"' not in page
    assert page.count('target="_blank"') == page.count('rel="noopener"') > 3
    assert 'href="/scorecard"' in page
    # a session changes nothing
    assert (
        asking.get("/embed/scorecard", headers={"Cookie": "geosvc_session=x"}).data == answer.data
    )


def test_all_that_the_block_loads_may_be_read_by_any_origin(asking: FlaskClient) -> None:
    page = _text(asking, "/embed/scorecard")
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(loaded) >= 4
    for url in loaded:
        answer = asking.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["Access-Control-Allow-Origin"] == "*", url


def test_a_layer_that_is_gone_leaves_the_other_numbers(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/cases.toml", 'colour = "red"')
    asking = folder.app().test_client()
    for url in PAGES:
        page = _text(asking, url)
        assert page.count("不可用，这个数字算不出") == 2
        assert "6 项中 4 项相符" in page
        assert "1,337" in page


@pytest.mark.parametrize("url", PAGES)
def test_hostile_words_of_files_and_data_stay_words(tmp_path: Path, url: str) -> None:
    hostile = a_number("evil", 'layers = ["stops"]\ngroup = "name"', title=HOSTILE)
    folder = write_county(tmp_path, scorecard=hostile + OVERDUE)
    folder.write("data/stops.csv", STOP_ROWS.replace("金桥路口", f'"{HOSTILE}"'))
    page = _text(folder.app().test_client(), url)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}") >= 3
    assert re.search(r"<bdi>&lt;script&gt;", page)


def test_a_county_without_a_scorecard_says_how_to_have_one(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    (tmp_path / "layers" / "scorecard.toml").unlink()
    asking = folder.app().test_client()
    assert "还没有成绩单" in _text(asking, "/scorecard")
    assert "还没有成绩单" in _text(asking, "/embed/scorecard")
    assert 'href="/scorecard"' not in _text(asking, "/")


def test_a_file_with_faults_says_which(tmp_path: Path) -> None:
    folder = write_county(tmp_path, scorecard="numbres = []\n")
    page = _text(folder.app().test_client(), "/scorecard")
    assert "layers/scorecard.toml:numbres" in page


def test_an_empty_layer_is_nothing(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("layers/stops.toml", STOPS.replace("expected_count = 5\n", ""))
    folder.write("data/stops.csv", STOP_ROWS.splitlines()[0] + "\n")
    page = _text(folder.app().test_client(), "/scorecard")
    assert 'score-figure">0<small' in page
    assert "到 2024年6月30日没有逾期任务" in page


def test_no_personal_value_is_on_any_of_them(asking: FlaskClient) -> None:
    for url in ALL:
        assert "苏X0000" not in asking.get(url).get_data(as_text=True)


def test_the_public_profile_shows_the_same_numbers(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.prepare().close()
    asking = create_app(replace(folder.settings, profile="public")).test_client()
    facts: Any = asking.get("/scorecard.json").get_json()
    assert (facts["agrees"], facts["total"]) == (True, 6)


def test_a_closed_service_shows_no_block(tmp_path: Path) -> None:
    folder = write_county(tmp_path, scorecard=SCORECARD)
    folder.prepare().close()
    asking = create_app(replace(folder.settings, anonymous=False)).test_client()
    assert {asking.get(url).status_code for url in ALL} <= {401, 403}
