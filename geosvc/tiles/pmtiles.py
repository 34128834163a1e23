"""PMTiles archives, version 3: what one says of itself, and several of them as one.

GDAL writes an archive with the same features at all its zoom levels. A ground needs fewer of them
at the coarse ones, so each zoom level is an archive of its own first and all are laid together.

References
----------
Protomaps, PMTiles Version 3 Specification.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from geosvc.errors import BasemapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_HEADER: Final = struct.Struct("<7sB11Q6B4iB2i")
_MAGIC: Final = b"PMTiles"
_VERSION: Final = 3
_GZIP: Final = 2
_MVT: Final = 1
ROOT_BYTES: Final = 16_384
"""A reader's first request: header and root directory lie in these bytes."""
_LEAF_ENTRIES: Final = 2048
_DEGREE: Final = 10_000_000
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one tile lies, or the same one ``run`` times; ``run`` 0 is a directory."""

    tile_id: int
    run: int
    length: int
    offset: int


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive says of itself.

    ``bounds`` are west, south, east, north in degrees. ``data`` is the offset of the tiles in the
    file, which the offsets of ``entries`` are counted from.
    """

    path: Path
    bounds: Bounds
    zooms: tuple[int, int]
    metadata: Mapping[str, Any]
    entries: tuple[Entry, ...]
    data: int


def read_archive(path: Path) -> Archive:
    """Read the header, the metadata and the directories of an archive of gzipped vector tiles.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    archive
        Its tiles lie in the file to the last byte.

    Raises
    ------
    BasemapError
        If there is no such file (``missing``), it is no such archive (``format``), or a part of it
        is missing or damaged (``truncated``).
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
            size = path.stat().st_size
            fields = _fields(head, path.name)
            places = [fields[2 * i : 2 * i + 2] for i in range(4)]
            if any(offset + length > size for offset, length in places):
                raise BasemapError(path.name, reason="truncated")
            root, metadata, leaves, tiles = places

            def part(offset: int, length: int) -> bytes:
                file.seek(offset)
                return gzip.decompress(file.read(length))

            entries = list(_entries(part(*root)))
            found = [item for item in entries if item.run]
            for item in entries:
                if not item.run:
                    found += _entries(part(leaves[0] + item.offset, item.length))
            about = orjson.loads(part(*metadata))
    except FileNotFoundError as error:
        raise BasemapError(path.name, reason="missing") from error
    except (OSError, EOFError, zlib.error, ValueError, IndexError) as error:
        raise BasemapError(path.name, reason="truncated") from error
    if any(item.offset + item.length > tiles[1] for item in found):
        raise BasemapError(path.name, reason="truncated")
    box = [value / _DEGREE for value in fields[17:21]]
    bounds = (box[0], box[1], box[2], box[3])
    return Archive(path, bounds, (fields[15], fields[16]), about, tuple(found), tiles[0])


def _fields(head: bytes, name: str) -> tuple[int, ...]:
    if head[: len(_MAGIC)] != _MAGIC:
        raise BasemapError(name, reason="format")
    if len(head) < _HEADER.size:
        raise EOFError
    _, version, *fields = _HEADER.unpack(head)
    # internal and tile compression, and the type of tiles
    if version != _VERSION or fields[12:15] != [_GZIP, _GZIP, _MVT]:
        raise BasemapError(name, reason="format")
    return tuple(fields)


def write_merged(
    archives: Sequence[Archive], target: Path, *, bounds: Bounds, metadata: Mapping[str, Any]
) -> None:
    """Write archives of different zoom levels as one.

    Parameters
    ----------
    archives
        From the coarsest zoom level to the finest; no tile is in two of them.
    target
        The file to write; a reader of the old one must not have it under this name.
    bounds
        West, south, east, north of what is shown, degrees.
    metadata
        What the archive says of itself, JSON.
    """
    entries: list[Entry] = []
    offset = 0
    for archive in archives:
        # GDAL lays tiles down in the order of their ids, so that they can be copied as they lie
        entries += [
            Entry(item.tile_id, item.run, item.length, offset + item.offset)
            for item in archive.entries
        ]
        offset += _tile_bytes(archive)
    root, leaves = _directories(entries)
    about = _packed(orjson.dumps(metadata))
    zooms = (min(item.zooms[0] for item in archives), max(item.zooms[1] for item in archives))
    parts = (root, about, leaves)
    with target.open("wb") as file:
        file.write(_header([*map(len, parts), offset], entries, zooms=zooms, bounds=bounds))
        for part in parts:
            file.write(part)
        for archive in archives:
            with archive.path.open("rb") as source:
                source.seek(archive.data)
                file.write(source.read(_tile_bytes(archive)))


def _tile_bytes(archive: Archive) -> int:
    return max((item.offset + item.length for item in archive.entries), default=0)


def _header(
    lengths: Sequence[int], entries: Sequence[Entry], *, zooms: tuple[int, int], bounds: Bounds
) -> bytes:
    places, offset = [], _HEADER.size
    for length in lengths:
        places += [offset, length]
        offset += length
    west, south, east, north = bounds
    center = (west + east) / 2, (south + north) / 2
    counts = [sum(item.run for item in entries), len(entries), len({i.offset for i in entries})]
    degrees = [round(value * _DEGREE) for value in (*bounds, *center)]
    return _HEADER.pack(
        *(_MAGIC, _VERSION, *places, *counts, 0, _GZIP, _GZIP, _MVT, *zooms),
        *(*degrees[:4], zooms[0], *degrees[4:]),
    )


def _directories(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    root = _packed(_directory(entries))
    if len(root) <= ROOT_BYTES - _HEADER.size:
        return root, b""
    leaves, found = b"", []
    for start in range(0, len(entries), _LEAF_ENTRIES):
        part = entries[start : start + _LEAF_ENTRIES]
        leaf = _packed(_directory(part))
        found.append(Entry(part[0].tile_id, 0, len(leaf), len(leaves)))
        leaves += leaf
    return _packed(_directory(found)), leaves


def _packed(content: bytes) -> bytes:
    # without a time, so that the same tiles give the same bytes
    return gzip.compress(content, mtime=0)


def _directory(entries: Sequence[Entry]) -> bytes:
    ids = [item.tile_id for item in entries]
    steps = [now - before for before, now in zip([0, *ids], ids, strict=False)]
    columns = (
        [len(entries)],
        steps,
        [item.run for item in entries],
        [item.length for item in entries],
        [item.offset + 1 for item in entries],
    )
    return b"".join(_varint(value) for column in columns for value in column)


def _entries(content: bytes) -> Iterable[Entry]:
    numbers = list(_varints(content))
    count = numbers[0]
    ids, runs, lengths, offsets = (numbers[1 + i * count : 1 + (i + 1) * count] for i in range(4))
    tile_id, offset = 0, 0
    for step, run, length, place in zip(ids, runs, lengths, offsets, strict=True):
        tile_id += step
        # 0: right after the one before
        offset = place - 1 if place else offset
        yield Entry(tile_id, run, length, offset)
        offset += length


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _varints(content: bytes) -> Iterable[int]:
    value = shift = 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield value
            value = shift = 0
