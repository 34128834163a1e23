from __future__ import annotations

import pytest

from geosvc.errors import SettingsError
from geosvc.web.headers import security_headers

ANY = ("*",)
PAGES = ("/", "/maps/all", "/layers", "/layers/stops", "/nowhere")
LOADED = (
    "/embed/all",
    "/embed/all/0f.js",
    "/static/0f/js/main.js",
    "/data/stops/0f.json",
    "/figures/all.svg",
    "/maps/all/0f.js",
    "/maps/all/0f-zh.json",
    "/layers/stops.geojson",
    "/layers/stops.csv",
    "/layers/stops/rows.json",
)


def policy(path: str, origins: tuple[str, ...] = ANY) -> dict[str, str]:
    text = dict(security_headers(path, origins))["Content-Security-Policy"]
    rules = (rule.strip().partition(" ") for rule in text.split(";"))
    return {name: value for name, _, value in rules}


@pytest.mark.parametrize("path", [*PAGES, *LOADED])
def test_nothing_inline_and_no_other_host_is_allowed(path: str) -> None:
    rules = policy(path)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert rules["base-uri"] == "'none'"
    assert not any("unsafe" in value for value in rules.values())


@pytest.mark.parametrize("path", PAGES)
def test_pages_cannot_be_framed_or_read_elsewhere(path: str) -> None:
    headers = dict(security_headers(path, ANY))
    assert policy(path)["frame-ancestors"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", LOADED)
def test_what_embeds_load_may_be_read_anywhere(path: str) -> None:
    headers = dict(security_headers(path, ANY))
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


def test_embeds_may_be_framed_by_the_named_sites() -> None:
    origins = ("https://a.example", "https://b.example:8443")
    assert policy("/embed/all", origins)["frame-ancestors"] == " ".join(("'self'", *origins))
    assert policy("/embed/all")["frame-ancestors"] == "*"
    assert policy("/embed/all", ())["frame-ancestors"] == "'none'"
    assert "X-Frame-Options" not in dict(security_headers("/embed/all", ANY))


@pytest.mark.parametrize("path", ["/embedded", "/embed", "/maps/embed/"])
def test_only_the_folder_of_embeds_is_framed(path: str) -> None:
    assert policy(path)["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", [*PAGES, *LOADED])
def test_types_are_not_guessed(path: str) -> None:
    headers = dict(security_headers(path, ANY))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("origin", ["https://a.example; script-src *", "a\r\nX: y", "a,b", "站"])
def test_an_origin_cannot_end_the_header(origin: str) -> None:
    with pytest.raises(SettingsError):
        security_headers("/embed/all", (origin,))


def test_a_map_shows_frames_of_its_own_service_and_no_other_page_any() -> None:
    assert policy("/maps/all")["frame-src"] == "'self'"
    for path in ("/", "/embed/all", "/layers", "/s/1"):
        assert "frame-src" not in policy(path)
