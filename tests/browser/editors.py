"""A service with an editor, an officer and a viewer, and what they do on its edit page."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geosvc.web.accounts import Accounts
from geosvc.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from playwright.sync_api import Page

    from tests.watching import Watch
    from tests.web.small import Folder

    Open = Callable[..., tuple[Page, Watch]]

PHRASE = "blue heron 42 sings"


@dataclass
class Site:
    """A running service of a catalog, and its store as others see it."""

    url: str
    folder: Folder

    def frame(self, layer_id: str = "stops") -> pd.DataFrame:
        workspace = Workspace(self.folder.settings)
        try:
            return workspace.frame(layer_id)
        finally:
            workspace.close()

    def logged(self, action: str) -> list[tuple[str, str]]:
        """Who did something, and to what, the latest first."""
        workspace = Workspace(self.folder.settings)
        try:
            entries = workspace.store.log_entries(before=None, limit=100)
        finally:
            workspace.close()
        return [(item.actor, item.target) for item in entries if item.action == action]


@contextmanager
def staffed(folder: Folder, serve: Callable[..., Any]) -> Iterator[Site]:
    """Serve a catalog; li edits, wu enforces, ha views."""
    workspace = folder.prepare()
    accounts = Accounts(folder.settings, workspace.store.log)
    for name, role in (("li", "editor"), ("wu", "enforcement"), ("ha", "viewer")):
        accounts.add(name, PHRASE, role=role, actor="")
    accounts.people.close()
    workspace.close()
    settings = folder.settings
    environ = {"GEOSVC_LAYERS": str(settings.layers), "GEOSVC_INSTANCE": str(settings.instance)}
    with serve(environ) as url:
        yield Site(url, folder)


def sign_in(page: Page, name: str) -> None:
    """Fill in the page to sign in; it leads back to where it came from."""
    page.fill("#name", name)
    page.fill("#password", PHRASE)
    page.click("button[type=submit]")


def edit(open_page: Open, site: Site, path: str, *, name: str = "li") -> tuple[Page, Watch]:
    """Open the edit page at a path."""
    page, watch = open_page(f"{site.url}{path}")
    sign_in(page, name)
    page.wait_for_selector("[data-geosvc=edit] .edit-tools")
    return page, watch


def save(page: Page, reason: str) -> str:
    """Save what was changed; return what the page then says."""
    page.fill("#edit-reason", reason)
    # what the save before this one said is no answer to this one
    page.evaluate("document.querySelector('.edit-status').replaceChildren()")
    page.click(".edit-form button[type=submit]")
    return done(page)


def done(page: Page) -> str:
    """Wait until the page says that something is done."""
    page.wait_for_selector(".edit-status .notice:not(.notice-bad)")
    return page.inner_text(".edit-status")
