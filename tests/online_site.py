"""A site file with online base maps on hosts that are nobody's."""

from __future__ import annotations

from typing import Final

HOSTS: Final = ("https://a.tiles.example", "https://b.tiles.example", "https://open.example:8443")
TITLE: Final = 'title = { zh = "样例", en = "Sample" }\n'
VECTOR: Final = """
[[base]]
id = "vector"
title = { zh = "矢量", en = "Vector" }
url = "https://{s}.tiles.example/vec?x={x}&y={y}&z={z}&tk={token}"
labels = "https://{s}.tiles.example/cva?x={x}&y={y}&z={z}&tk={token}"
subdomains = ["a", "b"]
attribution = { zh = "甲图", en = "Map A" }
datum = "CGCS2000"
max_zoom = 16
"""
OPEN: Final = """
[[base]]
id = "open"
title = { zh = "开放 <b>图</b>", en = "Open <b>map</b>" }
url = "https://open.example:8443/{z}/{x}/{y}.png"
attribution = { zh = "乙图", en = "Map B" }
datum = "WGS84"
"""
SITE: Final = TITLE + VECTOR + OPEN
SHIFTED: Final = """
[[base]]
id = "shifted"
title = { zh = "火星图", en = "Shifted map" }
url = "https://shifted.tiles.example/{z}/{x}/{y}.png"
attribution = { zh = "丙图", en = "Map C" }
datum = "GCJ-02"
"""
