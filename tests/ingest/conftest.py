"""Layers made in a few lines, and the reading of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from geosvc.catalog.model import (
    Constraints,
    Coordinates,
    Field,
    Label,
    Layer,
    Schema,
    Source,
    Style,
    Text,
)
from geosvc.errors import LayerUnavailableError
from geosvc.ingest.source import read_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.ingest.source import Clean

NOTHING = Text("", "")


def _field(name: str, kind: Any = "string", **more: Any) -> Field:  # noqa: ANN401 - parts of many types
    """Make a field; what is no part of a field is a constraint."""
    own = {key: more.pop(key) for key in ("labels", "privacy") if key in more}
    codes = {code: Label(NOTHING) for code in own.pop("labels", ())}
    return Field(name, NOTHING, kind, constraints=Constraints(**more), labels=codes, **own)


@pytest.fixture
def field() -> Callable[..., Field]:
    """``field("bays", "integer", minimum=1)``."""
    return _field


@pytest.fixture
def feature() -> Callable[..., dict[str, Any]]:
    """A GeoJSON feature: ``feature((121, 33), code="A1")``."""

    def make(place: Any = (121.1, 33.5), **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of many types
        geometry = place if isinstance(place, dict) or place is None else None
        if isinstance(place, tuple):
            geometry = {"type": "Point", "coordinates": list(place)}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    return make


@pytest.fixture
def make_layer(tmp_path: Path) -> Callable[..., Layer]:
    """Write a source file and make the layer that reads it."""

    def make(name: str, content: Any, fields: tuple[Field, ...] = (), **more: Any) -> Layer:  # noqa: ANN401 - parts of many types
        path = tmp_path / name
        if isinstance(content, list):
            content = json.dumps({"type": "FeatureCollection", "features": content})
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        schema = Schema(
            geometry=more.pop("geometry", "Point"),
            primary_key=more.pop("key", "code"),
            fields=fields or (_field("code"),),
            missing_values=more.pop("missing_values", ("",)),
            rules=more.pop("rules", ()),
        )
        xy = more.pop("coordinates", ("lon", "lat") if path.suffix == ".csv" else None)
        source = Source(
            path=path,
            shown_path=f"data/{name}",
            datum=more.pop("datum", "WGS84"),
            attribution=NOTHING,
            coordinates=Coordinates(*xy) if xy and schema.geometry == "Point" else None,
            **more,
        )
        style = Style("circle", "#000000")
        return Layer("stops", "layers/stops.toml", NOTHING, schema, style, source=source)

    return make


@pytest.fixture
def table() -> Callable[..., Source]:
    """What a layer file says of a CSV file that is never opened."""

    def make(name: str = "a.csv", x: str = "", y: str = "") -> Source:
        named = Coordinates(x, y) if x else None
        return Source(Path(name), f"data/{name}", "WGS84", NOTHING, coordinates=named)

    return make


@pytest.fixture
def read() -> Callable[..., Clean]:
    """Read a layer; other layers are given by name."""

    def run(layer: Layer, **frames: gpd.GeoDataFrame) -> Clean:
        def find(name: str) -> gpd.GeoDataFrame:
            if name not in frames:
                raise LayerUnavailableError(name)
            return frames[name]

        return read_source(layer, frames=find)

    return run


@pytest.fixture
def county() -> gpd.GeoDataFrame:
    """A boundary about 28 km wide and 33 km high."""
    return gpd.GeoDataFrame(
        {"adcode": ["329901"]}, geometry=[shapely.box(121.0, 33.35, 121.3, 33.65)], crs="OGC:CRS84"
    )


@pytest.fixture
def with_source() -> Callable[..., Layer]:
    """Replace parts of a layer's source."""

    def make(layer: Layer, **parts: Any) -> Layer:  # noqa: ANN401 - parts of many types
        assert layer.source is not None
        return dataclasses.replace(layer, source=dataclasses.replace(layer.source, **parts))

    return make
