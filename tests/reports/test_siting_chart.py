from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geosvc.reports.siting_chart import siting_curve
from tests.web.kept import asked, write_folder

if TYPE_CHECKING:
    from geosvc.catalog.model import Language


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return asked(write_folder(tmp_path_factory.mktemp("catalog")).settings)


def test_each_number_of_new_sites_that_has_a_value_is_a_point(document: dict[str, Any]) -> None:
    chart = siting_curve(document, "zh", title="选址")
    rows = [row for row in document["curve"] if row["value"] is not None]
    assert [point[0] for point in chart.points] == [row["added"] for row in rows]
    assert len(chart.points) > 1
    assert chart.chosen == document["curve"][document["chosen"]]["added"]
    assert chart.title == "选址"
    *others, last = document["curve"]
    assert last["value"] is not None
    left = document | {"curve": [*others, last | {"value": None}]}
    assert siting_curve(left, "zh", title="选址").points == chart.points[:-1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_note_stands_after_the_verdict(document: dict[str, Any], language: Language) -> None:
    alone = siting_curve(document, language, title="a").note
    noted = siting_curve(document, language, title="a", note="r1").note
    assert noted == (f"{alone} · r1" if alone else "r1")


def test_without_an_answer_there_is_nothing_to_draw(document: dict[str, Any]) -> None:
    none = siting_curve(document | {"curve": [], "chosen": None}, "en", title="a")
    assert (none.points, none.chosen) == ((), None)
