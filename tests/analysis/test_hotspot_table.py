"""The table of hotspots: its columns, names and numbers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geosvc.analysis.effort import by_effort
from geosvc.analysis.findings import Finding, judged, ranked
from geosvc.analysis.hotspot_table import COLUMNS, hotspot_table
from geosvc.analysis.scan import Scanner, ScanResult
from geosvc.analysis.surveyed import Field, Inputs, read_field
from tests.analysis import town

PATROLS = town.patrols([(700.0, 700.0), (200.0, 200.0), (1200.0, 400.0)])
FRAMES = Inputs(town.with_hotspot(), town.streets(), PATROLS, town.everywhere())


def found(field: Field) -> tuple[ScanResult, tuple[Finding, ...]]:
    scanner = Scanner.prepare(field.network, exposure_m=field.survey.exposure_m, radii_m=[100, 200])
    result = scanner.run(field.visit_places, draws=99, alpha=0.05, seed=1)
    findings = judged(result, result, field.visit_places, others=[result])
    return result, ranked(findings, n=result.n, seed=1)


def test_the_columns_have_their_types() -> None:
    field, _ = read_field(FRAMES)
    result, findings = found(field)
    effort = by_effort(field.survey, field.visit_places, like=result)
    table = hotspot_table(findings, field, effort=effort)
    assert [*table.columns] == [*COLUMNS, "geometry"]
    assert table["hotspot_id"].tolist() == [f"h{at + 1}" for at in range(len(findings))]
    assert set(table.geom_type) == {"MultiLineString"}
    assert table.geometry.is_valid.all()
    assert table.geometry.length.to_numpy() == pytest.approx(table["length_m"], abs=0.1)
    assert table.crs == town.CRS
    for name in ("patrols", "expected_by_patrols", "p_by_patrols"):
        assert table[name].notna().all()


def test_cases_lie_in_the_stretch_that_is_drawn() -> None:
    field, _ = read_field(FRAMES)
    table = hotspot_table(found(field)[1], field)
    for drawn, count in zip(table.geometry, table["cases"].tolist(), strict=True):
        near = FRAMES.events.distance(drawn) < 1e-3
        assert abs(int(near.sum()) - count) <= 1
    assert (table["cases"] >= table["visits"]).all()


def test_no_findings_are_an_empty_table() -> None:
    field, _ = read_field(FRAMES)
    table = hotspot_table([], field)
    assert len(table) == 0
    assert [*table.columns] == [*COLUMNS, "geometry"]
    assert table.crs == town.CRS


def test_without_patrols_their_columns_are_empty() -> None:
    field, _ = read_field(FRAMES._replace(patrols=town.nowhere()))
    table = hotspot_table(found(field)[1], field)
    for name in ("patrols", "expected_by_patrols", "p_by_patrols", "ratio_next"):
        assert table[name].isna().all()


def test_the_main_road_has_the_most_street() -> None:
    field, _ = read_field(FRAMES)
    findings = found(field)[1]
    table = hotspot_table(findings, field)
    window = findings[0].window
    names = field.names[window.segment]
    length_m = window.end_m - window.start_m
    share = {name: float(length_m[names == name].sum()) for name in set(names)}
    first = table.iloc[0]
    assert share[first["road_name"]] == pytest.approx(max(share.values()))
    assert set(first["cross_roads"].split("、")) == set(names) - {first["road_name"]}


def test_streets_without_names_have_none() -> None:
    streets = town.streets().drop(columns="road_name")
    field, _ = read_field(FRAMES._replace(streets=streets))
    table = hotspot_table(found(field)[1], field)
    assert table["road_name"].isna().all()
    assert table["cross_roads"].isna().all()


def test_the_ratio_of_the_following_period() -> None:
    frames = FRAMES._replace(patrols=town.nowhere())
    field, following = read_field(frames, until=date(2024, 6, 9))
    assert following is not None
    findings = found(field)[1]
    table = hotspot_table(findings, field, following=following)
    window = findings[0].window
    held = window.holds(following.visits.places).sum()
    share = window.length_m / following.survey.exposure_m.sum()
    expected = held / (len(following.visits) * share)
    assert table["ratio_next"].iloc[0] == pytest.approx(expected, abs=0.01)


def test_what_was_not_surveyed_afterwards_has_no_ratio() -> None:
    both = pd.concat([town.patrols([(700.0, 700.0)], "02"), town.patrols([(0.0, 0.0)], "20")])
    events = town.with_hotspot(60, 9)
    events = events[np.arange(len(events)) != 70]
    field, following = read_field(
        FRAMES._replace(events=events, patrols=both), until=date(2024, 6, 9)
    )
    assert following is not None
    findings = found(field)[1]
    table = hotspot_table(findings, field, following=following)
    assert table["road_name"].iloc[0] == "东7路"
    surveyed_m = following.survey.exposure_m.sum()
    assert surveyed_m < field.network.length_m
    assert table["ratio_next"].isna().any() or (table["ratio_next"] >= 0).all()
