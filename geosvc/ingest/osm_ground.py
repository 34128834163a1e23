"""What a basemap shows of an OpenStreetMap file: roads, water, buildings, places, borders."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyogrio
import shapely

from geosvc.crs import CRS84
from geosvc.ingest.osm import hold_format
from geosvc.ingest.records import file_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

COLUMNS: Final = ("kind", "cls", "name", "name_en", "ref")
"""The columns of a ground beside its geometry."""

_ROADS: Final = {
    "motorway": "motorway", "motorway_link": "motorway", "trunk": "trunk", "trunk_link": "trunk",
    "primary": "primary", "primary_link": "primary", "secondary": "secondary",
    "secondary_link": "secondary", "tertiary": "tertiary", "tertiary_link": "tertiary",
    "unclassified": "street", "residential": "street", "living_street": "street", "road": "street",
    "service": "lane", "pedestrian": "lane", "track": "path", "footway": "path", "path": "path",
    "cycleway": "path", "steps": "path", "bridleway": "path",
}  # fmt: skip
_PLACES: Final = {
    "city": "city", "town": "town", "borough": "suburb", "suburb": "suburb", "quarter": "hamlet",
    "neighbourhood": "hamlet", "village": "village", "hamlet": "hamlet",
    "isolated_dwelling": "hamlet", "island": "hamlet",
}  # fmt: skip
_GREEN: Final = {
    "landuse": {"forest", "grass", "meadow", "recreation_ground", "cemetery", "village_green"},
    "leisure": {"park", "garden", "pitch", "golf_course", "nature_reserve"},
    "natural": {"wood", "scrub", "grassland", "heath"},
}
_BLOCKS: Final = {
    "residential": "block", "commercial": "block", "retail": "block", "industrial": "industry",
    "railway": "industry", "construction": "industry",
}  # fmt: skip
_BORDERS: Final = {"4": "county", "5": "county", "6": "county", "7": "town", "8": "town"}
_WATERWAYS: Final = {"river", "canal", "stream"}
_RAILS: Final = {"rail", "light_rail", "subway", "tram"}
_LOOKED_AT: Final = {
    "lines": ("highway", "waterway", "railway", "boundary", "admin_level"),
    "multipolygons": (
        *("natural", "waterway", "landuse", "leisure", "building", "boundary", "admin_level"),
    ),
    "points": ("place",),
}
_Tags = dict[str, str]


def read_ground(path: Path) -> gpd.GeoDataFrame:
    """Read what a basemap shows of an OpenStreetMap file.

    Parameters
    ----------
    path
        A file that ends in ``.osm.pbf``, ``.osm`` or ``.osm.gz``.

    Returns
    -------
    ground
        Features in OGC:CRS84 with the columns `COLUMNS`: ``kind`` and ``cls`` as
        `geosvc.tiles.basemap.KINDS` lists them; ``name`` is Chinese where the file has that, and
        ``name_en`` English; ``ref`` is the number of a road. None where there is none.

    Raises
    ------
    SourceError
        If there is no such file, it has another ending or format, is damaged, or shows nothing.
    """
    if not path.is_file():
        raise file_fault(path.name, "missing_file", found=path.name)
    hold_format(path)
    name = f"/vsigzip/{path.resolve()}" if path.suffix.lower() == ".gz" else str(path.resolve())
    with warnings.catch_warnings():
        # a ring that cannot be closed is left out, and nothing else of the file
        warnings.simplefilter("ignore")
        try:
            parts = [_read(name, layer) for layer in _LOOKED_AT]
        except Exception as error:
            # the machine's path is nobody's business
            reason = str(error).replace(name, path.name)
            raise file_fault(path.name, "unreadable", found=reason) from error
    read = pd.concat(parts, ignore_index=True)
    if read.empty:
        raise file_fault(path.name, "no_streets")
    ground = gpd.GeoDataFrame(read, geometry="geometry", crs=CRS84)
    coast = ground["kind"] == "coast"
    lines = np.asarray(ground.geometry[coast].array, dtype=object)
    below = _land_and_sea(lines, shapely.box(*ground.total_bounds))
    return gpd.GeoDataFrame(pd.concat([below, ground[~coast]], ignore_index=True), crs=CRS84)


def _land_and_sea(coast: npt.NDArray[Any], frame: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return the land of an extract and, along its coast, the sea: land lies left of a coast."""
    # GDAL makes an area of an island; its land lies inside
    areas = shapely.get_dimensions(coast) > 1
    islands = shapely.boundary(shapely.orient_polygons(coast[areas]))
    lines = shapely.get_parts(shapely.intersection([*coast[~areas], *islands], frame))
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    net = shapely.union_all([*lines, shapely.boundary(frame)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    starts, ends = (shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, 1))
    along = ends - starts
    # a little to the right of the middle of the first piece
    right = np.column_stack([along[:, 1], -along[:, 0]]) * 1e-3
    wet = shapely.points((starts + ends) / 2 + right)
    is_sea = np.array([shapely.intersects(face, wet).any() for face in faces], dtype=bool)
    sea = faces[is_sea]
    rows = [("land", "", frame), *(("water", "", face) for face in sea)]
    table = pd.DataFrame(rows, columns=["kind", "cls", "geometry"])
    return gpd.GeoDataFrame(
        table.reindex(columns=[*COLUMNS, "geometry"]).astype(dict.fromkeys(COLUMNS, object)),
        geometry="geometry",
        crs=CRS84,
    )


def _read(name: str, layer: str) -> pd.DataFrame:
    known = set(pyogrio.read_info(name, layer=layer)["fields"].tolist())
    asked = [key for key in (*_LOOKED_AT[layer], "name", "ref", "other_tags") if key in known]
    meta, _, wkb, values = pyogrio.raw.read(name, layer=layer, columns=asked, TAGS_FORMAT="JSON")
    # fields come in the order of the file
    columns = dict(zip(meta["fields"].tolist(), values, strict=True))
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    classify = _CLASSIFY[layer]
    rows, kept = [], []
    for number in range(len(shapes)):
        tags = _tags(columns, number)
        found = classify(tags)
        if found is not None and shapes[number] is not None:
            rows.append((*found, *_names(tags), tags.get("ref")))
            kept.append(number)
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    return frame.assign(geometry=shapes[kept])


def _tags(columns: Mapping[str, Any], number: int) -> _Tags:
    own = {key: column[number] for key, column in columns.items() if key != "other_tags"}
    other = columns["other_tags"][number]
    more = orjson.loads(other) if other else {}
    return more | {key: value for key, value in own.items() if value}


def _names(tags: _Tags) -> tuple[str | None, str | None]:
    name = tags.get("name:zh") or tags.get("name:zh-Hans") or tags.get("name")
    return name, tags.get("name:en") or tags.get("name")


def _line(tags: _Tags) -> tuple[str, str] | None:
    if (road := _ROADS.get(tags.get("highway", ""))) is not None:
        return "road", road
    if tags.get("natural") == "coastline":
        return "coast", ""
    if tags.get("waterway") in _WATERWAYS:
        return "waterway", ""
    if tags.get("railway") in _RAILS and tags.get("tunnel", "no") == "no":
        return "rail", ""
    return _border(tags)


def _border(tags: _Tags) -> tuple[str, str] | None:
    level = _BORDERS.get(tags.get("admin_level", ""))
    return ("edge", level) if level and tags.get("boundary") == "administrative" else None


def _area(tags: _Tags) -> tuple[str, str] | None:
    if tags.get("building", "no") != "no":
        return "building", ""
    if tags.get("natural") == "coastline":
        return "coast", ""
    if tags.get("natural") == "water" or tags.get("waterway") == "riverbank":
        return "water", ""
    if any(tags.get(key) in values for key, values in _GREEN.items()):
        return "green", ""
    block = _BLOCKS.get(tags.get("landuse", ""))
    return ("block", block) if block else None


def _point(tags: _Tags) -> tuple[str, str] | None:
    place = _PLACES.get(tags.get("place", ""))
    return ("place", place) if place and _names(tags)[0] else None


_CLASSIFY: Final[Mapping[str, Callable[[_Tags], tuple[str, str] | None]]] = {
    "lines": _line,
    "multipolygons": _area,
    "points": _point,
}
