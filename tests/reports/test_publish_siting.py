from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.errors import PublishError
from geosvc.figures.request import MEDIA_TYPES
from geosvc.reports import publish_siting
from geosvc.reports.publish import Made, Words
from geosvc.reports.publish_numbers import FORMATS
from geosvc.reports.publish_siting import make_siting
from geosvc.workspace import Workspace
from tests.web.kept import asked, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.small import Folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return write_folder(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def workspace(folder: Folder) -> Iterator[Workspace]:
    with closing(Workspace(folder.settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(folder: Folder) -> dict[str, Any]:
    return asked(folder.settings)


def read(made: Made, name: str) -> Any:  # noqa: ANN401 - a JSON value
    return json.loads(made.parts[name].content)


def test_a_siting(workspace: Workspace, document: dict[str, Any]) -> None:
    made = make_siting(workspace, document, Words("选址", "新增 2 处"))
    pictures = {f"{stem}.{form}" for stem in ("figure", "curve") for form in FORMATS}
    data = {"data.geojson", "table.json", "answer.json", "caption.json"}
    assert set(made.parts) == pictures | data | {"style.json", "numbers.json"}
    for name in pictures:
        assert made.parts[name].media_type == MEDIA_TYPES[name.partition(".")[2]]
    rows = read(made, "data.geojson")["features"]
    sites, curve = read(made, "table.json")
    assert len(rows) == sites["count"] == len(sites["rows"]) == 2 == made.facts["total"]
    assert curve["count"] == len(document["curve"])
    best = document["curve"][document["chosen"]]
    keys = [document["sites"][place]["key"] for place in best["opened"]]
    assert [row["id"] for row in rows] == keys == [row[0] for row in sites["rows"]]
    for row in rows:
        lon, lat = row["geometry"]["coordinates"]
        assert 121 < lon < 122
        assert 33 < lat < 34
    assert read(made, "answer.json") == document
    facts = made.facts
    assert (facts["kind"], facts["title"], facts["note"]) == ("siting", "选址", "新增 2 处")
    # the map draws the sites of the table; the curve stands beside it
    assert "选定点位 2" in facts["alt"]["zh"]
    assert read(made, "numbers.json")["chosen_sites"]["count"] == 2
    assert facts["pictures"]["curve.png"]["alt"]["zh"].startswith("选址: ")
    assert facts["pictures"]["curve.png"]["size_mm"][0] == 160
    assert facts["titles"] == {"zh": "选址", "en": "选址"}
    assert facts["layers"]["roads"]["en"]
    assert facts["caption"] == {"zh": "新增点位 2", "en": "New sites 2"}
    assert facts["revisions"] == {"roads": 1, "stops": 1}
    assert make_siting(workspace, document, Words("选址", "新增 2 处")) == made


@pytest.mark.parametrize("words", [Words(), Words("新增 9 处"), Words("选址", "1 + 2 = 4")])
def test_a_siting_without_a_title_or_with_other_numbers_is_refused(
    workspace: Workspace, document: dict[str, Any], words: Words
) -> None:
    with pytest.raises(PublishError):
        make_siting(workspace, document, words)


def test_a_siting_without_values_has_no_curve_and_without_a_map_no_map(
    workspace: Workspace, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    curve = [row | {"value": None} for row in document["curve"]]
    made = make_siting(workspace, document | {"curve": curve}, Words("选址"))
    assert not any(name.startswith("curve") for name in made.parts)
    assert "pictures" not in made.facts
    monkeypatch.setattr(publish_siting, "siting_map", lambda *_given: None)
    alone = make_siting(workspace, document, Words("选址"))
    assert alone.facts["alt"]["zh"].startswith("选址: ")
    assert "curve.png" not in alone.parts
    bare = make_siting(workspace, document | {"curve": curve}, Words("选址"))
    assert not any(name.startswith("figure") for name in bare.parts)
    assert "alt" not in bare.facts


def test_a_siting_without_a_plan_is_refused(workspace: Workspace, document: dict[str, Any]) -> None:
    with pytest.raises(PublishError):
        make_siting(workspace, document | {"chosen": None}, Words("选址"))


def test_sites_that_do_not_sum_up_are_refused(
    workspace: Workspace, document: dict[str, Any]
) -> None:
    curve = [dict(row) for row in document["curve"]]
    curve[document["chosen"]]["added"] += 1
    with pytest.raises(PublishError) as error:
        make_siting(workspace, document | {"curve": curve}, Words("选址"))
    assert error.value.issues[0].code == "not_sum"
