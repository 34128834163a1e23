"""A small county with stops, cases and vehicles, some tasks, and a scorecard of all of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.web.small import Folder, collection, feature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.workspace import Workspace

STOPS = """
title = { zh = "站台", en = "Stops" }
group = "stops"
[source]
path = "data/stops.csv"
geometry = { lon = "lon", lat = "lat" }
datum = "WGS84"
attribution = { zh = "样例来源", en = "Sample source" }
synthetic = true
as_of = "2024-06-30"
[schema]
geometry = "Point"
primary_key = "code"
expected_count = 5
[[schema.fields]]
name = "code"
title = { zh = "编号", en = "Code" }
[[schema.fields]]
name = "name"
title = { zh = "站名", en = "Name" }
[[schema.fields]]
name = "kind"
title = { zh = "类型", en = "Kind" }
[schema.fields.labels]
bay = { zh = "港湾式", en = "Bay" }
curb = { zh = "直线式", en = "Curbside" }
[[schema.fields]]
name = "slots"
title = { zh = "广告位", en = "Slots" }
type = "integer"
[[schema.fields]]
name = "due"
title = { zh = "时限", en = "Due" }
type = "date"
[[schema.fields]]
name = "progress"
title = { zh = "进度", en = "Progress" }
type = "integer"
[[schema.fields]]
name = "unit"
title = { zh = "单位", en = "Unit" }
[[schema.fields]]
name = "task"
title = { zh = "任务", en = "Task" }
[style]
kind = "circle"
color = { field = "kind", values = { bay = "c-urban", curb = "c-rural" } }
[popup]
title = "name"
"""
STOP_ROWS = """code,name,kind,slots,due,progress,unit,task,lon,lat
A1,金桥路口,bay,3,2024-06-20,60,市公交公司,更换画面,121.1,33.5
A2,医院,bay,2,2024-06-30,10,市公交公司,更换画面,121.11,33.51
A3,学校,curb,,2024-06-29,100,市公交公司,更换画面,121.12,33.52
A4,市场,curb,4,2024-05-01,,城管局,清理,121.13,33.53
A5,码头,,1,,,,,121.14,33.54
"""
CASES = """
title = { zh = "违法", en = "Cases" }
group = "cases"
[source]
path = "data/cases.csv"
geometry = { lon = "lon", lat = "lat" }
datum = "WGS84"
attribution = { zh = "样例来源", en = "Sample source" }
synthetic = true
as_of = "2024-06-30"
[schema]
geometry = "Point"
primary_key = "no"
[[schema.fields]]
name = "no"
title = { zh = "编号", en = "No." }
[[schema.fields]]
name = "at"
title = { zh = "时间", en = "At" }
type = "datetime"
[[schema.fields]]
name = "state"
title = { zh = "状态", en = "State" }
[[schema.fields]]
name = "plate"
title = { zh = "号牌", en = "Plate" }
privacy = "enforcement"
[time]
start = "at"
[style]
kind = "square"
color = "c-wash"
"""
CASE_ROWS = """no,at,state,plate,lon,lat
C1,2023-12-31T23:59:59+08:00,done,苏X00001,121.1,33.5
C2,2024-01-01T00:00:00+08:00,done,苏X00002,121.1,33.51
C3,2024-06-30T23:59:59+08:00,open,苏X00003,121.1,33.52
C4,2024-05-05T08:00:00+08:00,rejected,苏X00004,121.1,33.53
C5,,done,苏X00005,121.1,33.54
"""
FLEET = """
title = { zh = "车辆", en = "Fleet" }
[source]
path = "data/fleet.csv"
attribution = { zh = "样例来源", en = "Sample source" }
as_of = "2024-03-31"
[schema]
geometry = "None"
primary_key = "kind"
[[schema.fields]]
name = "kind"
title = { zh = "类别", en = "Kind" }
[[schema.fields]]
name = "count"
title = { zh = "数量", en = "Count" }
type = "integer"
"""
AREA = """
title = { zh = "范围", en = "Area" }
group = "ground"
[source]
path = "data/area.geojson"
datum = "CGCS2000"
attribution = { zh = "范围来源", en = "Area source" }
[schema]
geometry = "Polygon"
primary_key = "id"
[[schema.fields]]
name = "id"
title = { zh = "编号", en = "ID" }
[style]
kind = "area"
color = "m-boundary"
"""
MAP = """
title = { zh = "总览", en = "Overview" }
layers = ["area", "stops", "cases"]
"""
NUMBER = """
[[numbers]]
id = "{id}"
title = {{ zh = "{title}", en = "{title}" }}
unit = {{ zh = "个", en = "items" }}
definition = {{ zh = "定义", en = "What it is" }}
{rest}
"""
OVERDUE = """
[overdue]
definition = { zh = "逾期定义", en = "What is overdue" }
layers = ["stops"]
due = "due"
progress = "progress"
unit = "unit"
task = "task"
map = "overview"
"""


def a_number(number_id: str, rest: str, *, title: str = "Title") -> str:
    """Write one number of a scorecard file."""
    return NUMBER.format(id=number_id, title=title, rest=rest)


SCORECARD = (
    a_number("stops", 'layers = ["stops"]\ngroup = "kind"\nmap = "overview"', title="站台")
    + a_number("slots", 'layers = ["stops"]\nsum = "slots"\nmap = "overview"')
    + a_number(
        "cases", 'layers = ["cases"]\nwhere = { state = ["done", "open"] }\nmap = "overview"'
    )
    + a_number("all", 'layers = ["stops", "cases"]\nmap = "overview"')
    + a_number("taxis", 'layers = ["fleet"]\nwhere = { kind = ["taxi"] }\nsum = "count"')
    + OVERDUE
)


def write_county(root: Path, *, scorecard: str = SCORECARD) -> Folder:
    """Write the whole county below a folder."""
    folder = Folder(root)
    layers = {"stops": STOPS, "cases": CASES, "fleet": FLEET, "area": AREA}
    for name, text in (layers | {"scorecard": scorecard}).items():
        folder.write(f"layers/{name}.toml", text)
    folder.write("layers/maps/overview.toml", MAP)
    folder.write("data/stops.csv", STOP_ROWS)
    folder.write("data/cases.csv", CASE_ROWS)
    folder.write("data/fleet.csv", "kind,count\ntaxi,1337\nbus,116\n")
    ring = [[121.0, 33.4], [121.0, 33.6], [121.2, 33.6], [121.2, 33.4], [121.0, 33.4]]
    folder.write("data/area.geojson", collection(feature("1", "Polygon", [ring], id="AR1")))
    return folder


@contextmanager
def opened(folder: Folder) -> Iterator[Workspace]:
    """Import what was written, and close it in the end."""
    workspace = folder.prepare()
    try:
        yield workspace
    finally:
        workspace.close()
