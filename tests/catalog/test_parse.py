from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Derivation, Group, Site, Text
from geosvc.catalog.parse import (
    SHAPES,
    fingerprint,
    layer_from,
    parse_layer,
    parse_map,
    parse_site,
)
from geosvc.errors import Issue
from geosvc.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Layer

Fault = tuple[str, str, str, str]

# the two layer files of the architecture, as printed there
VIOLATIONS = """
# layers/violations.toml
title = { zh = "占道洗车违法", en = "Roadside washing violations" }
description = { zh = "随手拍确认的占道、占盲道停车洗车违法", en = "Confirmed by the snapshot app" }
group = "violations"
order = 40
visible = true
[source]
path = "data/violations.csv"
geometry = { lon = "lon", lat = "lat" }
datum = "GCJ-02"                      # or CGCS2000, WGS84, BD-09, EPSG:4549 …
within = "boundary"                   # refuse features more than 20 km outside this layer
attribution = { zh = "模拟数据", en = "Synthetic sample" }
synthetic = true                      # said on every map, figure and export that shows it
[schema]
geometry = "Point"
primary_key = "case_no"
expected_count = 126
[[schema.fields]]
name = "case_no"
title = { zh = "案件编号", en = "Case no." }
type = "string"
constraints = { required = true, unique = true }
[[schema.fields]]
name = "plate"
title = { zh = "号牌", en = "Plate" }
type = "string"
privacy = "enforcement"               # roles: viewer, editor, enforcement, administrator
[time]
start = "captured_at"
[style]
kind = "circle"
color = { field = "violation_type", values = { lane_washing = "#b3261e", tactile_washing = "#7b1fa2" } }
"""  # noqa: E501 - the line as it is printed
LEFT_OUT_FIELDS = """
[[schema.fields]]
name = "captured_at"
title = { zh = "抓拍时间", en = "Captured at" }
type = "datetime"
[[schema.fields]]
name = "violation_type"
title = { zh = "违法类型", en = "Type" }
"""
HOTSPOTS = """
# layers/violation_hotspots.toml
title = { zh = "违法热点路段", en = "Violation hotspots" }
[derivation]
method = "street_hotspots"            # a name in geosvc/derive.py
inputs = { events = "violations", streets = "roads", patrols = "patrols", areas = "communities" }
parameters = { radii_m = [100, 200, 300, 500], alpha = 0.05, draws = 999, seed = 1 }
"""
LEFT_OUT_SCHEMA = """
[schema]
geometry = "LineString"
primary_key = "band_id"
[[schema.fields]]
name = "band_id"
title = { zh = "编号", en = "ID" }
"""


def _parse(text: str | bytes, path: str = "layers/violations.toml") -> tuple[Layer, list[Issue]]:
    layer, issues = parse_layer(path, text, settings=Settings())
    assert layer is not None, issues
    return layer, issues


def test_the_printed_violations_file_says_all_that_it_prints() -> None:
    layer, issues = _parse(VIOLATIONS + LEFT_OUT_FIELDS)
    assert issues == []
    assert layer.id == "violations"
    assert layer.title == Text("占道洗车违法", "Roadside washing violations")
    assert layer.order == 40
    assert layer.source is not None
    assert layer.source.datum == "GCJ-02"
    assert layer.source.within == "boundary"
    assert layer.schema.expected_count == 126
    assert layer.schema.fields[1].privacy == "enforcement"
    assert layer.time is not None
    assert layer.popup.title is None
    assert layer.popup.facts == ("plate", "captured_at", "violation_type")


def test_the_printed_violations_file_lacks_only_the_fields_it_does_not_print() -> None:
    _, issues = parse_layer("layers/violations.toml", VIOLATIONS, settings=Settings())
    assert [(issue.code, issue.key, issue.found) for issue in issues] == [
        ("unknown_field", "style.color.field", "violation_type"),
        ("unknown_field", "time.start", "captured_at"),
    ]


def test_the_printed_derived_file_says_all_that_it_prints() -> None:
    layer, _ = _parse(HOTSPOTS + LEFT_OUT_SCHEMA, "layers/violation_hotspots.toml")
    inputs = {
        "events": "violations",
        "streets": "roads",
        "patrols": "patrols",
        "areas": "communities",
    }
    parameters = {"radii_m": [100, 200, 300, 500], "alpha": 0.05, "draws": 999, "seed": 1}
    assert layer.derivation == Derivation("street_hotspots", inputs, parameters)
    assert layer.source is None
    assert layer.attribution is None
    assert (layer.group, layer.order, layer.visible) == ("other", 50, True)
    assert layer.style.kind == "line"


def test_the_printed_derived_file_lacks_only_its_schema() -> None:
    _, issues = parse_layer("layers/violation_hotspots.toml", HOTSPOTS, settings=Settings())
    assert issues == [
        Issue("missing_key", "layers/violation_hotspots.toml", "schema", expected="table")
    ]


def test_a_sound_file_gives_its_top_keys(sound: Callable[..., Layer]) -> None:
    layer = sound()
    assert (layer.id, layer.path) == ("stops", "layers/stops.toml")
    assert (layer.group, layer.order, layer.visible) == ("transit", 5, False)
    assert layer.description == Text("说明", "About")
    assert layer.attribution == Text("来源", "Origin")
    assert len(layer.fingerprint) == 16


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'title = { zh = "站点", en = "Stops" }\n',
            "",
            ("missing_key", "title", "", "table"),
        ),
        ('en = "Stops"', 'fr = "Arrêts"', ("unknown_key", "title.fr", "fr", "zh, en")),
        ('en = "Stops"', 'en = ""', ("required", "title.en", "", "")),
        ('en = "Stops"', "en = 5", ("wrong_type", "title.en", "5", "string")),
        (
            'group = "transit"',
            'group = "In Town"',
            ("not_allowed", "group", "In Town", "[a-z0-9_]+"),
        ),
        ("order = 5", 'order = "5"', ("wrong_type", "order", "5", "integer")),
        ("order = 5", "order = 5.0", ("wrong_type", "order", "5.0", "integer")),
        ("order = 5", "order = true", ("wrong_type", "order", "true", "integer")),
        ("visible = false", "visible = 0", ("wrong_type", "visible", "0", "boolean")),
        ("order = 5", "colour = 5", ("unknown_key", "colour", "colour", ", ".join(LAYER_KEYS[""]))),
    ],
)
def test_each_fault_of_the_top_keys(
    faults: Callable[[str, str], list[Fault]], old: str, new: str, fault: Fault
) -> None:
    assert fault in faults(old, new)


def test_a_missing_language_is_named(faults: Callable[[str, str], list[Fault]]) -> None:
    expected = [("missing_key", "title.en", "", "string")]
    assert faults('zh = "站点", en = "Stops"', 'zh = "站点"') == expected


def test_every_fault_of_a_file_is_listed(faults: Callable[[str, str], list[Fault]]) -> None:
    found = faults(
        'group = "transit"\norder = 5\nvisible = false\n',
        'group = "A"\norder = "x"\nvisible = 1\nsource_datum = "?"\n',
    )
    assert [(code, key) for code, key, _, _ in found] == [
        ("unknown_key", "source_datum"),
        ("not_allowed", "group"),
        ("wrong_type", "order"),
        ("wrong_type", "visible"),
    ]


def test_a_layer_has_a_source_or_a_derivation_and_not_both(
    faults: Callable[[str, str], list[Fault]],
) -> None:
    derivation = '[derivation]\nmethod = "m"\ninputs = { events = "a" }\n\n[schema]\n'
    assert faults("[schema]\n", derivation) == [
        ("both_or_neither", "source", "source, derivation", "source, derivation")
    ]
    _, issues = layer_from({}, path="layers/a.toml", settings=Settings())
    assert (
        Issue("both_or_neither", "layers/a.toml", "source", expected="source, derivation") in issues
    )


@pytest.mark.parametrize(
    ("data", "found", "expected"),
    [
        (b"title = ", "line 1", "TOML"),
        (b"order = 1\norder = 2", "line 2", "TOML"),
        (b'order = 1\ntitle = { zh = "a"', "line 2", "TOML"),
        (b"a = " + b"[" * 5000, "line 1", "TOML"),
        (b"a = " + b"9" * 5000, "line 1", "TOML"),
        ("标题 = 1\ntitle = '某".encode("gb18030"), "line 1", "UTF-8"),
        (b"order = 1\n# \xff", "line 2", "UTF-8"),
    ],
)
def test_an_unreadable_file_names_its_line(data: bytes, found: str, expected: str) -> None:
    layer, issues = parse_layer("layers/a.toml", data, settings=Settings())
    assert layer is None
    assert issues == [Issue("unreadable", "layers/a.toml", found=found, expected=expected)]


@pytest.mark.parametrize("stem", ["Stops", "bus-stops", "站点", "a b", "", "a.b"])
def test_an_id_is_small_letters_digits_and_underscores(stem: str) -> None:
    text = VIOLATIONS + LEFT_OUT_FIELDS
    layer, issues = parse_layer(f"layers/{stem}.toml", text, settings=Settings())
    assert layer is None
    assert issues == [
        Issue("not_allowed", f"layers/{stem}.toml", found=stem, expected="[a-z0-9_]+")
    ]


def test_a_byte_order_mark_is_no_fault() -> None:
    text = (VIOLATIONS + LEFT_OUT_FIELDS).encode()
    assert _parse(b"\xef\xbb\xbf" + text)[0].title == _parse(text)[0].title


@pytest.mark.parametrize(
    "words",
    [
        "{{7*7}}",
        "{% raw %}",
        "{#",
        "${1}",
        "`a`",
        "<img src=x onerror=alert(1)>",
        "</script>",
        "javascript:alert(1)",
        "\u202eabc",
        "𠮷",
        "长" * 10_000,
    ],
)
def test_any_words_are_a_legal_title(words: str, sound: Callable[..., Layer]) -> None:
    assert sound('en = "Stops"', f"en = '{words}'").title.en == words


def test_the_fingerprint_follows_the_bytes() -> None:
    assert fingerprint("a") == fingerprint(b"a") == "ca978112ca1bbdca"
    assert fingerprint("a\n") != fingerprint("a\r\n")


def test_shapes_are_those_of_the_map() -> None:
    assert (
        *("circle", "ring", "square", "square_cross", "square_check", "square_arrow"),
        *("triangle_up", "triangle_down", "triangle_up_open", "triangle_down_open"),
        *("diamond", "flag", "pin", "line", "area", "hatch"),
    ) == SHAPES


MAP = """
title = { zh = "全市", en = "County" }
description = { zh = "一切", en = "Everything" }
order = 10
layers = ["roads", "stops"]
visible = ["roads"]
fit = "roads"
highlights = ["stops"]
"""


def test_a_map_file() -> None:
    found, issues = parse_map("layers/maps/county.toml", MAP)
    assert issues == []
    assert found is not None
    assert (found.id, found.order, found.fit) == ("county", 10, "roads")
    assert found.layers == ("roads", "stops")
    assert found.visible == ("roads",)
    assert found.highlights == ("stops",)


def test_a_map_file_needs_only_a_title_and_layers() -> None:
    text = 'title = { zh = "全市", en = "County" }\nlayers = ["roads"]'
    found, _ = parse_map("layers/maps/county.toml", text)
    assert found is not None
    assert (found.order, found.visible, found.fit, found.highlights) == (50, None, None, ())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('layers = ["roads", "stops"]', "", ("missing_key", "layers", "", "list")),
        ('["roads", "stops"]', "[]", ("length", "layers", "0", "1")),
        ('["roads", "stops"]', '"roads"', ("wrong_type", "layers", "roads", "list")),
        ('["roads", "stops"]', '["roads", 5]', ("wrong_type", "layers[1]", "5", "string")),
        (
            '["roads", "stops"]',
            '["roads", "stops", "roads"]',
            ("not_unique", "layers[2]", "roads", ""),
        ),
        ('visible = ["roads"]', 'visible = ["x"]', ("not_allowed", "visible", "x", "roads, stops")),
        ('fit = "roads"', 'fit = "x"', ("not_allowed", "fit", "x", "roads, stops")),
        ('["stops"]\n', '["x"]\n', ("not_allowed", "highlights", "x", "roads, stops")),
        ("order = 10", 'order = "a"', ("wrong_type", "order", "a", "integer")),
        (
            "order = 10",
            "zoom = 10",
            (
                "unknown_key",
                "zoom",
                "zoom",
                "title, description, order, layers, visible, fit, highlights",
            ),
        ),
    ],
)
def test_each_fault_of_a_map_file(old: str, new: str, fault: Fault) -> None:
    assert old in MAP
    found, issues = parse_map("layers/maps/county.toml", MAP.replace(old, new, 1))
    assert found is None
    assert fault in [(issue.code, issue.key, issue.found, issue.expected) for issue in issues]


def test_an_unreadable_map_file() -> None:
    assert parse_map("layers/maps/a.toml", b"\xff")[1][0].code == "unreadable"


SITE = """
title = { zh = "某市", en = "County" }
[[groups]]
id = "ground"
title = { zh = "底图", en = "Ground" }
order = 60
[[groups]]
id = "transit"
title = { zh = "公交", en = "Transit" }
order = 10
"""


def test_a_site_file_has_its_groups_in_order() -> None:
    site, issues = parse_site("layers/site.toml", SITE)
    assert issues == []
    assert site == Site(
        Text("某市", "County"),
        (
            Group("transit", Text("公交", "Transit"), 10),
            Group("ground", Text("底图", "Ground"), 60),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "transit"', 'id = "ground"', ("not_unique", "groups[1].id", "ground", "")),
        ('id = "ground"\n', "", ("missing_key", "groups[0].id", "", "string")),
        ('id = "ground"', 'id = "G"', ("not_allowed", "groups[0].id", "G", "[a-z0-9_]+")),
        ("order = 60", "rank = 60", ("unknown_key", "groups[0].rank", "rank", "id, title, order")),
        ('title = { zh = "某市", en = "County" }\n', "", ("missing_key", "title", "", "table")),
    ],
)
def test_each_fault_of_a_site_file(old: str, new: str, fault: Fault) -> None:
    assert old in SITE
    site, issues = parse_site("layers/site.toml", SITE.replace(old, new, 1))
    assert site is None
    assert fault in [(issue.code, issue.key, issue.found, issue.expected) for issue in issues]


def test_an_unreadable_site_file() -> None:
    assert parse_site("layers/site.toml", "=")[1][0].found == "line 1"


def test_source_paths_are_absolute_and_start_beside_the_layers_folder(tmp_path: Path) -> None:
    settings = Settings(layers=tmp_path / "layers")
    text = VIOLATIONS + LEFT_OUT_FIELDS
    layer, _ = parse_layer("layers/violations.toml", text, settings=settings)
    assert layer is not None
    assert layer.source is not None
    assert layer.source.path == tmp_path.resolve() / "data" / "violations.csv"
    assert layer.source.shown_path == "data/violations.csv"
