from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from geosvc.scorecard import scorecard
from geosvc.web.scorecard_plain import lines, plain
from tests.scorecard.county import OVERDUE, SCORECARD, opened, write_county

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.workspace import Workspace


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Workspace]:
    with opened(write_county(tmp_path)) as workspace:
        yield workspace


def test_lines_name_numbers_definitions_sums_and_what_is_overdue(county: Workspace) -> None:
    said = lines(scorecard(county), "zh")
    assert said[0] == "2024 年上半年成绩单 · 截至 2024年6月30日"
    assert said[1] == "站台\t5 个\t相符"
    assert said[2:5] == ["\t定义", "\t港湾式 2、直线式 2、未填 1", "\t2 + 2 + 1 = 5"]
    assert "\t/maps/overview?layers=area,stops" in said
    wanted = "\t市公交公司 · 更换画面 · 金桥路口 · 2024年6月20日 · 60% · 10 天"
    assert wanted in said
    assert said[-1] == "6 项全部相符"


def test_lines_say_what_does_not_agree(tmp_path: Path) -> None:
    text = SCORECARD.replace('layers = ["fleet"]', 'layers = ["nowhere"]')
    with opened(write_county(tmp_path, scorecard=text)) as workspace:
        said = lines(scorecard(workspace), "en")
    assert "Title\tNo data\tDoes not agree" in said
    assert said[-1] == "5 of 6 agree"


def test_plain_values_are_json(county: Workspace) -> None:
    facts = orjson.loads(orjson.dumps(plain(scorecard(county, "2023H2"), "en")))
    assert (facts["first_day"], facts["last_day"]) == ("2023-07-01", "2023-12-31")
    number = facts["numbers"][0]
    assert number["remarks"] == [
        {"text": "This is the state of 2024-06-30, outside this period", "is_fault": False}
    ]
    assert number["revisions"] == {"stops": 1}
    assert [part["id"] for part in number["parts"]] == ["bay", "curb", ""]
    assert number["parts"][0]["map"].endswith("f.stops.kind=bay&lang=en")
    assert facts["overdue"]["units"] == [
        {"unit": "市公交公司", "open": 2, "overdue": 1, "next_due": "2024-06-30"}
    ]


def test_tasks_alone_and_nothing_at_all(tmp_path: Path) -> None:
    with opened(write_county(tmp_path, scorecard=OVERDUE)) as workspace:
        facts = plain(scorecard(workspace), "zh")
        assert (facts["numbers"], facts["total"], facts["overdue"]["count"]) == ([], 1, 1)
    with opened(write_county(tmp_path / "empty", scorecard="")) as workspace:
        assert plain(scorecard(workspace), "zh")["overdue"] is None
