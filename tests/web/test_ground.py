"""The basemap's file in parts: ranges, tags, headers for embeds, and who may have it."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from geosvc.tiles.basemap import FILE, build_of_layers, find_file
from geosvc.web.answers import IMMUTABLE
from geosvc.web.app import create_app
from geosvc.web.ground import MEDIA
from tests.ground_county import write_county

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.web.small import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = write_county(tmp_path)
    build_of_layers(made.prepare())
    return made


@pytest.fixture
def client(folder: Folder) -> FlaskClient:
    return folder.app().test_client()


@pytest.fixture
def url(folder: Folder) -> str:
    return f"/basemap/{find_file(folder.settings)[1]}.pmtiles"


def test_the_whole_file(client: FlaskClient, folder: Folder, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == HTTPStatus.OK
    assert answer.data == (folder.settings.instance / FILE).read_bytes()
    assert answer.mimetype == MEDIA
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-6", slice(0, 7)), ("bytes=100-", slice(100, None)), ("bytes=-5", slice(-5, None))],
)
def test_a_range(client: FlaskClient, url: str, asked: str, part: slice) -> None:
    whole = client.get(url).data
    answer = client.get(url, headers={"Range": asked})
    assert answer.status_code == HTTPStatus.PARTIAL_CONTENT
    assert answer.data == whole[part]
    assert answer.headers["Content-Length"] == str(len(whole[part]))
    assert answer.headers["Content-Range"].endswith(f"/{len(whole)}")
    # without this, a tile could be put together of two files
    assert answer.headers["ETag"].strip('"') in url


def test_a_range_beyond_the_file(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=99999999-"})
    assert answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_ranges_that_cannot_be_kept_to_are_the_whole(client: FlaskClient, url: str) -> None:
    whole = client.get(url).data
    for headers in (
        {"Range": "bytes=0-1,4-5"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=0-6", "If-Range": '"another"'},
    ):
        answer = client.get(url, headers=headers)
        assert (answer.status_code, answer.data) == (HTTPStatus.OK, whole)
    head = client.head(url)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(whole)))


def test_what_the_reader_has_is_not_sent_again(client: FlaskClient, url: str) -> None:
    tag = client.get(url).headers["ETag"]
    answer = client.get(url, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (HTTPStatus.NOT_MODIFIED, b"")


def test_an_embed_may_ask_for_ranges(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Range": "bytes=0-6"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
    before = client.options(url, headers={"Access-Control-Request-Headers": "range"})
    assert before.status_code == HTTPStatus.NO_CONTENT
    assert "Range" in before.headers["Access-Control-Allow-Headers"]
    assert before.headers["Access-Control-Allow-Origin"] == "*"


def test_another_tag_is_not_there(client: FlaskClient, folder: Folder, url: str) -> None:
    assert client.get("/basemap/0123456789ab.pmtiles").status_code == HTTPStatus.NOT_FOUND
    (folder.settings.instance / FILE).unlink()
    assert client.get(url).status_code == HTTPStatus.NOT_FOUND


def test_only_readers_have_it(folder: Folder, url: str) -> None:
    closed = create_app(replace(folder.settings, anonymous=False)).test_client()
    assert closed.get(url).status_code == HTTPStatus.UNAUTHORIZED


def test_the_page_names_the_file_and_says_what_it_may_load(client: FlaskClient, url: str) -> None:
    page = client.get("/maps/county")
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    module = page.text.split('<script type="module" src="/maps/')[1].split('"')[0]
    script = client.get(f"/maps/{module}").text
    assert url in script
    assert client.get("/embed/county").text.count("protomaps-leaflet.js") == 1


def test_a_new_file_is_seen_without_a_restart(client: FlaskClient, folder: Folder) -> None:
    first = client.get("/maps/county").text
    assert client.get("/maps/county").text == first
    (folder.settings.instance / FILE).unlink()
    assert client.get("/maps/county").text != first
    assert "protomaps" not in client.get("/maps/county").text
