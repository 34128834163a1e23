from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geosvc import errors, messages
from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = sorted((PROJECT / "geosvc").rglob("*.py"))
TEMPLATES = sorted((PROJECT / "geosvc" / "web" / "templates").glob("*"))
SCRIPTS = sorted((PROJECT / "static" / "js").rglob("*.js"))
PLACE = re.compile(r"\{([^}]*)\}")
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# signs, and names of formats that are the same in both languages
NO_WORDS = re.compile(r"^[^A-Za-z]*$|^(EN|中文|CGCS2000|GeoJSON|CSV|GeoPackage)$")
TABLES = sorted({key.split(".")[0] for key in messages.every_key()})


@cache
def code() -> frozenset[tuple[str, bool]]:
    return frozenset(code_parts())


@cache
def words() -> frozenset[str]:
    return frozenset(text for text, is_pattern in code() if not is_pattern)


@cache
def patterns() -> list[re.Pattern[str]]:
    begun = re.compile(rf"({'|'.join(TABLES)})\\\.")
    return [re.compile(text) for text, is_pattern in code() if is_pattern and begun.match(text)]


def code_parts() -> Iterator[tuple[str, bool]]:
    """Every text in the sources: itself, or a pattern where a value is put in."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                pieces = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_0-9.]+"
                    for part in node.values
                ]
                yield "".join(pieces), True
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, False


TEMPLATE_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
SCRIPT_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
FILES = {path.name for path in TEMPLATES}
IN_TEMPLATES = set(re.findall(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""", TEMPLATE_TEXT))
BEGUN_IN_TEMPLATES = tuple(re.findall(r"""\bt\(\s*["']([a-z_.]+\.)["']\s*~""", TEMPLATE_TEXT))


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(messages.every_key("zh")) == sorted(messages.every_key("en"))


def has_same_places(key: str) -> bool:
    chinese, english = (set(PLACE.findall(messages.text(key, tongue))) for tongue in ("zh", "en"))
    return chinese == english and all(re.fullmatch("[a-z_]+", name) for name in english)


def test_both_languages_have_the_same_places() -> None:
    assert [key for key in messages.every_key() if not has_same_places(key)] == []


def is_in_its_language(key: str) -> bool:
    english, chinese = messages.text(key, "en"), PLACE.sub("", messages.text(key, "zh"))
    is_chinese = bool(CJK.search(chinese) or NO_WORDS.match(chinese))
    return bool(english.strip()) and not CJK.search(english) and is_chinese


def test_each_sentence_is_in_its_language() -> None:
    keys = [key for key in messages.every_key() if not key.startswith("pages.switch")]
    assert len(keys) > 100
    assert [key for key in keys if not is_in_its_language(key)] == []


def is_used(key: str) -> bool:
    if key.startswith("ui."):
        return bool(re.search(rf"""["'`]{key.removeprefix("ui.")}["'`]""", SCRIPT_TEXT)) or any(
            key.removeprefix("ui.").startswith(begun)
            for begun in re.findall(r"`([a-z_]+_)\$\{", SCRIPT_TEXT)
        )
    if key.startswith("pages.table."):
        return key.removeprefix("pages.table.") in SCRIPT_TEXT
    if key.startswith("pages.edit.") and key not in IN_TEMPLATES:
        return re.search(rf"words\.{key.removeprefix('pages.edit.')}\b", SCRIPT_TEXT) is not None
    if key.startswith("cli."):
        return key in words() or key.removeprefix("cli.") in words()
    return (
        key in words()
        or key in IN_TEMPLATES
        or key.startswith(BEGUN_IN_TEMPLATES or ("\0",))
        or any(pattern.fullmatch(key) for pattern in patterns())
    )


def test_every_key_is_used() -> None:
    assert [key for key in messages.every_key() if not is_used(key)] == []


def test_every_key_of_a_template_exists() -> None:
    assert len(IN_TEMPLATES) > 100
    assert [key for key in sorted(IN_TEMPLATES) if not messages.has(key)] == []


def test_every_key_of_the_code_exists() -> None:
    shape = re.compile(rf"({'|'.join(TABLES)})(\.[a-z_]+)+")
    keys = sorted(word for word in words() - FILES if shape.fullmatch(word))
    assert len(keys) > 100
    assert [key for key in keys if not (messages.has(key) or messages.table(key, "en"))] == []


def issue_codes() -> set[str]:
    """Codes that the sources give to `Issue` or to a function whose first argument is a code."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"Issue", "fault"} and node.args and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
            if name == "file_fault" and isinstance(node.args[1], ast.Constant):
                found.add(str(node.args[1].value))
            if name == "add" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                found.add(str(node.args[1].value))
    return {code for code in found if re.fullmatch("[a-z_]+", code)}


def test_every_issue_has_a_sentence() -> None:
    assert issue_codes() - set(messages.table("issues", "en")) == set()


def test_every_sentence_of_an_issue_is_of_a_code() -> None:
    begun = tuple(
        text.split("[")[0] for text, is_pattern in code() if is_pattern and text[0] != "["
    )
    unused = set(messages.table("issues", "en")) - words()
    assert {code for code in unused if not code.startswith(begun)} == set()


def reasons() -> set[str]:
    """Return what the sources assign to ``reason`` where they raise an `AnalysisError` with it."""
    return {
        str(node.value.value)
        for path in SOURCES
        if "AnalysisError(reason" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "reason"
        and isinstance(node.value, ast.Constant)
    }


def test_the_reason_of_an_analysis_is_called_so() -> None:
    called = re.compile(r"\bAnalysisError\((?!reason\b|GeosvcError\))")
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    assert [path.name for path in SOURCES if called.search(_without_docs(texts[path]))] == []


def _without_docs(text: str) -> str:
    return re.sub(r'"{3}.*?"{3}', "", text, flags=re.DOTALL)


def test_every_reason_of_an_analysis_has_a_sentence() -> None:
    assert reasons() - set(messages.table("analysis", "en")) == set()


def test_every_sentence_of_an_analysis_is_of_a_reason() -> None:
    assert set(messages.table("analysis", "en")) - words() == set()


def test_the_reason_of_an_analysis_is_a_sentence_with_its_numbers() -> None:
    error = errors.AnalysisError("no_events", road="{name}")
    [issue] = error.issues
    assert messages.render_issue(issue, "en") == "There are no events."
    assert messages.render_issue(replace(issue, path="layers/a.toml"), "zh").startswith(
        "layers/a.toml: "
    )


def classes(root: type[errors.GeosvcError] = errors.GeosvcError) -> list[type[errors.GeosvcError]]:
    return [root, *(found for child in root.__subclasses__() for found in classes(child))]


@pytest.mark.parametrize("error", classes(), ids=lambda error: error.__name__)
def test_every_error_has_a_title_and_a_detail(error: type[errors.GeosvcError]) -> None:
    assert messages.has(f"errors.{error.code}.title")
    assert messages.has(f"errors.{error.code}.detail")


HOSTILE = ("{name}", "{{7*7}}", "{0}", "{name.__class__}", "{!r}", "\\1", "\\g<1>", "%s", "長" * 9)


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_shown_as_they_are(value: str) -> None:
    shown = messages.text("issues.not_unique", "en", found=value)
    assert shown == f"the value {value} occurs more than once"


def test_a_value_does_not_fill_another_place() -> None:
    shown = messages.text("layer.count_missed", "en", expected="{count}", count=3)
    assert shown == "{count} expected, 3 found"


def test_a_place_without_value_stays() -> None:
    assert messages.text("cli.faults", "en") == "{count} faults"


def test_no_attribute_of_a_value_can_be_reached() -> None:
    assert messages.text("cli.faults", "en", count=errors) == f"{errors} faults"


def test_an_unknown_key_is_a_mistake_of_the_code() -> None:
    with pytest.raises(KeyError):
        messages.text("no.such.key", "zh")


@pytest.mark.parametrize(
    ("issue", "line"),
    [
        (
            Issue("missing_column", "data/a.csv", "name"),
            "data/a.csv:name: the data has no such column",
        ),
        (
            Issue("required", "data/a.csv", "code", 3),
            "data/a.csv:row 3: code: required, but has no value",
        ),
        (
            Issue("null_geometry", "data/a.csv", row=2),
            "data/a.csv:row 2: there is no geometry",
        ),
    ],
)
def test_a_fault_is_one_line(issue: Issue, line: str) -> None:
    assert messages.render_issue(issue, "en") == line
    assert messages.render_issue(issue, "zh").startswith(issue.place + ": ")


def test_a_table_keeps_the_order_of_its_file() -> None:
    assert list(messages.table("errors.way_on", "zh")) == ["maps"]
