"""The basemap: one PMTiles file in the instance folder, and what is known of it.

It is made of an extract of OpenStreetMap or of the catalog's own ground layers, which it then
stands for: a map need not load them to be drawn. Where a layer has moved since, it is drawn by
itself again until the file is made anew; so nothing that is shown is out of date.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geosvc.errors import BasemapError
from geosvc.ingest.osm_ground import COLUMNS, read_ground
from geosvc.tiles.catalog_ground import ground_layers, read_layers
from geosvc.tiles.pmtiles import Archive, Bounds, read_archive, write_merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.settings import Settings
    from geosvc.workspace import Workspace

FILE: Final = "basemap/ground.pmtiles"
"""Where it lies in the instance folder."""
LAYER: Final = "ground"
"""The name of the one layer of its tiles."""
FORMAT: Final = 3
"""Moves with what the tiles hold: a file of another number is made anew."""
KINDS: Final[Mapping[str, Mapping[str, int]]] = {
    "land": {"": 5},
    "block": {"block": 9, "old": 9, "industry": 9},
    "green": {"": 9},
    "water": {"": 5},
    "waterway": {"": 11},
    "building": {"": 14},
    "district": {"": 8},
    "edge": {"county": 5, "town": 8, "shore": 8, "block": 12},
    "rail": {"": 10},
    "road": {
        "motorway": 5, "trunk": 6, "primary": 8, "secondary": 10, "tertiary": 10,
        "street": 11, "lane": 13, "path": 14,
    },
    "place": {"city": 5, "town": 8, "suburb": 11, "village": 12, "hamlet": 14},
}  # fmt: skip
"""What a ground consists of: kinds, their classes, and the zoom beyond which each is shown.

``district`` is an area that is named and not painted, ``edge`` what bounds an area.
"""
_BANDS: Final = ((4, 7), (8, 8), (9, 9), (10, 10), (11, 11), (12, 12), (13, 13), (14, 14))
"""Zoom levels of tiles that hold the same; a tile is shown up to one zoom level further in."""
_ORDER: Final = tuple(KINDS)
_TAG_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Basemap:
    """The basemap that a service has.

    ``tag`` is the hash of the file that names it in an address. ``layers`` are the catalog's layers
    that it shows as they are now, and ``replaced`` those that it stands for besides them: an
    extract has roads of its own. ``source`` says whose data it is: ``layers`` or ``osm``.
    """

    path: Path
    tag: str
    bounds: Bounds
    layers: frozenset[str]
    replaced: frozenset[str]
    source: str

    @property
    def stands_for(self) -> frozenset[str]:
        """The layers that need not be drawn over it."""
        return self.layers | self.replaced


def find_file(settings: Settings) -> tuple[Path, str]:
    """Return the file of the basemap, and the tag that names it in an address.

    Parameters
    ----------
    settings
        Where the instance is, and the profile that the file must have been made for.

    Raises
    ------
    BasemapError
        If there is none (``missing``), it cannot be read, or it was made for another profile.
    """
    path = settings.instance / FILE
    archive, tag = _read(path, *signature(path))
    if _about(archive).get("profile") != settings.profile:
        raise BasemapError(path.name, reason="profile")
    return path, tag


def find_basemap(workspace: Workspace) -> Basemap:
    """Return the basemap of a service.

    Parameters
    ----------
    workspace
        The catalog and its data.

    Raises
    ------
    BasemapError
        As `find_file` does.
    """
    path, tag = find_file(workspace.settings)
    archive, _ = _read(path, *signature(path))
    about, now = _about(archive), ground_layers(workspace)
    held = about.get("layers", {})
    source = str(about.get("source", "osm"))
    layers = frozenset(name for name, shown in held.items() if now.get(name) == shown)
    replaced = frozenset(now) - layers if source == "osm" else frozenset()
    return Basemap(path, tag, archive.bounds, layers, replaced, source)


def is_behind(workspace: Workspace) -> bool:
    """Say whether the basemap of the catalog's layers is to be made, or made anew.

    One that was made of an extract is left alone, and so is a file of another format, which
    somebody has laid there.

    Parameters
    ----------
    workspace
        The catalog and its data.
    """
    try:
        path = workspace.settings.instance / FILE
        _read(path, *signature(path))
    except BasemapError as error:
        return error.reason in {"missing", "truncated"} and bool(ground_layers(workspace))
    return has_moved(workspace)


def has_moved(workspace: Workspace) -> bool:
    """Say whether there is a basemap of the catalog's layers, and these have moved since.

    Parameters
    ----------
    workspace
        The catalog and its data.
    """
    try:
        path = workspace.settings.instance / FILE
        about = _about(_read(path, *signature(path))[0])
    except BasemapError:
        return False
    now = ground_layers(workspace)
    made_of = about.get("layers"), about.get("profile"), about.get("format")
    shown_now = now, workspace.settings.profile, FORMAT
    return bool(now) and about.get("source") == "layers" and made_of != shown_now


def build_of_layers(workspace: Workspace, target: Path | None = None) -> Archive:
    """Make the basemap of the catalog's own ground layers.

    Parameters
    ----------
    workspace
        The catalog and its data, as the readers of the basemap may see them.
    target
        The file; by default `FILE` in the instance folder.

    Returns
    -------
    archive
        The file that was written.

    Raises
    ------
    BasemapError
        If no layer belongs to the ground.
    """
    ground = read_layers(workspace)
    about = {"source": "layers", "layers": ground_layers(workspace)}
    return _build(ground, workspace.settings, about, target=target)


def build_of_extract(extract: Path, workspace: Workspace, target: Path | None = None) -> Archive:
    """Make the basemap of an extract of OpenStreetMap.

    Parameters
    ----------
    extract
        A file that ends in ``.osm.pbf``, ``.osm`` or ``.osm.gz``.
    workspace
        The catalog and its data. Where its ground meets the extract, its borders are drawn.
    target
        The file; by default `FILE` in the instance folder.

    Returns
    -------
    archive
        The file that was written.

    Raises
    ------
    SourceError
        If the extract cannot be read.
    """
    ground = read_ground(extract).assign(layer=None)
    own = read_layers(workspace)
    borders = own[own["cls"].isin(["county", "town"]) & (own["kind"] == "edge")]
    if not borders.empty and meets(_bounds(ground), _bounds(borders)):
        ground = gpd.GeoDataFrame(pd.concat([ground, borders], ignore_index=True), crs=ground.crs)
    about = {"source": "osm", "layers": {}}
    return _build(ground, workspace.settings, about, target=target)


def meets(box: Bounds, other: Bounds) -> bool:
    """Say whether two boxes of degrees meet.

    >>> meets((0, 0, 1, 1), (0.5, 0.5, 2, 2)), meets((0, 0, 1, 1), (2, 0, 3, 1))
    (True, False)
    """
    return box[0] <= other[2] and other[0] <= box[2] and box[1] <= other[3] and other[1] <= box[3]


def _build(
    ground: gpd.GeoDataFrame, settings: Settings, about: dict[str, Any], *, target: Path | None
) -> Archive:
    path = target or settings.instance / FILE
    if ground.empty:
        raise BasemapError(path.name, reason="empty")
    said = {
        "name": LAYER,
        "vector_layers": [{"id": LAYER, "fields": dict.fromkeys((*COLUMNS, "layer"), "String")}],
        "geosvc": about | {"format": FORMAT, "profile": settings.profile},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        bands = [_band(ground, Path(folder), zooms) for zooms in _BANDS]
        written = [archive for archive in bands if archive is not None]
        merged = Path(folder) / "merged"
        write_merged(written, merged, bounds=_bounds(ground), metadata=said)
        name = f".{secrets.token_hex(6)}"
        # a reader of the old file reads on; the next one finds the new file
        shutil.move(merged, path.with_name(name))
    path.with_name(name).replace(path)
    return read_archive(path)


def _band(ground: gpd.GeoDataFrame, folder: Path, zooms: tuple[int, int]) -> Archive | None:
    least = [
        KINDS[kind].get(cls, 0) for kind, cls in zip(ground["kind"], ground["cls"], strict=True)
    ]
    shown = ground[np.array(least) <= zooms[1]]
    if shown.empty:
        return None
    # the order of painting, so that readers need not sort
    rank = shown["kind"].map({kind: place for place, kind in enumerate(_ORDER)})
    path = folder / f"{zooms[0]}.pmtiles"
    pyogrio.write_dataframe(
        shown.iloc[np.argsort(rank.to_numpy(), kind="stable")],
        path,
        driver="PMTiles",
        layer=LAYER,
        dataset_options={
            "MINZOOM": zooms[0],
            "MAXZOOM": zooms[1],
            # nothing is left out: what is too much for a tile is not in its band
            "MAX_SIZE": 5_000_000,
            "MAX_FEATURES": 500_000,
            "SIMPLIFICATION": 4,
            "SIMPLIFICATION_MAX_ZOOM": 1,
        },
    )
    return read_archive(path)


def _bounds(gdf: gpd.GeoDataFrame) -> Bounds:
    west, south, east, north = (float(value) for value in gdf.total_bounds)
    return west, south, east, north


def _about(archive: Archive) -> Mapping[str, Any]:
    found = archive.metadata.get("geosvc") if isinstance(archive.metadata, dict) else None
    return found if isinstance(found, dict) else {}


def signature(path: Path) -> tuple[int, int]:
    """Return what tells a file from the one that stood in its place: its time and its size.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    BasemapError
        If there is none.
    """
    try:
        seen = path.stat()
    except OSError as error:
        raise BasemapError(path.name, reason="missing") from error
    return seen.st_mtime_ns, seen.st_size


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> tuple[Archive, str]:
    """Read a file once; whether it is another one now is asked of the file system."""
    archive = read_archive(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return archive, digest[:_TAG_LENGTH]
