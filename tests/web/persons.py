"""People of each role, signed in or with tokens, for tests of what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc.web.auth import SESSION_COOKIE
from geosvc.web.roles import ROLES

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from geosvc.web.accounts import Accounts, Person

PASSWORD = "北港 to 金桥 22"  # noqa: S105 - of people who do not exist


def accounts_of(app: Flask) -> Accounts:
    """The accounts behind an app."""
    found: Accounts = app.extensions["geosvc"].accounts
    return found


def invite(app: Flask) -> None:
    """Make a user of each role, named like it."""
    there = {user.name for user in accounts_of(app).people.users()}
    for role in set(ROLES) - there:
        accounts_of(app).add(role, PASSWORD, role=role, actor="test")


def signed_in(app: Flask, role: str) -> tuple[FlaskClient, Person]:
    """A browser in which a user of this role has signed in, and what the service knows of them."""
    invite(app)
    accounts = accounts_of(app)
    cookie = accounts.open_session(accounts.people.user(role), address="")
    found = accounts.by_cookie(cookie)
    assert found is not None
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, cookie)
    return client, found


def bearer(app: Flask, role: str, scope: str) -> dict[str, str]:
    """The header of a token."""
    invite(app)
    text = accounts_of(app).make_token(role, "test", scope=scope, days=1, actor="test")
    return {"Authorization": f"Bearer {text}"}
