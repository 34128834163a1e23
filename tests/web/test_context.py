from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from geosvc.web.context import day_text, link, moment_text, page_context, trust_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


@pytest.fixture
def china(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    getattr(time, "tzset", lambda: None)()
    yield
    monkeypatch.undo()
    getattr(time, "tzset", lambda: None)()


@pytest.mark.usefixtures("china")
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has one time zone")
def test_moments_are_in_the_time_zone_of_the_service() -> None:
    assert moment_text("2024-06-30T09:42:10+00:00", "zh") == "2024年6月30日 17:42"
    assert moment_text("2024-06-30T17:42:10+08:00", "en") == "2024-06-30 17:42"


@pytest.mark.parametrize("text", ["", None])
def test_what_is_missing_stays_missing(text: str | None) -> None:
    assert day_text(text, "zh") is None
    assert moment_text(text, "zh") is None


@pytest.mark.parametrize("text", ["2024-13-01", "{{7*7}}", "soon"])
def test_what_is_no_date_stays_as_it_is(text: str) -> None:
    assert day_text(text, "zh") == text
    assert moment_text(text, "en") == text


def test_addresses_keep_the_language() -> None:
    assert link("en", "/maps/all") == "/maps/all?lang=en"
    assert link("zh", "/maps/all") == "/maps/all"


@pytest.mark.parametrize(
    ("url", "lang", "switch"),
    [
        ("/layers", "zh", "/layers?lang=en"),
        ("/layers?lang=en", "en", "/layers"),
        ("/layers?lang=xx&z=1", "zh", "/layers?lang=en"),
    ],
)
def test_the_frame_of_a_page(app: Flask, url: str, lang: str, switch: str) -> None:
    with app.test_request_context(url):
        context = page_context(["stops"], active="layers")
        assert context["lang"] == lang
        assert context["switch_url"] == switch
        assert context["t"]("errors.way_on.maps")
        assert context["static"]("js/main.js").startswith("/static/")
        assert context["active"] == "layers"


def test_the_trust_line_is_text(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        line = trust_line(["stops", "roads"], "en")
    assert line["synthetic"] is True
    assert line["as_of"] == "2024-06-30"
    assert line["sources"] == ["Sample source"]
    assert line["revision"] == "r2"
    assert line["author"] == "The service"
