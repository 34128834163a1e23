from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import BasemapError
from geosvc.tiles import pmtiles
from geosvc.tiles.pmtiles import ROOT_BYTES, Entry, read_archive, write_merged

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.tiles.pmtiles import Archive

BOX = (121.0, 33.0, 122.0, 34.0)


def archive(folder: Path, low: int, high: int, *, count: int = 40) -> Archive:
    """Let GDAL write an archive of some zoom levels: lines from west to east."""
    lines = [
        shapely.LineString([(121, 33 + n / count), (122, 33 + n / count)]) for n in range(count)
    ]
    path = folder / f"{low}.pmtiles"
    gdf = gpd.GeoDataFrame(
        {"name": [f"{n}路" for n in range(count)]}, geometry=lines, crs="OGC:CRS84"
    )
    options = {"MINZOOM": low, "MAXZOOM": high}
    pyogrio.write_dataframe(gdf, path, driver="PMTiles", layer="ground", dataset_options=options)
    return read_archive(path)


def reason(path: Path) -> str:
    with pytest.raises(BasemapError) as caught:
        read_archive(path)
    assert str(path.parent) not in str(caught.value.issues)
    return caught.value.reason


def test_what_gdal_writes_is_read(tmp_path: Path) -> None:
    found = archive(tmp_path, 5, 8)
    assert found.zooms == (5, 8)
    assert found.bounds == pytest.approx((121, 33, 122, 33.975))
    assert [item.tile_id for item in found.entries] == sorted(
        item.tile_id for item in found.entries
    )
    size = found.path.stat().st_size
    assert all(found.data + item.offset + item.length <= size for item in found.entries)


def test_archives_of_different_zooms_are_one(tmp_path: Path) -> None:
    coarse, fine = archive(tmp_path, 5, 6, count=4), archive(tmp_path, 7, 9)
    target = tmp_path / "both.pmtiles"
    write_merged([coarse, fine], target, bounds=BOX, metadata={"geosvc": {"format": 1}})
    both = read_archive(target)
    assert (both.zooms, both.bounds) == ((5, 9), BOX)
    assert both.metadata == {"geosvc": {"format": 1}}
    assert len(both.entries) == len(coarse.entries) + len(fine.entries)
    # each tile holds the bytes that it held before
    for part, entries in ((coarse, both.entries), (fine, both.entries[len(coarse.entries) :])):
        for old, new in zip(part.entries, entries, strict=False):
            assert tile(part, old) == tile(both, new)
            assert gzip.decompress(tile(both, new))


def tile(found: Archive, entry: Entry) -> bytes:
    start = found.data + entry.offset
    return found.path.read_bytes()[start : start + entry.length]


def test_gdal_reads_what_was_laid_together(tmp_path: Path) -> None:
    parts = [archive(tmp_path, 5, 6, count=4), archive(tmp_path, 7, 9)]
    target = tmp_path / "both.pmtiles"
    layers = [{"id": "ground", "fields": {"name": "String"}}]
    about = {"name": "ground", "vector_layers": layers}
    write_merged(parts, target, bounds=BOX, metadata=about)
    names = {
        zoom: set(pyogrio.read_dataframe(target, ZOOM_LEVEL=str(zoom))["name"]) for zoom in (6, 9)
    }
    assert (len(names[6]), len(names[9])) == (4, 40)


def test_many_tiles_need_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = archive(tmp_path, 7, 11)
    plain, leafy = tmp_path / "plain.pmtiles", tmp_path / "leafy.pmtiles"
    write_merged([part], plain, bounds=BOX, metadata={})
    monkeypatch.setattr(pmtiles, "ROOT_BYTES", 200)
    monkeypatch.setattr(pmtiles, "_LEAF_ENTRIES", 7)
    write_merged([part], leafy, bounds=BOX, metadata={})
    assert read_archive(leafy).entries == read_archive(plain).entries
    assert leafy.stat().st_size > plain.stat().st_size
    assert read_archive(plain).data <= ROOT_BYTES


def test_the_same_tiles_give_the_same_bytes(tmp_path: Path) -> None:
    part = archive(tmp_path, 5, 6)
    for name in "ab":
        write_merged([part], tmp_path / name, bounds=BOX, metadata={})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ground.pmtiles"
    assert reason(path) == "missing"
    path.write_bytes(b"")
    assert reason(path) == "format"
    path.write_bytes(b"SQLite format 3\0" * 100)
    assert reason(path) == "format"
    path.write_bytes(b"PMTiles\x03")
    assert reason(path) == "truncated"
    whole = archive(tmp_path, 5, 5).path.read_bytes()
    # an archive of version 2, and one of pictures
    for place, value in ((7, 2), (99, 2)):
        path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
        assert reason(path) == "format"


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_archive_is_refused(tmp_path: Path, share: float) -> None:
    whole = archive(tmp_path, 5, 8).path.read_bytes()
    path = tmp_path / "short.pmtiles"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert reason(path) == "truncated"


def test_a_damaged_directory_is_refused(tmp_path: Path) -> None:
    whole = bytearray(archive(tmp_path, 5, 8).path.read_bytes())
    whole[127:160] = bytes(33)
    path = tmp_path / "broken.pmtiles"
    path.write_bytes(whole)
    assert reason(path) == "truncated"


entries = st.lists(
    st.tuples(
        st.integers(0, 2**40), st.integers(1, 5), st.integers(1, 2**20), st.integers(0, 2**40)
    ),
    max_size=50,
    unique_by=lambda item: item[0],
)


@given(entries)
def test_a_directory_is_read_as_it_was_written(rows: list[tuple[int, int, int, int]]) -> None:
    given_entries = [Entry(*row) for row in sorted(rows)]
    assert list(pmtiles._entries(pmtiles._directory(given_entries))) == given_entries  # noqa: SLF001 - the format itself
