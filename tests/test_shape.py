"""The shape of the house: limits, mirrored tests, who may import what, nothing foreign."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
MODULES = sorted((PROJECT / "geosvc").rglob("*.py"))
GENERATOR = sorted((PROJECT / "data").rglob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
SCRIPTS = sorted((PROJECT / "static" / "js").rglob("*.js"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "core", "base", "common", "misc"}
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 40


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git is on the path of every checkout
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("this copy is no git checkout")
    return [PROJECT / name for name in listing.stdout.decode().split("\0") if name]


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", [*MODULES, *GENERATOR, *TESTS], ids=_name)
def test_module_and_function_limits(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_MODULE_LINES
    long = [
        f"{node.name}: {_body_lines(node)} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _body_lines(node) > MAX_FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_scripts_are_short_and_have_no_unsafe_sink(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_MODULE_LINES
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|import\("
    assert re.findall(sinks, text) == []
    assert re.findall(r"https?://(?!www\.w3\.org)", text) == []


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "geosvc" / "web" / "templates").glob("*.html")), ids=_name
)
def test_templates_have_nothing_inline_and_nothing_unescaped(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe\b|autoescape false|<style|\sstyle=|\son[a-z]+=", text) == []
    data = 'type="application/json"'  # a block of data does not run
    assert all("src=" in tag or data in tag for tag in re.findall(r"<script[^>]*>", text))
    assert re.findall(r"https?://(?!www\.w3\.org)", text) == []


def test_no_lazy_names() -> None:
    stems = {part for path in MODULES for part in path.relative_to(PROJECT).with_suffix("").parts}
    assert stems & FORBIDDEN_NAMES == set()


def _has_code(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)


@pytest.mark.parametrize("path", [path for path in MODULES if _has_code(path)], ids=_name)
def test_each_module_has_its_tests(path: Path) -> None:
    inside = path.relative_to(PROJECT / "geosvc")
    if inside.name == "__init__.py":
        inside = inside.parent.with_suffix(".py")
    folder = PROJECT / "tests" / inside.parent
    stem = inside.stem.strip("_")
    mirrored = [folder / f"test_{stem}.py", folder / stem / f"test_{stem}.py"]
    assert any(test.is_file() for test in mirrored), f"no {mirrored[0].relative_to(PROJECT)}"


def test_tests_are_at_least_as_long_as_the_code() -> None:
    def lines(paths: list[Path]) -> int:
        return sum(path.read_text(encoding="utf-8").count("\n") for path in paths)

    assert lines(TESTS) >= lines(MODULES)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_public_name_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    bare = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not _is_nested(tree, node)
    ]
    assert bare == []


def _is_nested(tree: ast.Module, node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Say whether a function stands inside another function, where ruff asks for no docstring."""
    return any(
        node in ast.walk(outer)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef) and outer is not node
    )


def test_locks_carry_hashes() -> None:
    for lock in (PROJECT / "requirements.txt", PROJECT / "tests" / "requirements.txt"):
        text = lock.read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\$", text, re.MULTILINE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert "index-url" not in text


def test_the_tree_speaks_of_itself_alone() -> None:
    machine = re.compile(rb"/(?:wor[k]|roo[t]|hom[e]/[a-z]|tm[p])/[a-z]")
    found = []
    for path in _tracked():
        if "vendor" in path.parts or not path.is_file():
            continue
        hits = machine.findall(path.read_bytes())
        found += [f"{_name(path)}: {hit.decode()}" for hit in hits]
    assert found == []


def test_no_large_file() -> None:
    assert [_name(path) for path in _tracked() if path.stat().st_size > 3 * 2**20] == []


def test_the_changelog_and_both_readmes_name_the_version_and_the_folders() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    for name in ("README.md", "README.zh.md"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        for wanted in ("make serve", "make test", "geosvc/", "layers/", "data/", "static/"):
            assert wanted in text, f"{name} does not say {wanted}"
