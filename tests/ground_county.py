"""A small county whose layers are a ground: land, a lake, a town, roads, villages, and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.web.small import Folder, collection, feature

if TYPE_CHECKING:
    from pathlib import Path

WEST, SOUTH, EAST, NORTH = BOUNDS = (121.0, 33.4, 121.2, 33.6)
ROADS: Final = {"G": "m-highway", "S": "m-arterial", "X": "m-road"}
GROUND: Final = ("land", "lake", "towns", "roads", "villages")


def square(west: float, south: float, side: float) -> list[Any]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def write_county(root: Path) -> Folder:
    """Write the layer files, the data and one map."""
    folder = Folder(root)
    folder.write(
        "data/land.geojson",
        collection(_row("L1", "Polygon", square(WEST, SOUTH, 0.2), name="某市")),
    )
    folder.write(
        "data/lake.geojson",
        collection(_row("W1", "Polygon", square(121.01, 33.45, 0.08), name="白荻湖")),
    )
    towns = [
        _row("T1", "Polygon", square(121.0, 33.4, 0.1), name="东镇"),
        _row("T2", "Polygon", square(121.1, 33.4, 0.1), name="西镇"),
    ]
    folder.write("data/towns.geojson", collection(*towns))
    roads = [
        _row(f"R{number}", "LineString", [[121.0, lat], [121.2, lat]], name=f"{code}路", cls=code)
        for number, (code, lat) in enumerate(zip(ROADS, (33.42, 33.55, 33.58), strict=True), 1)
    ]
    folder.write("data/roads.geojson", collection(*roads))
    folder.write(
        "data/villages.geojson",
        collection(_row("V1", "Point", [121.15, 33.5], name="秦厦")),
    )
    stops = [_row(f"S{n}", "Point", [121.12 + n / 100, 33.52], name=f"站{n}") for n in range(3)]
    folder.write("data/stops.geojson", collection(*stops))
    _layer(folder, "land", "Polygon", 'color = "m-land"\ncasing = "m-boundary"\nfill_opacity = 1.0')
    _layer(folder, "lake", "Polygon", 'color = "m-water"\nfill_opacity = 1.0\nlabel = "name"')
    _layer(folder, "towns", "Polygon", 'color = "m-boundary"\nlabel = "name"\nlabel_rank = 2')
    colors = "\n".join(f'values.{code} = "{role}"' for code, role in ROADS.items())
    style = f'scaled = true\nlabel = "name"\nwidth_px = 3.0\n[style.color]\nfield = "cls"\n{colors}'
    _layer(folder, "roads", "LineString", style, more="cls")
    _layer(folder, "villages", "Point", 'color = "m-label-2"\nlabel = "name"\nlabel_rank = 5')
    _layer(folder, "stops", "Point", 'color = "c-urban"', group="stops")
    names = ", ".join(f'"{name}"' for name in (*GROUND, "stops"))
    titles = 'title = { zh = "全市", en = "County" }'
    folder.write("layers/maps/county.toml", f'{titles}\nlayers = [{names}]\nfit = "land"\n')
    folder.write("layers/site.toml", 'title = { zh = "样例", en = "Sample" }\n')
    return folder


def _row(key: str, kind: str, coordinates: list[Any], **properties: str) -> dict[str, Any]:
    return feature(key, kind, coordinates, id=key, **properties)


def _layer(
    folder: Folder, name: str, geometry: str, style: str, *, group: str = "ground", more: str = ""
) -> None:
    kind = {"Polygon": "area", "LineString": "line", "Point": "circle"}[geometry]
    fields = "\n".join(
        f'[[schema.fields]]\nname = "{field}"\ntitle = {{ zh = "{field}", en = "{field}" }}\n'
        'type = "string"'
        for field in ("id", "name", more)
        if field
    )
    visible = "false" if name == "villages" else "true"
    text = f"""
title = {{ zh = "{name}层", en = "{name}" }}
group = "{group}"
visible = {visible}
[source]
path = "data/{name}.geojson"
datum = "WGS84"
attribution = {{ zh = "测绘院", en = "Survey office" }}
[schema]
geometry = "{geometry}"
primary_key = "id"
{fields}
[style]
kind = "{kind}"
{style}
"""
    folder.write(f"layers/{name}.toml", text)
