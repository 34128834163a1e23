"""An app with snapshots made by hand, and people who ask it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geosvc.snapshots import Part
from geosvc.web.app import create_app
from geosvc.workspace.published import Shelf
from tests.web.persons import bearer, signed_in
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from geosvc.settings import Settings
    from geosvc.store.snapshots import Published

PICTURE = b"\x89PNG picture"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><style>a{}</style></svg>'
HOSTILE = "{{7*7}}</script><img src=x onerror=window.ran=1>"


def layer(count: int) -> dict[str, Any]:
    """A layer of a table, with rows and classes that sum to a count."""
    return {
        "id": "violations",
        "title": {"zh": "违法", "en": "Violations"},
        "count": count,
        "classes": [
            {"value": "a", "label": {"zh": "占道", "en": "Lane"}, "count": count - 1},
            {"value": "b", "label": {"zh": "占盲道", "en": "Tactile"}, "count": 1},
        ],
        "unlocated": 2,
        "outside": 0,
        "columns": [
            {"name": "no", "title": {"zh": "编号", "en": "No."}, "labels": {}},
            {
                "name": "state",
                "title": {"zh": "状态", "en": "State"},
                "labels": {"ok": {"zh": "已办", "en": "Done"}},
            },
        ],
        "rows": [[f"V{n}", ["ok", None, True, 2.5][n % 4]] for n in range(count)],
    }


def facts(count: int = 126, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    """The facts of a snapshot."""
    return {
        "kind": "map",
        "subject": "map:all",
        "mark": f"{count:012x}",
        "title": "违法一张图",
        "caption": {"zh": f"违法 {count}", "en": f"Violations {count}"},
        "note": "半年报图 1",
        "alt": {"zh": "地图：违法", "en": "Map: violations"},
        "language": "zh",
        "as_of": "2024-06-30",
        "revisions": {"violations": 3},
        "synthetic": True,
        "sources": {"zh": ["样例来源"], "en": ["Sample source"]},
        "counts": {"violations": {"title": {"zh": "违法", "en": "Violations"}, "count": count}},
        "total": count,
        "parameters": {"map": "overview", "query": "z=12"},
        "size_mm": [210.0, 297.0],
    } | more


def parts(count: int = 126) -> dict[str, Part]:
    """The parts of a snapshot."""
    table = json.dumps([layer(count)], ensure_ascii=False).encode()
    return {
        "figure.png": Part(PICTURE, "image/png"),
        "figure.svg": Part(DRAWING, "image/svg+xml"),
        "data.geojson": Part(b'{"type": "FeatureCollection"}', "application/geo+json"),
        "table.json": Part(table, "application/json"),
    }


class Press:
    """A service with one published snapshot."""

    def __init__(self, root: Path, **more: Any) -> None:  # noqa: ANN401 - settings
        self.folder = write_catalog(root)
        self.folder.prepare().close()
        self.settings: Settings = replace(self.folder.settings, **more)
        self.app = create_app(self.settings)
        self.client: FlaskClient = self.app.test_client()
        self.shelf = Shelf(self.settings)
        self.found = self.publish()
        self.url = f"/s/{self.found.id}"

    def publish(self, count: int = 126, **more: Any) -> Published:  # noqa: ANN401 - JSON values
        """Publish another one."""
        return self.shelf.publish(parts(count), facts(count, **more), author="li")

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask as anybody with a browser."""
        given = {"Accept": "text/html"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.get(path, headers=given)

    def as_program(self, role: str = "editor", scope: str = "read edit") -> dict[str, str]:
        """The headers of a program of somebody of a role."""
        return bearer(self.app, role, scope)

    def as_person(self, role: str) -> tuple[FlaskClient, str]:
        """A browser in which somebody of a role has signed in, and what its forms carry."""
        client, person = signed_in(self.app, role)
        return client, person.csrf or ""
