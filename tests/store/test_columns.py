from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given

from geosvc.store import columns
from geosvc.store.columns import TornColumnsError, prune, read_columns, write_columns
from geosvc.store.frames import conform
from geosvc.store.records import Shape
from tests.store.zoo import (
    EVERY,
    SMALL,
    TABLE,
    Given,
    assert_same,
    features_of,
    frame_of,
    schema_of,
    small,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from geosvc.catalog.model import Schema

SHAPE = Shape.of(SMALL)
RING = [(0, 0), (4, 0), (4, 4), (0, 4)]
ZOO = {
    "point": shapely.Point(1, 2),
    "multipoint": shapely.MultiPoint([(0, 0), (1, 1)]),
    "line": shapely.LineString([(0, 0), (1, 1), (2, 1)]),
    "multiline": shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6)]]),
    "area": shapely.Polygon(RING, [[(1, 1), (2, 1), (2, 2)]]),
    "multiarea": shapely.MultiPolygon([shapely.Polygon(RING), shapely.Point(9, 9).buffer(1)]),
    "single": shapely.MultiPoint([(0, 0)]),
    "empty": shapely.Point(),
    "empty line": shapely.LineString(),
    "tall": shapely.Point(1, 2, 3),
    "collection": shapely.GeometryCollection([shapely.Point(1, 2)]),
}


def _round_trip(frame: pd.DataFrame, schema: Schema) -> tuple[pd.DataFrame, pd.DataFrame]:
    shape = Shape.of(schema)
    written = conform(frame, shape)
    with tempfile.TemporaryDirectory() as folder:
        write_columns(Path(folder) / "1", written, shape=shape, digest="d")
        return written, read_columns(Path(folder) / "1", digest="d")


@pytest.mark.parametrize("schema", [EVERY, TABLE], ids=["every type", "no geometry"])
def test_no_features_come_back(schema: Schema) -> None:
    written, read = _round_trip(frame_of({}, schema), schema)
    assert_same(read, written)


@given(features=features_of(EVERY))
def test_every_type_comes_back(features: Given) -> None:
    written, read = _round_trip(frame_of(features, EVERY), EVERY)
    assert_same(read, written)


@given(features=features_of(TABLE))
def test_a_layer_without_geometry_comes_back(features: Given) -> None:
    written, read = _round_trip(frame_of(features, TABLE), TABLE)
    assert_same(read, written)


@pytest.mark.parametrize(
    "names",
    [
        ["point"],
        ["point", "multipoint", "single"],
        ["line", "multiline"],
        ["area", "multiarea", "area"],
        ["point", "line"],
        ["point", "empty"],
        ["line", "empty line"],
        ["point", "tall"],
        ["tall"],
        ["collection"],
        list(ZOO),
    ],
    ids="+".join,
)
def test_every_kind_of_place_comes_back_as_it_was(names: list[str]) -> None:
    schema = schema_of({})
    features = {str(at): {"geometry": ZOO[name]} for at, name in enumerate(names)}
    written, read = _round_trip(frame_of(features, schema), schema)
    assert isinstance(read, gpd.GeoDataFrame)
    assert read.geometry.type.tolist() == written["geometry"].geom_type.tolist()
    assert_same(read, written)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "columns" / "stops" / "3"
    write_columns(folder, conform(small(20), SHAPE), shape=SHAPE, digest="d3")
    return folder


def test_values_are_mapped_not_copied(folder: Path) -> None:
    frame = read_columns(folder, digest="d3")
    numbers = np.asarray(frame["n"].array._data)  # noqa: SLF001 - where the memory lies
    while isinstance(numbers.base, np.ndarray):
        numbers = numbers.base
    assert isinstance(numbers, np.memmap) or "mmap" in type(numbers.base).__name__
    assert not frame["n"].array._data.flags.writeable  # noqa: SLF001 - shared by all workers


def test_equal_texts_are_one_object(folder: Path) -> None:
    frame = read_columns(folder, digest="d3")
    assert len({id(word) for word in frame["word"]}) == frame["word"].nunique() == 3


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [Path.unlink, _shorten, _flip], ids=["gone", "short", "flipped"])
def test_torn_files_are_noticed(folder: Path, harm: Callable[[Path], None]) -> None:
    files = sorted(folder.glob("*.npy"))
    assert files
    for path in files:
        kept = path.read_bytes()
        harm(path)
        with pytest.raises(TornColumnsError):
            read_columns(folder, digest="d3")
        path.write_bytes(kept)
    assert len(read_columns(folder, digest="d3")) == 20


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1, "digest": "d3"}', "null"])
def test_a_torn_manifest_is_noticed(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(TornColumnsError):
        read_columns(folder, digest="d3")


def test_files_of_another_revision_or_format_are_not_taken(folder: Path) -> None:
    with pytest.raises(TornColumnsError):
        read_columns(folder, digest="d4")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": columns.FORMAT + 1}))
    with pytest.raises(TornColumnsError):
        read_columns(folder, digest="d3")


def test_absent_files_are_torn_files(tmp_path: Path) -> None:
    with pytest.raises(TornColumnsError):
        read_columns(tmp_path / "none", digest="")


def test_writing_again_replaces_and_leaves_nothing_beside(folder: Path) -> None:
    open_before = read_columns(folder, digest="d3")
    write_columns(folder, conform(small(2), SHAPE), shape=SHAPE, digest="d4")
    assert len(read_columns(folder, digest="d4")) == 2
    assert open_before["n"].tolist()[:2] == [0, 1], "a reader keeps what it has mapped"
    assert [item.name for item in folder.parent.iterdir()] == ["3"]
    assert {item.suffix for item in folder.iterdir()} == {".npy", ".json"}


def test_a_failed_write_leaves_what_was_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", fail)
    with pytest.raises(OSError, match="No space"):
        write_columns(folder, conform(small(2), SHAPE), shape=SHAPE, digest="d4")
    assert len(read_columns(folder, digest="d3")) == 20
    assert [item.name for item in folder.parent.iterdir()] == ["3"]


def test_the_last_two_revisions_stay(tmp_path: Path) -> None:
    names = ["1", "2", "3", "4", ".new-fresh", ".new-abandoned", "readme"]
    for name in names:
        (tmp_path / name).mkdir()
    os.utime(tmp_path / ".new-abandoned", (0, 0))
    prune(tmp_path, current=4)
    assert not (tmp_path / ".new-abandoned").exists()
    assert (tmp_path / "1").exists(), "a reader may have seen it a moment ago"
    os.utime(tmp_path / "2", (0, 0))
    prune(tmp_path, current=4)
    assert not (tmp_path / "1").exists()
    os.utime(tmp_path / "3", (0, 0))
    os.utime(tmp_path / "4", (0, 0))
    prune(tmp_path, current=4)
    assert sorted(item.name for item in tmp_path.iterdir()) == [".new-fresh", "3", "4", "readme"]
    prune(tmp_path / "absent", current=4)
