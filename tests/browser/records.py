"""A map with one layer of many stops, whose records facets and tables show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.browser.harness import Site, layer, look, paths, points

if TYPE_CHECKING:
    from geosvc import messages

X, Y = 121.1, 33.5
BOUNDS = (X - 0.02, Y - 0.02, X + 0.02, Y + 0.02)
ROADS = ["泰北路", "金桥路", *(f"支路{n}" for n in range(14))]
KINDS = {"bay": ("港湾式", "Bay"), "curb": ("直线式", "Curbside")}


def _text(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


SCHEMA: dict[str, Any] = {
    "primaryKey": "code",
    "fields": [
        {"name": "code", "title": _text("编号", "Code"), "type": "string"},
        {"name": "road", "title": _text("道路", "Road"), "type": "string"},
        {
            "name": "kind",
            "title": _text("类型", "Kind"),
            "type": "string",
            "labels": {code: _text(*words) for code, words in KINDS.items()},
        },
        {"name": "shelter", "title": _text("候车亭", "Shelter"), "type": "boolean"},
        {"name": "slots", "title": _text("广告位", "Slots"), "type": "integer"},
        {"name": "built", "title": _text("建成", "Built"), "type": "date"},
        {"name": "plate", "title": _text("号牌", "Plate"), "type": "string", "privacy": "x"},
    ],
}


def columns(count: int) -> dict[str, list[Any]]:
    """The values of each field; stop 0 has none where one may be missing."""
    return {
        "code": [f"S{n:05}" for n in range(count)],
        "road": [ROADS[n % len(ROADS)] for n in range(count)],
        "kind": [None if n == 0 else ("bay", "curb")[n % 2] for n in range(count)],
        "shelter": [n % 3 == 0 for n in range(count)],
        "slots": [None if n == 0 else n % 7 for n in range(count)],
        "built": [f"2024-0{1 + n % 6}-15" for n in range(count)],
        "plate": ["某A·**1"] * count,
    }


def files(count: int = 96, *, language: messages.Language = "zh") -> dict[str, str]:
    """Return the answers of a site with so many stops in a row from west to east, and a street."""
    values = columns(count)
    keys = values["code"]
    step = 0.03 / count
    labels = {code: {"label": words[language == "en"]} for code, words in KINDS.items()}
    fields = [
        {"name": "code", "title": "编号", "type": "string", "labels": {}},
        {"name": "kind", "title": "类型", "type": "string", "labels": labels},
    ]
    stops = layer(
        "stops",
        points([(X - 0.015 + n * step, Y) for n in range(count)]),
        [look(None, "站点")],
        keys=keys,
        title="站点",
        fields=fields,
        popup={"title": "code", "subtitle": None, "badges": [], "facts": ["kind"]},
        columns={name: values[name] for name in ("code", "kind")},
    )
    street = layer(
        "street",
        paths("line", [[[(X - 0.01, Y + 0.002), (X + 0.01, Y + 0.002)]]]),
        [look(None, "道路", shape="line")],
        keys=["R1"],
        title="街道",
    )
    rows = {name: {"values": column} for name, column in values.items()}
    return Site([street, stops], BOUNDS, language=language).files() | {
        "/layers/stops/schema.json": json.dumps(SCHEMA),
        # another order than the map's
        "/layers/stops/rows.json": json.dumps(
            {
                "keys": keys[::-1],
                "columns": {name: {"values": item["values"][::-1]} for name, item in rows.items()},
            }
        ),
        "/layers/street/schema.json": json.dumps({"primaryKey": "id", "fields": []}),
        "/layers/street/rows.json": json.dumps({"keys": ["R1"], "columns": {}}),
    }
