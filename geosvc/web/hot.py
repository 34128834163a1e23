"""The short way: answers that were made already leave before Flask is asked.

Flask costs about 0.15 ms a request. A view offers its answer under its path and language; the next
request for the same gets the same bytes, as long as the address is immutable or nothing has moved.
Nothing is kept from, or given to, somebody who has signed in, or where reading needs a sign-in.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote_plus

from geosvc.errors import StoreError
from geosvc.processes import end_with_parent
from geosvc.settings import read_settings
from geosvc.web.answers import IMMUTABLE, Answer, matches
from geosvc.web.app import create_app
from geosvc.web.auth import OPEN_PATHS, is_plain
from geosvc.web.datum import DISPLAY
from geosvc.web.headers import security_headers
from geosvc.web.logs import write_request
from geosvc.web.service import EXTENSION, MOMENT, OFFER, Moment, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

MOST = 2048
"""How many addresses are kept; the longest unused leave first."""
GRACE_SECONDS = 10.0
"""How long a worker without its parent may finish what it answers."""
_READS = ("GET", "HEAD")
# a query may ask for a part of a file
_ASKED = "/layers/"


class HotPath:
    """A WSGI application in front of a Flask app, with one log line a request.

    Parameters
    ----------
    app
        The app of `geosvc.web.app.create_app`.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._service: Service = app.extensions[EXTENSION]
        self._kept: OrderedDict[tuple[str, bool], tuple[Answer, str, str]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        seen: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401
            seen[:] = [status]
            return start_response(status, headers, *rest)

        body = self._quick(environ, start)
        if body is None:
            body = self._slow(environ, start)
        seconds = time.perf_counter() - started
        write_request(environ, status=seen[0], length=sum(map(len, body)), seconds=seconds)
        return body

    def _quick(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes] | None:
        if environ["REQUEST_METHOD"] not in _READS or not self._is_plain(environ):
            return None
        if _asks(environ):
            return None
        found = self._kept.get(_key(environ))
        if found is None:
            return None
        answer, *made = found
        if not self._holds(environ, answer, *made):
            return None
        encoding, body = answer.encoded(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers = answer.headers(encoding)
        shared = self._service
        origins = shared.settings.embed_origins
        safe = security_headers(environ["PATH_INFO"], origins, shared.tile_hosts)
        if matches(environ.get("HTTP_IF_NONE_MATCH", ""), headers[0][1]):
            start("304 NOT MODIFIED", headers[:3] + safe)
            return [b""]
        start("200 OK", [*headers, *safe, ("Content-Length", str(len(body)))])
        return [body if environ["REQUEST_METHOD"] == "GET" else b""]

    def _holds(self, environ: dict[str, Any], answer: Answer, version: str, erasure: str) -> bool:
        is_fixed = answer.cache == IMMUTABLE
        if is_fixed and environ["PATH_INFO"].startswith(OPEN_PATHS):
            return True
        now = self._moment(environ)
        # what holds a layer is void, address and all, when something was erased from it
        return now is not None and (erasure == now.erasure if is_fixed else version == now.version)

    def _is_plain(self, environ: dict[str, Any]) -> bool:
        return is_plain(environ, anonymous=self._service.settings.anonymous)

    def _moment(self, environ: dict[str, Any]) -> Moment | None:
        # once a request: Flask finds it in the environment
        if MOMENT not in environ:
            # Flask asks again, and has a sentence for a store that cannot be read
            with suppress(StoreError):
                environ[MOMENT] = self._service.now()
        return cast("Moment | None", environ.get(MOMENT))

    def _slow(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        moment = self._moment(environ)
        answered = self._app(environ, start)
        try:
            body = list(answered)
        finally:
            getattr(answered, "close", lambda: None)()
        answer = environ.pop(OFFER, None)
        # what was answered to somebody in particular is nobody else's
        if answer is not None and moment is not None and self._is_plain(environ):
            with self._lock:
                self._kept[_key(environ)] = (answer, moment.version, moment.erasure)
                if len(self._kept) > MOST:
                    self._kept.popitem(last=False)
        return body


def application() -> HotPath:
    """Make the WSGI application of one worker from the environment."""
    # a worker whose parent was killed would hold the port for ever
    end_with_parent(grace_s=GRACE_SECONDS)
    return HotPath(create_app(read_settings()))


def _asks(environ: dict[str, Any]) -> bool:
    query = environ.get("QUERY_STRING", "")
    # the public profile refuses some addresses that ask for a datum
    return bool(query) and (
        environ["PATH_INFO"].startswith(_ASKED) or DISPLAY in unquote_plus(query)
    )


def _key(environ: dict[str, Any]) -> tuple[str, bool]:
    query = environ.get("QUERY_STRING", "")
    # the language is read as Flask reads it, so that no spelling of a query mixes the two up
    asked = parse_qsl(query, keep_blank_values=True) if "lang" in query or "%" in query else []
    tongue = next((value for name, value in asked if name == "lang"), "")
    return environ["PATH_INFO"], tongue == "en"
