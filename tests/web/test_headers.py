from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from geosvc.errors import SettingsError
from geosvc.web.app import create_app
from geosvc.web.headers import security_headers
from geosvc.web.hot import HotPath
from tests.online_site import HOSTS, OPEN, SITE, VECTOR
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

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


def policy(
    path: str, origins: tuple[str, ...] = ANY, hosts: tuple[str, ...] = ()
) -> dict[str, str]:
    return rules_of(dict(security_headers(path, origins, hosts))["Content-Security-Policy"])


def rules_of(text: str) -> dict[str, str]:
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


@pytest.mark.parametrize(
    "path",
    [
        *("/maps/all", "/embed/all", "/hotspots", "/layers/stops/edit"),
        *("/siting", "/siting/runs/7", "/siting/scenarios/7"),
    ],
)
def test_pages_of_maps_may_show_tiles_of_the_named_hosts(path: str) -> None:
    with_hosts, without = policy(path, hosts=HOSTS), policy(path)
    assert with_hosts.pop("img-src") == " ".join(("'self' data:", *HOSTS))
    assert without.pop("img-src") == "'self' data:"
    assert with_hosts == without


@pytest.mark.parametrize("path", sorted({*PAGES, *LOADED} - {"/maps/all", "/embed/all"}))
def test_no_other_answer_names_the_hosts(path: str) -> None:
    assert security_headers(path, ANY, HOSTS) == security_headers(path, ANY)


@pytest.mark.parametrize(
    ("bases", "token", "hosts"),
    [
        (VECTOR + OPEN, "0f", HOSTS),
        (VECTOR + OPEN, "", HOSTS[-1:]),
        (VECTOR, "", ()),
        (OPEN.replace("WGS84", "GCJ-02"), "", HOSTS[-1:]),
        (OPEN.replace("WGS84", "BD-09"), "", ()),
        ("", "0f", ()),
    ],
)
def test_the_service_names_the_hosts_of_its_site_file(
    tmp_path: Path, bases: str, token: str, hosts: tuple[str, ...]
) -> None:
    folder = write_catalog(tmp_path)
    folder.write("layers/site.toml", SITE.replace(VECTOR + OPEN, bases))
    folder.prepare()
    app = create_app(replace(folder.settings, base_token=token))
    hot = Client(HotPath(app))
    for path in ("/maps/overview", "/embed/overview"):
        # the third answer is that of the hot path
        for client in (app.test_client(), hot, hot):
            text = client.get(path).headers["Content-Security-Policy"]
            assert rules_of(text)["img-src"] == " ".join(("'self' data:", *hosts))
    for path in ("/", "/layers", "/layers/stops"):
        assert "example" not in hot.get(path).headers["Content-Security-Policy"]
