"""A county of one street where a siting can be asked, and people who ask."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from geosvc.store.jobs import JobTable
from geosvc.web.app import create_app
from geosvc.works import WORKS
from geosvc.workspace import Workspace
from tests.web.persons import PASSWORD
from tests.web.small import Folder, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from geosvc.settings import Profile

HOSTILE = "{{7*7}}</script><img src=x onerror=window.ran=1>"
LON, LAT, STEP = 121.1, 33.5, 0.01
FORM = {
    "objective": "median",
    "added": "1",
    "service_distance_m": "1500",
    "keep_existing": "on",
    "zones": "on",
    "time_limit_s": "20",
    "seed": "0",
    "share_percent": "100",
}
_TYPES = {"max_bays": "integer", "bays_planned": "integer", "washes_per_day": "integer"}
_TYPES |= {"cost_wan": "number", "sewer": "boolean", "hard": "boolean", "captured_at": "datetime"}
_LABELS = """[schema.fields.labels]
lane = { zh = "占道", en = "On the lane" }
curb = { zh = "路边", en = "At the curb" }
"""
MAP = """
title = { zh = "选址", en = "Siting" }
layers = [
  "roads", "exclusion_zones", "candidate_parcels",
  "violations", "car_wash_shops", "car_wash_sites",
]
"""


def at(place: float) -> list[float]:
    return [LON + place * STEP, LAT]


def _point(place: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": at(place)}


def _square(place: float) -> dict[str, Any]:
    x, y, half = LON + place * STEP, LAT + STEP / 20, STEP / 50
    ring = [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


Layers: TypeAlias = dict[str, tuple[str, list[tuple[dict[str, Any], dict[str, Any]]]]]
LAYERS: Layers = {
    "roads": (
        "LineString",
        [
            (
                {"road_id": "R1", "road_name": "学前路"},
                {"type": "LineString", "coordinates": [at(0), at(5), at(10)]},
            )
        ],
    ),
    "candidate_parcels": (
        "Polygon",
        [
            (
                {
                    "feature_id": f"CP{place}",
                    "parcel_name": HOSTILE if place == 1 else f"{place}号地块",
                    "max_bays": 10 + place,
                    "cost_wan": 50.0 + place,
                    "sewer": place != 1,
                },
                _square(place),
            )
            for place in (1, 5, 8)
        ],
    ),
    "car_wash_sites": (
        "Point",
        [({"feature_id": "CW1", "site_name": "老站", "bays_planned": 14}, _point(0))],
    ),
    "car_wash_shops": (
        "Point",
        [
            (
                {"feature_id": f"SH{place}", "action": "closed", "washes_per_day": 10 * place},
                _point(place),
            )
            for place in (2, 6)
        ],
    ),
    "violations": (
        "Point",
        [
            (
                {
                    "case_no": f"A{place}",
                    "violation_type": "lane" if place < 5 else "curb",
                    "captured_at": f"2024-06-0{place}T08:00:00+08:00",
                },
                _point(place),
            )
            for place in (3, 5, 9)
        ],
    ),
    "exclusion_zones": (
        "Polygon",
        [({"zone_name": "古城", "hard": True, "rule_basis": "示例规则"}, _square(8))],
    ),
}


def _grid() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    def street(corners: list[tuple[int, int]]) -> dict[str, Any]:
        # a corner at each crossing: lines that only cross do not meet
        places = [[LON + x * STEP, LAT + y * STEP] for x, y in corners]
        return {"type": "LineString", "coordinates": places}

    lines = [street([(at, on) for on in range(10)]) for at in range(10)]
    lines += [street([(on, at) for on in range(10)]) for at in range(10)]
    return [({"road_id": f"R{n}", "road_name": f"{n}路"}, line) for n, line in enumerate(lines)]


def hard_layers() -> Layers:
    """A town whose bays are short: a search for the best sites takes its whole time."""
    chance = random.Random(5)  # noqa: S311 - a town, no secret

    def spot() -> dict[str, Any]:
        place = [LON + chance.uniform(0, 9) * STEP, LAT + chance.randint(0, 9) * STEP]
        return {"type": "Point", "coordinates": place}

    roads = _grid()
    parcels = [
        (
            {
                "feature_id": f"CP{number}",
                "parcel_name": f"{number}号地块",
                "max_bays": chance.randint(5, 9),
                "cost_wan": 50.0,
                "sewer": True,
            },
            spot(),
        )
        for number in range(60)
    ]
    shops = [
        (
            {
                "feature_id": f"SH{number}",
                "action": "closed",
                "washes_per_day": chance.randint(5, 30),
            },
            spot(),
        )
        for number in range(120)
    ]
    made = dict(LAYERS)
    made |= {"roads": ("LineString", roads), "candidate_parcels": ("Point", parcels)}
    return made | {"car_wash_shops": ("Point", shops)}


def write_siting(folder: Path, layers: Layers | None = None) -> Folder:
    """Write the small catalog with the layers that a siting asks for."""
    made = write_catalog(folder)
    for name, (kind, rows) in (layers or LAYERS).items():
        features = [
            {"type": "Feature", "properties": properties, "geometry": geometry}
            for properties, geometry in rows
        ]
        text = json.dumps({"type": "FeatureCollection", "features": features})
        made.write(f"data/{name}.geojson", text)
        made.write(f"layers/{name}.toml", _layer(name, kind, list(rows[0][0])))
    made.write("layers/maps/siting.toml", MAP)
    made.write("layers/fleet.toml", FLEET)
    made.write("data/fleet.csv", "vehicle_kind,count\ntaxi,100\nbus,40\n")
    made.prepare()
    return made


FLEET = """
title = { zh = "车辆", en = "Fleet" }
[source]
path = "data/fleet.csv"
attribution = { zh = "样例", en = "Sample" }
[schema]
geometry = "None"
primary_key = "vehicle_kind"
[[schema.fields]]
name = "vehicle_kind"
title = { zh = "类型", en = "Kind" }
type = "string"
[schema.fields.labels]
taxi = { zh = "出租车", en = "Taxi" }
bus = { zh = "公交车", en = "Bus" }
[[schema.fields]]
name = "count"
title = { zh = "数量", en = "Count" }
type = "integer"
"""


def _layer(name: str, kind: str, fields: list[str]) -> str:
    head = f"""
title = {{ zh = "{name}", en = "{name}" }}
[source]
path = "data/{name}.geojson"
datum = "WGS84"
attribution = {{ zh = "样例", en = "Sample" }}
synthetic = true
[schema]
geometry = "{kind}"
primary_key = "{fields[0]}"
"""
    for field in fields:
        head += f'[[schema.fields]]\nname = "{field}"\ntitle = {{ zh = "栏", en = "{field}" }}\n'
        head += f'type = "{_TYPES.get(field, "string")}"\n'
        head += _LABELS if field == "violation_type" else ""
    return head


class Office:
    """An app where a siting can be asked, and people who ask it by tokens."""

    def __init__(self, folder: Folder, *, profile: Profile = "intranet") -> None:
        self.settings = replace(folder.settings, profile=profile)
        self.app = create_app(self.settings)
        self.client: FlaskClient = self.app.test_client()

    def ask(self, path: str, *, role: str = "editor", **more: Any) -> TestResponse:  # noqa: ANN401 - as werkzeug takes it
        accounts = self.app.extensions["geosvc"].accounts
        if role not in {user.name for user in accounts.people.users()}:
            accounts.add(role, PASSWORD, role=role, actor="")
        scope = "read" if role == "viewer" else "read edit"
        token = accounts.make_token(role, "test", scope=scope, days=1, actor="")
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
        answer: TestResponse = self.client.open(path, headers=headers, **more)
        return answer

    def submit(self, **form: str) -> int:
        answer = self.ask("/siting", method="POST", data={**FORM, **form})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return int(answer.headers["Location"].rsplit("/", maxsplit=1)[-1].split("?")[0])

    def table(self) -> JobTable:
        return JobTable(self.settings.instance / "geosvc.sqlite")

    def work(self) -> None:
        """Do what waits, in this process."""
        workspace = Workspace(self.settings)
        with self.table() as table:
            while (job := table.claim()) is not None:
                result = WORKS[job.name].run(workspace, job.parameters, lambda *_told: False)
                table.finish(job.id, "done", result=result)
        workspace.close()

    def page(self, job_id: int, query: str = "") -> str:
        answer = self.ask(f"/siting/runs/{job_id}{query}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)
