from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from geosvc.store.jobs import JobTable
from geosvc.web.app import create_app
from geosvc.web.siting_downloads import MEDIA, file_of, is_synthetic
from geosvc.web.siting_question import Names
from geosvc.web.siting_tables import About
from geosvc.workspace import Workspace
from tests.web.kept import Office

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = About("两处", "li", "2024-06-30T08:00:00+00:00", synthetic=True)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("siting"))


def test_geojson_has_sites_and_links(office: Office) -> None:
    found = json.loads(file_of(office.document, ABOUT, "geojson", Names(None, "zh")))
    kinds = [item["properties"]["kind"] for item in found["features"]]
    assert kinds == ["site"] * 3 + ["link"] * 3
    assert found["synthetic"] is True
    assert (found["status"], found["author"]) == ("proven", "li")
    first = found["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [121.1, 33.5]}
    assert first["properties"]["role"] == "new"


def test_a_place_that_is_not_known_has_no_geometry(office: Office) -> None:
    places = {**office.document["places"], "sites": {"lon": [None] * 3, "lat": [None] * 3}}
    document = office.document | {"places": places}
    found = json.loads(file_of(document, ABOUT, "geojson", Names(None, "zh")))
    assert {json.dumps(item["geometry"]) for item in found["features"]} == {"null"}
    assert len(file_of(document, ABOUT, "gpkg", Names(None, "zh"))) > 0


def test_a_geopackage_has_its_tables(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "siting.gpkg"
    path.write_bytes(file_of(office.document, ABOUT, "gpkg", Names(None, "zh")))
    counts = {"sites": 3, "demand": 3, "links": 3, "curve": 3}
    with closing(sqlite3.connect(path)) as opened:
        for name, count in counts.items():
            query = f"SELECT count(*) FROM {name}"  # noqa: S608 - our own names
            assert opened.execute(query).fetchone() == (count,), name
        texts = str(opened.execute("SELECT metadata FROM gpkg_metadata").fetchall())
    assert "两处" in texts
    assert "synthetic" in texts
    sites = gpd.read_file(path, layer="sites")
    assert sites["key"].tolist() == ["A1", "A2", "A3"]
    links = gpd.read_file(path, layer="links")
    assert links.geometry.iloc[2].coords[:] == [(121.12, 33.52), (121.11, 33.51)]


def test_the_table_has_a_mark_of_order_and_no_live_formula(office: Office) -> None:
    body = file_of(office.document, ABOUT, "csv", Names(None, "zh"))
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["金桥路口", "'=1+1", "-3.5"]
    assert [row["role"] for row in rows] == ["new", "new", "candidate"]
    assert {row["synthetic"] for row in rows} == {"true"}
    assert rows[2]["demand"] == ""


@pytest.mark.parametrize("ending", sorted(MEDIA))
def test_a_scenario_is_sent_to_readers(office: Office, ending: str) -> None:
    url = f"/siting/scenarios/{office.kept.id}.{ending}"
    answer = office.client.get(url)
    assert (answer.status_code, answer.mimetype) == (200, MEDIA[ending].split(";")[0])
    name = f"siting_{office.kept.id}_run1.{ending}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert office.client.get(url).data == answer.data, "the same bytes again"


def test_a_run_is_sent_to_editors_when_it_is_done(office: Office) -> None:
    with JobTable(office.settings.instance / "geosvc.sqlite") as table:
        job = table.enqueue("siting", {"wishes": {}}, cache_key="k", author="li")
        assert office.ask(f"/siting/runs/{job.id}.csv").status_code == 404
        table.claim()
        table.finish(job.id, "done", result=office.document)
        other = table.enqueue("derive", {"layer": "x"}, cache_key="d", author="li")
    answer = office.ask(f"/siting/runs/{job.id}.xlsx?lang=en")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert b"Summary" in book.read("xl/workbook.xml")
    assert office.ask(f"/siting/runs/{job.id}.csv", role="viewer").status_code == 403
    assert office.client.get(f"/siting/runs/{job.id}.csv").status_code == 401
    assert office.ask(f"/siting/runs/{other.id}.csv").status_code == 404


def test_what_is_not_there_is_not_sent(office: Office) -> None:
    assert office.client.get("/siting/scenarios/99.csv").status_code == 404
    assert office.client.get(f"/siting/scenarios/{office.kept.id}.shp").status_code == 404


def test_the_public_profile_sends_nothing(office: Office) -> None:
    public = create_app(replace(office.settings, profile="public"))
    url = f"/siting/scenarios/{office.kept.id}.csv"
    assert public.test_client().get(url).status_code == 403


def test_invented_data_are_said(office: Office) -> None:
    with closing(Workspace(office.settings)) as workspace:
        assert is_synthetic(workspace, office.document)
        assert not is_synthetic(workspace, {"inputs": {"area": {}, "gone": {}}})
