from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.web.siting_tables import (
    SITE_FIELDS,
    About,
    curve_record,
    facts_of,
    link_records,
    site_records,
)
from tests.web.kept import asked, write_folder

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = About("两处", "li", "2024-06-30T08:00:00+00:00", synthetic=True)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return asked(write_folder(tmp_path_factory.mktemp("siting")).settings)


@pytest.fixture
def document(solved: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(solved)


def test_every_site_is_told_with_its_role(document: dict[str, Any]) -> None:
    records = site_records(document)
    assert [(item["key"], item["role"]) for item in records] == [
        ("A1", "new"),
        ("A2", "new"),
        ("A3", "candidate"),
    ]
    assert {*records[0]} == {*SITE_FIELDS, "lon", "lat"}
    assert [item["demand"] for item in records] == [1.0, 2.0, None]
    assert [item["chosen_share"] for item in records] == [1.0, 1.0, 0.0]
    assert (records[1]["lon"], records[1]["lat"]) == (121.11, 33.51)


def test_roles_follow_standing_closing_rules_and_streets(document: dict[str, Any]) -> None:
    row = document["curve"][document["chosen"]]
    document["sites"][2]["usable"] = False
    assert site_records(document)[2]["role"] == "unreachable"
    broken = {"rule": "zones", "hard": True}
    document["sites"][2]["findings"] = [broken, broken, {"rule": "sewer", "hard": False}]
    assert site_records(document)[2]["role"] == "excluded"
    assert site_records(document)[2]["rules"] == "zones;sewer"
    document["sites"][2]["standing"] = True
    assert site_records(document)[2]["role"] == "standing"
    row["closed"] = [2]
    assert site_records(document)[2]["role"] == "closed"


def test_without_a_plan_the_present_state_is_told(document: dict[str, Any]) -> None:
    document |= {"chosen": None, "sensitivity": None, "allocation": []}
    records = site_records(document)
    assert {item["role"] for item in records} == {"candidate"}
    assert {item["chosen_share"] for item in records} == {None}
    assert link_records(document) == []
    assert facts_of(document, ABOUT)["status"] is None


def test_who_goes_where_has_both_ends(document: dict[str, Any]) -> None:
    assert link_records(document)[2] == {
        "point": "A3",
        "site": "A2",
        "amount": 1.0,
        "ends": ((121.12, 33.52), (121.11, 33.51)),
    }


def test_a_file_says_who_when_how_sure_and_on_what(document: dict[str, Any]) -> None:
    facts = facts_of(document, ABOUT)
    assert (facts["title"], facts["author"], facts["synthetic"]) == ("两处", "li", True)
    assert (facts["status"], facts["gap"], facts["added"]) == ("proven", 0.0, 2)
    assert facts["revisions"] == {"roads": 1, "stops": 1}


def test_a_row_of_the_curve_is_flat(document: dict[str, Any]) -> None:
    record = curve_record(document["curve"][1])
    assert record["within_500_m"] == pytest.approx(1 / 3)
    assert not any(isinstance(value, (list, dict)) for value in record.values())


def test_a_folder_is_written(tmp_path: Path) -> None:
    assert (write_folder(tmp_path).root / "layers/chosen_sites.toml").is_file()
