"""The committed files against their columns: names, types, domains, what may be missing."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"

# a column's rule: a type, a set of codes, or a pattern; "?" before the name: it may be missing
Rule = type | frozenset[str] | re.Pattern[str]


def codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"2024-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
CLOCK = re.compile(r"[012]\d:[0-5]\d")
ID = re.compile(r"[A-Z]{2}\d{2,5}")
ROAD_ID = re.compile(r"R\d{5}")
PLACE: dict[str, Rule] = {
    "township_code": re.compile(r"329901\d{3}"),
    "community": str,
    "grid_code": re.compile(r"329901\d{9}"),
}
DATED: dict[str, Rule] = PLACE | {"updated_at": DATE}
COMMON: dict[str, Rule] = DATED | {"pos_accuracy_m": float, "surveyed_at": DATE}
TASK: dict[str, Rule] = {
    "task": str,
    "lead_unit": str,
    "post": re.compile(r".+岗"),
    "progress": int,
    "due_date": DATE,
}
FAULT: dict[str, Rule] = {f"?{name}": rule for name, rule in TASK.items()}
STOP: dict[str, Rule] = {
    "feature_id": ID,
    "stop_code": re.compile(r"329901[12]\d{4}"),
    "stop_name": str,
    "pair_id": ID,
    "direction": codes("E W S N"),
    "road_name": str,
    "road_id": ROAD_ID,
    "route_nos": list,
    "stop_type": codes("bay curb terminal"),
    "has_shelter": bool,
    "ad_slots": int,
    "ad_slots_public": int,
    "?ad_theme": codes("core_values civility conduct_10 travel other"),
    "?ad_updated_at": DATE,
    "?ad_condition": codes("good faded damaged missing"),
    "has_tactile_paving": bool,
    "cleanliness": codes("good fair poor"),
    "built_year": int,
    "owner_unit": str,
    "maintain_unit": str,
    "status": codes("in_use suspended removed"),
    "?remark": str,
}
ESIGN: dict[str, Rule] = {
    "has_esign": bool,
    "?esign_code": re.compile(r"ES\d{4}"),
    "?esign_state": codes("online offline fault"),
}
SCHEDULE: dict[str, Rule] = {
    "village": str,
    "village_code": re.compile(r"329901\d{6}"),
    "?road_class": codes("G S X Y C"),
    "km_marker": re.compile(r"K\d+\+\d{3}"),
    "trips_per_day": int,
    "first_bus": CLOCK,
    "last_bus": CLOCK,
    "shelter_type": codes("shelter pole none"),
}
COLUMNS: dict[str, dict[str, Rule]] = {
    "urban_stops": STOP | ESIGN | FAULT | COMMON,
    "rural_stops": STOP | SCHEDULE | FAULT | COMMON,
    "car_wash_sites": {
        "feature_id": ID,
        "site_name": str,
        "bays_planned": int,
        "bays_open": int,
        "phase": codes("planning design_approved tendered construction open"),
        "tender_done": bool,
        "drainage_permit": bool,
        "recycled_water": bool,
        "zones": list,
        "operator": str,
        "start_date": DATE,
        "?opened_on": DATE,
        **TASK,
        **COMMON,
    },
    "car_wash_shops": {
        "feature_id": ID,
        "shop_code": re.compile(r"XC\d{3}"),
        "shop_name": str,
        "address": re.compile(r".+路\d+号"),
        "road_name": str,
        "action": codes("closed remodelled relocated pending"),
        "action_date": DATE,
        "?new_site_id": ID,
        "occupying": codes("carriageway sidewalk tactile_paving none"),
        "?bays": int,
        "?washes_per_day": int,
        "licence_no": str,
        "notice_served": bool,
        "before_photo": str,
        "after_photo": str,
        "recheck_at": DATE,
        "recheck_result": codes("pass fail"),
        **TASK,
        **COMMON,
    },
    "violations": {
        "case_no": re.compile(r"SSP\d{12}"),
        "lon": float,
        "lat": float,
        "captured_at": MOMENT,
        "reported_at": MOMENT,
        "?closed_at": MOMENT,
        "violation_type": codes("lane_parking tactile_parking lane_washing tactile_washing"),
        "law_code": codes("1039 10390 10391 10392"),
        "legal_basis": str,
        "place": str,
        "road_name": str,
        "plate": re.compile(r"苏X[A-HJ-NP-Z0-9]{5}"),
        "plate_colour": codes("blue yellow green white black"),
        "channel": codes("police_app patrol camera hotline"),
        "?patrol_id": ID,
        "state": codes("reported accepted confirmed rejected penalised appealed closed"),
        "?fine_yuan": int,
        "agency": codes("police urban_mgmt transport"),
        "photo_ids": list,
        "pos_accuracy_m": float,
        **DATED,
    },
    "patrols": {
        "patrol_id": ID,
        "lon": float,
        "lat": float,
        "started_at": MOMENT,
        "ended_at": MOMENT,
        "team": codes("transport enforcement police urban_mgmt joint"),
        "officer_count": int,
        "road_name": str,
        "mode": codes("foot vehicle"),
        "leaflets": int,
        "persuaded": int,
        "found": int,
        **PLACE,
    },
    "focus_areas": {
        "feature_id": ID,
        "area_name": str,
        "theme": codes("port passenger_market e_trike pedicab tout illegal_taxi lane_washing lock"),
        "level": int,
        "joint_units": list,
        "active_from": DATE,
        "active_to": DATE,
        "measure": str,
        "inspections": int,
        **TASK,
        **DATED,
    },
    "volunteer_posts": {
        "feature_id": ID,
        "post_name": str,
        "kind": codes("civility_post grid"),
        "lead_unit": str,
        **COMMON,
    },
    "candidate_parcels": {
        "feature_id": ID,
        "parcel_id": re.compile(r"DK\d{3}"),
        "parcel_name": str,
        "road_name": str,
        "road_id": ROAD_ID,
        "frontage_m": float,
        "area_m2": int,
        "land_use": codes("parking reserve commercial utility green_edge industrial logistics"),
        "sewer": bool,
        "water_supply": bool,
        "owner_type": codes("state collective company"),
        "max_bays": int,
        "cost_wan": float,
        "available_from": DATE,
        **DATED,
    },
    "exclusion_zones": {
        "feature_id": ID,
        "zone_name": str,
        "kind": codes(
            "water_source_1 water_source_2 river_management heritage school hospital"
            " clinic fuel_safety"
        ),
        "hard": bool,
        "rule_basis": str,
        "area_m2": int,
        **DATED,
    },
    "roads": {
        "road_id": ROAD_ID,
        "road_name": str,
        "?road_code": re.compile(r"[GSXYC]\d{2,4}"),
        "road_class": codes("express arterial secondary branch lane G S X Y C"),
        "length_m": float,
        "oneway": bool,
        "lanes": int,
        "width_m": float,
        "has_sidewalk": bool,
        "has_tactile_paving": bool,
        "strict_control": bool,
        "bridge": bool,
    },
    "boundary": {
        "feature_id": ID,
        "adcode": re.compile(r"329901"),
        "name": str,
        "level": codes("county township"),
        "?map_review_no": str,
        "year": int,
    },
    "townships": {
        "feature_id": ID,
        "name": str,
        "township_code": PLACE["township_code"],
        "population": int,
        "area_m2": int,
        "label_lon": float,
        "label_lat": float,
    },
    "communities": {
        "feature_id": ID,
        "name": str,
        "community_code": re.compile(r"329901\d{6}"),
        "township_code": PLACE["township_code"],
        "township": str,
        "grid_code": PLACE["grid_code"],
        "grid_name": str,
        "responsible_unit": str,
        "quarter": codes("old new west works"),
        "population": int,
        "households": int,
        "area_m2": int,
    },
    "villages": {
        "feature_id": ID,
        "village": str,
        "village_code": re.compile(r"329901\d{6}"),
        "township": str,
        "population": int,
        "households": int,
        **COMMON,
    },
    "water": {
        "feature_id": ID,
        "name": str,
        "kind": codes("lake canal river pond fish_pond"),
        "area_m2": int,
    },
    "fleet": {
        "vehicle_kind": codes("taxi bus rural_bus"),
        "count": int,
        "with_public_ad": int,
        "as_of": DATE,
    },
}


@cache
def rows(name: str) -> list[dict[str, Any]]:
    path = DATA / f"{name}.geojson"
    if path.is_file():
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [feature["properties"] for feature in features]
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def fits(value: object, rule: Rule) -> bool:
    if isinstance(rule, frozenset):
        return value in rule
    if isinstance(rule, re.Pattern):
        return isinstance(value, str) and rule.fullmatch(value) is not None
    if rule is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if rule is str:
        return isinstance(value, str) and value == value.strip() != ""
    return type(value) is rule


def fits_text(text: str, rule: Rule) -> bool:
    patterns = {
        int: r"-?\d+",
        float: r"-?\d+(\.\d+)?",
        bool: r"true|false",
        list: r"[^;]+(;[^;]+)*",
    }
    if isinstance(rule, type) and rule is not str:
        return re.fullmatch(patterns[rule], text) is not None
    return fits(text, rule)


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_the_promised_ones(name: str) -> None:
    assert set(rows(name)[0]) == {column.lstrip("?") for column in COLUMNS[name]}
    assert all(set(row) == set(rows(name)[0]) for row in rows(name))


@pytest.mark.parametrize("name", COLUMNS)
def test_values_fit_type_and_domain(name: str) -> None:
    check = fits if (DATA / f"{name}.geojson").is_file() else fits_text
    for column, rule in COLUMNS[name].items():
        values = [row[column.lstrip("?")] for row in rows(name)]
        if column.startswith("?"):
            values = [value for value in values if value is not None]
        assert [value for value in values if not check(value, rule)] == [], column


def test_every_file_has_its_columns() -> None:
    files = {path.stem for path in DATA.iterdir() if path.suffix in {".geojson", ".csv"}}
    assert files == set(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_dates_exist(name: str) -> None:
    for column, rule in COLUMNS[name].items():
        if rule is DATE or rule is MOMENT:
            for row in rows(name):
                value = row[column.lstrip("?")]
                assert value is None or dt.datetime.fromisoformat(value).year >= 2023


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in {"patrols", "fleet"}])
def test_no_label_stands_in_a_code_column(name: str) -> None:
    for column, rule in COLUMNS[name].items():
        if isinstance(rule, frozenset):
            assert all(code.isascii() for code in rule), column
