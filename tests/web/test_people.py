from __future__ import annotations

import re
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from geosvc import messages
from geosvc.web import passwords
from geosvc.web.app import create_app
from geosvc.web.auth import FORM_COOKIE, SESSION_COOKIE
from geosvc.web.passwords import AT_ONCE, WAITING
from geosvc.web.server import THREADS
from tests.web.persons import PASSWORD, accounts_of, bearer, invite, signed_in
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture
def own(tmp_path: Path) -> Flask:
    """An app whose people a test may lock out."""
    made = write_catalog(tmp_path).app()
    invite(made)
    return made


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def form_of(client: FlaskClient, name: str = "editor") -> tuple[FlaskClient, dict[str, str]]:
    csrf = hidden(client.get("/signin").text, "csrf")
    return client, {"csrf": csrf, "name": name, "password": PASSWORD}


def sign_in(client: FlaskClient, name: str = "editor", **change: str) -> TestResponse:
    client, data = form_of(client, name)
    return client.post("/signin", data=data | change)


def test_signing_in_leads_back(own: Flask) -> None:
    client = own.test_client()
    form = client.get("/signin?next=/layers/stops%3Flang%3Den").text
    back = hidden(form, "next")
    assert back == "/layers/stops?lang=en"
    answer = sign_in(client, next=back)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/layers/stops?lang=en"
    assert "<bdi>editor</bdi>" in client.get("/layers/stops").text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", ""])
def test_signing_in_leads_nowhere_else(own: Flask, back: str) -> None:
    assert sign_in(own.test_client(), next=back).headers["Location"] == "/"


def test_cookies_are_unread_by_scripts_and_other_sites(own: Flask) -> None:
    client = own.test_client()
    page = client.get("/signin").headers["Set-Cookie"]
    assert page.startswith(f"{FORM_COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(page.split("; "))
    session, form = sign_in(client).headers.getlist("Set-Cookie")
    assert session.startswith(f"{SESSION_COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} == set(session.split("; ")[1:])
    assert form.startswith(f"{FORM_COOKIE}=;")


def test_cookies_travel_by_https_only_where_there_is_https(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare()
    app = create_app(replace(folder.settings, trusted_proxies=("127.0.0.1/32",)))
    client, headers = app.test_client(), {"X-Forwarded-Proto": "https"}
    assert "Secure" in client.get("/signin", headers=headers).headers["Set-Cookie"]
    assert "Secure" in client.get("https://a.example/signin").headers["Set-Cookie"]
    assert "Secure" not in client.get("/signin").headers["Set-Cookie"]


def test_a_wrong_password_says_how_many_tries_are_left(own: Flask) -> None:
    client = own.test_client()
    texts = []
    for _ in range(6):
        answer = sign_in(client, password="wrong wrong")  # noqa: S106 - a wrong one
        texts.append(re.search(r'role="alert".*?<span>(.*?)</span>', answer.text, re.DOTALL))
        assert SESSION_COOKIE not in str(answer.headers)
        assert "wrong wrong" not in answer.text
    said = [text[1] for text in texts if text]
    assert "还可再试 4 次" in said[0]
    assert said[4] == messages.text("pages.signin.wrong_last", "zh")
    assert said[5] == messages.text("pages.signin.locked", "zh", minutes=1)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert sign_in(client).status_code == 429
    assert sign_in(client, "viewer").status_code == 303


def test_the_address_of_a_client_behind_a_proxy_counts(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare()
    app = create_app(replace(folder.settings, trusted_proxies=("127.0.0.1/32",)))
    invite(app)
    client = app.test_client()
    csrf = hidden(client.get("/signin").text, "csrf")
    data = {"csrf": csrf, "name": "editor", "password": PASSWORD}
    headers = {"X-Forwarded-For": "6.6.6.6, 9.9.9.9"}
    assert client.post("/signin", data=data, headers=headers).status_code == 303
    (entry, *_) = app.extensions["geosvc"].log_entries(before=None, limit=1)
    assert (entry.action, entry.actor, entry.address) == ("sign_in", "editor", "9.9.9.9")


@pytest.mark.parametrize("csrf", [None, "", "x"])
def test_a_form_that_did_not_come_from_here_signs_nobody_in(own: Flask, csrf: str | None) -> None:
    client = own.test_client()
    data = {"name": "editor", "password": PASSWORD} | ({} if csrf is None else {"csrf": csrf})
    assert client.post("/signin", data=data).get_json()["code"] == "forged_form"
    client.get("/signin")
    assert client.post("/signin", data=data).get_json()["code"] == "forged_form"


def test_a_form_of_another_browser_signs_nobody_in(own: Flask) -> None:
    mine, theirs = own.test_client(), own.test_client()
    csrf = hidden(mine.get("/signin").text, "csrf")
    theirs.get("/signin")
    assert sign_in(theirs, csrf=csrf).status_code == 403
    headers = {"Sec-Fetch-Site": "cross-site"}
    data = {"csrf": csrf, "name": "editor", "password": PASSWORD}
    assert mine.post("/signin", data=data, headers=headers).status_code == 403
    assert mine.post("/signin", data=data).status_code == 303


def test_the_session_of_before_is_not_taken_over(own: Flask) -> None:
    client = own.test_client()
    client.set_cookie(SESSION_COOKIE, "chosen by somebody else")
    sign_in(client)
    first = client.get_cookie(SESSION_COOKIE)
    client.set_cookie(FORM_COOKIE, "n")
    csrf = accounts_of(own).form_key("n")
    client.post("/signin", data={"csrf": csrf, "name": "viewer", "password": PASSWORD})
    second = client.get_cookie(SESSION_COOKIE)
    assert first
    assert second
    assert len({first.value, second.value, "chosen by somebody else"}) == 3
    assert accounts_of(own).by_cookie(first.value) is None
    found = accounts_of(own).by_cookie(second.value)
    assert found
    assert found.name == "viewer"


def test_who_has_signed_in_is_shown_the_account(own: Flask) -> None:
    client = own.test_client()
    sign_in(client)
    assert client.get("/signin?lang=en").headers["Location"] == "/account?lang=en"


def test_signing_out_ends_it(own: Flask) -> None:
    client = own.test_client()
    sign_in(client)
    csrf = client.get("/me.json").get_json()["csrf"]
    answer = client.post("/signout", data={"csrf": csrf})
    assert answer.headers["Location"] == "/"
    assert client.get_cookie(SESSION_COOKIE) is None
    assert client.get("/me.json").get_json()["name"] is None


def test_programs_learn_who_they_are(app: Flask) -> None:
    nobody = {"name": None, "role": None, "rights": ["read"], "csrf": None}
    assert app.test_client().get("/me.json").get_json() == nobody
    client, person = signed_in(app, "enforcement")
    body = client.get("/me.json").get_json()
    assert body["rights"] == ["edit", "personal", "read"]
    assert body["csrf"] == person.csrf
    headers = bearer(app, "editor", "edit")
    body = app.test_client().get("/me.json", headers=headers).get_json()
    assert (body["name"], body["rights"], body["csrf"]) == ("editor", ["edit", "read"], None)


NEW = "泰北路 at seven 7"


def test_a_password_is_changed_on_the_account(own: Flask) -> None:
    client, person = signed_in(own, "viewer")
    other, _ = signed_in(own, "viewer")
    send = {"csrf": person.csrf or "", "old": PASSWORD, "new": NEW, "again": NEW}
    for wrong in ({"again": "x"}, {"old": "x"}, {"new": "short", "again": "short"}):
        answer = client.post("/account/password", data=send | wrong)
        assert answer.status_code in {403, 422}
        assert 'role="alert"' in answer.text
        assert NEW not in answer.text
    answer = client.post("/account/password?lang=en", data=send)
    assert messages.text("pages.account.password_done", "en") in answer.text
    assert other.get("/account").status_code == 401
    assert client.get("/account").status_code == 200
    assert sign_in(own.test_client(), "viewer", password=NEW).status_code == 303


def test_a_token_is_made_shown_once_and_revoked(own: Flask) -> None:
    client, person = signed_in(own, "editor")
    send = {"csrf": person.csrf or "", "label": "<b>gis</b>", "scope": "read", "days": "30"}
    page = client.post("/account/tokens", data=send).text
    found = re.search(r'<code class="secret">(geosvc_[\w-]+)</code>', page)
    assert found is not None
    assert "<b>gis" not in page
    headers = {"Authorization": f"Bearer {found[1]}"}
    asker = own.test_client()
    assert asker.get("/me.json", headers=headers).get_json()["rights"] == ["read"]
    page = client.get("/account").text
    assert found[1] not in page
    address = re.search(r'action="(/account/tokens/\d+/revoke)"', page)
    assert address is not None
    page = client.post(address[1], data={"csrf": person.csrf}).text
    assert messages.text("pages.account.revoked_done", "zh") in page
    assert asker.get("/me.json", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"scope": "administer"}, {"scope": ""}, {"days": "0"}, {"days": "x"}, {"days": "9" * 20}],
)
def test_a_token_that_will_not_do_is_not_made(own: Flask, change: dict[str, str]) -> None:
    client, person = signed_in(own, "editor")
    send = {"csrf": person.csrf or "", "label": "gis", "scope": "read", "days": "30"} | change
    answer = client.post("/account/tokens", data=send)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert client.post("/account/tokens/99/revoke", data=send).status_code == 422


def test_the_account_leads_to_what_the_role_may_see(own: Flask) -> None:
    wanted = {
        "viewer": set(),
        "editor": {"/jobs"},
        "enforcement": {"/jobs"},
        "administrator": {"/jobs", "/log", "/users"},
    }
    for role, paths in wanted.items():
        client, _ = signed_in(own, role)
        page = client.get("/account?lang=en").text
        found = {path for path in ("/jobs", "/log", "/users") if f'href="{path}?lang=en"' in page}
        assert found == paths, role
        for path in paths:
            assert client.get(path).status_code == 200


def test_one_sees_where_one_has_signed_in_and_ends_it_elsewhere(own: Flask) -> None:
    client, person = signed_in(own, "editor")
    other, _ = signed_in(own, "editor")
    stranger, _ = signed_in(own, "viewer")
    page = client.get("/account").text
    rows = re.findall(r"<li><span><bdi>", page)
    assert len(rows) == 2
    assert page.count(messages.text("pages.account.this", "zh") + "</span>") == 1
    assert client.post("/account/sessions/end", data={"csrf": "x"}).status_code == 403
    assert other.get("/account").status_code == 200
    page = client.post("/account/sessions/end", data={"csrf": person.csrf}).text
    assert messages.text("pages.account.sessions_done", "zh") in page
    assert "/account/sessions/end" not in page
    assert [asker.get("/account").status_code for asker in (client, other, stranger)] == [
        200,
        401,
        200,
    ]
    (entry, *_) = own.extensions["geosvc"].log_entries(before=None, limit=1)
    assert (entry.action, entry.actor, entry.detail) == ("sessions_ended", "editor", {"count": 1})


def test_who_was_handed_a_password_must_change_it_first(own: Flask) -> None:
    given = accounts_of(own).renew_password("administrator", actor="test")
    client = own.test_client()
    answer = sign_in(client, "administrator", password=given, next="/layers")
    assert answer.headers["Location"] == "/account"
    page = client.get("/account").text
    assert messages.text("pages.account.must_change", "zh") in page
    assert messages.text("pages.account.tokens", "zh") not in page
    csrf = hidden(page, "csrf")
    for path in ("/log", "/users", "/jobs", "/layers/stops/edit"):
        assert client.get(path).status_code == 403, path
    send = {"csrf": csrf, "label": "gis", "scope": "administer", "days": "30"}
    assert client.post("/account/tokens", data=send).status_code == 403
    send = {"csrf": csrf, "old": given, "new": given, "again": given}
    answer = client.post("/account/password", data=send)
    assert answer.status_code == 422
    assert messages.text("issues.same_password", "zh") in answer.text
    answer = client.post("/account/password", data=send | {"new": NEW, "again": NEW})
    assert answer.status_code == 200
    assert messages.text("pages.account.must_change", "zh") not in answer.text
    assert 'href="/users"' in answer.text
    assert client.get("/users").status_code == 200
    assert sign_in(own.test_client(), "administrator", password=given).status_code == 403


@pytest.mark.parametrize("url", ["/signin", "/account"])
def test_pages_of_people_are_never_kept_and_in_both_languages(own: Flask, url: str) -> None:
    asker = own.test_client() if url == "/signin" else signed_in(own, "administrator")[0]
    for language in ("zh", "en"):
        answer = asker.get(url, query_string={"lang": language})
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        text = re.sub(r"<[^>]*>", "", answer.text.split("<body")[1])
        text = text.replace("EN" if language == "zh" else "中文", "")
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) is (language == "zh")


def test_hashing_does_not_keep_readers_waiting(own: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, free = threading.Semaphore(0), threading.Event()

    class Slow(PasswordHasher):
        def verify(self, *given: str | bytes) -> bool:  # type: ignore[override]
            begun.release()
            assert free.wait(60)
            return bool(given)

    monkeypatch.setattr(passwords, "HASHER", Slow(time_cost=1, memory_cost=8, parallelism=1))
    # as many threads as a worker has, and more people than may wait
    places = AT_ONCE + WAITING
    with ThreadPoolExecutor(THREADS) as worker:
        forms = [form_of(own.test_client()) for _ in range(places + 5)]
        tries = [worker.submit(client.post, "/signin", data=data) for client, data in forms]
        try:
            for _ in range(AT_ONCE):
                assert begun.acquire(timeout=60)
            page = worker.submit(own.test_client().get, "/layers/stops")
            assert page.result(timeout=60).status_code == 200
            refused = [
                item.result(timeout=60)
                for item in wait(tries, timeout=60, return_when=FIRST_COMPLETED).done
            ]
            assert {answer.status_code for answer in refused} == {503}
            assert messages.text("errors.busy.detail", "zh") in refused[0].text
        finally:
            free.set()
        statuses = [item.result(timeout=60).status_code for item in tries]
    assert sorted(statuses) == [303] * places + [503] * 5
