"""A few layers made by hand, for tests of single parts of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from geosvc.catalog.model import By, Field, Label, Layer, Popup, Schema, Style, Text
from geosvc.figures.content import Shown, placed
from geosvc.figures.view import View, look_at
from geosvc.symbology import symbolize

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from geosvc.catalog.model import GeometryType
    from geosvc.figures.sheet import Box

GROUND = (121.0, 33.4, 121.2, 33.6)
FRAME: Box = (0.0, 0.0, 100.0, 80.0)
KIND = Field(
    "kind",
    Text("类型", "Kind"),
    labels={code: Label(Text(f"{code}类", f"{code} kind")) for code in "abcd"},
)


def view(scale: float | None = 250_000) -> View:
    return look_at(GROUND, FRAME, scale=scale, unit=0.2)


def by_kind(**values: Any) -> By:  # noqa: ANN401 - scalars of a style
    return By("kind", values=values)


def layer(
    geometry: GeometryType, style: Style, *, name: str = "things", group: str = "stops"
) -> Layer:
    schema = Schema(geometry, "name", (KIND, Field("name", Text("名", "Name"))))
    popup = Popup(title="name", subtitle="code")
    title = Text("站点", "Things")
    return Layer(name, "", title, schema, style, group=group, popup=popup)


def shown(made: Layer, shapes: Sequence[Any] | npt.NDArray[Any], **columns: list[Any]) -> Shown:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="OGC:CRS84")
    return Shown(made, frame, symbolize(made, frame), np.asarray(frame.geometry))


def on_paper(made: Layer, shapes: Sequence[Any] | npt.NDArray[Any], **columns: list[Any]) -> Shown:
    return placed(shown(made, shapes, **columns), view())
