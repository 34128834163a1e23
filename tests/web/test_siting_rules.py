from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.web.siting_fields import Reader
from geosvc.web.siting_rules import (
    MOST,
    field_name,
    layers_for,
    read_rules,
    shown,
    texts_of,
    unique,
)
from geosvc.workspace import Workspace
from tests.web.siting_catalog import write_siting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = {
    "rule_1.name": "离河 30 米",
    "rule_1.layer": "exclusion_zones",
    "rule_1.keep": "away",
    "rule_1.distance_m": "30",
    "rule_1.kind": "hard",
    "rule_1.source": "河道管理条例",
    "rule_1.clause": "第 12 条",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("siting")
    with closing(Workspace(write_siting(folder).settings)) as opened:
        yield opened


def test_a_rule_with_its_source_and_clause(workspace: Workspace) -> None:
    reader = Reader(FULL)
    [rule] = read_rules(reader, workspace, "zh")
    assert reader.issues == []
    assert rule == {
        "name": "离河 30 米",
        "layer": "exclusion_zones",
        "keep": "away",
        "distance_m": 30.0,
        "source": "河道管理条例",
        "clause": "第 12 条",
    }


def test_a_rule_without_a_source_is_an_example_and_is_named_by_what_it_says(
    workspace: Workspace,
) -> None:
    texts = {
        "rule_2.layer": "roads",
        "rule_2.keep": "near",
        "rule_2.distance_m": "50",
        "rule_2.kind": "soft",
        "rule_2.penalty_m": "200",
    }
    [rule] = read_rules(Reader(texts), workspace, "zh")
    assert (rule["name"], rule["example"]) == ("离roads不超过 50 米", True)
    assert (rule["hard"], rule["penalty_m"]) == (False, 200.0)
    [rule] = read_rules(Reader(texts), workspace, "en")
    assert rule["name"] == "Within 50 m of roads"


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"rule_1.distance_m": ""}, "rule_1.distance_m", "required"),
        ({"rule_1.distance_m": "-1"}, "rule_1.distance_m", "not_number"),
        ({"rule_1.layer": "nothing"}, "rule_1.layer", "unknown_layer"),
        ({"rule_1.keep": "over"}, "rule_1.keep", "not_allowed"),
        ({"rule_1.kind": "maybe"}, "rule_1.kind", "not_allowed"),
        ({"rule_1.kind": "soft"}, "rule_1.penalty_m", "required"),
        ({"rule_1.kind": "soft", "rule_1.penalty_m": "x"}, "rule_1.penalty_m", "not_number"),
        ({"rule_1.source": "x" * 201}, "rule_1.source", "length"),
        ({"rule_1.name": "a\u202eb"}, "rule_1.name", "length"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    workspace: Workspace, changes: dict[str, str], name: str, code: str
) -> None:
    reader = Reader(FULL | changes)
    read_rules(reader, workspace, "zh")
    assert [(issue.key, issue.code) for issue in reader.issues] == [(name, code)]


def test_a_row_without_a_layer_is_no_rule(workspace: Workspace) -> None:
    texts = {field_name(1, "distance_m"): "5", field_name(1, "source"): "x"}
    reader = Reader(texts)
    assert read_rules(reader, workspace, "zh") == []
    assert reader.issues == []


def test_no_two_rules_have_one_name(workspace: Workspace) -> None:
    both = FULL | {name.replace("_1.", "_3."): text for name, text in FULL.items()}
    names = [rule["name"] for rule in read_rules(Reader(both), workspace, "zh")]
    assert names == ["离河 30 米", "离河 30 米 (2)"]
    taken = FULL | {"rule_1.name": "sewer", "sewer": "on"}
    names = [rule["name"] for rule in read_rules(Reader(taken), workspace, "zh")]
    assert names == ["sewer", "sewer (2)"]
    assert unique("a", {"b"}) == "a"


def test_only_layers_with_places_are_offered(workspace: Workspace) -> None:
    offered = [layer_id for layer_id, _ in layers_for(workspace, "zh")]
    assert {"roads", "exclusion_zones"} <= set(offered)
    assert all(workspace.catalog.layer(name).schema.geometry != "None" for name in offered)


def test_rules_are_shown_as_they_were_given(workspace: Workspace) -> None:
    soft = {
        "rule_2.layer": "roads",
        "rule_2.keep": "near",
        "rule_2.distance_m": "50",
        "rule_2.kind": "soft",
        "rule_2.penalty_m": "200",
        "rule_2.name": "靠路",
    }
    given = FULL | soft | {"zones": "on", "sewer": "on", "least_bays": "12"}
    rules = read_rules(Reader(given), workspace, "zh")
    texts = texts_of({"rules": rules})
    assert {name: texts[name] for name in given if name in texts} == {
        name: text for name, text in given.items() if name in texts
    }
    assert read_rules(Reader(texts), workspace, "zh") == rules
    rows = shown(texts)
    assert len(rows) == MOST
    assert [row["is_given"] for row in rows[:3]] == ["yes", "yes", ""]


def test_more_rules_than_rows_and_other_rules_are_left_out() -> None:
    rule = {"layer": "roads", "keep": "away", "distance_m": 1.0}
    rules = [{**rule, "name": str(number)} for number in range(MOST + 2)]
    other = {"name": "slope", "keep": "attribute", "field": "slope"}
    texts = texts_of({"rules": [other, *rules]})
    assert texts[field_name(MOST, "name")] == str(MOST - 1)
    assert field_name(MOST + 1, "name") not in texts
