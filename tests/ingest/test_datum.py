"""The declared datum rules, unless the file contradicts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from pyproj import CRS

from geosvc.crs import parse_datum
from geosvc.errors import SourceError
from geosvc.ingest.datum import choose_datum, convert, keeps_raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Layer

WITHOUT_CODE = CRS.from_proj4("+proj=tmerc +lon_0=119.3 +ellps=GRS80")


@pytest.fixture
def declaring(make_layer: Callable[..., Layer]) -> Callable[..., Layer]:
    def make(datum: str, geometry: str = "Point") -> Layer:
        return make_layer("a.geojson", None, datum=datum, geometry=geometry)

    return make


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("WGS84", None),
        ("WGS84", CRS.from_epsg(4326)),
        ("WGS84", CRS.from_epsg(4490)),
        ("CGCS2000", CRS.from_epsg(4326)),
        ("CGCS2000", CRS.from_user_input("OGC:CRS84")),
        ("GCJ-02", CRS.from_epsg(4326)),
        ("BD-09", CRS.from_epsg(4490)),
        ("BD-09MC", CRS.from_epsg(3857)),
        ("BD-09MC", WITHOUT_CODE),
        ("EPSG:4549", CRS.from_epsg(4549)),
        ("EPSG:4549", WITHOUT_CODE),
        ("GCJ-02", None),
    ],
)
def test_agreement(declaring: Callable[..., Layer], declared: str, said: CRS | None) -> None:
    assert choose_datum(declaring(declared), said).name == declared


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("WGS84", 4549),
        ("CGCS2000", 3857),
        ("GCJ-02", 4549),
        ("BD-09", 3857),
        ("BD-09MC", 4326),
        ("EPSG:4549", 4326),
        ("EPSG:4549", 4528),
        ("EPSG:4549", 4548),
        ("CGCS2000", 4214),
        ("EPSG:4549", 2437),
        ("CGCS2000", 4610),
    ],
)
def test_contradiction(declaring: Callable[..., Layer], declared: str, said: int) -> None:
    with pytest.raises(SourceError) as caught:
        choose_datum(declaring(declared), CRS.from_epsg(said))
    issue = caught.value.issues[0]
    assert (issue.code, issue.path, issue.key) == (
        "datum_contradicts",
        "layers/stops.toml",
        "source.datum",
    )
    assert issue.expected == declared
    assert issue.found


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("", "bad_datum"),
        ("Mars 2000", "bad_datum"),
        ("EPSG:4214", "datum_variants"),
        ("EPSG:2385", "datum_ballpark"),
    ],
)
def test_a_datum_that_cannot_be_used(
    declaring: Callable[..., Layer], declared: str, code: str
) -> None:
    with pytest.raises(SourceError) as caught:
        choose_datum(declaring(declared), None)
    issue = caught.value.issues[0]
    assert (issue.code, issue.path, issue.key) == (code, "layers/stops.toml", "source.datum")


def test_a_table_without_geometry_needs_no_datum(declaring: Callable[..., Layer]) -> None:
    assert choose_datum(declaring("", "None"), None).name == ""
    assert choose_datum(declaring("GCJ-02", "None"), None).name == "GCJ-02"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("WGS84", False),
        ("CGCS2000", False),
        ("EPSG:4326", False),
        ("GCJ-02", True),
        ("BD-09", True),
        ("BD-09MC", True),
        ("EPSG:4549", True),
    ],
)
def test_raw_coordinates_are_kept_where_they_differ(name: str, kept: bool) -> None:  # noqa: FBT001 - a column of a table
    assert keeps_raw(parse_datum(name)) is kept


def test_only_sound_rows_are_converted() -> None:
    places = np.array([shapely.Point(500_000, 3_600_000), None, shapely.Point(1, 2)], dtype=object)
    converted = convert(places, parse_datum("EPSG:4549"), sound=[0])
    assert round(converted[0].x, 9) == 120
    assert converted[1:].tolist() == [None, None]
    assert places[0].x == 500_000
