"""Every vendored file has its hash and licence; our own modules keep the rules of the house."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geosvc import messages

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "static" / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "geosvc" / "web" / "templates").glob("*.html"))


@pytest.fixture
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", ROOT / ".ci" / "vendor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # a dataclass looks its module up
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "vendor", module)
        spec.loader.exec_module(module)
    return module


def test_vendored_files_are_as_their_manifest_says(vendor: ModuleType) -> None:
    assert vendor.faults() == []
    assert vendor.main(["--check"]) == 0


def test_every_vendored_package_has_its_licence(vendor: ModuleType) -> None:
    manifest = tomllib.loads(vendor.MANIFEST.read_text("utf-8"))
    for package in manifest["package"]:
        text = (vendor.VENDOR / package["folder"] / package["licence_file"]).read_text("utf-8")
        assert "copyright" in text.lower()
        assert package["source"] == f"npm:{package['name']}@{package['version']}"


def test_a_changed_or_unknown_file_is_found(
    vendor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "manifest.toml"
    manifest.write_text('[[package]]\nfolder = "a-1"\n[package.files]\n"x" = "0"\n"y" = "0"\n')
    (tmp_path / "a-1").mkdir()
    (tmp_path / "a-1" / "x").write_text("changed")
    (tmp_path / "a-1" / "z").write_text("new")
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    monkeypatch.setattr(vendor, "MANIFEST", manifest)
    assert vendor.faults() == ["a-1/z: not in the manifest", "a-1/y: missing", "a-1/x: changed"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_are_small_and_write_no_markup(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "import(",
    ):
        assert word not in text
    for address in re.findall(r'from "([^"]+)"', text):
        assert re.fullmatch(r"\./[a-z_]+\.js", address)
        assert (path.parent / address).is_file()


def test_every_sentence_that_a_module_says_is_there() -> None:
    known = messages.table("ui", "zh")
    for path in MODULES:
        for key in re.findall(r'say\("([a-z_]+)"', path.read_text("utf-8")):
            assert key in known, (path.name, key)
    said = "".join(path.read_text("utf-8") for path in MODULES)
    states = {"state_unavailable", "state_pending", "state_stale"}
    assert {key for key in known if f'"{key}"' not in said} <= states


def test_every_sentence_that_a_template_says_is_there() -> None:
    for path in TEMPLATES:
        for key in re.findall(r'\bt\(["\']([a-z_.]+)["\']', path.read_text("utf-8")):
            assert key.endswith(".") or messages.has(key), (path.name, key)


def test_templates_trust_no_text() -> None:
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert "|safe" not in text.replace(" ", "")
        assert not re.search(r'\s(style|on[a-z]+)="', text)


def test_every_module_of_a_map_is_preloaded() -> None:
    text = (ROOT / "geosvc" / "web" / "templates" / "_preload.html").read_text("utf-8")
    listed = set(re.findall(r'"([a-z_]+)"', text.split("%}")[0]))
    found: set[str] = set()
    waiting = ["main"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        code = (ROOT / "static" / "js" / f"{name}.js").read_text("utf-8")
        waiting += re.findall(r'from "\./([a-z_]+)\.js"', code)
    assert listed == found
