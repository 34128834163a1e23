from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

from data.sample_county import stop_rows

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_rows_follow_the_stops(county: County) -> None:
    rows = stop_rows.urban_rows(county.urban, county.places)
    assert [row["stop_name"] for row in rows] == [stop.name for stop in county.urban]
    assert [row["road_id"] for row in rows] == [stop.segment.road_id for stop in county.urban]
    assert len({str(row["stop_code"]) for row in rows}) == len(rows)


def test_main_streets_are_better_equipped(county: County) -> None:
    rows = stop_rows.urban_rows(county.urban, county.places)
    shelters = sum(row["has_shelter"] is True for row in rows) / len(rows)
    country = stop_rows.rural_rows(county.rural, county.places)
    assert shelters > sum(row["has_shelter"] is True for row in country) / len(country)


def test_country_rows_tell_the_timetable(county: County) -> None:
    for row, stop in zip(
        stop_rows.rural_rows(county.rural, county.places), county.rural, strict=True
    ):
        assert row["trips_per_day"] == stop.trips
        assert row["road_class"] in {None, *"GSXYC"}
        assert str(row["first_bus"]) < str(row["last_bus"])


def test_examples_hold() -> None:
    assert doctest.testmod(stop_rows).failed == 0
