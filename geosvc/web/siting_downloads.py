"""A siting as a file: GeoJSON, GeoPackage, CSV for programs, a workbook for people.

Files for programs carry names of fields and codes. Every file says whether the data are invented,
who computed it, and on which revisions of which layers it stands.
"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import orjson
import pandas as pd
import pyogrio
import shapely
from flask import Blueprint, Response, request

from geosvc.crs import CRS84
from geosvc.errors import ForbiddenError, UnknownJobError
from geosvc.store.jobs import JobTable
from geosvc.store.scenarios import ScenarioTable
from geosvc.web.answers import make_answer
from geosvc.web.downloads import neutral, written_at
from geosvc.web.respond import respond
from geosvc.web.service import language, service
from geosvc.web.siting_question import Names
from geosvc.web.siting_tables import (
    SITE_FIELDS,
    About,
    curve_record,
    facts_of,
    link_records,
    site_records,
)
from geosvc.web.siting_workbook import workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.workspace import Workspace

bp = Blueprint("siting_downloads", __name__)
MEDIA: Final = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
"""The kinds of files, by ending."""
WORK: Final = "siting"
_NUMBER: Final = "int(max=9223372036854775807)"
_ENDING: Final = f"any({', '.join(MEDIA)})"


@bp.before_request
def hold_profile() -> None:
    """Send nothing that the public profile would generalize.

    Raises
    ------
    ForbiddenError
        In the public profile.
    """
    if service().settings.profile == "public":
        raise ForbiddenError(request.path)


@bp.get(f"/siting/scenarios/<{_NUMBER}:scenario_id>.<{_ENDING}:ending>")
def of_scenario(scenario_id: int, ending: str) -> Response:
    """Send a scenario as a file."""
    workspace = service().workspace
    with ScenarioTable(workspace.store.path) as table:
        found, document = table.result(scenario_id)
    synthetic = is_synthetic(workspace, document)
    about = About(found.title, found.run_by, found.run_at, synthetic)
    return _sent(document, about, ending, stem=f"siting_{scenario_id}_run{found.run}")


@bp.get(f"/siting/runs/<{_NUMBER}:job_id>.<{_ENDING}:ending>")
def of_run(job_id: int, ending: str) -> Response:
    """Send the result of a run that nobody has kept as a scenario."""
    workspace = service().workspace
    with JobTable(workspace.store.path) as table:
        job = table.job(job_id)
    if job.name != WORK or job.state != "done":
        raise UnknownJobError(str(job_id))
    about = About(f"#{job_id}", job.author, job.ended_at, is_synthetic(workspace, job.result))
    return _sent(job.result, about, ending, stem=f"siting_job_{job_id}")


def is_synthetic(workspace: Workspace, document: Mapping[str, Any]) -> bool:
    """Tell whether a layer that a siting stands on is invented."""
    known = workspace.moment.statuses
    return any(known[name].synthetic for name in document["inputs"] if name in known)


def file_of(document: Mapping[str, Any], about: About, ending: str, names: Names) -> bytes:
    """Write a siting as a file.

    Parameters
    ----------
    document
        What `geosvc.workspace.siting.ask` returned.
    about
        What the file says of itself.
    ending
        One of `MEDIA`.
    names
        The language of a workbook, and what layers, fields and values are called in it.

    Returns
    -------
    body
        GeoJSON: sites as points and, for who goes where, lines (``kind`` is site or link).
        GeoPackage: tables sites, demand, links, curve. CSV: the sites. Workbook: see
        `geosvc.web.siting_workbook.workbook`.
    """
    if ending == "geojson":
        return _geojson(document, about)
    if ending == "gpkg":
        return _geopackage(document, about)
    if ending == "xlsx":
        return workbook(document, facts_of(document, about), names)
    return _table(document, about)


def _sent(document: Mapping[str, Any], about: About, ending: str, *, stem: str) -> Response:
    body = file_of(document, about, ending, Names(service().workspace.catalog, language()))
    return respond(make_answer(body, MEDIA[ending], filename=f"{stem}.{ending}"))


def _geojson(document: Mapping[str, Any], about: About) -> bytes:
    features = [
        _feature(
            {"type": "Point", "coordinates": [record["lon"], record["lat"]]},
            {"kind": "site"} | {name: record[name] for name in SITE_FIELDS},
        )
        for record in site_records(document)
    ]
    for record in link_records(document):
        ends = {"type": "LineString", "coordinates": record["ends"]}
        plain = {name: record[name] for name in ("point", "site", "amount")}
        features.append(_feature(ends, {"kind": "link"} | plain))
    head = {"type": "FeatureCollection", "name": "siting"} | facts_of(document, about)
    return orjson.dumps(head | {"features": features})


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    positions = orjson.dumps(geometry["coordinates"])
    placed = None if b"null" in positions else geometry
    return {"type": "Feature", "geometry": placed, "properties": properties}


def _geopackage(document: Mapping[str, Any], about: About) -> bytes:
    metadata = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in facts_of(document, about).items()
    }
    with written_at(about.at), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.gpkg"
        for name, frame in _frames(document).items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                layer_metadata=metadata,
            )
        return path.read_bytes()


def _frames(document: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    sites = pd.DataFrame(site_records(document), columns=[*SITE_FIELDS, "lon", "lat"])
    numbers = ["bays", "cost", "access_m", "demand", "per_bay", "utilisation", "chosen_share"]
    sites[numbers] = sites[numbers].astype(float)
    points = document["places"]["demand"]
    groups = document["demand"]["groups"]
    demand = pd.DataFrame(
        {
            "label": points["label"],
            "kind": [groups[at]["kind"] for at in points["group"]],
            "value": [groups[at]["value"] for at in points["group"]],
            "weight": points["weight"],
        }
    )
    links = pd.DataFrame(link_records(document), columns=["point", "site", "amount", "ends"])
    lines: list[Any] = [
        None if None in (*a, *b) else shapely.LineString([a, b]) for a, b in links.pop("ends")
    ]
    rows = [curve_record(row) for row in document["curve"]]
    return {
        "sites": gpd.GeoDataFrame(
            sites[list(SITE_FIELDS)], geometry=_points(sites["lon"], sites["lat"]), crs=CRS84
        ),
        "demand": gpd.GeoDataFrame(
            demand, geometry=_points(points["lon"], points["lat"]), crs=CRS84
        ),
        "links": gpd.GeoDataFrame(links, geometry=lines, crs=CRS84),
        "curve": pd.DataFrame(rows),
    }


def _points(lon: Any, lat: Any) -> list[Any]:  # noqa: ANN401 - anything like a list
    pairs = zip(lon, lat, strict=True)
    return [None if pd.isna(x) or pd.isna(y) else shapely.Point(x, y) for x, y in pairs]


def _table(document: Mapping[str, Any], about: About) -> bytes:
    heads = [*SITE_FIELDS, "lon", "lat"]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*heads, "synthetic"])
    said = "true" if about.synthetic else "false"
    for record in site_records(document):
        cells = [record[name] for name in heads]
        writer.writerow([*(neutral(c) if isinstance(c, str) else c for c in cells), said])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
