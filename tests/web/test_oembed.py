"""oEmbed against its specification, https://oembed.com section 2."""

from __future__ import annotations

import html
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from geosvc.web.oembed import Found, frame_code
from tests.web.frozen import Press

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

HERE = "https://gis.example.gov.cn"


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path, base_url=HERE)


def ask(press: Press, url: str, more: str = "") -> TestResponse:
    return press.client.get(f"/oembed?url={quote(url, safe='')}{more}")


def told(press: Press, url: str, more: str = "") -> dict[str, Any]:
    answer = ask(press, url, more)
    assert answer.status_code == HTTPStatus.OK, answer.data
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body: dict[str, Any] = answer.get_json()
    return body


def check(body: dict[str, Any]) -> str:
    """Hold an answer against section 2.3.4; return the address of its frame."""
    assert body["type"] == "rich"
    assert body["version"] == "1.0"
    assert isinstance(body["width"], int)
    assert isinstance(body["height"], int)
    for name in ("title", "provider_name", "provider_url", "html"):
        assert isinstance(body[name], str)
        assert body[name]
    assert isinstance(body["cache_age"], int)
    thumbnail = {name for name in body if name.startswith("thumbnail_")}
    assert thumbnail in (set(), {f"thumbnail_{part}" for part in ("url", "width", "height")})
    found = re.fullmatch(r'<iframe src="([^"]+)" width="(\d+)" height="(\d+)" [^<>]*></iframe>',
                         body["html"])  # fmt: skip
    assert found
    assert (int(found[2]), int(found[3])) == (body["width"], body["height"])
    return html.unescape(found[1])


def test_a_map_is_a_rich_frame(press: Press) -> None:
    body = told(press, f"{HERE}/maps/overview?z=12&f.stops.kind=bay&utm_source=x")
    assert check(body) == f"{HERE}/embed/overview?z=12&f.stops.kind=bay"
    assert body["title"] == "总览"
    assert body["provider_url"] == f"{HERE}/"
    thumbnail = urlsplit(body["thumbnail_url"])
    assert f"{thumbnail.scheme}://{thumbnail.netloc}" == HERE
    picture = press.client.get(f"{thumbnail.path}?{thumbnail.query}")
    assert picture.mimetype == "image/png"
    size = [int.from_bytes(picture.data[at : at + 4], "big") for at in (16, 20)]
    assert size == [body["thumbnail_width"], body["thumbnail_height"]]


def test_the_language_of_the_link_is_kept(press: Press) -> None:
    body = told(press, f"{HERE}/maps/overview?lang=en")
    assert check(body) == f"{HERE}/embed/overview?lang=en"
    assert body["title"] == "Overview"


@pytest.mark.parametrize("path", ["/embed/overview", "/maps/overview"])
def test_page_and_embed_are_the_same(press: Press, path: str) -> None:
    assert check(told(press, f"{HERE}{path}")) == f"{HERE}/embed/overview"
    assert check(told(press, path)) == f"{HERE}/embed/overview"


@pytest.mark.parametrize(("wide", "high"), [(300, 200), (2000, 100), (100, 2000), (1, 1)])
def test_nothing_is_larger_than_the_consumer_has_room_for(
    press: Press, wide: int, high: int
) -> None:
    body = told(press, f"{HERE}/maps/overview", f"&maxwidth={wide}&maxheight={high}")
    check(body)
    for prefix in ("", "thumbnail_"):
        assert body.get(f"{prefix}width", 0) <= wide
        assert body.get(f"{prefix}height", 0) <= high


def test_a_snapshot_is_its_frozen_frame(press: Press) -> None:
    body = told(press, f"{HERE}{press.url}")
    assert check(body) == f"{HERE}/embed/s/{press.found.id}"
    assert body["title"] == "违法一张图"
    short = told(press, f"{HERE}/s/{press.found.id[:12]}?lang=en")
    assert check(short) == f"{HERE}/embed/s/{press.found.id}?lang=en"


def test_a_withdrawn_snapshot_is_not_there(press: Press) -> None:
    press.shelf.withdraw(press.found.id, "错", "li")
    assert ask(press, f"{HERE}{press.url}").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/maps/overview",
        f"{HERE}.evil.example/maps/overview",
        f"{HERE}/maps/atlantis",
        f"{HERE}/layers",
        f"{HERE}/maps/overview?z=near",
        f"{HERE}/s/{'0' * 64}",
        f"{HERE}/scorecard",
        "javascript:alert(1)",
    ],
)
def test_what_is_not_ours_or_not_there(press: Press, url: str) -> None:
    assert ask(press, url).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("query", ["", "?url=", "?url=/maps/overview&maxwidth=wide"])
def test_a_request_without_sense_is_bad(press: Press, query: str) -> None:
    answer = press.client.get(f"/oembed{query}")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.get_json()["issues"]


@pytest.mark.parametrize("form", ["xml", "yaml"])
def test_another_format_is_not_implemented(press: Press, form: str) -> None:
    answer = ask(press, f"{HERE}/maps/overview", f"&format={form}")
    assert answer.status_code == HTTPStatus.NOT_IMPLEMENTED


def test_a_closed_service_tells_nobody(tmp_path: Path) -> None:
    closed = Press(tmp_path, base_url=HERE, anonymous=False)
    assert ask(closed, f"{HERE}/maps/overview").status_code == HTTPStatus.FORBIDDEN


def test_a_hostile_title_stays_text() -> None:
    code = frame_code(f"{HERE}/embed/a?x=1&y=2", '"><script>', (8, 4))
    assert "<script" not in code
    assert "x=1&amp;y=2" in code
    assert Found("a", "b").picture == ""


@pytest.mark.parametrize("path", ["/maps/overview", "/maps/overview?lang=en", "/embed/overview"])
def test_pages_say_where_their_oembed_is(press: Press, path: str) -> None:
    page = press.get(path).get_data(as_text=True)
    (address,) = re.findall(r'type="application/json\+oembed" href="([^"]+)"', page)
    assert address.startswith(f"{HERE}/oembed?")
    answer = press.client.get(html.unescape(address).removeprefix(HERE))
    assert check(answer.get_json()).startswith(f"{HERE}/embed/overview")


def test_a_snapshot_says_it_too_and_shows_its_picture(press: Press) -> None:
    for path in (press.url, f"/embed{press.url}"):
        page = press.get(path).get_data(as_text=True)
        assert f'og:image" content="{HERE}{press.url}/figure.png"' in page
        assert f'og:url" content="{HERE}{press.url}"' in page
        assert 'og:title" content="违法一张图"' in page
        assert 'og:description" content="半年报图 1"' in page
        (address,) = re.findall(r'type="application/json\+oembed" href="([^"]+)"', page)
        answer = press.client.get(html.unescape(address).removeprefix(HERE))
        assert check(answer.get_json()) == f"{HERE}/embed{press.url}"
