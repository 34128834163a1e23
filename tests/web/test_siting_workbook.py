from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.catalog.catalog import read_catalog
from geosvc.settings import Settings
from geosvc.web.siting_question import Names
from geosvc.web.siting_tables import About, facts_of
from geosvc.web.siting_workbook import workbook
from tests.web.kept import asked, write_folder

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

ABOUT = About("=HYPERLINK(1)", "li", "2024-06-30T08:00:00+08:00", synthetic=True)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return asked(write_folder(tmp_path_factory.mktemp("siting")).settings)


def parts(document: dict[str, Any], tongue: Language = "zh") -> dict[str, str]:
    body = workbook(document, facts_of(document, ABOUT), Names(None, tongue))
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


@pytest.mark.parametrize(
    ("tongue", "names"),
    [
        ("zh", ["结论", "点位", "新增几处", "其他方案", "谁去哪里", "设置与数据"]),
        ("en", ["Summary", "Sites", "Curve", "Other plans", "Who goes where", "Settings and data"]),
    ],
)
def test_the_sheets(document: dict[str, Any], tongue: Language, names: list[str]) -> None:
    found = parts(document, tongue)
    assert re.findall(r'<sheet name="([^"]+)"', found["xl/workbook.xml"]) == names


def test_no_text_is_a_formula_or_a_link(document: dict[str, Any]) -> None:
    found = parts(document)
    assert "=HYPERLINK(1)" in found["xl/sharedStrings.xml"]
    assert "=1+1" in found["xl/sharedStrings.xml"]
    sheets = [text for name, text in found.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 6
    assert not any("<f>" in text or "<hyperlink" in text for text in sheets)


def test_numbers_are_numbers(document: dict[str, Any]) -> None:
    curve = parts(document)["xl/worksheets/sheet3.xml"]
    assert f"<v>{document['curve'][1]['value']:.16G}</v>" in curve


def test_the_same_facts_give_the_same_bytes(document: dict[str, Any]) -> None:
    facts, names = facts_of(document, ABOUT), Names(None, "zh")
    assert workbook(document, facts, names) == workbook(document, facts, names)


def test_the_summary_says_verdict_proof_and_synthetic(document: dict[str, Any]) -> None:
    words = parts(document)["xl/sharedStrings.xml"]
    for text in ("新增 2 处，平均距离", "已证明最优", "模拟数据", "数据修订 roads"):
        assert text in words


def test_layers_have_their_titles_and_costs_their_unit(document: dict[str, Any]) -> None:
    facts = facts_of(document, ABOUT)
    names = Names(read_catalog(Settings()), "zh")
    priced = document | {"cost_unit": {"zh": "万元", "en": "10,000 yuan"}}
    with zipfile.ZipFile(io.BytesIO(workbook(priced, facts, names))) as book:
        words = book.read("xl/sharedStrings.xml").decode()
    assert f"数据修订 {names.layer('roads')}" in words
    assert "数据修订 roads" not in words
    assert "费用（万元）" in words


def test_a_question_without_a_plan_is_a_workbook_too(document: dict[str, Any]) -> None:
    empty = document | {"chosen": None, "plans": [], "allocation": [], "reasons": []}
    facts = facts_of(empty, About("x", "", None, synthetic=False))
    with zipfile.ZipFile(io.BytesIO(workbook(empty, facts, Names(None, "en")))) as book:
        words = book.read("xl/sharedStrings.xml").decode()
    assert "No plan was found." in words
    assert "Synthetic" not in words
