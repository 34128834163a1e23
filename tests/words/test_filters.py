from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from geosvc.catalog.model import Field, Label, Layer, Schema, Style, Text
from geosvc.map_state import Filter, MapState
from geosvc.words.filters import MOST, filter_text, filters_text

if TYPE_CHECKING:
    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Language

KIND = Field("kind", Text("候车亭", "Shelter"), labels={"no": Label(Text("无", "None"))})
ROAD = Field("road", Text("道路", "Road"))
LENGTH = Field("length", Text("长度", "Length"), "number", unit=Text("米", "m"))
SINCE = Field("since", Text("启用日期", "Since"), "date")
OPEN = Field("open", Text("开放", "Open"), "boolean")
FIELDS = (KIND, ROAD, LENGTH, SINCE, OPEN)


def catalog() -> Catalog:
    layers = {
        name: Layer(name, "", title, Schema("Point", "code", FIELDS), Style("ring", "c-rural"))
        for name, title in (("stops", Text("站点", "Stops")), ("roads", Text("道路网", "Streets")))
    }
    return cast("Catalog", SimpleNamespace(layers=layers))


@pytest.mark.parametrize(
    ("item", "field", "zh", "en"),
    [
        (Filter("stops", "kind", ("no",)), KIND, "候车亭 = 无", "Shelter = None"),
        (
            Filter("stops", "kind", ("", "no")),
            KIND,
            "候车亭 = 无、无值",
            "Shelter = None, no value",
        ),
        (Filter("stops", "road", ("泰北路",)), ROAD, "道路 = 泰北路", "Road = 泰北路"),
        (
            Filter("stops", "length", low="5", high="9"),
            LENGTH,
            "长度：5 米 至 9 米",
            "Length: 5 m to 9 m",
        ),
        (Filter("stops", "length", high="9"), LENGTH, "长度 ≤ 9 米", "Length ≤ 9 m"),
        (
            Filter("stops", "since", low="2024-01-05"),
            SINCE,
            "启用日期 ≥ 2024年1月5日",
            "Since ≥ 2024-01-05",
        ),
        (Filter("stops", "since", low="2024-01"), SINCE, "启用日期 ≥ 2024-01", "Since ≥ 2024-01"),
        (Filter("stops", "since"), SINCE, "启用日期有值", "Since has a value"),
        (Filter("stops", "open", ("true",)), OPEN, "开放 = 是", "Open = Yes"),
        (Filter("stops", "open", ("false",)), OPEN, "开放 = 否", "Open = No"),
    ],
)
def test_one_filter(item: Filter, field: Field, zh: str, en: str) -> None:
    assert (filter_text(item, field, "zh"), filter_text(item, field, "en")) == (zh, en)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_of_many_values_a_few_are_named_and_all_are_counted(language: Language) -> None:
    codes = tuple(f"v{number:02}" for number in range(MOST + 3))
    said = filter_text(Filter("stops", "road", codes), ROAD, language)
    assert codes[MOST - 1] in said
    assert codes[MOST] not in said
    assert str(MOST + 3) in said
    assert codes[MOST - 1] in filter_text(Filter("stops", "road", codes[:MOST]), ROAD, language)


def test_several_filters() -> None:
    one = (Filter("stops", "road", ("泰北路",)), Filter("stops", "kind", ("no",)))
    said = filters_text(catalog(), MapState("all", filters=one), ["stops"])
    assert said == Text("筛选：道路 = 泰北路；候车亭 = 无", "Filter: Road = 泰北路; Shelter = None")
    both = (*one, Filter("roads", "road", ("x",)))
    said = filters_text(catalog(), MapState("all", filters=both), ["stops", "roads"])
    assert said.zh == "筛选：站点：道路 = 泰北路；站点：候车亭 = 无；道路网：道路 = x"


def test_what_is_not_shown_is_not_said() -> None:
    state = MapState("all", filters=(Filter("roads", "road", ("x",)),))
    assert filters_text(catalog(), state, ["stops"]) == Text("", "")
    gone = MapState("all", filters=(Filter("stops", "gone", ("x",)),))
    assert filters_text(catalog(), gone, ["stops"]) == Text("", "")
