from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geosvc.map_state import MapState
from geosvc.scorecard import Period, scorecard
from geosvc.web.scorecard_words import (
    GAP,
    LEAST,
    cards,
    feature_url,
    map_url,
    overdue_rows,
    remarks_of,
    span_of,
    sum_of,
    summary,
    title,
    verdict,
)
from tests.scorecard.county import CASE_ROWS, SCORECARD, STOP_ROWS, a_number, opened, write_county

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.workspace import Workspace


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Workspace]:
    with opened(write_county(tmp_path)) as workspace:
        yield workspace


def _by_id(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in cards(workspace, scorecard(workspace), "zh")}


def test_a_title_says_the_half_year() -> None:
    assert title(Period(2023, 2), "zh") == "2023 年下半年成绩单"
    assert title(Period(2023, 1), "en") == "Scorecard, first half of 2023"


def test_numbers_have_thousands_and_units(county: Workspace) -> None:
    taxis = _by_id(county)["taxis"]
    assert (taxis["value"], taxis["unit"], taxis["url"]) == ("1,337", "个", "")
    assert taxis["layer_url"] == "/layers/fleet"


def test_parts_have_the_symbols_of_the_map(county: Workspace) -> None:
    parts = _by_id(county)["stops"]["parts"]
    assert [(row["title"], row["value"], row["color"]) for row in parts] == [
        ("港湾式", "2", "c-urban"),
        ("直线式", "2", "c-rural"),
        ("未填", "1", parts[2]["color"]),
    ]
    assert parts[0]["fill"] == "var(--c-urban)"


def test_parts_of_one_color_fade(tmp_path: Path) -> None:
    text = a_number("n", 'layers = ["cases"]\ngroup = "state"')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        (card,) = cards(workspace, scorecard(workspace), "en")
        assert {row["color"] for row in card["parts"]} == {"c-wash"}
        fades = [row["fade"] for row in card["parts"]]
        assert fades == sorted(set(fades), reverse=True)


def test_a_bar_is_as_long_as_its_room_and_every_part_is_seen(tmp_path: Path) -> None:
    rows = [f"X{n},名,curb,1,,,,,121.1,33.5" for n in range(2000)]
    folder = write_county(tmp_path, scorecard=a_number("n", 'layers = ["stops"]\ngroup = "kind"'))
    folder.write("data/stops.csv", STOP_ROWS + "\n".join(rows) + "\n")
    with opened(folder) as workspace:
        (card,) = cards(workspace, scorecard(workspace), "en")
    bar = card["bar"]
    assert len(bar) == 3
    assert bar[0]["width"] >= LEAST * 0.9
    assert bar[-1]["x"] + bar[-1]["width"] == pytest.approx(100, abs=0.01)
    assert bar[1]["x"] - bar[0]["width"] == pytest.approx(GAP, abs=0.01)


def test_nothing_has_no_bar(tmp_path: Path) -> None:
    folder = write_county(tmp_path)
    folder.write("data/cases.csv", CASE_ROWS.splitlines()[0] + "\n")
    folder.write("data/stops.csv", STOP_ROWS.splitlines()[0] + "\n")
    with opened(folder) as workspace:
        found = _by_id(workspace)
        assert found["all"]["value"] == "0"
        assert found["all"]["bar"] == []


def test_wide_cards_stand_in_pairs_before_the_others(tmp_path: Path) -> None:
    more = a_number("third", 'layers = ["stops"]\ngroup = "name"')
    with opened(write_county(tmp_path, scorecard=SCORECARD + more)) as workspace:
        rows = cards(workspace, scorecard(workspace), "zh")
        assert [row["id"] for row in rows if row["is_wide"]] == ["stops", "all"]
        assert [row["is_wide"] for row in rows] == [True, True, False, False, False, False]


def test_a_number_says_when_its_records_began(county: Workspace) -> None:
    found = {item.id: item for item in scorecard(county).numbers}
    assert span_of(found["cases"], "zh") == "1月1日至6月30日"
    assert span_of(found["cases"], "en") == "2024-01-01 to 06-30"
    assert span_of(found["taxis"], "zh") == "截至 2024年3月31日"
    nothing = {item.id: item for item in scorecard(county, "2023H2").numbers}
    assert span_of(nothing["cases"], "zh") == "12月31日"


def test_a_sum_is_written_out(county: Workspace) -> None:
    found = {item.id: item for item in scorecard(county).numbers}
    assert sum_of(found["stops"], "zh") == "2 + 2 + 1 = 5"
    assert sum_of(found["taxis"], "zh") == ""


def test_the_facts_of_a_number_name_its_layers_and_revisions(county: Workspace) -> None:
    facts = _by_id(county)["all"]["facts"]
    assert [(row["text"], row["revision"]) for row in facts[0]["layers"]] == [
        ("站台", "r1"),
        ("违法", "r1"),
    ]
    assert [row["text"] for row in facts[1:]] == [
        "8 条记录",
        "1月1日至6月30日",
        "5 + 3 = 8；图上 8 处",
    ]


def test_what_is_missing_is_said_and_not_shown_as_nothing(tmp_path: Path) -> None:
    text = SCORECARD + a_number("lost", 'layers = ["nowhere"]')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        found = scorecard(workspace)
        lost = _by_id(workspace)["lost"]
        assert (lost["value"], lost["is_there"], lost["state"]) == ("–", False, "无数据")
        assert lost["remarks"] == [{"text": "没有图层 nowhere，这个数字算不出", "is_fault": True}]
        assert verdict(found, "en") == "6 of 7 agree"


def test_the_faults_of_a_definition_follow_it(tmp_path: Path) -> None:
    text = a_number("bad", 'layers = ["stops"]\nsum = "lots"')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        (number,) = scorecard(workspace).numbers
        said = [row["text"] for row in remarks_of(number.remarks, "en")]
        assert said[0] == "The definition has faults, so this number cannot be computed"
        assert said[1].startswith("layers/scorecard.toml:numbers[0].sum: there is no field lots")


def test_overdue_rows(county: Workspace) -> None:
    found = scorecard(county).overdue
    assert found is not None
    told = overdue_rows(county, found, "en")
    (row,) = told["tasks"]
    assert (row["days"], row["due"], row["unit"]) == ("10 days", "2024-06-20", "市公交公司")
    assert row["url"].startswith("/maps/overview?")
    assert "sel=stops/A1" in row["url"]
    assert told["remarks"][0]["text"].endswith("so whether they are overdue is not known")
    assert [unit["next_due"] for unit in told["units"]] == ["2024-06-30"]


def test_a_summary_leaves_out_what_is_missing(tmp_path: Path) -> None:
    text = SCORECARD.replace('layers = ["stops", "cases"]', 'layers = ["nowhere"]')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        said = summary(scorecard(workspace), "en")
    assert said == "站台 5 items; Title 10 items; Title 2 items; Title 1,337 items"


def test_addresses_of_maps() -> None:
    state = MapState("all", layers=("a",))
    assert map_url(state, "zh") == "/maps/all?layers=a"
    assert feature_url(state, "a", "K 1", "en") == "/maps/all?layers=a&sel=a/K%201&lang=en"
    assert feature_url(None, "a", "K1", "en") == map_url(None, "zh") == ""
