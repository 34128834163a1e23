"""Every page that people see, as somebody who may see all of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.__main__ import main
from geosvc.settings import read_settings
from geosvc.web.accounts import Accounts
from geosvc.workspace import Workspace
from tests.conftest import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    Way = tuple[str, int, int, str]

PHRASE = "blue heron 42 sings"
MAPS = ("/maps/overview", "/embed/overview", "/maps/overview?table=violations&time=1")
OPEN = (
    "/",
    *MAPS,
    "/maps/overview?sel=urban_stops/US0065",
    "/maps/overview?f.urban_stops.road_name=泰北路",
    "/layers",
    "/layers/violations",
    "/hotspots",
    "/siting",
    "/siting/scenarios",
    "/siting/scenarios/1",
    "/scorecard",
    "/embed/scorecard",
    "/reports",
    "/help",
    "/nowhere",
)
SIGNED = (
    "/account",
    "/users",
    "/log",
    "/jobs",
    "/siting",
    "/siting/scenarios",
    "/reports",
    "/layers/urban_stops/edit",
)
"""Pages that show more, or anything at all, to somebody who has signed in."""
KEPT = (
    ("site", "--added", "1", "--draws", "1", "--keep", "A1"),
    ("snapshot", "publish", "map", "overview"),
    ("snapshot", "publish", "siting", "--scenario", "1", "--title", "A1"),
    ("report", "2024H1", "--section", "numbers", "--output", "report.docx"),
)
"""What has been kept and published before anybody comes."""
RUN_MS = 120_000


@contextmanager
def walked(instance: Path) -> Iterator[str]:
    """Serve a county that has an administrator, and pages of what was kept and published."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOSVC_INSTANCE", str(instance))
        settings = read_settings()
        for *words, last in KEPT:
            path = str(instance / last) if last.endswith(".docx") else last
            assert main([*words, path]) == 0, words
    workspace = Workspace(settings)
    accounts = Accounts(settings, workspace.store.log)
    accounts.add("ada", PHRASE, role="administrator", actor="")
    accounts.people.close()
    workspace.close()
    with running({"GEOSVC_INSTANCE": str(instance)}) as url:
        yield url


def sign_in(page: Page, url: str) -> None:
    """Sign in as the administrator."""
    page.goto(f"{url}/signin")
    page.fill("#name", "ada")
    page.fill("#password", PHRASE)
    page.click("button[type=submit]")
    page.wait_for_selector(".account-link")


def visit(page: Page, url: str, path: str, *, language: str) -> None:
    """Open a page in a language and wait until it is whole."""
    query = "lang=en" if language == "en" else ""
    joint = "&" if "?" in path else "?"
    page.goto(f"{url}{path}{joint}{query}" if query else f"{url}{path}")
    page.wait_for_load_state("networkidle")
    if page.locator(".folium-map").count():
        page.wait_for_selector("html[data-drawn]", state="attached", timeout=20_000)


def frozen(page: Page, url: str, language: str) -> list[str]:
    """Return the addresses of what was published, and of the embeds of pictures."""
    visit(page, url, "/snapshots", language=language)
    links = page.locator("main a[href*='/s/']").evaluate_all("(all) => all.map((a) => a.pathname)")
    pages = sorted({path for path in links if path.count("/") == 2})
    return [*pages, *(f"/embed{path}" for path in pages)]


def ask(page: Page, url: str, *, language: str) -> None:
    """Ask a small question of siting, and wait for the page of its answer."""
    visit(page, url, "/siting", language=language)
    page.fill("#added", "1")
    page.click(".form-foot button")
    page.wait_for_selector("[data-view]", state="attached", timeout=RUN_MS)
    page.wait_for_load_state("networkidle")


def pages(browser: Browser, url: str, way: Way) -> Iterator[tuple[str, Page]]:
    """Open every page in one language, size and scheme, first as a guest, then signed in."""
    language, width, height, scheme = way
    options: dict[str, Any] = {"color_scheme": scheme, "has_touch": width < 800}
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    for path in (*OPEN, "/signin"):
        visit(page, url, path, language=language)
        yield path, page
    visit(page, url, "/snapshots", language=language)
    yield "/snapshots", page
    for path in frozen(page, url, language):
        visit(page, url, path, language=language)
        yield path, page
    sign_in(page, url)
    ask(page, url, language=language)
    yield "/siting/runs", page
    for path in SIGNED:
        visit(page, url, path, language=language)
        yield f"{path} (signed in)", page
    context.close()
