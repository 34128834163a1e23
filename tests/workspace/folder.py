"""The layer files of the small catalog; ``layer_file`` adds what every one must say."""

from __future__ import annotations

_HEAD = 'title = { zh = "层", en = "Layer" }\n'
_SOURCE = """
datum = "WGS84"
attribution = { zh = "来源", en = "Origin" }
"""
_KEY = """
title = { zh = "编号", en = "Code" }
constraints = { required = true, unique = true }
"""


def layer_file(text: str) -> str:
    """Fill in the parts that the files share."""
    filled = text.replace("@source\n", _SOURCE).replace("@key\n", _KEY)
    return _HEAD + filled.replace("@title", 'title = { zh = "名", en = "Name" }')


BOUNDARY = """
[source]
path = "data/boundary.geojson"
as_of = "2023-01-01"
@source
[schema]
geometry = "Polygon"
primary_key = "code"
[[schema.fields]]
name = "code"
@key
[style]
kind = "area"
color = "c-urban"
"""

ROADS = """
[source]
path = "data/roads.geojson"
as_of = "2024-05-01"
@source
[schema]
geometry = "LineString"
primary_key = "road_id"
[[schema.fields]]
name = "road_id"
@key
[style]
kind = "line"
color = "c-urban"
"""

STOPS = """
[source]
path = "data/stops.csv"
geometry = { lon = "lon", lat = "lat" }
within = "boundary"
synthetic = true
as_of = "2024-06-30"
@source
[schema]
geometry = "Point"
primary_key = "code"
expected_count = 3
[[schema.fields]]
name = "code"
@key
[[schema.fields]]
name = "name"
@title
[style]
kind = "circle"
color = "c-urban"
"""

TABLE = """
[source]
path = "data/fleet.csv"
attribution = { zh = "来源", en = "Origin" }
[schema]
geometry = "None"
primary_key = "code"
[[schema.fields]]
name = "code"
@key
[[schema.fields]]
name = "name"
@title
"""

DENSITY = """
[derivation]
method = "street_density"
inputs = { events = "stops", streets = "roads" }
parameters = { lixel_m = 100 }
[schema]
geometry = "LineString"
primary_key = "lixel_id"
[[schema.fields]]
name = "lixel_id"
@key
[[schema.fields]]
name = "cases"
@title
type = "integer"
[style]
kind = "line"
color = "c-urban"
"""
