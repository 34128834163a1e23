"""Pages about oneself: signing in and out, password, tokens; and the log for administrators."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import orjson
from flask import Blueprint, Response, redirect, render_template, request

from geosvc import messages
from geosvc.errors import (
    AccessError,
    GeosvcError,
    Issue,
    LockedOutError,
    UserError,
    WrongPasswordError,
)
from geosvc.web import auth
from geosvc.web.accounts import LONGEST_TOKEN_DAYS
from geosvc.web.context import moment_text, page_context
from geosvc.web.passwords import SHORTEST
from geosvc.web.problems import STATUS
from geosvc.web.roles import SCOPES
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from geosvc.store.people import Token

bp = Blueprint("people", __name__)
ENTRIES = 100
"""Entries of the log on a page."""
TOKEN_DAYS = 90
SECONDS = 60


@bp.get("/signin")
def sign_in_page() -> Response:
    """Show the form to sign in, or the account of who has."""
    if auth.person() is not None:
        return _go("/account")
    return _sign_in_form(name="", failure=None)


@bp.post("/signin")
def sign_in() -> Response:
    """Let a person in, or say why not."""
    auth.check_form()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    accounts, address = service().accounts, auth.address()
    try:
        cookie = accounts.sign_in(name, password, address=address)
    except AccessError as error:
        return _sign_in_form(name=name, failure=error)
    # a session that the browser had before is not taken over
    old = accounts.by_cookie(request.cookies.get(auth.SESSION_COOKIE, ""))
    if old is not None:
        accounts.people.end_session(old.session)
    response = _go(auth.way_back(request.form.get("next", "")), as_it_is=True)
    auth.give_cookie(response, auth.SESSION_COOKIE, cookie, same_site="Lax")
    auth.take_cookie(response, auth.FORM_COOKIE)
    return response


@bp.post("/signout")
def sign_out() -> Response:
    """End the session."""
    service().accounts.sign_out(auth.signed_in(), address=auth.address())
    response = _go("/")
    auth.take_cookie(response, auth.SESSION_COOKIE)
    return response


@bp.get("/me.json")
def me() -> Response:
    """Say who is signed in, what they may do, and what their forms must carry."""
    found = auth.person()
    body = {
        "name": found.name if found else None,
        "role": found.role if found else None,
        "rights": sorted(right for right in SCOPES if auth.may(right)),
        "csrf": found.csrf if found else None,
    }
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), mimetype="application/json", headers=headers)


@bp.get("/account")
def account() -> Response:
    """Show who one is, with forms for password and tokens."""
    return _account()


@bp.post("/account/password")
def change_password() -> Response:
    """Choose another password."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _account(failure=UserError(issues=[Issue("passwords_differ", "")]))
    try:
        found, address = auth.signed_in(), auth.address()
        service().accounts.change_own_password(found, old, new, address=address)
    except (AccessError, UserError) as error:
        return _account(failure=error)
    return _account(done="password")


@bp.post("/account/tokens")
def make_token() -> Response:
    """Make a token and show it this once."""
    found, days = auth.signed_in(), request.form.get("days", "")
    try:
        made = service().accounts.make_token(
            found.name,
            request.form.get("label", ""),
            scope=" ".join(request.form.getlist("scope")),
            days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,  # noqa: PLR2004 - digits
            actor=found.name,
            address=auth.address(),
        )
    except UserError as error:
        return _account(failure=error)
    return _account(made=made)


@bp.post("/account/tokens/<int:number>/revoke")
def revoke_token(number: int) -> Response:
    """Refuse a token from now on."""
    found = auth.signed_in()
    try:
        service().accounts.revoke_token(
            found.name, number, actor=found.name, address=auth.address()
        )
    except UserError as error:
        return _account(failure=error)
    return _account(done="revoked")


@bp.get("/log")
def log() -> Response:
    """Show who did what, the latest first."""
    before = request.args.get("before", type=int)
    entries = service().log_entries(before=before, limit=ENTRIES)
    tongue = language()
    rows = [
        {
            "id": entry.id,
            "at": moment_text(entry.at, tongue),
            "actor": entry.actor,
            "address": entry.address,
            "action": _action(entry.action),
            "target": entry.target,
            "detail": [f"{name} = {value}" for name, value in entry.detail.items()],
        }
        for entry in entries
    ]
    older = entries[-1].id if len(entries) == ENTRIES else None
    context = page_context(_layers_shown(), active=None) | {"entries": rows, "older": older}
    return _page("log.html", context)


def _sign_in_form(*, name: str, failure: AccessError | None) -> Response:
    nonce = auth.form_nonce()
    status = STATUS[type(failure)] if failure else HTTPStatus.OK
    context = page_context(_layers_shown(), active=None) | {
        "csrf": service().accounts.form_key(nonce),
        "next": auth.way_back(request.values.get("next", "")),
        "name": name,
        "failure": _said(failure),
        "anonymous": service().settings.anonymous,
    }
    response = _page("signin.html", context, status)
    if isinstance(failure, LockedOutError):
        response.headers["Retry-After"] = str(failure.wait_s)
    auth.give_cookie(response, auth.FORM_COOKIE, nonce, same_site="Strict")
    return response


def _account(
    *, failure: GeosvcError | None = None, done: str | None = None, made: str | None = None
) -> Response:
    found, tongue = auth.signed_in(), language()
    user = service().accounts.people.user(found.name)
    context = page_context(_layers_shown(), active=None) | {
        "csrf": found.csrf,
        "role": messages.text(f"roles.{found.role}", tongue),
        "rights": [messages.text(f"rights.{right}", tongue) for right in SCOPES if auth.may(right)],
        "scopes": [
            {"name": right, "label": messages.text(f"rights.{right}", tongue)}
            for right in SCOPES
            if auth.may(right)
        ],
        "tokens": [_token(item) for item in service().accounts.people.tokens(user)],
        "may_read_log": auth.may("administer"),
        "days": TOKEN_DAYS,
        "most_days": LONGEST_TOKEN_DAYS,
        "shortest": SHORTEST,
        "failure": _said(failure),
        "done": messages.text(f"pages.account.{done}_done", tongue) if done else None,
        "made": made,
    }
    return _page("account.html", context, STATUS[type(failure)] if failure else HTTPStatus.OK)


def _token(token: Token) -> dict[str, Any]:
    tongue = language()
    return {
        "id": token.id,
        "name": token.name,
        "scope": [messages.text(f"rights.{right}", tongue) for right in token.scope.split()],
        "expires": moment_text(token.expires_at, tongue),
        "used": moment_text(token.used_at, tongue),
        "revoked": moment_text(token.revoked_at, tongue),
    }


def _said(error: GeosvcError | None) -> str | None:
    """Write an error as the page says it."""
    if error is None:
        return None
    tongue = language()
    if isinstance(error, WrongPasswordError) and error.left:
        return messages.text("pages.signin.wrong", tongue, left=error.left)
    if isinstance(error, WrongPasswordError):
        return messages.text("pages.signin.wrong_last", tongue)
    if isinstance(error, LockedOutError):
        minutes = -(-error.wait_s // SECONDS)
        return messages.text("pages.signin.locked", tongue, minutes=minutes)
    faults = [
        messages.text(f"issues.{item.code}", tongue, found=item.found, expected=item.expected)
        for item in error.issues
    ]
    return "\n".join(faults) or messages.text(f"errors.{error.code}.detail", tongue)


def _action(code: str) -> str:
    key = f"log.{code}"
    return messages.text(key, language()) if messages.has(key) else code


def _page(template: str, context: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    body = render_template(template, **context)
    headers = {"Cache-Control": "no-store"}
    return Response(body, status=int(status), mimetype="text/html", headers=headers)


def _go(path: str, *, as_it_is: bool = False) -> Response:
    place = path if as_it_is or language() == "zh" else f"{path}?lang=en"
    response = cast("Response", redirect(place, HTTPStatus.SEE_OTHER))
    response.headers["Cache-Control"] = "no-store"
    return response


def _layers_shown() -> list[str]:
    """Return the layers that the trust line speaks of; a closed service says nothing to nobody."""
    return list(service().workspace.layer_ids) if auth.may("read") else []
