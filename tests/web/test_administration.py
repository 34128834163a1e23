from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geosvc import messages
from geosvc.errors import Issue, WrongPasswordError
from geosvc.store import Store
from geosvc.web import administration
from tests.web.persons import PASSWORD, accounts_of, bearer, invite, signed_in
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

FORMS = ("add", "role", "disable", "enable", "unlock", "password")


@dataclass(frozen=True)
class Desk:
    """An administrator's browser."""

    app: Flask
    client: FlaskClient
    csrf: str

    @property
    def store(self) -> Store:
        return Store(accounts_of(self.app).people.path)

    def send(self, verb: str, **form: str) -> TestResponse:
        return self.client.post(f"/users/{verb}", data={"csrf": self.csrf} | form)

    def last(self) -> tuple[str, str, str, str, dict[str, Any]]:
        (entry,) = self.app.extensions["geosvc"].log_entries(before=None, limit=1)
        return entry.action, entry.actor, entry.address, entry.target, dict(entry.detail)

    def log(self, **query: str) -> list[str]:
        """The sentences of the log's page."""
        page = self.client.get("/log", query_string=query).text
        rows = re.findall(r"<b><bdi>(.*?)</bdi></b> <bdi>(.*?)</bdi>", page)
        return [" ".join(row) for row in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    app = write_catalog(tmp_path).app()
    invite(app)
    client, person = signed_in(app, "administrator")
    return Desk(app, client, person.csrf or "")


def write(desk: Desk, action: str, **given: Any) -> None:  # noqa: ANN401 - JSON
    desk.store.log(action, **given)


def test_the_log_reads_as_sentences(desk: Desk) -> None:
    signed_in(desk.app, "viewer")[0].get("/layers/stops.csv")
    assert "viewer 下载图层“公交站”（CSV）" in desk.log()
    assert "viewer downloaded the layer Bus stops (CSV)" in desk.log(lang="en")
    page = desk.client.get("/log").text
    assert "来自 127.0.0.1" in page
    assert re.search(r"<time[^>]*>\d{4}年\d+月\d+日 \d\d:\d\d</time>", page)
    count = len(desk.app.extensions["geosvc"].log_entries(before=None, limit=999))
    assert messages.text("pages.log_page.whole", "zh", count=count) in page


def test_the_log_is_filtered_by_person_kind_and_day(desk: Desk) -> None:
    write(desk, "export", actor="wu", target="stops.csv")
    write(desk, "user_disabled", actor="administrator", target="wu")
    assert desk.log(person=" WU ") == ["administrator 停用账号 wu", "wu 下载图层“公交站”（CSV）"]
    assert desk.log(person="wu", kind="downloads") == ["wu 下载图层“公交站”（CSV）"]
    assert desk.log(person="nobody") == []
    today = date.today()  # noqa: DTZ011 - as the log's page, in the zone of the service
    around = {
        "since": str(today - timedelta(days=1)),
        "until": str(today + timedelta(days=1)),
    }
    assert len(desk.log(person="wu", **around)) == 2
    assert desk.log(person="wu", since=str(today + timedelta(days=2))) == []
    assert desk.log(person="wu", until=str(today - timedelta(days=2))) == []
    page = desk.client.get("/log?person=nobody&kind=data").text
    assert messages.text("pages.log_page.none_found", "zh") in page
    assert 'value="nobody"' in page
    assert re.search(r'value="data" selected', page)


@pytest.mark.parametrize(
    "query",
    ["since=x", "until=9999-12-31", "since=0001-01-01", "kind=no", "before=x", "person=%00", "a=b"],
)
def test_a_filter_that_cannot_be_read_is_not_shown_as_if_it_were_heeded(
    desk: Desk, query: str
) -> None:
    answer = desk.client.get(f"/log?{query}")
    assert answer.status_code == 200
    assert 'value="x"' not in answer.text
    assert 'value="9999-12-31"' not in answer.text


def test_the_log_turns_pages_keeps_its_filter_and_shows_text_as_text(desk: Desk) -> None:
    for number in range(230):
        write(
            desk, "strange", actor="w<u", target=f"<img src=x>{number}", detail={"<i>": "{{7*7}}"}
        )
    url, seen = "/log?person=w%3Cu&lang=en", 0
    pages = 0
    while url:
        page = desk.client.get(url).text
        assert "<img src=x" not in page
        assert "{{7*7}}" in page
        seen += page.count("<li><time")
        pages += 1
        assert ("Latest entries" in page) is (pages > 1)
        older = re.search(r'class="button" href="(/log\?[^"]*before=\d+[^"]*)"', page)
        url = older[1].replace("&amp;", "&") if older else ""
    assert (seen, pages) == (230, 3)


def test_the_language_is_switched_without_losing_filter_and_page(desk: Desk) -> None:
    def other(url: str) -> str:
        found = re.search(r'href="([^"]*)" data-geosvc="switch"', desk.client.get(url).text)
        assert found is not None
        return found[1].replace("&amp;", "&")

    there = other("/log?person=w%3Cu&kind=data&since=2024-01-02&until=x&before=40")
    assert there == "/log?person=w%3Cu&kind=data&since=2024-01-02&before=40&lang=en"
    assert other(there) == "/log?person=w%3Cu&kind=data&since=2024-01-02&before=40"
    assert other("/log") == "/log?lang=en"
    assert other("/log?lang=en") == "/log"


def test_a_log_that_was_tampered_with_says_where(desk: Desk) -> None:
    with desk.store.writing() as opened:
        opened.execute("UPDATE log SET actor = 'else' WHERE id = 3")
    page = desk.client.get("/log").text
    assert messages.text("pages.log_page.broken", "zh", number=3) in page
    assert "notice-bad" in page


def test_a_long_log_says_how_much_was_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(administration, "CHECKED", 3)
    count = len(desk.app.extensions["geosvc"].log_entries(before=None, limit=999))
    said = messages.text("pages.log_page.whole_last", "zh", count=3, all=count)
    assert said in desk.client.get("/log").text


def test_the_log_says_when_the_store_was_last_verified(desk: Desk) -> None:
    assert messages.text("pages.log_page.never", "zh") in desk.client.get("/log").text
    desk.store.keep_verification(desk.store.verify())
    assert re.search(
        r"上次全面核对：\d{4}年.*，数据库、历史和日志完整。", desk.client.get("/log").text
    )
    desk.store.keep_verification([Issue("store_damaged", "<b>", found="x")])
    page = desk.client.get("/log").text
    assert "有 1 处损坏：\n&lt;b&gt;: 文件已损坏：x" in page


def test_a_new_account_gets_a_password_that_is_shown_once(desk: Desk) -> None:
    answer = desk.send("add", name=" 李红 ", role="editor")
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r'<code class="secret">([a-z0-9-]{19})</code>', answer.text)
    assert found is not None
    assert desk.last() == ("user_added", "administrator", "127.0.0.1", "李红", {"role": "editor"})
    assert 'href="/users?lang=en" data-geosvc="switch"' in answer.text
    page = desk.client.get("/users").text
    assert found[1] not in page
    assert messages.text("user_state.invited", "zh") in page
    accounts = accounts_of(desk.app)
    person = accounts.by_cookie(accounts.sign_in("李红", found[1], address="1.2.3.4"))
    assert person is not None
    assert (person.role, person.must_change) == ("editor", True)


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        ("viewer", "editor", "user_exists"),
        ("<b>", "editor", "bad_name"),
        ("", "editor", "bad_name"),
        ("new", "king", "bad_role"),
    ],
)
def test_an_account_that_will_not_do_is_not_made(
    desk: Desk, name: str, role: str, code: str
) -> None:
    answer = desk.send("add", name=name, role=role)
    assert answer.status_code == 422
    assert messages.text(f"issues.{code}", "zh", found=role, expected="40") in answer.text
    assert "<b>&" not in answer.text
    assert len(accounts_of(desk.app).people.users()) == 4


def test_a_role_is_changed(desk: Desk) -> None:
    page = desk.send("role", name="viewer", role="enforcement").text
    assert messages.text("user_done.role", "zh", name="viewer") in page
    assert accounts_of(desk.app).people.user("viewer").role == "enforcement"
    assert desk.last()[:4] == ("role_changed", "administrator", "127.0.0.1", "viewer")
    assert desk.send("role", name="viewer", role="king").status_code == 422


def test_an_account_is_disabled_and_enabled(desk: Desk) -> None:
    member, _ = signed_in(desk.app, "viewer")
    page = desk.send("disable", name="viewer").text
    assert messages.text("user_state.disabled", "zh") in page
    assert member.get("/account").status_code == 401
    assert desk.last()[0] == "user_disabled"
    page = desk.send("enable", name="viewer").text
    assert messages.text("user_state.disabled", "zh") not in page
    assert signed_in(desk.app, "viewer")[0].get("/account").status_code == 200
    assert desk.last()[0] == "user_enabled"


def test_an_account_is_unlocked(desk: Desk) -> None:
    accounts = accounts_of(desk.app)
    assert "/users/unlock" not in desk.client.get("/users").text
    for _ in range(5):
        with pytest.raises(WrongPasswordError):
            accounts.sign_in("viewer", "wrong wrong", address="9.9.9.9")
    page = desk.client.get("/users").text
    assert messages.text("user_state.locked", "zh", minutes=1) in page
    assert "/users/unlock" in page
    assert desk.send("unlock", name="viewer").status_code == 200
    assert desk.last()[0] == "user_unlocked"
    assert accounts.sign_in("viewer", PASSWORD, address="9.9.9.9")


def test_a_password_is_reset(desk: Desk) -> None:
    member, _ = signed_in(desk.app, "viewer")
    page = desk.send("password", name="viewer").text
    found = re.search(r'<code class="secret">([a-z0-9-]{19})</code>', page)
    assert found is not None
    assert member.get("/account").status_code == 401
    assert desk.last()[0] == "password_reset"
    assert found[1] not in str(desk.store.log_entries())
    with pytest.raises(WrongPasswordError):
        accounts_of(desk.app).sign_in("viewer", PASSWORD, address="9.9.9.9")


@pytest.mark.parametrize("verb", FORMS[1:])
def test_nobody_changes_their_own_account_here(desk: Desk, verb: str) -> None:
    before = desk.last()
    for name, code in (("ADMINISTRATOR", "not_oneself"), ("nobody", "no_such_user")):
        answer = desk.send(verb, name=name, role="viewer")
        assert answer.status_code == 422
        assert messages.text(f"issues.{code}", "zh") in answer.text
    assert desk.last() == before
    user = accounts_of(desk.app).people.user("administrator")
    assert (user.role, user.disabled_at) == ("administrator", None)


@pytest.mark.parametrize("verb", FORMS)
def test_a_form_without_its_secret_changes_nothing(desk: Desk, verb: str) -> None:
    before = desk.last()
    for csrf in ("", "x"):
        data = {"csrf": csrf, "name": "viewer", "role": "administrator"}
        assert desk.client.post(f"/users/{verb}", data=data).status_code == 403
    assert desk.last() == before


@pytest.mark.parametrize("verb", ["", *(f"/{verb}" for verb in FORMS)])
def test_accounts_are_for_administrators_who_have_signed_in(desk: Desk, verb: str) -> None:
    method = "POST" if verb else "GET"
    headers = bearer(desk.app, "administrator", "read edit personal administer")
    before = accounts_of(desk.app).people.users()
    asker = desk.app.test_client()
    data = {"name": "viewer", "role": "administrator"}
    answer = asker.open(f"/users{verb}", method=method, headers=headers, data=data)
    assert answer.status_code == 403
    for role in ("viewer", "editor", "enforcement"):
        member, person = signed_in(desk.app, role)
        sent = data | {"csrf": person.csrf or ""}
        assert member.open(f"/users{verb}", method=method, data=sent).status_code == 403
        assert member.get("/log").status_code == 403
    assert accounts_of(desk.app).people.users() == before


@pytest.mark.parametrize("url", ["/log", "/users"])
def test_pages_are_never_kept_and_in_both_languages(desk: Desk, url: str) -> None:
    for language in ("zh", "en"):
        answer = desk.client.get(url, query_string={"lang": language})
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        text = re.sub(r"<[^>]*>", "", answer.text.split("<body")[1])
        text = text.replace("EN" if language == "zh" else "中文", "")
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) is (language == "zh")
