"""An administrator at work in real Chromium: the log, accounts, jobs that move while one looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from geosvc.store.jobs import JobTable
from geosvc.web.accounts import Accounts
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

PHRASE = "blue heron 42 sings"
OTHER = "grey heron 43 sings"
HOSTILE = "<img src=x onerror=window.ran=1>{{7*7}}"


@dataclass
class Site:
    """A running service of the small catalog, and where its jobs stand."""

    url: str
    store: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., Any]) -> Iterator[Site]:
    folder = write_catalog(tmp_path_factory.mktemp("administration"))
    workspace = folder.prepare()
    accounts = Accounts(folder.settings, workspace.store.log)
    for name, role in (("ada", "administrator"), ("李红", "editor")):
        accounts.add(name, PHRASE, role=role, actor="")
    workspace.store.log("strange", actor=HOSTILE, target=HOSTILE, detail={HOSTILE: HOSTILE})
    accounts.people.close()
    workspace.close()
    settings = folder.settings
    environ = {"GEOSVC_LAYERS": str(settings.layers), "GEOSVC_INSTANCE": str(settings.instance)}
    with serve(environ) as url:
        yield Site(url, settings.instance / "geosvc.sqlite")


def _sign_in(page: Page, name: str, phrase: str) -> None:
    page.fill("#name", name)
    page.fill("#password", phrase)
    page.click(".signin button[type=submit]")


def _enter(
    open_page: Open, site: Site, path: str, *, name: str = "ada", width: int = 1280
) -> tuple[Page, Watch]:
    page, watch = open_page(f"{site.url}{path}", width=width, touch=width < 500)
    _sign_in(page, name, PHRASE)
    page.wait_for_selector(".page-head h1")
    return page, watch


@pytest.mark.parametrize("path", ["/log", "/users", "/jobs", "/account"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_a_phone(site: Site, open_page: Open, path: str, language: str) -> None:
    page, watch = _enter(open_page, site, f"{path}?lang={language}", width=390)
    wide = "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
    assert page.evaluate(wide) == 0
    low = page.evaluate(
        """() => [...document.querySelectorAll("main .button, main select, main .input")]
        .filter((item) => item.offsetParent && item.getBoundingClientRect().height < 44).length"""
    )
    assert low == 0
    assert watch.is_clean(), watch


def test_the_log_is_read_and_filtered(site: Site, open_page: Open) -> None:
    page, watch = _enter(open_page, site, "/log?lang=en")
    expect(page.locator(".notice-ok").first).to_contain_text("The chain of entries is whole")
    expect(page.locator(".log li").first).to_contain_text("ada signed in")
    assert HOSTILE in page.inner_text(".log")
    page.fill("#person", HOSTILE)
    page.press("#person", "Enter")
    expect(page.locator(".log li")).to_have_count(1)
    assert page.input_value("#person") == HOSTILE
    page.click("text=Clear the filter")
    page.select_option("#kind", "accounts")
    page.click(".filters button")
    assert page.locator(".log li").count() >= 2
    assert "signed in" not in page.inner_text(".log")
    assert page.evaluate("window.ran") is None
    assert watch.is_clean(), watch


def test_an_account_is_made_and_its_password_changed_at_the_first_sign_in(
    site: Site, open_page: Open
) -> None:
    page, watch = _enter(open_page, site, "/users?lang=en")
    page.fill("#name", "zhao")
    page.select_option("#role", "editor")
    page.click("text=Make the account")
    given = page.inner_text(".secret")
    row = page.locator("[data-user=zhao]")
    expect(row).to_contain_text("one-time password")
    other, seen = open_page(f"{site.url}/signin?lang=en")
    _sign_in(other, "zhao", given)
    expect(other.locator(".notice-warn")).to_contain_text("one-time password")
    other.fill("#old", given)
    other.fill("#new", OTHER)
    other.fill("#again", OTHER)
    other.click("text=Change the password >> nth=-1")
    expect(other.locator(".notice-warn")).to_have_count(0)
    page.goto(f"{site.url}/users?lang=en")
    expect(row.locator(".badge")).to_have_count(0)
    row.locator("select").select_option("viewer")
    row.get_by_text("Set role").click()
    expect(page.locator(".notice-ok")).to_contain_text("The role of zhao is changed")
    row.get_by_text("Disable").click()
    expect(row.locator(".badge")).to_have_text("disabled")
    other.goto(f"{site.url}/account?lang=en")
    assert "/signin" in other.url
    row.get_by_text("Enable").click()
    row.locator("summary").click()
    row.get_by_text("Make a one-time password").click()
    assert page.inner_text(".secret") != given
    assert page.locator("[data-user=ada] form").count() == 0
    assert watch.is_clean(), watch
    assert seen.is_clean(), seen


def test_jobs_move_while_one_looks_and_are_canceled(site: Site, open_page: Open) -> None:
    page, watch = _enter(open_page, site, "/jobs?lang=en", name="李红")
    with JobTable(site.store) as table:
        job = table.enqueue("unheard", {"layer": HOSTILE}, cache_key="a", author=HOSTILE)
        row = page.locator(f"[data-job='{job.id}']")
        expect(row).to_contain_text("unheard", timeout=30_000)
        expect(row).to_contain_text(HOSTILE)
        # the runner knows no such work
        expect(row.locator(".badge")).to_have_text("failed", timeout=30_000)
        with table.writing() as opened:
            opened.execute("UPDATE job SET state = 'running' WHERE id = ?", (job.id,))
        table.advance(job.id, 0.5, "count")
        expect(row).to_contain_text("50%", timeout=30_000)
        row.locator("button").click()
        expect(page.locator("[data-geosvc=said]")).to_contain_text(str(job.id))
        expect(row.locator("button")).to_have_count(0)
        assert table.job(job.id).cancel_asked
    assert page.evaluate("window.ran") is None
    assert watch.is_clean(), watch
