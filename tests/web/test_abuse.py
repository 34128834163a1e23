"""What should not come in, over HTTP: worn-out credentials, guesses, clocks, newer stores."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from geosvc import messages
from geosvc.errors import StoreVersionError
from geosvc.store import log
from geosvc.store.schema import VERSION
from geosvc.web import passwords
from geosvc.web.accounts import BY_ACCOUNT, BY_PAIR, IDLE, LIFE
from geosvc.web.app import create_app
from geosvc.web.auth import FORM_COOKIE, SESSION_COOKIE
from geosvc.web.hot import HotPath
from tests.web.persons import PASSWORD, accounts_of, invite
from tests.web.small import write_catalog
from tests.web.test_faults import run

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

EDIT = {"base": 1, "reason": "why", "values": {"name": "改"}}
STOP = "/layers/stops/features/A1"
MINUTE = timedelta(minutes=1)


class World:
    """An app with a user of each role, and a clock that stands until it is moved."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:  # noqa: ANN401
        self.folder = write_catalog(root)
        self.folder.prepare().close()
        self.app: Flask = create_app(replace(self.folder.settings, **settings))
        self.now = datetime.now(UTC).replace(microsecond=0)
        monkeypatch.setattr(accounts_of(self.app), "_now", lambda: self.now)
        invite(self.app)

    def sign_in(
        self, name: str = "editor", password: str = PASSWORD, **headers: str
    ) -> tuple[FlaskClient, TestResponse]:
        """Send the form of the page to sign in, as a new browser."""
        client = self.app.test_client()
        client.set_cookie(FORM_COOKIE, "n")
        data = {"csrf": accounts_of(self.app).form_key("n"), "name": name, "password": password}
        more = {key.replace("_", "-"): value for key, value in headers.items()}
        return client, client.post("/signin", data=data, headers=more)

    def token(self, scope: str = "read edit", days: int = 1) -> tuple[str, dict[str, str]]:
        """Make a token on the account's page; its number, and the header that carries it."""
        client, _ = self.sign_in()
        form = {"csrf": me(client)["csrf"], "label": "gis", "days": str(days)}
        page = client.post("/account/tokens", data=form | {"scope": scope.split()}).text
        text = re.search(r"geosvc_[\w-]{20,}", page)
        numbers = re.findall(r"/account/tokens/(\d+)/revoke", page)
        assert text is not None
        return numbers[-1], {"Authorization": f"Bearer {text[0]}"}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def me(client: FlaskClient, **headers: str) -> Any:  # noqa: ANN401 - JSON
    return client.get("/me.json", headers=headers).get_json()


def hold_refused(answer: TestResponse, status: int = 401, code: str = "sign_in_needed") -> None:
    assert (answer.status_code, (answer.get_json() or {}).get("code")) == (status, code)


def test_a_token_ends_to_the_second(world: World) -> None:
    _, header = world.token(days=1)
    client = world.app.test_client()
    world.now += timedelta(days=1, seconds=-1)
    assert client.get("/me.json", headers=header).get_json()["name"] == "editor"
    world.now += timedelta(seconds=1)
    for method, url in (("GET", "/me.json"), ("GET", "/layers/stops.csv"), ("PUT", STOP)):
        # where everybody may read, a token that has ended is still refused
        answer = client.open(url, method=method, headers=header, json=EDIT)
        hold_refused(answer)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/layers/stops/rows.json").get_json()["columns"]["name"]["values"][0] != "改"


def test_a_token_that_was_revoked_cannot_be_replayed(world: World) -> None:
    number, header = world.token()
    client, _ = world.sign_in()
    assert client.put(STOP, json=EDIT, headers=header).status_code == 200
    client.post(f"/account/tokens/{number}/revoke", data={"csrf": me(client)["csrf"]})
    hold_refused(world.app.test_client().put(STOP, json=EDIT | {"base": 2}, headers=header))


@pytest.mark.parametrize("is_used", [True, False])
def test_a_session_ends_used_or_not(world: World, *, is_used: bool) -> None:
    client, _ = world.sign_in()
    csrf = me(client)["csrf"]
    for _ in range(LIFE // (IDLE // 2) - 1 if is_used else 0):
        world.now += IDLE // 2
        assert me(client)["name"] == "editor"
    world.now += IDLE // 2 if is_used else IDLE
    assert me(client)["name"] is None
    hold_refused(client.put(STOP, json=EDIT, headers={"X-CSRF-Token": csrf}))
    answer = client.get("/account", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/signin?next=%2Faccount")


def test_a_session_that_was_signed_out_cannot_be_replayed(world: World) -> None:
    client, _ = world.sign_in()
    kept, csrf = client.get_cookie(SESSION_COOKIE), me(client)["csrf"]
    assert kept is not None
    client.post("/signout", data={"csrf": csrf})
    thief = world.app.test_client()
    thief.set_cookie(SESSION_COOKIE, kept.value)
    assert me(thief)["name"] is None
    for asked in (thief, Client(HotPath(world.app))):
        headers = {"X-CSRF-Token": csrf, "Cookie": f"{SESSION_COOKIE}={kept.value}"}
        hold_refused(asked.put(STOP, json=EDIT, headers=headers))
        hold_refused(asked.get("/log", headers=headers | {"Accept": "application/json"}))
    assert world.sign_in()[1].status_code == 303


class Counted:
    """Counts how often argon2 runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times, check = 0, passwords.is_password

        def is_password(hashed: str | None, password: str) -> bool:
            self.times += 1
            return check(hashed, password)

        monkeypatch.setattr(passwords, "is_password", is_password)


def test_a_thousand_wrong_passwords_from_one_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    argon2 = Counted(monkeypatch)
    said = [world.sign_in(password="wrong wrong")[1].status_code for _ in range(1000)]  # noqa: S106 - a wrong one
    assert said == [403] * BY_PAIR.free + [429] * (1000 - BY_PAIR.free)
    assert argon2.times == BY_PAIR.free
    _, late = world.sign_in()
    assert (late.status_code, late.headers["Retry-After"]) == (429, "30")
    assert world.sign_in("viewer")[1].status_code == 303, "the office goes on"
    world.now += BY_PAIR.first
    assert world.sign_in()[1].status_code == 303


def test_a_thousand_wrong_passwords_from_a_thousand_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch, trusted_proxies=("127.0.0.1/32",))
    assert world.sign_in(X_Forwarded_For="9.9.9.9")[1].status_code == 303
    argon2, said = Counted(monkeypatch), []
    for number in range(1000):
        address = f"10.0.{number // 250}.{number % 250}"
        said.append(world.sign_in(password="x" * 12, X_Forwarded_For=address)[1].status_code)
    assert said == [403] * BY_ACCOUNT.free + [429] * (1000 - BY_ACCOUNT.free)
    assert argon2.times == BY_ACCOUNT.free
    assert world.sign_in(X_Forwarded_For="9.9.9.9")[1].status_code == 303, "where they work"


def test_a_clock_that_goes_backward_ends_sessions_and_lets_nobody_stay_out(world: World) -> None:
    client, _ = world.sign_in()
    _, header = world.token()
    for _ in range(BY_PAIR.free + 1):
        locked = world.sign_in("viewer", "wrong wrong")[1]
    assert locked.status_code == 429
    world.now -= MINUTE
    assert me(client)["name"] == "editor", "clocks are set by a few seconds"
    assert world.sign_in("viewer")[1].status_code == 429
    world.now -= timedelta(days=30)
    assert me(client)["name"] is None, "who knows when it began"
    hold_refused(world.app.test_client().get("/me.json", headers=header))
    # a lock that ends a month from now would keep somebody out
    for name in ("editor", "viewer"):
        again, answer = world.sign_in(name)
        assert answer.status_code == 303
        assert me(again)["name"] == name
    world.now += timedelta(days=30)
    assert me(again)["name"] is None, "and is not revived"


def test_a_clock_that_goes_backward_breaks_no_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Past(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:  # noqa: ANN401 - as its own
            return datetime.now(tz) - timedelta(days=400)

    world.sign_in("viewer")
    monkeypatch.setattr(log, "datetime", Past)
    client, _ = world.sign_in("administrator")
    _, header = world.token()
    assert client.put(STOP, json=EDIT, headers=header).status_code == 200
    entries = world.app.extensions["geosvc"].log_entries(before=None, limit=99)
    times = [item.at for item in entries]
    assert times == sorted(times, reverse=True)
    assert {"write", "sign_in", "token_made"} <= {item.action for item in entries}
    page = client.get("/log").text
    assert messages.text("pages.log_page.whole", "zh", count=len(entries)) in page


@pytest.mark.parametrize("harm", ["UPDATE log SET actor = 'x'", "DELETE FROM log"])
def test_a_log_that_was_tampered_with_says_so(world: World, harm: str) -> None:
    client, _ = world.sign_in("administrator")
    assert 'role="alert"' not in client.get("/log").text
    change(world, f"{harm} WHERE id = 2")
    for tongue in ("zh", "en"):
        page = client.get(f"/log?lang={tongue}").text
        alert = re.search(r'role="alert">.*?<span>(.*?)</span>', page, re.DOTALL)
        assert alert is not None
        assert alert[1] == messages.text("pages.log_page.broken", tongue, number=2)


def change(world: World, statement: str) -> None:
    """Write the store behind the service's back."""
    with closing(sqlite3.connect(world.folder.settings.instance / "geosvc.sqlite")) as other:
        other.execute(statement)
        other.commit()


def test_nothing_starts_on_a_store_of_a_newer_version(world: World) -> None:
    change(world, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreVersionError):
        create_app(world.folder.settings)
    for word in ("serve", "import", "verify"):
        done = run(world.folder, word)
        assert done.returncode == 1
        assert messages.text("errors.store_version.detail", "en") in done.stderr
        assert "Traceback" not in done.stderr


def test_a_store_that_becomes_a_newer_one_is_not_touched(world: World) -> None:
    quick = Client(HotPath(world.app))
    quick.get("/layers/stops")
    change(world, f"PRAGMA user_version = {VERSION + 1}")
    # a worker opens it anew now and then: after an error, a restore
    world.app.extensions["geosvc"].now().workspace.store.close()
    page = {"Accept": "text/html"}
    for asked in (quick, world.app.test_client()):
        hold_refused(asked.get("/layers/stops/rows.json"), 500, "store_version")
        answer = asked.get("/layers/stops", headers=page)
        assert answer.status_code == 500
        assert messages.text("errors.store_version.detail", "zh") in answer.text
