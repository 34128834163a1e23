"""A small siting that is really solved, and a service in which it has been kept."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from geosvc.store.scenarios import Scenario, ScenarioTable
from geosvc.web.app import create_app
from geosvc.workspace import Workspace, siting
from geosvc.workspace.scenarios import outcome_of
from tests.web.persons import PASSWORD
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from geosvc.settings import Settings
    from tests.web.small import Folder

WISHES: dict[str, Any] = {
    "demand": [{"layer": "stops"}],
    "candidates": {"layer": "stops", "key": "code", "name": "name", "bays": "slots"},
    "added": 2,
    "service_distance_m": 500,
    "snap_limit_m": 9000,
    "plans": 1,
    "draws": 4,
}
CHOSEN = """
title = { zh = "选定点位", en = "Chosen sites" }
[source]
path = "data/chosen_sites.geojson"
datum = "WGS84"
within = "area"
attribution = { zh = "样例来源", en = "Sample source" }
[schema]
geometry = "Point"
primary_key = "site_key"
[style]
kind = "circle"
color = "c-urban"
""" + "".join(
    f'[[schema.fields]]\nname = "{name}"\ntitle = {{ zh = "栏", en = "{name}" }}\ntype = "{kind}"\n'
    for name, kind in {
        **dict.fromkeys(("site_key", "site_name", "street", "proof", "scenario"), "string"),
        **dict.fromkeys(("bays", "scenario_no", "run"), "integer"),
        **dict.fromkeys(("demand", "utilisation", "gap"), "number"),
    }.items()
)


MAP = """
title = { zh = "选址", en = "Siting" }
layers = ["roads", "stops", "chosen_sites"]
"""


def write_folder(root: Path) -> Folder:
    """Write the small catalog with an area around its stops and the layer of chosen sites."""
    folder = write_catalog(root)
    folder.write("layers/chosen_sites.toml", CHOSEN)
    folder.write("layers/maps/siting.toml", MAP)
    folder.write("data/chosen_sites.geojson", '{"type": "FeatureCollection", "features": []}')
    folder.prepare().close()
    return folder


def asked(settings: Settings, **wishes: object) -> dict[str, Any]:
    """Solve the question, with other wishes where they are given."""
    with closing(Workspace(settings)) as workspace:
        found = siting.ask(workspace, siting.read_wishes(workspace, WISHES | wishes))
    document: dict[str, Any] = json.loads(json.dumps(found))
    return document


def keep(settings: Settings, document: Mapping[str, Any], title: str = "两处") -> Scenario:
    """Keep an answer."""
    outcome, given = outcome_of(document), {"wishes": document["wishes"]}
    with ScenarioTable(settings.instance / "geosvc.sqlite") as table:
        return table.add(title, outcome, parameters=given, author="li")


class Office:
    """An app with one kept scenario, and people who ask it by tokens."""

    def __init__(self, root: Path) -> None:
        self.folder = write_folder(root)
        self.settings = self.folder.settings
        self.document = asked(self.settings)
        self.kept = keep(self.settings, self.document)
        self.app = create_app(self.settings)
        self.client: FlaskClient = self.app.test_client()

    def read(self, url: str) -> str:
        """Read a page as anybody."""
        answer = self.client.get(url, headers={"Accept": "text/html"})
        assert answer.status_code == 200, url
        return answer.get_data(as_text=True)

    def ask(self, path: str, *, role: str = "editor", **more: Any) -> TestResponse:  # noqa: ANN401
        """Ask as somebody of a role."""
        accounts = self.app.extensions["geosvc"].accounts
        if role not in {user.name for user in accounts.people.users()}:
            accounts.add(role, PASSWORD, role=role, actor="")
        scope = "read" if role == "viewer" else "read edit"
        token = accounts.make_token(role, "test", scope=scope, days=1, actor="")
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
        answer: TestResponse = self.client.open(path, headers=headers, **more)
        return answer

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form as an editor."""
        return self.ask(path, method="POST", data=form)

    def table(self) -> ScenarioTable:
        """The scenarios of the service."""
        return ScenarioTable(self.settings.instance / "geosvc.sqlite")
