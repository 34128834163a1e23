from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from geosvc.catalog.model import Field, Layer, Schema, Style, Text
from geosvc.figures.content import Shown
from geosvc.figures.request import FigureRequest
from geosvc.figures.words import alt_of, caption_of, day_words, review_numbers, words_of
from geosvc.map_state import Filter, MapState
from geosvc.messages import LANGUAGES
from geosvc.symbology import symbolize

if TYPE_CHECKING:
    from geosvc.catalog.model import Language
    from geosvc.figures.words import Words
    from geosvc.workspace import Workspace

GAUSS = CRS("EPSG:4549")


def boundary(number: str | None) -> Shown:
    field = Field("map_review_no", Text("审图号", "Review no."))
    schema = Schema("Polygon", "id", (field,))
    layer = Layer(
        "boundary", "", Text("边界", "Edge"), schema, Style("area", "m-land"), group="ground"
    )
    frame = gpd.GeoDataFrame(
        {"map_review_no": [number]}, geometry=[shapely.box(0, 0, 1, 1)], crs="OGC:CRS84"
    )
    return Shown(layer, frame, symbolize(layer, frame), frame.geometry.to_numpy())


def both(
    county: Workspace, request: FigureRequest, layers: list[Shown] | None = None
) -> dict[Language, Words]:
    return {
        language: words_of(county, request, layers or [], crs=GAUSS, language=language)
        for language in LANGUAGES
    }


def test_a_figure_says_source_datum_and_snapshot(county: Workspace) -> None:
    layer = county.catalog.layer("violations")
    frame = county.frame("violations")
    shown = Shown(layer, frame, symbolize(layer, frame), frame["geometry"].to_numpy())
    request = FigureRequest(MapState("car_wash"), snapshot="4f3ce91a0b12")
    words = both(county, request, [shown])
    assert words["zh"].title == "洗车整治与占道违法"
    assert words["zh"].facts == (
        "数据来源：模拟数据（某市）",
        "坐标系：CGCS2000，3 度带高斯-克吕格投影，中央经线 120°",
        "数据截至 2024 年 6 月 30 日",
        "修订 1",
        "快照 4f3ce91a0b12",
    )
    assert words["en"].facts[2] == "Data as of 2024-06-30"
    assert words["zh"].is_synthetic
    assert caption_of(words).zh == (
        "洗车整治与占道违法（数据截至 2024 年 6 月 30 日；修订 1；模拟数据）"
    )
    assert alt_of(words, [shown]).en == (
        "Map: Car washing and violations. Roadside washing violations: 126."
    )


def test_a_title_of_ones_own_takes_the_place_of_the_map_s(county: Workspace) -> None:
    request = FigureRequest(MapState("car_wash"), title="图一", subtitle="")
    words = both(county, request)
    assert (words["zh"].title, words["zh"].subtitle) == ("图一", "")
    assert words["en"].title == "图一"


def test_nothing_is_said_that_is_not_known(county: Workspace) -> None:
    words = both(county, FigureRequest(MapState("car_wash")))
    assert len(words["zh"].facts) == 1
    assert not words["zh"].is_synthetic
    assert caption_of(words).zh == "洗车整治与占道违法"
    assert alt_of(words, []).en.endswith("Nothing to show in this view.")


def test_filters_are_said_on_the_figure_and_in_its_caption(county: Workspace) -> None:
    layer = county.catalog.layer("violations")
    frame = county.frame("violations")
    shown = Shown(layer, frame, symbolize(layer, frame), frame["geometry"].to_numpy())
    state = MapState("car_wash", filters=(Filter("violations", "road_name", ("泰北路",)),))
    words = both(county, FigureRequest(state), [shown])
    said = words["zh"].filters
    assert said.startswith("筛选：")
    assert said.endswith(" = 泰北路")
    assert words["en"].filters.startswith("Filter: ")
    assert caption_of(words).zh.startswith(f"洗车整治与占道违法（{said}；")
    assert f"（{said}）" in alt_of(words, [shown]).zh
    # what filters a layer that is not drawn chooses nothing
    assert both(county, FigureRequest(state))["zh"].filters == ""


@pytest.mark.parametrize(
    ("number", "found"), [("GS(2024)1234号", ["GS(2024)1234号"]), (None, []), ("  ", [])]
)
def test_a_review_number_is_shown_only_when_somebody_entered_it(
    county: Workspace, number: str | None, found: list[str]
) -> None:
    shown = boundary(number)
    assert review_numbers([shown]) == found
    facts = both(county, FigureRequest(MapState("car_wash")), [shown])["zh"].facts
    assert [text for text in facts if "审图号" in text] == [f"审图号：{text}" for text in found]


def test_the_sample_county_has_no_review_number(county: Workspace) -> None:
    frame = county.frame("boundary")
    layer = county.catalog.layer("boundary")
    assert (
        review_numbers([Shown(layer, frame, symbolize(layer, frame), frame["geometry"].to_numpy())])
        == []
    )


def test_days_are_written_as_offices_do() -> None:
    assert day_words("2024-01-05", "zh") == "2024 年 1 月 5 日"
    assert day_words("2024-01-05", "en") == "2024-01-05"
    assert day_words("", "en") == ""
