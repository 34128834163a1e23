from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import Client


def test_an_embed_may_be_framed_anywhere(client: FlaskClient) -> None:
    headers = client.get("/embed/overview").headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers


def test_an_embed_may_be_framed_by_the_named_sites_alone(tmp_path: Path) -> None:
    client = write_catalog(tmp_path).app(embed_origins=("https://a.example",)).test_client()
    embed, page = client.get("/embed/overview"), client.get("/maps/overview")
    assert embed.headers["Content-Security-Policy"].endswith(
        "frame-ancestors 'self' https://a.example"
    )
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_a_cookie_of_the_reader_changes_nothing(client: FlaskClient) -> None:
    plain = client.get("/embed/overview").data
    assert client.get("/embed/overview", headers={"Cookie": "session=x"}).data == plain


def test_an_embed_says_that_it_is_one(client: FlaskClient) -> None:
    page = client.get("/embed/overview?lang=en").get_data(as_text=True)
    module = re.search(r'src="(/embed/overview/[0-9a-f]{12}\.js)"', page)
    assert module
    assert '"mode":"embed"' in client.get(module[1]).get_data(as_text=True)
    assert 'href="/maps/overview?lang=en"' in page


def test_all_that_an_embed_loads_may_be_read_by_any_origin(client: FlaskClient) -> None:
    page = client.get("/embed/overview").get_data(as_text=True)
    script = re.search(r'src="(/embed/[^"]+)"', page)
    assert script
    text = client.get(script[1]).get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="(/(?:static|embed)/[^"]+)"', page)
    loaded += re.findall(r'"(/(?:static|data|maps)/[^"]+)"', text)
    assert len(loaded) > 5
    for url in loaded:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["Access-Control-Allow-Origin"] == "*", url


def test_without_scripts_there_is_a_picture_and_a_table(client: FlaskClient) -> None:
    page = client.get("/embed/overview?f.stops.kind=bay&lang=en&controls=0").get_data(as_text=True)
    still = page[page.index("<noscript>") : page.index("</noscript>")]
    picture = re.search(r'<img src="([^"]+)" width="1200" height="630" alt="([^"]+)"', still)
    assert picture
    assert picture[1].startswith("/figures/overview.png?f.stops.kind=bay&amp;lang=en&amp;paper")
    assert picture[2] == "Overview: static picture"
    assert "Bus stops" in still
    assert re.search(r'<td><bdi>Bay</bdi></td><td class="num">1</td>', still)
    # a picture in a frame may be asked for by a page of any origin
    answer = client.get(picture[1].replace("&amp;", "&"))
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_each_state_has_its_own_picture(hot: Client) -> None:
    whole, some = (hot.get(f"/embed/overview{q}").text for q in ("", "?f.stops.kind=bay"))
    assert "f.stops.kind=bay" not in whole
    assert "f.stops.kind=bay" in some
    assert hot.get("/embed/overview").text == whole


def test_nonsense_in_the_address_shows_the_whole_map(client: FlaskClient) -> None:
    plain = client.get("/embed/overview").data
    for query in ("z=near", "f.stops.plate=x", "layers=trains", "wheel=1&utm_source=x"):
        answer = client.get(f"/embed/overview?{query}")
        assert answer.status_code == 200
        assert answer.data == plain


def test_the_head_says_what_it_is(client: FlaskClient) -> None:
    page = client.get("/embed/overview").get_data(as_text=True)
    assert 'property="og:title" content="总览"' in page
    assert 'property="og:description" content="样例总览"' in page
    assert re.search(r'property="og:image" content="/figures/overview\.png\?paper=pixels', page)
    assert 'property="og:url" content="/maps/overview"' in page
