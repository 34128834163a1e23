"""A site without the service: the real templates and modules over a catalog made in a test."""

from __future__ import annotations

import http.server
import itertools
import json
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jinja2
import markupsafe

from geosvc import messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
CONTROLS = ("addScale", "addCoordinates", "addZoom", "addLegend", "start")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
)
Lines = list[list[tuple[float, float]]]


def delta(values: Sequence[float]) -> list[int]:
    """Write degrees as differences of millionths."""
    whole = [round(value * 1e6) for value in values]
    return [b - a for a, b in itertools.pairwise([0, *whole])]


def points(places: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {
        "kind": "point",
        "lon": delta([x for x, _ in places]),
        "lat": delta([y for _, y in places]),
    }


def paths(kind: str, lines: Sequence[Lines]) -> dict[str, Any]:
    """Geometry of lines or areas: one list of paths a feature."""
    flat = [(owner, path) for owner, many in enumerate(lines) for path in many]
    vertices = [vertex for _, path in flat for vertex in path]
    return {
        **points(vertices),
        "kind": kind,
        "sizes": [len(path) for _, path in flat],
        "owner": [owner for owner, _ in flat],
    }


def look(value: str | None, label: str, **style: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """One class of a legend."""
    plain = {"color": "c-urban", "shape": "circle", "casing": None, "size_px": 12}
    return {"value": value, "label": label, "width_px": 2, "min_zoom": 0, **plain, **style}


def layer(
    layer_id: str,
    geometry: dict[str, Any],
    classes: list[dict[str, Any]],
    **more: Any,  # noqa: ANN401
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the manifest's entry and the data of one layer."""
    keys = more.pop("keys")
    codes = more.pop("codes", [0] * len(keys))
    columns = {name: {"values": values} for name, values in more.pop("columns", {}).items()}
    counted = [{**item, "count": codes.count(number)} for number, item in enumerate(classes)]
    entry = {
        "id": layer_id,
        "title": layer_id,
        "description": "",
        "group": "all",
        "state": "ok",
        "reason": None,
        "count": len(keys),
        "expected": None,
        "warning": None,
        "refused": 0,
        "visible": True,
        "geometry": geometry["kind"],
        "url": f"/data/{layer_id}.json",
        "page": f"/layers/{layer_id}",
        "opacity": 1,
        "fill_opacity": 0.3,
        "dash": [],
        "scaled": False,
        "label": None,
        "label_rank": 3,
        "unit": None,
        "class_field": None,
        "classes": counted,
        "synthetic": True,
        "attribution": "harness",
        "fields": [],
        "popup": {"title": None, "subtitle": None, "badges": [], "facts": []},
        "bounds": None,
        **more,
    }
    data = {"layer": layer_id, "revision": 1, "synthetic": True, "count": len(keys), "keys": keys}
    return entry, {**data, "class": codes, "geometry": geometry, "columns": columns}


class Site:
    """The files of one map page, its embed and one table page."""

    def __init__(
        self,
        layers: list[tuple[dict[str, Any], dict[str, Any]]],
        bounds: tuple[float, float, float, float],
        *,
        language: messages.Language = "zh",
        title: str = "Harness",
    ) -> None:
        self.layers, self.bounds, self.language, self.title = layers, bounds, language, title
        folder = ROOT / "geosvc" / "web" / "templates"
        self.jinja = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )

    def manifest(self) -> dict[str, Any]:
        groups = dict.fromkeys(entry["group"] for entry, _ in self.layers)
        return {
            "map": {
                "id": "demo",
                "title": self.title,
                "description": "",
                "synthetic": True,
                "language": self.language,
                "as_of": "2024-06-30",
                "sources": [],
                "revision": 1,
                "revised_at": "2024-06-30T17:42:00+08:00",
                "author": "",
            },
            "groups": [{"id": group, "title": group} for group in groups],
            "layers": [entry for entry, _ in self.layers],
            "messages": messages.table("ui", self.language),
        }

    def module(self, mode: str, manifest: str = "/maps/demo.json") -> str:
        options = {"manifest": manifest, "bounds": self.bounds, "mode": mode}
        rows = [
            'import * as geosvc from "/static/js/main.js";',
            f'const map = geosvc.createMap("map_demo", {json.dumps(options)});',
        ]
        for number, (entry, _) in enumerate(self.layers, 1):
            rows.append(f'map.createPane("pane_{number}").style.zIndex = {400 + number};')
            show = {"id": entry["id"], "url": entry["url"], "show": entry["visible"]}
            rows.append(f"geosvc.addLayer(map, {json.dumps({**show, 'pane': f'pane_{number}'})});")
        return "\n".join(rows + [f"geosvc.{name}(map);" for name in CONTROLS])

    def page(self, name: str, **more: Any) -> str:  # noqa: ANN401 - whatever a template takes
        """Render a template as the service does."""
        leaflet = "/static/vendor/leaflet-1.9.4/leaflet"
        context = {
            "lang": self.language,
            "html_lang": {"zh": "zh-CN", "en": "en"}[self.language],
            "t": lambda key, **values: messages.text(key, self.language, **values),
            "static": lambda path: f"/static/{path}",
            "link": lambda path: path,
            "switch_url": "?lang=en",
            "site_title": "某市交通一张图",
            "active": "maps",
            "person": None,
            "sign_in_url": "/signin",
            "trust": {
                "synthetic": True,
                "as_of": "2024年6月30日",
                "sources": ["模拟数据"],
                "revision": "r12",
                "revised_at": "2024年6月30日 17:42",
                "author": "harness",
            },
            "map": {"id": "demo", "title": self.title, "description": "说明"},
            "map_div": markupsafe.Markup('<div class="folium-map" id="map_demo"></div>'),
            "css": [f"{leaflet}.css"],
            "scripts": [f"{leaflet}.js"],
            "module": "/maps/demo.js",
            "manifest": "/maps/demo.json",
            "full_url": "/maps/demo",
            "share": {"base": "", "map": "demo", "titles": {"zh": "演示", "en": "Demo"}},
            "still": {"picture": "/still.png", "width": 1200, "height": 630, "sections": []},
        }
        return self.jinja.get_template(name).render(context | more)

    def files(self) -> dict[str, str]:
        """Return every answer of the site by path."""
        made = {
            "/maps/demo": self.page("map.html"),
            "/maps/demo.js": self.module("page"),
            "/maps/demo.json": json.dumps(self.manifest()),
            "/maps/broken": self.page("map.html", module="/maps/broken.js"),
            "/maps/broken.js": self.module("page", manifest="/maps/nothing.json"),
            "/embed/demo": self.page("embed.html", module="/embed/demo.js"),
            "/embed/demo.js": self.module("embed"),
            "/frame": '<!doctype html><title>frame</title><iframe sandbox="allow-scripts" '
            'width="700" height="420" src="/embed/demo"></iframe>',
        }
        made |= {entry["url"]: json.dumps(data) for entry, data in self.layers if entry["url"]}
        return made


@contextmanager
def served(files: Mapping[str, str | bytes]) -> Iterator[str]:
    """Serve answers by path, and ``/static/``, under the service's own policy."""
    kinds = {".json": "application/json", ".js": "text/javascript", ".css": "text/css"}
    kinds |= {".svg": "image/svg+xml", ".png": "image/png", ".bin": "application/octet-stream"}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            found = ROOT / path.lstrip("/")
            if path.startswith("/static/") and found.is_file():
                self.answer(200, found.read_bytes(), kinds.get(found.suffix, "text/plain"))
            elif path in files:
                kind = kinds.get(Path(path).suffix, "text/html; charset=utf-8")
                body = files[path]
                self.answer(200, body if isinstance(body, bytes) else body.encode(), kind)
            else:
                self.answer(404, b"", "text/plain")

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            # the page around a frame is the stranger's: it has no policy of ours
            if not self.path.startswith("/frame"):
                self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
