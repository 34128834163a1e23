"""Whole figures of the sample county."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, combinations, product
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.image import imread

from geosvc.errors import FigureError, UnknownMapError
from geosvc.figures import FigureRequest, draw
from geosvc.figures.draw import drawn
from geosvc.figures.painting import point_boxes
from geosvc.figures.placing import meets
from geosvc.figures.sheet import Sheet, Type
from geosvc.map_state import Filter, MapState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from geosvc.figures.draw import Drawing
    from geosvc.figures.sheet import Box
    from geosvc.workspace import Workspace

OVERVIEW, WASHING = MapState("overview"), MapState("car_wash")
TOWN = MapState("overview", center=(121.11, 33.5), zoom=14.0)


@pytest.fixture(scope="module")
def overview(county: Workspace) -> Drawing:
    return drawn(county, FigureRequest(OVERVIEW, dpi=150))


@pytest.fixture(scope="module")
def washing(county: Workspace) -> Drawing:
    return drawn(county, FigureRequest(WASHING, dpi=150, landscape=True))


def symbols(drawing: Drawing) -> list[tuple[Box, ...]]:
    layers = [shown for shown in drawing.plan.layers if shown.kind == "Point"]
    return [(box,) for shown in layers for box in point_boxes(shown, drawing.plan.view)]


def overlaps(pairs: Iterable[tuple[tuple[Box, ...], tuple[Box, ...]]]) -> list[object]:
    return [pair for pair in pairs if any(meets(one, other) for one, other in product(*pair))]


@pytest.mark.parametrize("name", ["overview", "washing"])
def test_nothing_that_is_read_covers_anything_else(
    name: str, request: pytest.FixtureRequest
) -> None:
    drawing = request.getfixturevalue(name)
    boxes = drawing.boxes
    assert len(boxes["labels"]) > 40
    assert len(boxes["shields"]) > 1
    kinds = [boxes["labels"], boxes["shields"], boxes["furniture"], symbols(drawing)]
    for one, other in combinations(kinds, 2):
        assert overlaps(product(one, other)) == []
    for kind in kinds[:3]:
        assert overlaps(combinations(kind, 2)) == []


def test_names_stand_inside_the_frame(overview: Drawing) -> None:
    left, bottom, right, top = overview.plan.view.frame
    for box in chain(*overview.boxes["labels"], *overview.boxes["shields"]):
        assert left < box[0]
        assert bottom < box[1]
        assert box[2] < right
        assert box[3] < top


def test_what_is_drawn_is_counted_and_said(county: Workspace) -> None:
    figure = draw(county, FigureRequest(OVERVIEW, paper="column", dpi=150))
    counts = {"urban_stops": 135, "rural_stops": 180, "violations": 126, "car_wash_shops": 19}
    assert {name: figure.counts[name] for name in counts} == counts
    for layer_id, count in counts.items():
        assert f"{county.catalog.layer(layer_id).title.zh} {count} 个" in figure.alt.zh
        assert figure.revisions[layer_id] == county.status(layer_id).revision
    assert figure.caption.zh.startswith("全市一张图（数据截至 2024 年 6 月 30 日；")
    assert "Synthetic data" in figure.caption.en
    assert figure.as_of == "2024-06-30"
    assert figure.media_type == "image/png"


def test_a_filter_is_drawn_counted_and_said(county: Workspace) -> None:
    state = replace(WASHING, filters=(Filter("violations", "violation_type", ("lane_washing",)),))
    whole = county.frame("violations")
    expected = int((whole["violation_type"] == "lane_washing").sum())
    plan = drawn(county, FigureRequest(state)).plan
    shown = next(shown for shown in plan.layers if shown.layer.id == "violations")
    assert shown.count == expected
    rows = [row for column in plan.legend.columns for row in column]
    assert [row.count for row in rows if row.shown and row.shown.layer.id == "violations"] in (
        [f"{expected}"],
        [f"{expected}", f"{expected}"],
    )


@pytest.mark.parametrize(
    ("asked", "pixels"),
    [
        ({"landscape": True}, (1754, 1240)),
        ({"paper": "16:9"}, (2000, 1125)),
        ({"paper": "pixels", "width_px": 640, "height_px": 400, "bare": True}, (640, 400)),
        ({"paper": "pixels", "width_px": 1200, "height_px": 630}, (1200, 630)),
        ({"paper": "pixels", "width_px": 160, "height_px": 400}, (160, 400)),
    ],
)
def test_every_format_has_its_pixels(
    county: Workspace, asked: dict[str, Any], pixels: tuple[int, int]
) -> None:
    figure = draw(county, FigureRequest(OVERVIEW, dpi=150, **asked))
    high, wide = imread(io.BytesIO(figure.content), format="png").shape[:2]
    assert abs(wide - pixels[0]) <= 1
    assert abs(high - pixels[1]) <= 1
    assert figure.width_mm == pytest.approx(pixels[0] / 150 * 25.4, abs=0.2)


def test_a_column_is_80_mm_wide_and_as_high_as_it_needs(county: Workspace) -> None:
    drawing = drawn(county, FigureRequest(OVERVIEW, paper="column"))
    assert drawing.sheet.width == 80
    assert 90 < drawing.sheet.height < 200
    assert drawing.plan.legend.dropped == 0


def test_vector_files_have_their_size_in_millimeters(county: Workspace) -> None:
    request = FigureRequest(OVERVIEW, format="svg", paper="column")
    svg = draw(county, request)
    root = ET.fromstring(svg.content)  # noqa: S314 - our own file
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(80 / 25.4 * 72, abs=0.1)
    assert set(re.findall(rb'https?://[^"<\s]+', svg.content)) == {
        b"http://www.w3.org/2000/svg",
        b"http://www.w3.org/1999/xlink",
    }
    pdf = draw(county, replace(request, format="pdf")).content
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf)
    assert box
    assert float(box[1]) == pytest.approx(80 / 25.4 * 72, abs=0.1)
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


def test_threads_draw_the_same_bytes(county: Workspace) -> None:
    asked = [
        FigureRequest(OVERVIEW, format=form, paper="column", dpi=150)
        for form in ("png", "pdf", "png", "pdf")
    ]
    with ThreadPoolExecutor(4) as pool:
        contents = [figure.content for figure in pool.map(lambda one: draw(county, one), asked)]
    assert contents[:2] == contents[2:]


SCRIPT = """
import hashlib, sys
from geosvc.figures import FigureRequest, draw
from geosvc.map_state import MapState
from geosvc.settings import read_settings
from geosvc.workspace import Workspace
space = Workspace(read_settings({"GEOSVC_INSTANCE": sys.argv[1]}))
for form in ("png", "svg", "pdf"):
    asked = FigureRequest(MapState("overview"), format=form, paper="column", dpi=150)
    print(hashlib.sha256(draw(space, asked).content).hexdigest())
"""


def test_processes_draw_the_same_bytes(county: Workspace, tmp_path: Path, project: Path) -> None:
    settings = tmp_path / "matplotlibrc"
    settings.write_text("font.size: 40\nsvg.fonttype: none\nlines.linewidth: 9\n")
    command = [sys.executable, "-c", SCRIPT, str(county.settings.instance)]
    answers = {
        subprocess.run(  # noqa: S603 - our own script
            command,
            cwd=project,
            env=os.environ | {"PYTHONHASHSEED": "7", "MATPLOTLIBRC": str(settings)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    }
    here = [
        draw(county, FigureRequest(OVERVIEW, format=form, paper="column", dpi=150)).content
        for form in ("png", "svg", "pdf")
    ]
    assert answers == {"".join(f"{hashlib.sha256(one).hexdigest()}\n" for one in here)}


@pytest.mark.parametrize("scale", [5_000, 200_000])
def test_a_fixed_scale_is_kept(county: Workspace, scale: int) -> None:
    plan = drawn(county, FigureRequest(TOWN, scale=scale)).plan
    assert plan.view.scale == scale
    assert plan.bar.length == pytest.approx(plan.bar.meters * 1000 / scale)


def test_a_part_of_the_county_has_a_locator_and_says_that_it_counts_a_part(
    county: Workspace, overview: Drawing
) -> None:
    part = drawn(county, FigureRequest(TOWN, scale=20_000)).plan
    assert "locator" in part.boxes
    assert part.legend.title == "图  例（图内数量）"
    assert "locator" not in overview.plan.boxes
    assert overview.plan.legend.title == "图  例"


def test_the_lake_is_named_once_and_a_number_not_twice_in_one_place(
    county: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, float, float]] = []
    write = Sheet.write

    def noted(sheet: Sheet, place: tuple[float, float], text: str, type_: Type) -> None:
        written.append((text, *place))
        write(sheet, place, text, type_)

    monkeypatch.setattr(Sheet, "write", noted)
    drawing = drawn(county, FigureRequest(OVERVIEW))
    # what is enlarged has names of its own
    assert drawing.plan.inset is not None
    frame = shapely.box(*drawing.plan.inset.view.frame)
    written = [row for row in written if not frame.contains(shapely.Point(row[1:]))]
    # the lake's name is spread: sign by sign
    assert [text for text, *_ in written].count("荻") == 1
    numbers = [row for row in written if re.fullmatch(r"[GSX]\d+", row[0])]
    assert len(numbers) > 4
    for one, other in combinations(numbers, 2):
        assert one[0] != other[0] or np.hypot(one[1] - other[1], one[2] - other[2]) > 50


def test_nothing_in_view_is_said_in_the_picture(county: Workspace) -> None:
    state = MapState("overview", center=(119.0, 30.0), zoom=14.0)
    figure = draw(county, FigureRequest(state, dpi=150))
    assert set(figure.counts.values()) == {0}
    assert figure.alt.zh == "地图：全市一张图。此范围内没有要素。"
    dark = imread(io.BytesIO(figure.content), format="png")[800:960, 400:840, 0] < 0.3
    assert dark.sum() > 200


def test_an_empty_filter_draws_a_map_without_features(county: Workspace) -> None:
    state = replace(WASHING, filters=(Filter("violations", "case_no", ("no such case",)),))
    assert draw(county, FigureRequest(state, dpi=150)).counts["violations"] == 0


def test_a_long_title_ends_in_an_ellipsis(county: Workspace) -> None:
    drawing = drawn(county, FigureRequest(OVERVIEW, title="某市占道洗车整治半年通报" * 40))
    assert drawing.plan.view.frame[3] > 240
    with pytest.raises(FigureError):
        draw(county, FigureRequest(OVERVIEW, title="字" * 501))


def test_without_ground_only_the_outline_of_the_county_is_drawn(county: Workspace) -> None:
    plan = drawn(county, FigureRequest(OVERVIEW, ground="none")).plan
    ground = [shown for shown in plan.layers if shown.is_ground]
    assert [(shown.layer.id, shown.is_outline) for shown in ground] == [("boundary", True)]


def test_a_bare_figure_is_the_map_alone(county: Workspace) -> None:
    request = FigureRequest(OVERVIEW, paper="pixels", width_px=600, height_px=400, bare=True)
    drawing = drawn(county, request)
    assert drawing.plan.boxes == {}
    assert drawing.boxes["labels"] == []
    assert drawing.plan.view.frame == (0, 0, drawing.sheet.width, drawing.sheet.height)


def test_a_hundred_thousand_points_are_drawn_as_pixels(
    county: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = county.frame("violations")
    many = gpd.GeoDataFrame(frame.iloc[np.arange(100_000) % len(frame)]).reset_index(drop=True)
    rng = np.random.default_rng(1)
    shift = rng.normal(0, 0.02, (100_000, 2))
    xy = many.geometry.get_coordinates().to_numpy() + shift
    many = many.set_geometry(gpd.points_from_xy(xy[:, 0], xy[:, 1], crs=frame.crs))
    whole = county.frame
    monkeypatch.setattr(county, "frame", lambda name: many if name == "violations" else whole(name))
    request = FigureRequest(MapState("overview", layers=("violations",)), format="pdf", dpi=150)
    figure = draw(county, request)
    assert figure.counts["violations"] > 90_000
    assert len(figure.content) < 3_000_000


def test_an_unknown_map_has_no_figure(county: Workspace) -> None:
    with pytest.raises(UnknownMapError):
        draw(county, FigureRequest(MapState("nowhere")))


def test_no_personal_value_is_drawn(county: Workspace) -> None:
    drawing = drawn(county, FigureRequest(WASHING))
    for shown in drawing.plan.layers:
        private = [field.name for field in shown.layer.schema.fields if field.privacy]
        style = shown.layer.style
        assert style.label not in private
        assert shown.symbols.field not in private


@pytest.mark.parametrize(("width", "height"), [(120, 120), (2000, 120), (800, 200)])
def test_a_sheet_without_room_for_a_map_is_refused_with_the_size_that_has(
    county: Workspace, width: int, height: int
) -> None:
    asked = FigureRequest(
        MapState("overview"), paper="pixels", width_px=width, height_px=height, dpi=150
    )
    with pytest.raises(FigureError) as caught:
        drawn(county, asked)
    assert caught.value.reason == "no_room"
    numbers = caught.value.numbers
    enough = replace(asked, width_px=int(numbers["width"]), height_px=int(numbers["height"]) + 1)
    assert drawn(county, enough).plan.layers
    bare = drawn(county, replace(asked, bare=True))
    assert bare.sheet.width == pytest.approx(width / 150 * 25.4)
