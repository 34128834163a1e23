from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.errors import AssetError
from geosvc.maps.assets import Assets

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
[[package]]
name = "leaflet"
folder = "leaflet-1.9.4"
[package.files]
"leaflet.js" = "0"
"images/layers.png" = "0"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for path, text in {
        "js/main.js": "1",
        "vendor/manifest.toml": MANIFEST,
        "vendor/leaflet-1.9.4/leaflet.js": "L",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_addresses_hold_the_hash_of_the_tree(tree: Path) -> None:
    assets = Assets(tree)
    assert assets.url("js/main.js") == f"/static/{assets.hash}/js/main.js"
    assert len(assets.hash) == 12


def test_the_hash_is_of_names_and_contents(tree: Path) -> None:
    first = Assets(tree).hash
    assert Assets(tree).hash == first
    (tree / "js/main.js").write_text("2", encoding="utf-8")
    changed = Assets(tree).hash
    (tree / "js/main.js").rename(tree / "js/other.js")
    assert len({first, changed, Assets(tree).hash}) == 3


@pytest.mark.parametrize("path", ["js/none.js", "../secret", "/etc/passwd", ""])
def test_a_file_that_is_not_there_is_an_error(tree: Path, path: str) -> None:
    assets = Assets(tree)
    with pytest.raises(AssetError):
        assets.url(path)
    with pytest.raises(AssetError):
        assets.read(path)


def test_files_are_read_whole(tree: Path) -> None:
    assert Assets(tree).read("js/main.js") == b"1"


def test_a_foreign_address_stands_for_a_vendored_file(tree: Path) -> None:
    address = "https://cdn.example/npm/leaflet@1.9.3/dist/leaflet.js"
    assert Assets(tree).local(address) == "vendor/leaflet-1.9.4/leaflet.js"


def test_an_address_without_local_file_is_an_error(tree: Path) -> None:
    with pytest.raises(AssetError):
        Assets(tree).local("https://cdn.example/jquery.js")


def test_a_tree_without_manifest_has_no_vendored_files(tmp_path: Path) -> None:
    with pytest.raises(AssetError):
        Assets(tmp_path).local("https://cdn.example/leaflet.js")
