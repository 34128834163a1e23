from __future__ import annotations

from typing import TYPE_CHECKING

from data.sample_county import area_rows

if TYPE_CHECKING:
    from data.sample_county.county import County


def test_fleet_is_the_report_s() -> None:
    counts = {row["vehicle_kind"]: row["count"] for row in area_rows.fleet_rows()}
    assert counts == {"taxi": 337, "bus": 116, "rural_bus": 86}


def test_the_boundary_has_no_review_number() -> None:
    assert [row["map_review_no"] for row in area_rows.boundary_rows()] == [None]


def test_townships_are_labeled_at_their_seats(county: County) -> None:
    rows = area_rows.township_rows(county.places.townships)
    assert len(rows) == 13
    assert all(isinstance(row["label_lon"], float) for row in rows)


def test_households_are_smaller_than_population(county: County) -> None:
    for rows in (
        area_rows.community_rows(county.places.communities),
        area_rows.village_rows(county.places),
    ):
        for row in rows:
            people, households = row["population"], row["households"]
            assert isinstance(people, int)
            assert isinstance(households, int)
            assert 2 < people / households < 4


def test_roads_without_a_code_have_none(county: County) -> None:
    rows = [area_rows.road_row(segment) for segment in county.network.segments]
    assert "" not in {row["road_code"] for row in rows}
    assert area_rows.water_rows(county.terrain.waters)[0]["kind"] == "lake"
