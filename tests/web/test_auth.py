from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from geosvc.web.app import create_app
from geosvc.web.auth import SESSION_COOKIE, way_back
from geosvc.web.hot import HotPath
from geosvc.web.roles import RIGHTS, ROLES, SCOPES, granted, rights_of
from tests.web.persons import accounts_of, bearer, invite, signed_in
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule

    from geosvc.web.accounts import Person

VALUES = {
    "layer_id": "stops",
    "map_id": "overview",
    "tag": "000000000000",
    "tongue": "zh",
    "ending": "csv",
    "form": "png",
    "tree": "0",
    "path": "x",
    "name": "hotspots",
    "key": "A1",
}
WHO = ("nobody", *ROLES, *(f"token {scope}" for scope in SCOPES))


_RUNS = {"siting.ask", "siting.run", "siting.why", "siting.why_said"}
HELD = (
    {"hotspots.rerun", "hotspots.run", "reports.build"}
    | _RUNS
    | {name for name in RIGHTS if name.startswith(("scenarios.", "siting_downloads."))}
)
"""Addresses beside those of editing that the public profile has closed."""


@pytest.fixture(scope="module", params=["open", "closed", "public"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app where reading is open, where it is closed, and in the public profile."""
    folder = write_catalog(tmp_path_factory.mktemp("catalog"))
    folder.prepare()
    settings = replace(folder.settings, anonymous=request.param != "closed")
    if request.param == "public":
        settings = replace(settings, profile="public")
    return create_app(settings)


@pytest.fixture
def closed(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = write_catalog(tmp_path_factory.mktemp("catalog"))
    folder.prepare()
    return create_app(replace(folder.settings, anonymous=False))


def visit(path: HotPath) -> Client:
    """A client that keeps no cookies and sends those that it is given."""
    return Client(path, use_cookies=False)


def url_of(app: Flask, rule: Rule) -> str:
    given: dict[str, object] = {name: VALUES.get(name, 1) for name in rule.arguments}
    with app.test_request_context():
        return str(app.url_map.bind("").build(rule.endpoint, given))


def method_of(rule: Rule) -> str:
    """What the rule is for, besides what Flask adds."""
    (found,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return found


def asked(app: Flask, who: str, rule: Rule) -> tuple[int, str]:
    """Ask as a program does; the status and the code of the problem, if it is one."""
    client, person, headers = app.test_client(), None, {}
    if who.startswith("token"):
        headers = bearer(app, "administrator", who.removeprefix("token "))
    elif who != "nobody":
        client, person = signed_in(app, who)
    data = {"csrf": person.csrf} if person else {}
    answer = client.open(url_of(app, rule), method=method_of(rule), data=data, headers=headers)
    body = answer.get_json(silent=True) if str(answer.mimetype).endswith("json") else None
    return answer.status_code, (body or {}).get("code", "")


@pytest.mark.parametrize("who", WHO)
def test_the_authorization_matrix(service: Flask, who: str) -> None:
    settings = service.extensions["geosvc"].settings
    wrong = []
    for rule in service.url_map.iter_rules():
        role = "administrator" if who.startswith("token") else who
        scope = who.removeprefix("token ") if who.startswith("token") else None
        right = RIGHTS[rule.endpoint]
        rights = rights_of(role, scope=scope)
        if rule.rule.startswith("/embed/"):
            rights = frozenset()
        # what the public sees is not what is stored, so nothing is written there
        held = rule.endpoint.startswith("editing.") or rule.endpoint in HELD
        is_held = settings.profile == "public" and held
        may = granted(right, rights, settings) and not is_held
        status, code = asked(service, who, rule)
        is_refused = (status, code) in {(401, "sign_in_needed"), (403, "forbidden")}
        if is_refused == may:
            wrong.append((rule.rule, right, status, code))
        if is_refused and who == "nobody" and right != "embed" and not is_held:
            assert status == 401, rule
    assert wrong == []


def test_every_address_is_in_the_table(service: Flask) -> None:
    endpoints = {rule.endpoint for rule in service.url_map.iter_rules()}
    assert endpoints == set(RIGHTS)


def test_what_is_personal_or_for_administrators_is_named_so() -> None:
    assert {name for name, right in RIGHTS.items() if right == "personal"} == {
        "personal.rows",
        "personal.feature",
        "personal.download",
    }
    assert RIGHTS["administration.log"] == "administer"
    assert {name for name, right in RIGHTS.items() if right == "open"} == {
        "data.static",
        "data.favicon",
        "health.health",
        "people.sign_in_page",
        "people.sign_in",
    }


def test_an_address_that_nobody_has_put_into_the_table_is_closed(closed: Flask) -> None:
    closed.add_url_rule("/new", "new", lambda: "secret")
    client, _ = signed_in(closed, "administrator")
    assert client.get("/new").status_code == 403
    assert client.get("/nowhere").status_code == 404


WRITES = ("/signout", "/account/password", "/account/tokens", "/account/tokens/1/revoke")


@pytest.mark.parametrize("url", WRITES)
@pytest.mark.parametrize("csrf", [None, "", "x", "other", "長"])
def test_a_form_without_the_secret_of_its_session_is_refused(
    app: Flask, url: str, csrf: str | None
) -> None:
    client, person = signed_in(app, "editor")
    _, other = signed_in(app, "editor")
    given = other.csrf if csrf == "other" else csrf
    answer = client.post(url, data={} if given is None else {"csrf": given})
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "forged_form"
    assert is_in(app, person)


def is_in(app: Flask, person: Person) -> bool:
    now, hour = datetime.now(UTC), timedelta(hours=1)
    return accounts_of(app).people.session(person.session, now=now, idle=hour) is not None


def test_every_write_of_a_session_asks_for_its_secret(app: Flask) -> None:
    client, _ = signed_in(app, "administrator")
    for rule in app.url_map.iter_rules():
        if method_of(rule) != "GET" and rule.endpoint != "people.sign_in":
            answer = client.open(url_of(app, rule), method=method_of(rule))
            assert answer.get_json()["code"] == "forged_form", rule


def test_scripts_send_the_secret_as_a_header(app: Flask) -> None:
    client, person = signed_in(app, "editor")
    headers = {"X-CSRF-Token": person.csrf or ""}
    assert client.post("/signout", headers=headers).status_code == 303
    assert not is_in(app, person)


def test_a_session_that_was_ended_cannot_be_replayed(app: Flask) -> None:
    client, person = signed_in(app, "editor")
    cookie = client.get_cookie(SESSION_COOKIE)
    assert cookie
    client.post("/signout", data={"csrf": person.csrf})
    again = app.test_client()
    again.set_cookie(SESSION_COOKIE, cookie.value)
    assert again.get("/account").status_code == 401
    assert again.get("/layers/stops").status_code == 200
    assert again.post("/account/tokens", data={"csrf": person.csrf}).status_code == 401


@pytest.mark.parametrize("value", ["x", "", "geosvc_x", "a b", "長", "x" * 5000])
def test_a_token_that_is_none_is_refused_even_where_all_may_read(app: Flask, value: str) -> None:
    headers = {"Authorization": f"Bearer {value}".encode().decode("latin-1")}
    answer = app.test_client().get("/layers/stops", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_other_ways_to_say_who_one_is_are_not_heard(closed: Flask) -> None:
    invite(closed)
    headers = {"Authorization": "Basic YTpi", "X-Remote-User": "administrator"}
    assert closed.test_client().get("/layers", headers=headers).status_code == 401


def test_a_token_needs_no_secret_of_a_form(app: Flask) -> None:
    headers = bearer(app, "editor", "edit read")
    assert app.test_client().post("/jobs/1/cancel", headers=headers).status_code == 404
    assert app.test_client().post("/signout", headers=headers).status_code == 403


def test_readers_are_sent_to_sign_in_and_back(
    closed: Flask, browser_headers: dict[str, str]
) -> None:
    answer = closed.test_client().get("/layers/stops?sel=A1&lang=en", headers=browser_headers)
    assert answer.status_code == 303
    assert answer.headers["Cache-Control"] == "no-store"
    expected = "/signin?next=%2Flayers%2Fstops%3Fsel%3DA1%26lang%3Den&lang=en"
    assert answer.headers["Location"] == expected


def test_an_error_page_of_a_bad_token_is_a_page(app: Flask) -> None:
    headers = {"Authorization": "Bearer x", "Accept": "text/html"}
    answer = app.test_client().post("/signout", headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "text/html"


OPEN = ("/healthz", "/signin", "/favicon.ico")
CLOSED = (
    "/",
    "/layers",
    "/layers/stops",
    "/layers/stops.csv",
    "/layers/stops.gpkg",
    "/layers/stops/rows.json",
    "/layers/stops/schema.json",
    "/maps/overview",
    "/embed/overview",
    "/me.json",
)


def test_a_closed_service_shows_nothing_to_anybody_else(closed: Flask) -> None:
    member, _ = signed_in(closed, "viewer")
    stranger, hot = closed.test_client(), visit(HotPath(closed))
    asset = closed.extensions["geosvc"].assets.url("js/main.js")
    for url in (*OPEN, asset):
        assert stranger.get(url).status_code == 200, url
    for url in CLOSED:
        for _ in range(2):
            assert stranger.get(url).status_code in {401, 403}, url
            assert hot.get(url).status_code in {401, 403}, url
        if not url.startswith("/embed/"):
            assert member.get(url).status_code == 200, url
            assert "public" not in member.get(url).headers["Cache-Control"], url


def test_what_a_member_has_asked_for_stays_closed_to_others(closed: Flask) -> None:
    path = HotPath(closed)
    member, _ = signed_in(closed, "viewer")
    cookie = member.get_cookie(SESSION_COOKIE)
    assert cookie
    page = member.get("/maps/overview").text
    urls = [
        *CLOSED,
        *(part for part in page.split('"') if part.startswith(("/maps/overview/", "/data/"))),
    ]
    assert len(urls) > len(CLOSED)
    known = {"Cookie": f"{SESSION_COOKIE}={cookie.value}"}
    for url in urls:
        visit(path).get(url, headers=known)
        own = visit(path).get(url, headers=known)
        assert own.status_code == (403 if "/embed/" in url else 200), url
        tag = own.headers.get("ETag", "x")
        assert visit(path).get(url).status_code in {401, 403}, url
        again = visit(path).get(url, headers={"If-None-Match": tag})
        assert again.status_code in {401, 403}, url


@pytest.mark.parametrize("url", ["/", "/layers", "/layers/stops", "/maps/overview"])
def test_the_hot_path_mixes_nobody_up(app: Flask, url: str) -> None:
    path = HotPath(app)
    plain = visit(path).get(url).text
    for role in ROLES:
        member, person = signed_in(app, role)
        cookie = member.get_cookie(SESSION_COOKIE)
        assert cookie
        known = {"Cookie": f"a=b; {SESSION_COOKIE}={cookie.value}"}
        for _ in range(2):
            own = visit(path).get(url, headers=known)
            assert f"<bdi>{person.name}</bdi><span" in own.text
            assert own.headers["Cache-Control"] == "private, no-store"
            assert "Cookie" in own.headers["Vary"]
            assert (person.csrf or "-") not in own.text
            assert visit(path).get(url).text == plain
    assert "account-link" not in plain


def test_true_values_never_reach_anybody_else(app: Flask) -> None:
    path = HotPath(app)
    officer, _ = signed_in(app, "enforcement")
    cookie = officer.get_cookie(SESSION_COOKIE)
    assert cookie
    known = {"Cookie": f"{SESSION_COOKIE}={cookie.value}"}
    urls = ["/layers/stops/personal/rows.json", "/layers/stops/personal.csv"]
    urls += ["/layers/stops/rows.json", "/layers/stops.csv", "/layers/stops", "/maps/overview"]
    for url in urls:
        own = visit(path).get(url, headers=known)
        assert ("苏XA1234" in own.text) is ("personal" in url), url
        for headers in ({}, {"If-None-Match": own.headers.get("ETag", "")}):
            assert "苏XA1234" not in visit(path).get(url, headers=headers).text, url
    folder = app.extensions["geosvc"].answers.folder
    assert all("苏XA1234".encode() not in file.read_bytes() for file in folder.iterdir())


def test_embeds_look_at_no_cookie_and_set_none(app: Flask) -> None:
    member, _ = signed_in(app, "administrator")
    plain = app.test_client().get("/embed/overview")
    for headers in ({}, {"Authorization": "Bearer x"}):
        own = member.get("/embed/overview", headers=headers)
        assert own.data == plain.data
        assert "Set-Cookie" not in own.headers
        assert own.headers["Cache-Control"] == plain.headers["Cache-Control"] == "no-cache"


def test_only_signing_in_and_out_sets_cookies(service: Flask) -> None:
    client, person = signed_in(service, "administrator")
    for rule in service.url_map.iter_rules():
        if method_of(rule) == "GET" and rule.endpoint != "people.sign_in_page":
            for asker in (client, service.test_client()):
                assert "Set-Cookie" not in asker.get(url_of(service, rule)).headers, rule
    assert is_in(service, person)


@pytest.mark.parametrize(
    "text",
    ["//evil", "/\\evil", "https://evil", "/a\nb", "javascript:1", "/" + "a" * 3000, "/\t/x", "a"],
)
def test_nobody_is_sent_elsewhere(text: str) -> None:
    assert way_back(text) == "/"


@pytest.mark.parametrize("text", ["/", "/layers/stops?sel=A1&lang=en", "/maps/a?next=//b", "/站"])
def test_a_path_of_our_own_is_gone_back_to(text: str) -> None:
    assert way_back(text) == text


def test_a_body_without_end_is_refused(client: FlaskClient) -> None:
    answer = client.post("/signin", data={"name": "x" * 3 * 2**20})
    assert answer.status_code == 413
