"""A sound layer file that tests break in one place, and a folder that they fill with files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import pytest

from geosvc.catalog.parse import parse_layer
from geosvc.catalog.toml_table import Table
from geosvc.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Layer

Fault: TypeAlias = tuple[str, str, str, str]

SOUND = """
title = { zh = "站点", en = "Stops" }
description = { zh = "说明", en = "About" }
group = "transit"
order = 5
visible = false

[source]
path = "data/stops.csv"
geometry = { lon = "lng", lat = "lat" }
datum = "gcj02"
within = "boundary"
attribution = { zh = "来源", en = "Origin" }
synthetic = true
licence = "CC0-1.0"
as_of = "2024-06-30"

[schema]
geometry = "Point"
primary_key = "code"
expected_count = 2
missing_values = ["", "-"]

[[schema.fields]]
name = "code"
title = { zh = "编号", en = "Code" }
type = "string"
constraints = { required = true, unique = true, pattern = "S[0-9]", min_length = 2, max_length = 2 }

[[schema.fields]]
name = "kind"
title = { zh = "类别", en = "Kind" }
[schema.fields.labels]
a = { zh = "甲", en = "First", tone = "ok" }
b = { zh = "乙", en = "Second" }

[[schema.fields]]
name = "bays"
title = { zh = "车位", en = "Bays" }
type = "integer"
unit = { zh = "个", en = "bays" }
constraints = { minimum = 0, maximum = 200 }

[[schema.fields]]
name = "planned"
title = { zh = "规划", en = "Planned" }
type = "number"

[[schema.fields]]
name = "seen_at"
title = { zh = "时间", en = "Seen" }
type = "datetime"
constraints = { minimum = 2024-01-01T00:00:00+08:00 }

[[schema.fields]]
name = "closed_on"
title = { zh = "结案", en = "Closed" }
type = "date"
constraints = { minimum = 2024-01-01, maximum = "2024-12-31" }

[[schema.fields]]
name = "owner"
title = { zh = "业主", en = "Owner" }
description = { zh = "单位", en = "A unit" }
privacy = "enforcement"

[[schema.rules]]
order = ["bays", "planned"]

[[schema.rules]]
only_if = { field = "owner", when = "kind", values = ["a"] }

[[schema.foreign_keys]]
field = "owner"
reference = { layer = "owners", field = "owner_id" }

[time]
start = "seen_at"
end = "closed_on"

[style]
kind = "circle"
color = { field = "kind", values = { a = "c-urban", b = "#B3261e" } }
shape = { field = "kind", values = { a = "ring" }, default = "square" }
casing = "halo"
size_px = 12
width_px = 2
min_zoom = 9
opacity = 0.9
dash = [4, 2.5]
label = "code"
label_rank = 2
unit = { zh = "个", en = "bays" }

[popup]
title = "code"
subtitle = "owner"
badges = ["kind"]
facts = ["bays", "planned"]
"""


class Change(Protocol):
    """What stands for ``old`` in the sound file; without arguments the file as it is."""

    def __call__(self, old: str = "", new: str = "") -> str: ...


@pytest.fixture
def changed() -> Change:
    def change(old: str = "", new: str = "") -> str:
        assert old in SOUND
        return SOUND.replace(old, new, 1) if old else SOUND + new

    return change


@pytest.fixture
def faults(changed: Change) -> Callable[[str, str], list[Fault]]:
    def parse(old: str, new: str) -> list[Fault]:
        layer, issues = parse_layer("layers/stops.toml", changed(old, new), settings=Settings())
        assert layer is None
        assert {issue.path for issue in issues} == {"layers/stops.toml"}
        return [(issue.code, issue.key, issue.found, issue.expected) for issue in issues]

    return parse


@pytest.fixture
def sound(changed: Change) -> Callable[[str, str], Layer]:
    def parse(old: str = "", new: str = "") -> Layer:
        layer, issues = parse_layer("layers/stops.toml", changed(old, new), settings=Settings())
        assert issues == []
        assert layer is not None
        return layer

    return parse


@pytest.fixture
def table() -> Callable[[dict[str, object]], Table]:
    def build(values: dict[str, object]) -> Table:
        return Table(values, path="layers/a.toml", key="part", issues=[])

    return build


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Settings]:
    """Write files below a layers folder and give the settings that name it."""

    def write(files: dict[str, str | bytes]) -> Settings:
        layers = tmp_path / "county" / "layers"
        layers.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            path = layers / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return Settings(layers=layers)

    return write
