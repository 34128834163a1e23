"""A county with online base maps, and a host of their tiles that the test plays itself."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image

from tests.ground_county import write_county
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page, Route

    Open = Callable[..., tuple[Page, Watch]]

FOLD = "button[aria-controls=group-ground]"
KEEP = """document.addEventListener("geosvc:started", ({ detail }) => {
  globalThis.geosvcSession = detail;
});
globalThis.written = [];
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
  globalThis.written.push(text);
  return write.call(this, text, ...more);
};"""
TILES = (
    "() => document.querySelectorAll('.leaflet-geosvc-base-pane img.leaflet-tile-loaded').length"
)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 220, 240)).save(buffer, "PNG")
    return buffer.getvalue()


class Tiles:
    """A tile host: what it was asked, and whether it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.works = True

    def answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        self.headers.append(route.request.headers)
        if self.works:
            route.fulfill(status=200, body=picture(), content_type="image/png")
        else:
            route.fulfill(status=403, body="no")

    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.asked}

    def opener(self, open_page: Open, county: str) -> Callable[..., tuple[Page, Watch]]:
        """Open pages of a county in a browser that reaches the tile hosts: ``see("/maps/x")``."""

        def opened(path: str, *, url: str = county, **more: Any) -> tuple[Page, Watch]:  # noqa: ANN401 - options of a page
            page, watch = open_page(f"{url}/healthz", **more)
            page.add_init_script(KEEP)
            watch.played = (".tiles.example", "open.example:8443")
            page.route("https://*.tiles.example/**", self.answer)
            page.route("https://open.example:8443/**", self.answer)
            page.goto(url + path)
            wait_drawn(page)
            page.wait_for_function("() => globalThis.geosvcSession")
            return page, watch

        return opened


@contextmanager
def county_with(
    site: str, root: Path, serve: Callable[..., Any], *, token: str = ""
) -> Iterator[str]:
    """Serve a small county with a site file, and give its address."""
    write_county(root).write("layers/site.toml", site)
    environ = {"GEOSVC_LAYERS": str(root / "layers"), "GEOSVC_INSTANCE": str(root / "instance")}
    with serve(environ | ({"GEOSVC_BASE_TOKEN": token} if token else {})) as url:
        yield url
