"""Figures as files: requests, tags, headers, bad input, and that nothing personal is in them."""

from __future__ import annotations

import zlib
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from matplotlib.image import imread
from werkzeug.test import Client

from geosvc.errors import FigureError, OverloadError
from geosvc.web import drawings
from geosvc.web.figures import POLICY
from geosvc.web.hot import HotPath
from tests.web.small import STOP_ROWS, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

SMALL = "paper=pixels&width=300&height=200&dpi=150"
MEDIA = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
BEGINS = {"png": b"\x89PNG\r\n", "svg": b"<?xml", "pdf": b"%PDF-"}
PLATES = ("苏XA1234", "苏XB5678", "XA1234", "XB5678")


def ask(client: FlaskClient, query: str = SMALL, ending: str = "png") -> TestResponse:
    return client.get(f"/figures/overview.{ending}?{query}")


def texts(svg: bytes) -> str:
    return " ".join("".join(item.itertext()) for item in ET.fromstring(svg).iter())  # noqa: S314 - our own file


@pytest.mark.parametrize("ending", MEDIA)
def test_each_format(client: FlaskClient, ending: str) -> None:
    answer = ask(client, ending=ending)
    assert answer.status_code == HTTPStatus.OK
    assert answer.mimetype == MEDIA[ending]
    assert answer.data.startswith(BEGINS[ending])
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


def test_a_png_has_the_pixels_that_were_asked_for(client: FlaskClient) -> None:
    assert imread(BytesIO(ask(client).data)).shape[:2] == (200, 300)


def test_without_parameters_it_is_a4_at_300_dpi(client: FlaskClient) -> None:
    height, width = imread(BytesIO(client.get("/figures/overview.png").data)).shape[:2]
    assert (width, height) == (2480, 3507)


def test_an_svg_has_a_policy_of_its_own_and_the_others_that_of_the_house(
    client: FlaskClient,
) -> None:
    assert ask(client, ending="svg").headers["Content-Security-Policy"] == POLICY
    assert "sandbox" not in ask(client, ending="pdf").headers["Content-Security-Policy"]
    # what is wrong is said on a page of the house
    wrong = ask(client, "papper=a4", ending="svg")
    assert "script-src 'self'" in wrong.headers["Content-Security-Policy"]


def test_who_has_a_figure_is_told_so_without_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_catalog(tmp_path)
    first = ask(folder.app().test_client())
    tag = first.headers["ETag"]
    monkeypatch.setattr("geosvc.figures.draw", lambda *_: pytest.fail("drawn again"))
    later = folder.app().test_client()
    # from the file that another process has left
    assert ask(later).data == first.data
    for item in (folder.settings.instance / "cache" / "figures").iterdir():
        item.unlink()
    path = f"/figures/overview.png?{SMALL}"
    again = folder.app().test_client().get(path, headers={"If-None-Match": tag})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert again.headers["ETag"] == tag
    assert again.data == b""


def test_a_packed_figure_has_a_tag_of_its_own(client: FlaskClient) -> None:
    path = f"/figures/overview.svg?{SMALL}"
    packed = client.get(path, headers={"Accept-Encoding": "br"})
    assert packed.headers["ETag"].endswith('-br"')
    given = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "br"}
    assert client.get(path, headers=given).status_code == HTTPStatus.NOT_MODIFIED


def test_two_spellings_are_one_figure(client: FlaskClient) -> None:
    one = ask(client, f"{SMALL}&lang=zh&title=A")
    other = ask(client, "title=A&height=200.0&width=300&paper=pixels&landscape=0&dpi=150")
    assert one.headers["ETag"] == other.headers["ETag"]
    assert one.headers["ETag"] != ask(client, f"{SMALL}&title=B").headers["ETag"]


def test_the_hot_path_mixes_no_queries_up(app: Flask) -> None:
    hot = Client(HotPath(app))
    wide = hot.get(f"/figures/overview.png?{SMALL}")
    tall = hot.get("/figures/overview.png?paper=pixels&width=200&height=300&dpi=150")
    assert imread(BytesIO(wide.data)).shape[:2] == (200, 300)
    assert imread(BytesIO(tall.data)).shape[:2] == (300, 200)


def test_a_new_revision_is_a_new_figure(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    before = ask(folder.app().test_client())
    folder.write("data/stops.csv", STOP_ROWS.replace("121.11,33.51", "121.15,33.45"))
    after = ask(folder.app().test_client())
    assert before.headers["ETag"] != after.headers["ETag"]
    assert before.data != after.data


def test_filters_say_what_is_drawn(client: FlaskClient) -> None:
    whole = ask(client, "layers=stops,area")
    some = ask(client, "layers=stops,area&f.stops.kind=bay")
    assert whole.status_code == some.status_code == HTTPStatus.OK
    assert whole.data != some.data


@pytest.mark.parametrize(
    ("query", "parameter", "expected"),
    [
        ("papper=a4", "papper", "paper"),
        ("paper=letter", "paper", "a4, a3, column, 16:9, pixels"),
        ("scale=1", "scale", "minimum 5000"),
        ("f.stops.plate=x", "f.stops.plate", ""),
        ("layers=trains", "layers", "area, roads, stops"),
        (f"title={'x' * 501}", "title", "0..500"),
        ("z=near", "z", "1..22"),
    ],
)
def test_bad_parameters_are_named(
    client: FlaskClient, query: str, parameter: str, expected: str
) -> None:
    answer = ask(client, f"{query}&lang=en" if "lang" not in query else query)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    told = answer.get_json()
    assert told["code"] == "state"
    (issue,) = told["issues"]
    assert issue.startswith(f"{parameter}: ")
    assert expected in issue
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/figures/atlantis.png", "/figures/overview.gif", "/figures/..%2f.png", "/figures/"]
)
def test_what_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("query", ["layers=", "f.stops.slots=999", "z=18&c=0,0", "layers=broken"])
def test_nothing_in_view_is_a_figure_or_a_clear_answer(client: FlaskClient, query: str) -> None:
    answer = ask(client, f"{SMALL}&{query}")
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert answer.data.startswith(BEGINS["png"]) or answer.get_json()["issues"]


def test_a_title_of_500_characters_fits_or_is_refused_clearly(client: FlaskClient) -> None:
    answer = ask(client, f"title={'很长的标题' * 100}&dpi=150")
    assert answer.status_code == HTTPStatus.OK
    assert answer.data.startswith(BEGINS["png"])


def test_a_hostile_title_stays_text(client: FlaskClient) -> None:
    hostile = "</text><script>alert(1)</script>&amp;{{7*7}}$x^2$"
    answer = client.get(
        "/figures/overview.svg", query_string={"title": hostile, "subtitle": "$\\frac{1}{0}$"}
    )
    assert answer.status_code == HTTPStatus.OK
    assert b"<script" not in answer.data
    root = ET.fromstring(answer.data)  # noqa: S314 - our own file
    names = {item.tag.rpartition("}")[2] for item in root.iter()}
    assert "script" not in names
    assert not any(name.startswith("on") for item in root.iter() for name in item.attrib)


@pytest.mark.parametrize("ending", MEDIA)
def test_no_personal_value_is_in_any_byte(client: FlaskClient, ending: str) -> None:
    content = ask(client, "layers=stops&sel=stops/A1", ending).data
    unpacked = [content]
    for part in content.split(b"stream\n")[1:]:
        try:
            unpacked.append(zlib.decompressobj().decompress(part))
        except zlib.error:
            continue
    for plate in PLATES:
        for form in (plate.encode(), plate.encode("utf-16-be")):
            assert not any(form in part for part in unpacked)


def test_a_figure_is_the_anonymous_view_for_everybody(client: FlaskClient) -> None:
    plain = ask(client)
    signed = client.get(f"/figures/overview.png?{SMALL}", headers={"Cookie": "geosvc_session=x"})
    assert plain.data == signed.data


def test_too_many_at_once_are_asked_to_come_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OverloadError

    monkeypatch.setattr(drawings.Drawings, "answer", full)
    answer = ask(client)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.get_json()["code"] == "overload"


def test_what_cannot_be_drawn_is_explained(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        reason = "no_place"
        raise FigureError(reason)

    monkeypatch.setattr("geosvc.figures.draw", refuse)
    answer = ask(client, f"{SMALL}&title=never drawn before")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.get_json()["issues"]


def test_a_card_shows_its_figure(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert (
        'src="/figures/overview.png?paper=pixels&amp;width=640&amp;height=400&amp;bare=1"' in page
    )
    assert page.count('loading="lazy"') == 2
    card = client.get("/figures/roads.png?paper=pixels&width=640&height=400&bare=1")
    assert card.status_code == HTTPStatus.OK
    assert imread(BytesIO(card.data)).shape[:2] == (400, 640)
