"""A catalog of many points, written in a test: a square grid of stops with classes and days."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from geosvc.settings import Settings
from geosvc.workspace import prepare

if TYPE_CHECKING:
    from pathlib import Path

WEST, NORTH = 121.0, 33.6
SIDE_DEG = 0.2
KINDS = ("bay", "curb", "none")
DAYS = tuple(f"2024-{month:02}-{day:02}" for month in range(1, 7) for day in (3, 17))
CROWD = """
title = { zh = "采样点", en = "Samples" }
[source]
path = "data/crowd.csv"
geometry = { lon = "lon", lat = "lat" }
datum = "CGCS2000"
attribution = { zh = "模拟数据", en = "Synthetic sample" }
synthetic = true
as_of = "2024-06-30"
[schema]
geometry = "Point"
primary_key = "code"
[[schema.fields]]
name = "code"
title = { zh = "编号", en = "Code" }
constraints = { required = true, unique = true }
[[schema.fields]]
name = "kind"
title = { zh = "类型", en = "Kind" }
[schema.fields.labels]
bay = { zh = "港湾式", en = "Bay" }
curb = { zh = "直线式", en = "Curbside" }
none = { zh = "无站台", en = "No platform" }
[[schema.fields]]
name = "note"
title = { zh = "备注", en = "Note" }
[[schema.fields]]
name = "day"
title = { zh = "日期", en = "Day" }
type = "date"
[time]
start = "day"
[style]
kind = "circle"
color = { field = "kind", values = { bay = "c-urban", curb = "c-rural", none = "c-hot" } }
[popup]
title = "code"
badges = ["kind"]
facts = ["day", "note"]
"""
SITE = """
title = { zh = "样例县", en = "Sample county" }
"""
MAP = """
title = { zh = "采样", en = "Sampling" }
layers = ["crowd"]
"""


def place(number: int, side: int) -> tuple[float, float]:
    """Return lon and lat of a stop: rows from north to south, from west to east."""
    row, column = divmod(number, side)
    return WEST + column * SIDE_DEG / side, NORTH - row * SIDE_DEG / side


def write_crowd(root: Path, *, side: int) -> Settings:
    """Write and import a catalog of ``side`` times ``side`` stops."""
    for path, text in (("crowd", CROWD), ("site", SITE), ("maps/crowd", MAP)):
        target = root / "layers" / f"{path}.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (root / "data").mkdir()
    with (root / "data" / "crowd.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "kind", "note", "day", "lon", "lat"])
        for number in range(side * side):
            lon, lat = place(number, side)
            kind, day = KINDS[number % len(KINDS)], DAYS[number % len(DAYS)]
            writer.writerow(
                [f"C{number:07}", kind, f"第{number}处", day, f"{lon:.6f}", f"{lat:.6f}"]
            )
    settings = Settings(layers=root / "layers", instance=root / "instance")
    prepare(settings, progress=lambda _layer, _done, _total: None).close()
    return settings
