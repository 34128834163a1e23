from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from werkzeug.exceptions import abort

from geosvc import errors, messages
from geosvc.errors import Issue
from geosvc.web import auth
from geosvc.web.problems import STATUS
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

REASONS: dict[type[errors.GeosvcError], tuple[str, str]] = {
    errors.AnalysisError: ("no_events", "There are no events."),
    errors.FigureError: ("no_place", "the map has no extent that could be shown"),
    errors.BasemapError: ("ground.pmtiles", "its file is incomplete or damaged"),
}
"""Errors that say their reason in a sentence of their own."""


def classes(root: type[errors.GeosvcError] = errors.GeosvcError) -> list[type[errors.GeosvcError]]:
    return [root, *(found for child in root.__subclasses__() for found in classes(child))]


def test_every_error_has_a_status() -> None:
    assert set(STATUS) == set(classes())
    assert all(status >= 400 for status in STATUS.values())


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An app whose addresses raise what they are called."""
    monkeypatch.setattr(auth, "right_of", lambda _endpoint: "open")
    app = write_catalog(tmp_path).app()
    for error in classes():

        def fail(found: type[errors.GeosvcError] = error) -> str:
            raise found(
                REASONS.get(found, ("secret detail", ""))[0],
                issues=[Issue("unreadable", "layers/a.toml")],
            )

        app.add_url_rule(f"/raise/{error.__name__}", error.__name__, fail)
    app.add_url_rule("/raise/unforeseen", "unforeseen", lambda: str(1 // 0))
    app.add_url_rule("/raise/418", "teapot", lambda: abort(418))
    app.add_url_rule("/raise/400", "bad", lambda: abort(400))
    return app


@pytest.mark.parametrize("error", classes(), ids=lambda error: error.__name__)
def test_every_error_is_a_problem_for_machines(
    failing: Flask, error: type[errors.GeosvcError]
) -> None:
    answer = failing.test_client().get(f"/raise/{error.__name__}?lang=en")
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == body["status"] == STATUS[error]
    assert body["type"] == f"urn:geosvc:problem:{error.code}"
    assert body["title"] == messages.text(f"errors.{error.code}.title", "en")
    assert body["instance"] == f"/raise/{error.__name__}"
    reason = [said] if (said := REASONS.get(error, ("", ""))[1]) else []
    assert body["issues"] == [*reason, "layers/a.toml: cannot be read: "]
    assert "secret" not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_error_is_a_page_for_people(failing: Flask, browser_headers: dict[str, str]) -> None:
    answer = failing.test_client().get("/raise/UnknownLayerError", headers=browser_headers)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert messages.text("errors.unknown_layer.title", "zh") in page
    assert "layers/a.toml" in page
    assert 'href="/"' in page


def test_what_nobody_foresaw_hides_its_cause(
    failing: Flask, browser_headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = failing.test_client().get("/raise/unforeseen", headers=browser_headers)
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.get_data(as_text=True)
    assert "ZeroDivisionError" in caplog.text


def test_a_problem_has_a_number_to_quote(failing: Flask) -> None:
    client = failing.test_client()
    numbers = {client.get("/raise/unforeseen").get_json()["request_id"] for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.parametrize(("url", "code"), [("/raise/418", "http"), ("/raise/400", "bad_parameter")])
def test_other_statuses_are_problems_too(failing: Flask, url: str, code: str) -> None:
    answer = failing.test_client().get(url)
    assert answer.status_code == int(url[-3:])
    assert answer.get_json()["code"] == code


def test_a_page_is_only_read(client: FlaskClient) -> None:
    answer = client.post("/maps/overview")
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "url", ["/data/x/y.json", "/layers/x.csv", "/maps/x/y.js", "/healthz/x.json"]
)
def test_machines_are_known_by_the_address(
    client: FlaskClient, browser_headers: dict[str, str], url: str
) -> None:
    answer = client.get(url, headers=browser_headers)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/problem+json", ""])
def test_machines_are_known_by_what_they_accept(client: FlaskClient, accept: str) -> None:
    answer = client.get("/maps/nowhere", headers={"Accept": accept})
    assert answer.mimetype == "application/problem+json"


def test_a_problem_speaks_the_readers_language(client: FlaskClient) -> None:
    chinese = client.get("/maps/nowhere").get_json()["title"]
    english = client.get("/maps/nowhere?lang=en").get_json()["title"]
    assert (chinese, english) == ("没有这张地图", "No such map")


def test_a_problem_has_the_headers_of_every_answer(client: FlaskClient) -> None:
    headers = client.get("/maps/nowhere").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_codes_of_problems_have_sentences() -> None:
    for code in ("not_found", "no_geometry", "stale_address", "bad_parameter", "http"):
        assert messages.has(f"errors.{code}.detail")
