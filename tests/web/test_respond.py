from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from geosvc.web.answers import make_answer
from geosvc.web.respond import respond
from geosvc.web.service import OFFER

if TYPE_CHECKING:
    from flask import Flask

ANSWER = make_answer(b"x" * 1000, "text/plain; charset=utf-8")


def test_a_body_is_sent_in_the_encoding_of_the_request(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Encoding": "gzip"}):
        response = respond(ANSWER)
    assert response.data == ANSWER.gzip
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.content_length == len(ANSWER.gzip or b"")


def test_a_reader_that_has_it_gets_no_body(app: Flask) -> None:
    tag = f'"{ANSWER.etag}"'
    with app.test_request_context("/", headers={"If-None-Match": tag}):
        response = respond(ANSWER)
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == tag
    assert response.headers["Vary"] == "Accept-Encoding"


def test_a_tag_of_another_encoding_is_another(app: Flask) -> None:
    headers = {"If-None-Match": f'"{ANSWER.etag}"', "Accept-Encoding": "br"}
    with app.test_request_context("/", headers=headers):
        assert respond(ANSWER).status_code == 200


def test_the_answer_is_offered_to_the_hot_path(app: Flask) -> None:
    with app.test_request_context("/"):
        respond(ANSWER)
        assert request.environ[OFFER] is ANSWER
