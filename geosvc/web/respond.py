"""An answer as a Flask response, offered to the hot path as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from geosvc.web.answers import matches
from geosvc.web.service import OFFER

if TYPE_CHECKING:
    from geosvc.web.answers import Answer


def respond(answer: Answer, *, offer: bool = True) -> Response:
    """Answer the present request with the best encoding, or with 304 where the reader has it.

    Parameters
    ----------
    answer
        The answer.
    offer
        Whether the path and the language alone say what is asked, as the hot path takes it.

    Returns
    -------
    response
        Without a body for 304.
    """
    if offer:
        request.environ[OFFER] = answer
    encoding, body = answer.encoded(request.headers.get("Accept-Encoding", ""))
    headers = answer.headers(encoding)
    if matches(request.headers.get("If-None-Match", ""), headers[0][1]):
        return Response(status=304, headers=headers[:3])
    return Response(body, headers=headers)
