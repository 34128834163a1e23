"""Streets from OpenStreetMap files, with the tags that a street network may need."""

from __future__ import annotations

import gzip
import re
import warnings
import zlib
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyogrio
import shapely

from geosvc.crs import CRS84
from geosvc.ingest.records import file_fault

if TYPE_CHECKING:
    from pathlib import Path

STREETS: Final = (
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link",
    "secondary", "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential",
    "living_street", "service", "road",
)  # fmt: skip
"""The values of ``highway`` that cars use, service roads among them."""

ENDINGS: Final = (".osm.pbf", ".osm", ".osm.gz")
"""What `read_ways` takes."""

_HEAD = 1024  # bytes that GDAL chooses a driver by
_PBF = b"\x0a\x09OSMHeader"
_XML = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^<>]*\?>\s*)?<osm[\s>]")


def read_ways(path: Path) -> gpd.GeoDataFrame:
    """Read the streets of an OpenStreetMap file.

    Parameters
    ----------
    path
        A file that ends in ``.osm.pbf``, ``.osm`` or ``.osm.gz``.

    Returns
    -------
    streets
        LineStrings in OGC:CRS84, in the order of the file: ways whose ``highway`` is one of
        `STREETS`. Columns: ``osm_id``, ``highway``, ``road_name`` (None without a name),
        ``oneway`` (as mapped: ``yes``, ``-1``, …; None where it is not), ``bridge`` and ``tunnel``
        (booleans) and ``layer`` (a whole number; 0 is the ground).

    Raises
    ------
    SourceError
        If there is no such file, it has another ending or format, is damaged, or has no street.

    References
    ----------
    OpenStreetMap Wiki, Key:highway and Key:layer.
    """
    if not path.is_file():
        raise file_fault(path.name, "missing_file", found=path.name)
    hold_format(path)
    name = f"/vsigzip/{path.resolve()}" if path.suffix.lower() == ".gz" else str(path.resolve())
    with warnings.catch_warnings():
        # a driver that warns has left something out
        warnings.simplefilter("error")
        try:
            streets = _read(name)
        except Exception as error:
            # the machine's path is nobody's business
            reason = str(error).replace(name, path.name)
            raise file_fault(path.name, "unreadable", found=reason) from error
    if streets.empty:
        raise file_fault(path.name, "no_streets")
    return streets


def hold_format(path: Path) -> None:
    """Refuse what is not of its ending's format, which another driver of GDAL might take.

    Parameters
    ----------
    path
        A file that is there.

    Raises
    ------
    SourceError
        If its ending is none of `ENDINGS`, or it begins as no file of that ending does.
    """
    ending = path.name.lower()
    fault = file_fault(path.name, "unreadable", found=path.suffix, expected=", ".join(ENDINGS))
    if not ending.endswith(ENDINGS):
        raise fault
    opened = gzip.open if ending.endswith(".gz") else open
    try:
        with opened(path, "rb") as file:
            head = file.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise fault from error
    is_pbf = head[4 : 4 + len(_PBF)] == _PBF
    if not (is_pbf if ending.endswith(".pbf") else _XML.match(head)):
        raise fault


def _read(name: str) -> gpd.GeoDataFrame:
    chosen = ", ".join(f"'{value}'" for value in STREETS)
    meta, _, wkb, values = pyogrio.raw.read(
        name,
        layer="lines",
        columns=["osm_id", "highway", "name", "other_tags"],
        where=f"highway IN ({chosen})",
        TAGS_FORMAT="JSON",
    )
    # fields come in the order of the file
    field = dict(zip(meta["fields"].tolist(), values, strict=True))
    tags = [orjson.loads(text) if text else {} for text in field["other_tags"]]
    columns: dict[str, Any] = {
        "osm_id": field["osm_id"],
        "highway": field["highway"],
        # in China some ways have the name in its language only
        "road_name": [
            name or tag.get("name:zh") for name, tag in zip(field["name"], tags, strict=True)
        ],
        "oneway": [tag.get("oneway") for tag in tags],
        "bridge": [tag.get("bridge", "no") != "no" for tag in tags],
        "tunnel": [tag.get("tunnel", "no") != "no" for tag in tags],
        "layer": [_level(tag.get("layer")) for tag in tags],
    }
    geometry = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    # a text column of pandas' own kind would have NaN for None
    table = pd.DataFrame(columns, dtype=object).astype({"bridge": bool, "tunnel": bool})
    streets = gpd.GeoDataFrame(table.astype({"layer": "int64"}), geometry=geometry, crs=CRS84)
    # of a way at the edge of an extract, a single node may be left
    return streets[shapely.length(geometry) > 0].reset_index(drop=True)


def _level(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[+-]?[0-9]{1,2}", text) else 0
