"""Charts hold the numbers of the pages, in the reader's language, with what they stand on."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import (
    FigureError,
    ForbiddenError,
    LayerUnavailableError,
    StateError,
    UnknownLayerError,
    UnknownScenarioError,
)
from geosvc.figures.charts import STATIC, Curve, Table, Weeks
from geosvc.web.chart_data import ChartRequest, read_chart
from geosvc.workspace import Workspace
from tests.web import hotspot_catalog
from tests.web.hotspot_catalog import write_hotspots
from tests.web.kept import Office
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    folder = write_hotspots(tmp_path, monkeypatch)
    workspace = Workspace(folder.settings)
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def test_weeks_are_those_of_the_page(space: Workspace) -> None:
    asked = read_chart("violations_by_week", "png", [("lang", "en")], space)
    assert asked is not None
    assert isinstance(asked.data, Weeks)
    weeks = hotspot_catalog.REPORT["weekly"]
    assert asked.data.counts == tuple((str(week["from"]), week["cases"]) for week in weeks)
    assert asked.data.title == "Roadside washing violations by week"
    assert "Synthetic data" in asked.data.note
    assert (type(asked.data).__name__, asked.format, asked.language) == ("Weeks", "png", "en")


def test_the_table_is_that_of_the_page(space: Workspace) -> None:
    asked = read_chart("hotspots", "svg", [], space)
    assert asked is not None
    assert isinstance(asked.data, Table)
    assert len(asked.data.rows) == len(hotspot_catalog.ROWS)
    assert {len(row) for row in asked.data.rows} == {len(asked.data.columns)}
    assert asked.data.columns[:3] == ("名次", "路段", "结论")
    assert asked.data.rows[0][0] == "1"
    assert "模拟数据" in asked.data.note


def test_a_curve_is_that_of_a_saved_scenario(office: Office) -> None:
    workspace = Workspace(office.settings)
    asked = read_chart(f"siting/{office.kept.id}", "pdf", [("width", "80")], workspace)
    assert asked is not None
    assert isinstance(asked.data, Curve)
    assert asked.data.title == office.kept.title
    known = [row for row in office.document["curve"] if row["value"] is not None]
    assert [point[0] for point in asked.data.points] == [row["added"] for row in known]
    assert asked.width_mm == 80
    with pytest.raises(UnknownScenarioError):
        read_chart("siting/99", "pdf", [], workspace)
    workspace.settings = replace(workspace.settings, profile="public")
    with pytest.raises(ForbiddenError):
        read_chart(f"siting/{office.kept.id}", "pdf", [], workspace)
    workspace.close()


@pytest.mark.parametrize("name", ["", "weeks", "siting", "siting/0", "siting/x", "../hotspots"])
def test_there_are_no_other_charts(space: Workspace, name: str) -> None:
    assert read_chart(name, "png", [], space) is None


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("paper", "a4"), ("unknown_key", "paper")),
        (("lang", "fr"), ("not_allowed", "fr")),
        (("dpi", "72"), ("not_allowed", "72")),
        (("width", "20"), ("below_minimum", "20")),
    ],
)
def test_parameters_that_make_no_sense(
    space: Workspace, pair: tuple[str, str], said: tuple[str, str]
) -> None:
    with pytest.raises(StateError) as caught:
        read_chart("hotspots", "png", [pair], space)
    (issue,) = caught.value.issues
    assert (issue.code, issue.found, issue.place) == (*said, pair[0])
    with pytest.raises(StateError, match="lang"):
        read_chart("hotspots", "png", [("lang", "en"), ("lang", "en")], space)


def test_without_hotspots_there_is_no_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownLayerError):
        read_chart("hotspots", "png", [], write_catalog(tmp_path / "none").prepare())
    (tmp_path / "late").mkdir()
    folder = write_hotspots(tmp_path / "late", monkeypatch)
    workspace = Workspace(folder.settings)
    statuses = dict(workspace.moment.statuses)
    statuses["violation_hotspots"] = replace(statuses["violation_hotspots"], notes={})
    workspace.moment = replace(workspace.moment, statuses=statuses)
    with pytest.raises(LayerUnavailableError):
        read_chart("violations_by_week", "png", [], workspace)
    workspace.close()


def test_a_chart_is_drawn_in_its_form() -> None:
    weeks = Weeks("Weeks", (("2024-01-01", 3), ("2024-01-08", 5)))
    figure = ChartRequest(weeks, "pdf", "en", 80.0, 150).draw(STATIC)
    assert (figure.media_type, figure.width_mm) == ("application/pdf", 80.0)
    with pytest.raises(FigureError):
        ChartRequest(Weeks("Weeks", ()), "png", "en").draw(STATIC)


def test_charts_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    client = folder.app().test_client()
    first = client.get("/figures/charts/hotspots.svg?dpi=150")
    assert (first.status_code, first.mimetype) == (HTTPStatus.OK, "image/svg+xml")
    english = client.get("/figures/charts/hotspots.svg?dpi=150&lang=en")
    assert english.headers["ETag"] != first.headers["ETag"]
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/figures/charts/hotspots.svg?dpi=150", headers=tag)
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert client.get("/figures/charts/nothing.svg").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/figures/charts/siting/7.svg").status_code == HTTPStatus.NOT_FOUND
    wrong = client.get("/figures/charts/hotspots.svg?scale=5000")
    assert wrong.status_code == HTTPStatus.BAD_REQUEST
