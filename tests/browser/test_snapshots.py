"""A snapshot in real Chromium: its page with a newer version, its embed in a stranger's page."""

from __future__ import annotations

import http.server
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from geosvc.snapshots import Part
from tests.conftest import running
from tests.web.frozen import Press, facts, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.watching import Watch

pytestmark = pytest.mark.browser

# one red dot
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path / "catalog")


@pytest.fixture
def url(press: Press) -> Iterator[str]:
    environ = {
        "GEOSVC_LAYERS": str(press.settings.layers),
        "GEOSVC_INSTANCE": str(press.settings.instance),
    }
    with running(environ) as address:
        yield address


@pytest.fixture
def stranger(tmp_path: Path, url: str, press: Press) -> Iterator[str]:
    """A page of another port that frames the embed, sandboxed and not."""
    frame = f'<iframe src="{url}/embed/s/{drawn(press)}" width="600" height="500"'
    page = f"<!doctype html>{frame} sandbox='allow-scripts'></iframe>{frame}></iframe>"
    (tmp_path / "index.html").write_text(page)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def drawn(press: Press) -> str:
    """A snapshot with a picture that a browser draws."""
    given = parts() | {"figure.png": Part(PNG, "image/png")}
    made: str = press.shelf.publish(given, facts(note="drawn", subject="d"), author="li").id
    return made


@pytest.mark.parametrize(("width", "touch"), [(1280, False), (390, True)])
def test_the_page_says_that_there_is_a_newer_version(
    press: Press,
    url: str,
    open_page: Callable[..., tuple[Page, Watch]],
    *,
    width: int,
    touch: bool,
) -> None:
    made = drawn(press)
    page, watch = open_page(f"{url}/s/{made}", width=width, height=800, touch=touch)
    notice = page.locator("[data-geosvc=status]")
    assert notice.is_hidden()
    given = parts(131) | {"figure.png": Part(PNG, "image/png")}
    later = press.shelf.publish(given, facts(131, subject="d"), author="li")
    page.reload()
    notice.wait_for(state="visible")
    assert "已有新版：违法 126 → 131" in notice.inner_text()
    assert "126" in page.locator("figcaption").inner_text(), "what was frozen stays"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="打开新版").click()
    page.wait_for_url(f"**/s/{later.id}")
    assert watch.is_clean()


def test_the_embed_is_drawn_in_a_sandbox_of_another_page(stranger: str, browser: Browser) -> None:
    # this page asks two ports, so it is not watched
    page = browser.new_page()
    page.goto(stranger)
    page.wait_for_load_state("networkidle")
    frames = page.frames[1:]
    assert len(frames) == 2
    for frame in frames:
        assert frame.evaluate("document.images[0].naturalWidth") == 1
        assert "违法 126" in frame.locator("main").inner_text()
        assert "数据截至 2024年6月30日" in frame.locator("footer").inner_text()
        styled = "getComputedStyle(document.querySelector('.embed-foot')).display"
        assert frame.evaluate(styled) == "flex"
    page.close()
