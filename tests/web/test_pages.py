from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from geosvc import messages
from geosvc.workspace import refresh_derived
from tests.web.small import DENSITY, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

PAGES = (
    "/",
    "/layers",
    "/maps/overview",
    "/maps/roads",
    "/layers/stops",
    "/layers/roads",
    "/layers/fleet",
    "/layers/broken",
    "/embed/overview",
)
HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "{#",
    "${1}",
    "`x`",
    "<img src=x onerror=window.ran=1>",
    "</script><script>window.ran=1</script>",
    "javascript:window.ran=1",
    "\u202e站\u200f",
    "𠮷野家",
    "长" * 10_000,
)


class Reader(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_pages_hold_nothing_inline_and_ask_no_other_host(
    client: FlaskClient, url: str, query: str
) -> None:
    page = Reader(read(client, url + query))
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert tag not in {"style", "iframe", "base"}
        if tag == "script" and attributes.get("type") != "application/json":
            assert str(attributes.get("src")).startswith("/")
        for name in ("src", "href", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("/", "#", "?"))


@pytest.mark.parametrize("url", PAGES)
def test_pages_are_in_the_readers_language(client: FlaskClient, url: str) -> None:
    assert '<html lang="zh-CN">' in read(client, url)
    assert '<html lang="zh-CN">' in read(client, f"{url}?lang=xx")
    assert '<html lang="en">' in read(client, f"{url}?lang=en")


@pytest.mark.parametrize("url", PAGES)
def test_english_pages_hold_no_chinese_but_the_switch(client: FlaskClient, url: str) -> None:
    text = Reader(read(client, f"{url}?lang=en")).text.replace("中文", "")
    assert not re.search(r"[\u4e00-\u9fff]", text)


@pytest.mark.parametrize("url", PAGES)
def test_a_page_is_made_once_and_known_again(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("url", PAGES)
def test_no_page_sets_a_cookie(client: FlaskClient, url: str) -> None:
    assert "Set-Cookie" not in client.get(url).headers


def test_the_index_counts(client: FlaskClient) -> None:
    page = read(client, "/?lang=en")
    assert "Sample county" in page
    assert page.index("Overview") < page.index("Road map")
    assert re.search(r"Bus stops</bdi> <b>3</b>", page)
    assert 'href="/maps/overview?lang=en"' in page


def test_the_index_leads_to_every_group_of_layers(client: FlaskClient) -> None:
    index = client.get("/").get_data(as_text=True)
    layers = client.get("/layers").get_data(as_text=True)
    groups = re.findall(r'href="/layers#(group-[a-z_]+)"', index)
    assert groups
    assert groups == re.findall(r'id="(group-[a-z_]+)"', layers)


def test_a_card_tells_the_day_and_no_hour(client: FlaskClient) -> None:
    index = client.get("/").get_data(as_text=True)
    assert re.search(r"\d{4}年\d{1,2}月\d{1,2}日更新", index)
    assert not re.search(r"\d{2}:\d{2}更新", index)


def test_a_map_page_names_its_parts(client: FlaskClient) -> None:
    page = read(client, "/maps/overview")
    assert '<div class="folium-map" id="map_overview"></div>' in page
    assert "leaflet-1.9.4/leaflet.js" in page
    module = re.search(r'type="module" src="(/maps/overview/[0-9a-f]{12}\.js)"', page)
    assert module
    assert client.get(module[1]).status_code == 200


def test_every_file_that_a_page_names_is_there(client: FlaskClient) -> None:
    for url in PAGES:
        for tag, attributes in Reader(read(client, url)).tags:
            for name in ("src", "href"):
                value = attributes.get(name) or "#"
                if value.startswith("/"):
                    assert client.get(value).status_code in {200, 503}, (url, tag, value)


def test_layers_stand_in_groups_with_state_and_reason(client: FlaskClient) -> None:
    page = unescape(read(client, "/layers?lang=en"))
    assert page.index("Stops") < page.index("Ground")
    assert messages.text("state.unavailable", "en") in page
    assert "layers/broken.toml:colour" in page


def test_a_layer_page_tells_its_origin_and_fields(client: FlaskClient) -> None:
    page = read(client, "/layers/stops?lang=en")
    for words in ("data/stops.csv", "WGS84", "Sample source", "2024-06-30", "Curbside", "Plate"):
        assert words in page
    assert 'href="/layers/stops.geojson"' in page
    assert "/layers/stops/rows.json" in page


def test_a_layer_page_lists_refused_rows(client: FlaskClient) -> None:
    page = unescape(read(client, "/layers/stops?lang=en"))
    assert "data/stops.csv:row 4: code" in page
    assert "4 expected, 3 found" in page


def test_a_layer_page_says_why_it_is_as_it_is(client: FlaskClient) -> None:
    assert "The data file was imported" in read(client, "/layers/stops?lang=en")
    assert "导入数据文件" in read(client, "/layers/stops")


def test_a_table_offers_no_geometry(client: FlaskClient) -> None:
    page = read(client, "/layers/fleet")
    assert "/layers/fleet.csv" in page
    assert "fleet.gpkg" not in page
    assert "fleet.geojson" not in page


def test_a_broken_layer_has_a_page_with_its_faults(client: FlaskClient) -> None:
    page = unescape(read(client, "/layers/broken?lang=en"))
    assert "layers/broken.toml:colour" in page
    assert "rows.json" not in page


def test_many_faults_are_cut_with_their_number(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    rows = "".join(f"R{number},名,bay,1,1,,200,95\n" for number in range(60))
    header = "code,name,kind,routes,slots,plate,lon,lat\n"
    folder.write("data/stops.csv", header + "A1,名,bay,1,1,,121.1,33.5\n" + rows)
    page = read(folder.app().test_client(), "/layers/stops?lang=en")
    assert "10 more" in page


@pytest.mark.parametrize("url", ["/maps/nowhere", "/layers/nowhere", "/embed/nowhere", "/nowhere"])
def test_what_is_not_there_is_a_plain_page(
    client: FlaskClient, browser_headers: dict[str, str], url: str
) -> None:
    answer = client.get(url, headers=browser_headers)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert 'href="/"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_files_stays_text(tmp_path: Path, text: str) -> None:
    folder = write_catalog(tmp_path)
    quoted = json.dumps(text, ensure_ascii=False)
    for path in sorted((tmp_path / "layers").rglob("*.toml")):
        content = path.read_text(encoding="utf-8")
        folder.write(
            path.relative_to(tmp_path).as_posix(),
            re.sub(r'(zh|en) = "[^"]*"', lambda m: f"{m[1]} = {quoted}", content),
        )
    cell = '"' + text.replace('"', '""') + '"'
    rows = (tmp_path / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("金桥路口", cell))
    client = folder.app().test_client()
    for url in PAGES:
        page = read(client, url)
        reader = Reader(page)
        assert text in reader.text or url == "/layers/broken", url
        assert "49" not in re.findall(r"\b49\b", reader.text)
        assert not any("onerror" in attributes for _, attributes in reader.tags)
        # the dialog has pictures that get their address from a script
        images = [attributes for tag, attributes in reader.tags if tag == "img"]
        pictures = [str(attributes["src"]) for attributes in images if "src" in attributes]
        assert all(re.fullmatch(r"/figures/[a-z]+\.png\?[a-z0-9=&]+", src) for src in pictures)
        hrefs = [str(attributes.get("href")) for _, attributes in reader.tags]
        assert not any(href.startswith("javascript:") for href in hrefs)
        assert page.count("<script") == page.count("</script>")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["lang", "z", "c", "layers", "sel"])
def test_parameters_change_no_byte_of_a_page(client: FlaskClient, name: str, text: str) -> None:
    plain = client.get("/maps/overview").data
    assert client.get(f"/maps/overview?{name}={quote(text)}").data == plain


@pytest.mark.parametrize("text", HOSTILE[:10])
@pytest.mark.parametrize("folder", ["maps", "layers", "embed", "data", "static"])
def test_a_hostile_path_is_not_found(
    client: FlaskClient, browser_headers: dict[str, str], folder: str, text: str
) -> None:
    answer = client.get(f"/{folder}/{quote(text, safe='')}", headers=browser_headers)
    page = Reader(answer.get_data(as_text=True))
    assert answer.status_code == 404
    assert "49" not in re.findall(r"\b49\b", page.text)
    assert not any(tag == "img" for tag, _ in page.tags)


def test_a_changed_layer_makes_new_pages(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    client = folder.app().test_client()
    before = client.get("/maps/overview").headers["ETag"]
    folder.write("data/fleet.csv", "kind,count\ntaxi,1\n")
    folder.write("data/stops.csv", "code,lon,lat\nA1,121.1,33.5\n")
    folder.prepare()
    assert client.get("/maps/overview").headers["ETag"] != before


def test_a_derived_layer_says_how_it_was_made(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("layers/density.toml", DENSITY)
    client = folder.app().test_client()
    waiting = read(client, "/layers/density?lang=en")
    assert messages.text("layer.pending", "en") in waiting
    assert "density.csv" not in waiting
    assert refresh_derived(folder.settings) == ["density"]
    made = read(client, "/layers/density?lang=en")
    for words in ("street_density", "events = stops", "lixel_m = 100", "Sample source"):
        assert words in made
    assert "Computed from other layers" in made
    assert "density.csv" in made
