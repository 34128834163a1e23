"""Pages about oneself: signing in and out, password, sessions, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, request

from geosvc import messages
from geosvc.errors import (
    AccessError,
    ForbiddenError,
    GeosvcError,
    Issue,
    LockedOutError,
    UserError,
)
from geosvc.web import auth
from geosvc.web.accounts import LONGEST_TOKEN_DAYS
from geosvc.web.context import moment_text
from geosvc.web.forms import form_page, go
from geosvc.web.passwords import SHORTEST
from geosvc.web.roles import SCOPES, Right, granted
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from geosvc.store.people import Token
    from geosvc.store.sessions import SignIn

bp = Blueprint("people", __name__)
TOKEN_DAYS = 90
_RIGHTS: tuple[Right, ...] = (*SCOPES, "accounts")
_LINKS = (
    ("jobs", "/jobs", "edit"),
    ("log", "/log", "administer"),
    ("users", "/users", "accounts"),
)


@bp.get("/signin")
def sign_in_page() -> Response:
    """Show the form to sign in, or the account of who has."""
    if auth.person() is not None:
        return go("/account")
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
    made = accounts.by_cookie(cookie)
    if made is not None and made.must_change:
        response = go("/account")
    else:
        response = go(auth.way_back(request.form.get("next", "")), as_it_is=True)
    auth.give_cookie(response, auth.SESSION_COOKIE, cookie, same_site="Lax")
    auth.take_cookie(response, auth.FORM_COOKIE)
    return response


@bp.post("/signout")
def sign_out() -> Response:
    """End the session."""
    service().accounts.sign_out(auth.signed_in(), address=auth.address())
    response = go("/")
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


@bp.post("/account/sessions/end")
def end_sessions() -> Response:
    """End one's sessions everywhere else."""
    service().accounts.end_others(auth.signed_in(), address=auth.address())
    return _account(done="sessions")


@bp.post("/account/tokens")
def make_token() -> Response:
    """Make a token and show it this once."""
    found, days = auth.signed_in(), request.form.get("days", "")
    if found.must_change:
        raise ForbiddenError(found.name)
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


def _sign_in_form(*, name: str, failure: AccessError | None) -> Response:
    nonce = auth.form_nonce()
    context = {
        "csrf": service().accounts.form_key(nonce),
        "next": auth.way_back(request.values.get("next", "")),
        "name": name,
        "anonymous": service().settings.anonymous,
    }
    response = form_page("signin.html", context, path="/signin", failure=failure)
    if isinstance(failure, LockedOutError):
        response.headers["Retry-After"] = str(failure.wait_s)
    auth.give_cookie(response, auth.FORM_COOKIE, nonce, same_site="Strict")
    return response


def _account(
    *, failure: GeosvcError | None = None, done: str | None = None, made: str | None = None
) -> Response:
    tongue = language()
    # read anew: a password that was just changed gives its rights back
    found = service().accounts.by_cookie(request.cookies.get(auth.SESSION_COOKIE, ""))
    found = found or auth.signed_in()
    user = service().accounts.people.user(found.name)
    settings = service().settings
    rights = [right for right in _RIGHTS if granted(right, found.rights, settings)]
    context = {
        "csrf": found.csrf,
        "must_change": found.must_change,
        "role": messages.text(f"roles.{found.role}", tongue),
        "rights": [messages.text(f"rights.{right}", tongue) for right in rights],
        "scopes": [
            {"name": right, "label": messages.text(f"rights.{right}", tongue)}
            for right in SCOPES
            if right in rights
        ],
        "links": [
            {"url": url, "label": messages.text(f"pages.account.{name}", tongue)}
            for name, url, right in _LINKS
            if right in rights
        ],
        "sign_ins": [_sign_in(item, found.session) for item in service().accounts.sign_ins(found)],
        "tokens": [_token(item) for item in service().accounts.people.tokens(user)],
        "days": TOKEN_DAYS,
        "most_days": LONGEST_TOKEN_DAYS,
        "shortest": SHORTEST,
        "done": messages.text(f"pages.account.{done}_done", tongue) if done else None,
        "made": made,
    }
    return form_page("account.html", context, path="/account", failure=failure)


def _sign_in(item: SignIn, own: str) -> dict[str, Any]:
    tongue = language()
    return {
        "address": item.address,
        "began": moment_text(item.created_at, tongue),
        "seen": moment_text(item.seen_at, tongue),
        "is_this": item.key == own,
    }


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
