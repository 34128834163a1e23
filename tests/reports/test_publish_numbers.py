from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.catalog.model import Text
from geosvc.errors import PublishError
from geosvc.reports import publish_numbers
from geosvc.reports.publish import Made, Words
from geosvc.reports.publish_numbers import make_scorecard
from geosvc.scorecard import Number, Part, Period, Remark, Scorecard
from geosvc.workspace import Workspace
from tests.web.kept import write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.small import Folder

SHOPS = Number(
    "shops",
    Text("洗车店整治", "Shops"),
    Text("家", "shops"),
    Text("定义", "Definition"),
    ("stops",),
    value=19.0,
    parts=tuple(
        Part(name, Text(name, name), value)
        for name, value in (("closed", 3.0), ("remodelled", 5.0), ("relocated", 11.0))
    ),
    features=19,
    revisions={"stops": 1},
)
CARD = Scorecard(Period(2024, 1), (Period(2024, 1),), (SHOPS,), None, ("stops",), "2024-06-30")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return write_folder(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def workspace(folder: Folder) -> Iterator[Workspace]:
    with closing(Workspace(folder.settings)) as opened:
        yield opened


def read(made: Made, name: str) -> Any:  # noqa: ANN401 - a JSON value
    return json.loads(made.parts[name].content)


def use(monkeypatch: pytest.MonkeyPatch, card: Scorecard) -> None:
    monkeypatch.setattr(publish_numbers, "scorecard", lambda _workspace, _period: card)


def test_the_numbers_of_a_half_year(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, CARD)
    made = make_scorecard(workspace, "2024H1", Words("", "3 + 5 + 11 = 19 家"))
    assert set(made.parts) == {"table.json", "caption.json"}
    (number,) = read(made, "table.json")
    assert (number["count"], number["unit"]["zh"]) == (19, "家")
    assert [part["count"] for part in number["classes"]] == [3, 5, 11]
    facts = made.facts
    assert (facts["kind"], facts["title"], facts["as_of"]) == (
        "scorecard",
        "2024H1 半年数字",
        "2024-06-30",
    )
    assert facts["caption"] == {"zh": "洗车店整治 19 家", "en": "Shops: 19 shops"}
    assert facts["counts"]["shops"]["count"] == 19
    assert facts["revisions"] == {"stops": 1}
    assert facts["parameters"] == {"period": "2024H1"}
    assert facts["synthetic"] is True
    assert make_scorecard(workspace, "2024H1", Words("", "3 + 5 + 11 = 19 家")) == made
    english = make_scorecard(workspace, "2024H1", Words(), language="en")
    assert english.facts["title"] == "Numbers of 2024H1"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (replace(SHOPS, value=20.0), "not_sum"),
        (replace(SHOPS, value=None), "not_agreed"),
        (replace(SHOPS, remarks=(Remark("x", is_fault=True),)), "not_agreed"),
    ],
)
def test_a_number_that_does_not_agree_is_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, number: Number, code: str
) -> None:
    use(monkeypatch, replace(CARD, numbers=(number,)))
    with pytest.raises(PublishError) as error:
        make_scorecard(workspace, None, Words())
    assert [issue.code for issue in error.value.issues] == [code]


def test_no_numbers_and_other_numbers_are_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, CARD)
    with pytest.raises(PublishError):
        make_scorecard(workspace, None, Words("", "整治 20 家"))
    use(monkeypatch, replace(CARD, numbers=()))
    with pytest.raises(PublishError):
        make_scorecard(workspace, None, Words())
