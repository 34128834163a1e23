"""Whatever a file holds, the parsers answer with faults and never with an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.parse import layer_from, parse_layer, parse_map, parse_site
from geosvc.settings import Settings

KNOWN = sorted({name for names in LAYER_KEYS.values() for name in names})
SCALARS = (
    st.none().map(lambda _: "")
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(["Point", "circle", "c-urban", "GCJ-02", "kind", "string", "\x00", "a"])
)
NAMES = st.sampled_from([*KNOWN, "a", "kind"]) | st.text(max_size=5)
TABLES = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
        max_leaves=12,
    ),
    max_size=8,
)
PART = TABLES | SCALARS


@given(values=TABLES)
def test_no_table_makes_the_parser_raise(values: dict[str, Any]) -> None:
    layer, issues = layer_from(values, path="layers/a.toml", settings=Settings())
    assert (layer is None) == bool(issues)
    assert all(issue.place.isprintable() and issue.found.isprintable() for issue in issues)


@given(field=PART, schema=TABLES, style=PART, source=PART, popup=PART, time=PART, derivation=PART)
def test_no_part_of_a_layer_makes_the_parser_raise(field: Any, schema: Any, **parts: Any) -> None:  # noqa: ANN401 - whatever TOML can hold
    declared = [{"name": "kind", "title": {"zh": "类", "en": "Kind"}}, field]
    schema = {"geometry": "Point", "primary_key": "kind", "fields": declared} | schema
    values = {"title": {"zh": "甲", "en": "A"}, "schema": schema, **parts}
    layer, issues = layer_from(values, path="layers/a.toml", settings=Settings())
    assert (layer is None) == bool(issues)


@given(data=st.binary(max_size=60) | st.text(max_size=60))
def test_no_bytes_make_the_parser_raise(data: bytes | str) -> None:
    for _, issues in (
        parse_layer("layers/a.toml", data, settings=Settings()),
        parse_map("layers/maps/a.toml", data),
        parse_site("layers/site.toml", data),
    ):
        assert issues


def test_deep_tables_do_not_exhaust_the_parser() -> None:
    text = ".".join(["style", *["a"] * 3000]) + " = 1"
    _, issues = parse_layer("layers/a.toml", text, settings=Settings())
    assert "style.a" in [issue.key for issue in issues]
