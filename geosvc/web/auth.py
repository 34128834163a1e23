"""Who sends a request, and whether they may: every request passes here before its view.

A person is known by the cookie of a session or by a token (``Authorization: Bearer``). An embed
looks at neither. A request that writes must carry the secret of its session (`Person.csrf`) in the
field ``csrf`` or the header ``X-CSRF-Token``; one with a token need not, because no browser sends
a token by itself.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from flask import Response, g, redirect, request

from geosvc.errors import ForbiddenError, ForgedFormError, SignInNeededError
from geosvc.web.address import client_address, is_secure
from geosvc.web.roles import granted, right_of
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from geosvc.web.accounts import Person

SESSION_COOKIE = "geosvc_session"
FORM_COOKIE = "geosvc_form"
LONGEST_WAY_BACK = 2000
OPEN_PATHS = ("/static/", "/favicon.ico")
"""What is the same for everybody and open to everybody."""
EMBEDS = "/embed/"
_READS = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Let no request of an app pass unasked."""
    app.before_request(_admit)
    app.after_request(_keep_private)


def person() -> Person | None:
    """Return who sends the present request; None where nobody has signed in.

    Raises
    ------
    SignInNeededError
        If a token is not, or no longer, good; once a request.
    """
    if "person" not in g:
        g.person = None
        g.person = _find()
    return cast("Person | None", g.person)


def may(right: str) -> bool:
    """Tell whether the present request has a right that its address does not ask for."""
    found, settings = person(), service().settings
    # in the public profile nobody sees what is personal
    return granted(cast("Any", right), found.rights if found else frozenset(), settings)


def signed_in() -> Person:
    """Return who sends the present request.

    Raises
    ------
    SignInNeededError
        If nobody has signed in.
    """
    found = person()
    if found is None:
        raise SignInNeededError
    return found


def address() -> str:
    """Return where the present request comes from."""
    return client_address(request.environ, service().settings.trusted_proxies)


def log(action: str, target: str, detail: Mapping[str, Any] | None = None) -> None:
    """Write down what the sender of the present request does."""
    found = person()
    actor = found.name if found else ""
    service().log(action, actor=actor, address=address(), target=target, detail=detail or {})


def is_plain(environ: Mapping[str, Any], *, anonymous: bool) -> bool:
    """Tell whether a request gets what everybody gets, so that one answer serves all.

    Parameters
    ----------
    environ
        The WSGI environment.
    anonymous
        Whether reading needs no sign-in.

    Examples
    --------
    >>> is_plain({"PATH_INFO": "/"}, anonymous=True), is_plain({"PATH_INFO": "/"}, anonymous=False)
    (True, False)
    >>> is_plain({"PATH_INFO": "/", "HTTP_COOKIE": "geosvc_session=x"}, anonymous=True)
    False
    """
    path = environ["PATH_INFO"]
    if path.startswith(OPEN_PATHS):
        return True
    if not anonymous:
        return False
    if path.startswith(EMBEDS):
        return True
    return "HTTP_AUTHORIZATION" not in environ and SESSION_COOKIE not in environ.get(
        "HTTP_COOKIE", ""
    )


def give_cookie(response: Response, name: str, value: str, *, same_site: str) -> None:
    """Have the browser keep a value until it is closed, unread by scripts and other sites."""
    response.set_cookie(name, value, httponly=True, samesite=same_site, secure=_is_https())


def take_cookie(response: Response, name: str) -> None:
    """Have the browser forget a value."""
    response.delete_cookie(name, httponly=True, samesite="Lax", secure=_is_https())


def form_nonce() -> str:
    """Return what binds a form to the browser that asked for its page."""
    return request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)


def check_form() -> None:
    """Refuse a form of somebody who has not signed in, unless its page came to the same browser.

    Raises
    ------
    ForgedFormError
        If it did not.
    """
    nonce = request.cookies.get(FORM_COOKIE, "")
    given = request.form.get("csrf", "")
    if not nonce or not _same(service().accounts.form_key(nonce), given):
        raise ForgedFormError
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise ForgedFormError


def way_back(text: str) -> str:
    """Return a path of this service to go on to; the list of maps where it is none.

    >>> way_back("/layers/stops?lang=en"), way_back("//evil.example"), way_back("")
    ('/layers/stops?lang=en', '/', '/')
    """
    is_short = len(text) <= LONGEST_WAY_BACK
    is_plain_text = text.isprintable() and "\\" not in text
    is_path = text.startswith("/") and not text.startswith("//")
    if not (is_short and is_plain_text and is_path):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc or parts.path.startswith("//") else text


def sign_in_url(path: str) -> str:
    """Return the address of the page to sign in, which leads back to a path."""
    query = {"next": path} | ({"lang": "en"} if language() == "en" else {})
    return f"/signin?{urlencode(query)}"


def to_sign_in() -> Response:
    """Send a reader to the page to sign in, and from there back."""
    back = request.full_path if request.query_string else request.path
    response = cast("Response", redirect(sign_in_url(back), 303))
    response.headers["Cache-Control"] = "no-store"
    return response


def _admit() -> None:
    if request.endpoint is None:
        # no such address: said to everybody alike
        return
    right = right_of(request.endpoint)
    if right is None:
        raise ForbiddenError(request.endpoint)
    if right == "open":
        return
    settings, found = service().settings, person()
    if not granted(right, found.rights if found else frozenset(), settings):
        if found is None and right != "embed":
            raise SignInNeededError(request.endpoint)
        raise ForbiddenError(request.endpoint)
    if request.method not in _READS and found is not None and found.csrf is not None:
        given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
        if not _same(found.csrf, given):
            raise ForgedFormError(request.endpoint)


def _find() -> Person | None:
    if request.path.startswith(EMBEDS):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = service().accounts.by_token(token.strip())
        if found is None:
            raise SignInNeededError
        return found
    cookie = request.cookies.get(SESSION_COOKIE)
    return service().accounts.by_cookie(cookie) if cookie else None


def _keep_private(response: Response) -> Response:
    right = right_of(request.endpoint or "")
    is_closed = not service().settings.anonymous and right not in {"open", None}
    if g.get("person") is None and not is_closed:
        return response
    if right == "open" and request.path.startswith(OPEN_PATHS):
        return response
    # nobody who uses the same browser or proxy later may find it there
    if "no-store" not in response.headers.get("Cache-Control", ""):
        is_page = response.mimetype == "text/html"
        response.headers["Cache-Control"] = "private, no-store" if is_page else "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding, Authorization, Cookie"
    return response


def _is_https() -> bool:
    return is_secure(request.environ, service().settings.trusted_proxies)


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))
