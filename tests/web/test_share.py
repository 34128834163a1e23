from __future__ import annotations

import io
import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import docx
import pytest

from geosvc.reports.document import MEDIA_TYPE
from geosvc.web.app import create_app
from geosvc.web.figures import POLICY
from tests.web.persons import bearer
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

HERE = "https://gis.example.gov.cn"
PLATES = ("苏XA1234".encode(), "苏XB5678".encode())


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = write_catalog(tmp_path_factory.mktemp("catalog"))
    folder.prepare().close()
    return create_app(replace(folder.settings, base_url=HERE))


@pytest.fixture
def asking(public: Flask) -> FlaskClient:
    return public.test_client()


def words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([item.text for item in document.paragraphs] + cells)


def test_word_gets_figure_caption_table_and_link(asking: FlaskClient) -> None:
    answer = asking.get("/figures/overview.docx?f.stops.kind=bay&title=港湾站")
    assert answer.status_code == HTTPStatus.OK
    assert answer.mimetype == MEDIA_TYPE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="overview.docx"'
    said = words(answer.data)
    for part in ("图 1  港湾站", "公交站", f"{HERE}/maps/overview?f.stops.kind=bay"):
        assert part in said, part
    assert not any(plate in answer.data for plate in PLATES)


def test_a_chapter_may_be_named(asking: FlaskClient) -> None:
    answer = asking.get("/figures/overview.docx?chapter=3&lang=en")
    assert "Figure 3-1  Overview" in words(answer.data)


@pytest.mark.parametrize("chapter", ["x", "0", "100", "1.5", "-1"])
def test_a_chapter_is_a_number(asking: FlaskClient, chapter: str) -> None:
    answer = asking.get(f"/figures/overview.docx?chapter={chapter}")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.get_json()["issues"][0].startswith("chapter")


def test_word_is_made_once(asking: FlaskClient) -> None:
    first = asking.get("/figures/overview.docx")
    again = asking.get("/figures/overview.docx", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert asking.get("/figures/overview.docx").data == first.data


def test_a_file_is_downloaded_and_not_shown(asking: FlaskClient) -> None:
    answer = asking.get("/maps/overview.html?layers=stops&lang=en")
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Disposition"] == 'attachment; filename="overview.html"'
    page = answer.get_data(as_text=True)
    assert "geosvc_data_stops" in page
    assert "geosvc_data_area" not in page
    assert f"{HERE}/maps/overview?layers=stops&amp;lang=en" in page
    assert not any(plate in answer.data for plate in PLATES)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/maps/atlantis.html", HTTPStatus.NOT_FOUND),
        ("/maps/overview.html?z=near", HTTPStatus.BAD_REQUEST),
        ("/maps/overview.html?f.stops.plate=x", HTTPStatus.BAD_REQUEST),
        ("/maps/overview/qr.gif", HTTPStatus.NOT_FOUND),
        ("/maps/atlantis/qr.svg", HTTPStatus.NOT_FOUND),
        ("/figures/atlantis.docx", HTTPStatus.NOT_FOUND),
        ("/figures/overview.docx?papper=a4", HTTPStatus.BAD_REQUEST),
    ],
)
def test_what_is_not_there(asking: FlaskClient, path: str, status: HTTPStatus) -> None:
    assert asking.get(path).status_code == status


def test_a_map_named_like_a_file_is_none(asking: FlaskClient) -> None:
    assert asking.get("/maps/overview").status_code == HTTPStatus.OK
    assert "Content-Disposition" not in asking.get("/maps/overview").headers


def test_qr_codes_are_of_the_state(asking: FlaskClient) -> None:
    answer = asking.get("/maps/overview/qr.svg?z=12")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert ET.fromstring(answer.data).tag.endswith("svg")  # noqa: S314 - our own file
    assert answer.data != asking.get("/maps/overview/qr.svg?z=13").data
    png = asking.get("/maps/overview/qr.png")
    assert png.data.startswith(b"\x89PNG")


def test_the_check_is_for_editors(public: Flask, asking: FlaskClient) -> None:
    path = "/maps/overview/tally.json?layers=stops,area"
    assert asking.get(path).status_code == HTTPStatus.UNAUTHORIZED
    for role, scope in (("viewer", "read"), ("editor", "read")):
        answer = asking.get(path, headers=bearer(public, role, scope))
        assert answer.status_code == HTTPStatus.FORBIDDEN
    answer = asking.get(path, headers=bearer(public, "editor", "read edit"))
    told = answer.get_json()
    assert told["agrees"]
    assert told["drawn"] == told["counted"] == told["said"] == 3
    assert told["caption"].startswith("公交站 3")
    # another paper may show more or less, so it is counted on its own
    upright = asking.get(f"{path}&paper=a4", headers=bearer(public, "editor", "read edit"))
    assert upright.get_json()["agrees"]
    assert upright.headers["ETag"] != answer.headers["ETag"]


def test_nothing_to_publish_is_explained(public: Flask, asking: FlaskClient) -> None:
    path = "/maps/overview/tally.json?layers=stops&z=18&c=100,20"
    answer = asking.get(path, headers=bearer(public, "editor", "read edit"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.get_json()["issues"]


def test_every_map_has_the_dialog(asking: FlaskClient) -> None:
    page = asking.get("/maps/overview").get_data(as_text=True)
    assert page.count("<dialog") == 1
    assert f'data-base="{HERE}"' in page
    assert 'data-action="share"' in page
    order = re.findall(r'data-tab="([a-z]+)"', page)
    assert order == ["image", "download", "word", "embed", "link", "file", "freeze", "qr"]
    assert re.findall(r'data-panel="([a-z]+)"', page) == order
    assert "GEOSVC_BASE_URL" not in page


def test_while_no_address_is_set_the_dialog_warns(client: FlaskClient) -> None:
    zh, en = (client.get(f"/maps/overview{q}").get_data(as_text=True) for q in ("", "?lang=en"))
    assert "只在这台机器上有效" in zh
    assert "hold on this machine only" in en
    assert 'data-base=""' in zh


def test_embeds_and_other_pages_have_none(client: FlaskClient) -> None:
    for path in ("/embed/overview", "/", "/layers"):
        assert "<dialog" not in client.get(path).get_data(as_text=True)


def test_a_map_may_frame_its_own_embed(client: FlaskClient) -> None:
    policy = client.get("/maps/overview").headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "frame-src" not in client.get("/").headers["Content-Security-Policy"]
