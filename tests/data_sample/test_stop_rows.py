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


def test_a_shelter_is_handed_on_with_all_that_hangs_on_it(county: County) -> None:
    rows = {row["feature_id"]: row for row in stop_rows.urban_rows(county.urban, county.places)}
    assert rows["US0065"]["road_name"] == rows["US0068"]["road_name"] == "泰北路"
    for giver, taker in stop_rows.HANDED_ON.items():
        bare, fitted = rows[giver], rows[taker]
        assert (bare["has_shelter"], bare["esign_code"], bare["ad_slots"]) == (False, None, 0)
        assert fitted["has_shelter"]
        assert fitted["ad_slots"]
        assert fitted["esign_code"] == f"ES{taker[2:]}"
    north = [row for row in rows.values() if row["road_name"] == "泰北路"]
    assert sum(row["has_shelter"] is False for row in north) == 2
