"""Column files: one folder a layer revision, mapped into the memory of every worker.

A field of texts is a dictionary: ``codes`` (int32, -1 = null) into ``bytes`` cut at ``offsets``
(UTF-8). Other fields are ``values`` and ``null``. Geometry is shapely's ragged arrays, or WKB where
features are of kinds that those cannot hold together. ``manifest.json`` names each file with its
size and checksum; the folder gets its name when all of it is written.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geosvc.store.frames import assemble, list_text, list_value
from geosvc.store.records import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

    Arrays = dict[str, NDArray[Any]]

FORMAT: Final = 1
KEPT: Final = 2
"""How many revisions of a layer keep their files: a reader may still be at the one before."""

GRACE_S: float = 60.0
"""How long older ones keep theirs after their successor came: edits can follow each other fast."""

_ABANDONED_S: Final = 3600.0
_PLAIN: Final = {"integer": np.int64, "number": np.float64, "boolean": np.bool_}
_SINGLE_OF: Final = {
    shapely.GeometryType.MULTIPOINT: shapely.GeometryType.POINT,
    shapely.GeometryType.MULTILINESTRING: shapely.GeometryType.LINESTRING,
    shapely.GeometryType.MULTIPOLYGON: shapely.GeometryType.POLYGON,
}


class TornColumnsError(Exception):
    """Column files are absent, of another revision, or not as they were written."""


def write_columns(folder: Path, frame: pd.DataFrame, *, shape: Shape, digest: str) -> None:
    """Write the column files of one revision.

    Parameters
    ----------
    folder
        Where they are to be; what stands there is replaced.
    frame
        A frame as `geosvc.store.frames.conform` makes it.
    shape
        Its columns.
    digest
        What identifies the revision.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        files = {}
        for name, array in _arrays(frame, shape):
            files[name] = _write_array(temporary / f"{name}.npy", array)
        manifest = {"format": FORMAT, "digest": digest, "shape": shape.text, "files": files}
        (temporary / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        if folder.exists():
            folder.rename(temporary / "replaced")
        temporary.rename(folder)
        shutil.rmtree(folder / "replaced", ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def read_columns(folder: Path, *, digest: str) -> pd.DataFrame:
    """Return the frame of a revision over the mapped files.

    Raises
    ------
    TornColumnsError
        If the files are not those of ``digest``, whole.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        if manifest["format"] != FORMAT or manifest["digest"] != digest:
            raise TornColumnsError(str(folder))
        shape = Shape.parse(manifest["shape"])
        arrays = {name: _read_array(folder, name, *was) for name, was in manifest["files"].items()}
        return _frame(arrays, shape)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise TornColumnsError(str(folder)) from error


def prune(parent: Path, *, current: int) -> None:
    """Remove folders of revisions that no reader needs any longer, and abandoned new ones."""
    folders = list(parent.iterdir()) if parent.is_dir() else []
    numbered = sorted((int(item.name), item) for item in folders if item.name.isdigit())
    abandoned = [item for item in folders if item.name.startswith(".new-")]
    old = [
        folder
        for (number, folder), (_, successor) in itertools.pairwise(numbered)
        # it was the current one until its successor came
        if number <= current - KEPT and _age_s(successor) > GRACE_S
    ]
    for folder in (*old, *(item for item in abandoned if _age_s(item) > _ABANDONED_S)):
        shutil.rmtree(folder, ignore_errors=True)


def _age_s(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:  # its writer has just renamed it
        return 0.0


def _arrays(frame: pd.DataFrame, shape: Shape) -> Iterator[tuple[str, NDArray[Any]]]:
    # one after the other: a large layer is never held twice
    yield from _text_arrays("key", frame.index).items()
    for at, (name, kind) in enumerate(shape.fields, start=1):
        column = frame[name]
        if kind in _PLAIN:
            yield f"f{at}.null", column.isna().to_numpy(dtype=np.bool_)
            yield f"f{at}.values", column.to_numpy(dtype=_PLAIN[kind], na_value=0)
        else:
            yield from _text_arrays(f"f{at}", column).items()
    if shape.has_geometry:
        yield from _geometry_arrays(np.asarray(frame.geometry.array, dtype=object)).items()


def _text_arrays(name: str, column: Iterable[str | tuple[str, ...] | None]) -> Arrays:
    dictionary: dict[str | tuple[str, ...], int] = {}
    codes = np.fromiter(
        (-1 if item is None else dictionary.setdefault(item, len(dictionary)) for item in column),
        dtype=np.int32,
    )
    texts = (item if isinstance(item, str) else list_text(item) for item in dictionary)
    return {f"{name}.codes": codes, **_bytes_arrays(name, (text.encode() for text in texts))}


def _bytes_arrays(name: str, words: Iterable[bytes]) -> Arrays:
    given = list(words)
    ends = np.cumsum([0, *(len(word) for word in given)], dtype=np.int64)
    return {
        f"{name}.offsets": ends,
        f"{name}.bytes": np.frombuffer(b"".join(given), dtype=np.uint8),
    }


def _geometry_arrays(geometry: NDArray[np.object_]) -> Arrays:
    ragged = not shapely.is_empty(geometry).any() and not shapely.has_z(geometry).any()
    if ragged and len(geometry):
        try:
            kind, coordinates, offsets = shapely.to_ragged_array(geometry)
        except ValueError:  # points with lines, or a collection
            return _bytes_arrays("wkb", shapely.to_wkb(geometry, flavor="iso"))
        single = shapely.get_type_id(geometry) == _SINGLE_OF.get(kind, -1)
        arrays = {f"geometry.{at}": array for at, array in enumerate(offsets)}
        return arrays | {
            "geometry.kind": np.array([int(kind)]),
            "geometry.xy": np.ascontiguousarray(coordinates),
            "geometry.single": np.asarray(single),
        }
    return _bytes_arrays("wkb", shapely.to_wkb(geometry, flavor="iso"))


def _frame(arrays: Mapping[str, NDArray[Any]], shape: Shape) -> pd.DataFrame:
    columns: dict[str, ExtensionArray | NDArray[Any]] = {}
    for at, (name, kind) in enumerate(shape.fields, start=1):
        if kind in _PLAIN:
            values, null = arrays[f"f{at}.values"], arrays[f"f{at}.null"]
            columns[name] = _masked(values, null)
        else:
            columns[name] = _texts(arrays, f"f{at}", parse=kind == "list")
    geometry = _geometry(arrays) if shape.has_geometry else None
    return assemble(list(_texts(arrays, "key")), columns, geometry, shape)


def _masked(values: NDArray[Any], null: NDArray[np.bool_]) -> ExtensionArray:
    if values.dtype == np.bool_:
        return pd.arrays.BooleanArray(values, null)
    if values.dtype == np.float64:
        return pd.arrays.FloatingArray(values, null)
    return pd.arrays.IntegerArray(values, null)


def _words(arrays: Mapping[str, NDArray[Any]], name: str) -> list[bytes]:
    data = arrays[f"{name}.bytes"].tobytes()
    ends = arrays[f"{name}.offsets"].tolist()
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def _texts(
    arrays: Mapping[str, NDArray[Any]], name: str, *, parse: bool = False
) -> NDArray[np.object_]:
    texts = [word.decode() for word in _words(arrays, name)]
    words = np.empty(len(texts) + 1, dtype=object)
    # one object a distinct value, shared by all rows; the last one answers the code -1
    words[:] = [*(map(list_value, texts) if parse else texts), None]
    return np.asarray(words[arrays[f"{name}.codes"]], dtype=object)


def _geometry(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.object_]:
    if "geometry.kind" not in arrays:
        words = np.empty(len(arrays["wkb.offsets"]) - 1, dtype=object)
        words[:] = _words(arrays, "wkb")
        return np.asarray(shapely.from_wkb(words), dtype=object)
    offsets = [arrays[f"geometry.{at}"] for at in range(3) if f"geometry.{at}" in arrays]
    kind = shapely.GeometryType(int(arrays["geometry.kind"][0]))
    made = shapely.from_ragged_array(kind, arrays["geometry.xy"], tuple(offsets) or None)
    geometry = np.asarray(made, dtype=object)
    single = arrays["geometry.single"]
    geometry[single] = shapely.get_geometry(geometry[single], 0)
    return geometry


def _write_array(path: Path, array: NDArray[Any]) -> tuple[int, int]:
    # no fsync: the tables hold everything, and a file that was torn by a crash fails its checksum
    np.save(path, array, allow_pickle=False)
    data = path.read_bytes()
    return len(data), zlib.crc32(data)


def _read_array(folder: Path, name: str, size: int, checksum: int) -> NDArray[Any]:
    path = folder / f"{name}.npy"
    with path.open("rb") as file:
        data = file.read()
        if len(data) != size or zlib.crc32(data) != checksum:
            raise TornColumnsError(str(path))
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    # a plain view: pandas does not know numpy's memmap class
    return np.asarray(array)
