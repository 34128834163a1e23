from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient


def test_an_embed_may_be_framed_anywhere(client: FlaskClient) -> None:
    headers = client.get("/embed/overview").headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers


def test_an_embed_may_be_framed_by_the_named_sites_alone(tmp_path: Path) -> None:
    client = write_catalog(tmp_path).app(embed_origins=("https://a.example",)).test_client()
    embed, page = client.get("/embed/overview"), client.get("/maps/overview")
    assert embed.headers["Content-Security-Policy"].endswith("frame-ancestors https://a.example")
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
