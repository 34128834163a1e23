from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
import pytest

from geosvc.web.answers import IMMUTABLE
from tests.web.small import STOPS, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from geosvc.web.service import Service


@pytest.fixture
def data_url(shared: Service) -> str:
    return f"/data/stops/{shared.now().workspace.tag('stops')}.json"


def parts(client: FlaskClient, url: str) -> tuple[str, str]:
    """The addresses of a map's script and manifest."""
    page = client.get(url).get_data(as_text=True)
    module = re.search(r'type="module" src="([^"]+/[0-9a-f]{12}\.js)"', page)
    assert module
    script = client.get(module[1]).get_data(as_text=True)
    manifest = re.search(r'"manifest":"([^"]+)"', script)
    assert manifest
    return module[1], manifest[1]


def test_data_is_kept_for_ever(client: FlaskClient, data_url: str) -> None:
    answer = client.get(data_url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.get_json()["count"] == 3


def test_data_is_the_same_in_both_languages(client: FlaskClient, data_url: str) -> None:
    assert client.get(data_url).data == client.get(f"{data_url}?lang=en").data


def test_data_of_another_tag_is_gone(client: FlaskClient) -> None:
    answer = client.get("/data/stops/0123456789ab.json")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "stale_address"


def test_an_old_address_still_gives_what_it_gave(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    app = folder.app()
    client = app.test_client()
    url = f"/data/stops/{app.extensions['geosvc'].now().workspace.tag('stops')}.json"
    before = client.get(url).data
    folder.write("data/stops.csv", "code,lon,lat\nA1,121.1,33.5\n")
    folder.prepare()
    assert client.get(url).data == before
    assert folder.app().test_client().get(url).data == before


@pytest.mark.parametrize("layer_id", ["nowhere", "broken"])
def test_data_of_no_layer_is_not_found(client: FlaskClient, layer_id: str) -> None:
    assert client.get(f"/data/{layer_id}/0123456789ab.json").status_code == 404


@pytest.mark.parametrize("ending", [".geojson", ".csv", ".gpkg", "/rows.json", "/schema.json"])
def test_a_layer_with_a_broken_file_is_unavailable_and_says_why(
    client: FlaskClient, ending: str
) -> None:
    answer = client.get(f"/layers/broken{ending}?lang=en")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "layer_unavailable")
    assert answer.get_json()["issues"][0].startswith("layers/broken.toml:colour: ")


def test_no_answer_holds_a_personal_value(client: FlaskClient, data_url: str) -> None:
    endings = (".geojson", ".csv", ".gpkg", "/rows.json")
    for url in [data_url, *(f"/layers/stops{ending}" for ending in endings)]:
        body = client.get(url).data
        assert b"XA1234" not in body, url
        assert b"XB5678" not in body, url


def test_the_hidden_part_of_a_plate_is_masked(client: FlaskClient) -> None:
    body = client.get("/layers/stops/rows.json").get_json()
    assert body["columns"]["plate"]["values"] == ["苏X·**234", "苏X·**678", None]


@pytest.mark.parametrize("folder", ["maps", "embed"])
def test_a_map_has_its_script_and_manifest(client: FlaskClient, folder: str) -> None:
    module, manifest = parts(client, f"/{folder}/overview?lang=en")
    script = client.get(module)
    assert script.mimetype == "text/javascript"
    assert script.headers["Cache-Control"] == IMMUTABLE
    words = client.get(manifest)
    assert words.get_json()["map"]["title"] == "Overview"
    assert words.headers["Access-Control-Allow-Origin"] == "*"


def test_another_worker_that_never_made_the_page_has_its_parts(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    module, manifest = parts(folder.app().test_client(), "/maps/overview")
    for item in (tmp_path / "instance/answers").iterdir():
        item.unlink()
    other = folder.app().test_client()
    assert other.get(manifest).status_code == 200
    assert other.get(module).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "/maps/overview/000000000000.js",
        "/embed/overview/000000000000.js",
        "/maps/overview/000000000000-zh.json",
        "/maps/nowhere/000000000000.js",
        "/maps/overview/000000000000-xx.json",
    ],
)
def test_parts_that_nobody_made_are_not_found(client: FlaskClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_rows_hold_all_fields(client: FlaskClient) -> None:
    answer = client.get("/layers/stops/rows.json")
    body = answer.get_json()
    assert list(body["columns"]) == ["code", "name", "kind", "routes", "slots", "plate"]
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_schema_is_in_frictionless_words(client: FlaskClient) -> None:
    body = client.get("/layers/stops/schema.json").get_json()
    assert body["primaryKey"] == "code"
    assert body["fields"][0]["constraints"] == {"required": True, "unique": True}


@pytest.mark.parametrize(
    ("ending", "media"),
    [
        ("geojson", "application/geo+json"),
        ("csv", "text/csv"),
        ("gpkg", "application/geopackage+sqlite3"),
    ],
)
def test_a_layer_is_a_file_in_each_format(client: FlaskClient, ending: str, media: str) -> None:
    answer = client.get(f"/layers/stops.{ending}")
    assert answer.status_code == 200
    assert answer.mimetype == media
    assert answer.headers["Content-Disposition"] == f'attachment; filename="stops.{ending}"'
    assert client.get(f"/layers/stops.{ending}").data == answer.data


def test_geojson_says_revision_and_origin(client: FlaskClient) -> None:
    body = orjson.loads(client.get("/layers/stops.geojson").data)
    assert (body["revision"], body["synthetic"], body["as_of"]) == (1, True, "2024-06-30")
    assert body["attribution"]["en"] == "Sample source"


@pytest.mark.parametrize("ending", ["geojson", "gpkg"])
def test_a_table_has_no_map_formats(client: FlaskClient, ending: str) -> None:
    answer = client.get(f"/layers/fleet.{ending}")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "no_geometry"
    assert client.get("/layers/fleet.csv").status_code == 200


@pytest.mark.parametrize("url", ["/layers/nowhere.csv", "/layers/stops.exe", "/layers/stops."])
def test_other_files_are_not_found(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404


def test_an_unreadable_source_is_unavailable(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("data/roads.geojson", "no json")
    answer = folder.app().test_client().get("/layers/roads.geojson")
    assert answer.status_code == 503
    assert any("data/roads.geojson" in line for line in answer.get_json()["issues"])


@pytest.mark.parametrize("url", ["/layers/stops.geojson", "/layers/stops/rows.json"])
def test_compressed_forms_are_chosen_and_known_again(client: FlaskClient, url: str) -> None:
    packed = client.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert packed.headers["Vary"] == "Accept-Encoding"
    plain = client.get(url)
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] != packed.headers["ETag"]
    headers = {"Accept-Encoding": "br", "If-None-Match": packed.headers["ETag"]}
    assert client.get(url, headers=headers).status_code == 304


def test_static_files_are_kept_for_ever(client: FlaskClient, shared: Service) -> None:
    answer = client.get(shared.assets.url("js/main.js"))
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.data == shared.assets.read("js/main.js")


@pytest.mark.parametrize(
    "path",
    [
        "000000000000/js/main.js",
        "{}/js/none.js",
        "{}/../pyproject.toml",
        "{}/%2e%2e/pyproject.toml",
    ],
)
def test_other_static_files_are_not_found(client: FlaskClient, shared: Service, path: str) -> None:
    assert client.get(f"/static/{path.format(shared.assets.hash)}").status_code == 404


def test_every_static_file_is_served(client: FlaskClient, shared: Service) -> None:
    for path in shared.assets.files:
        answer = client.get(shared.assets.url(path))
        assert answer.status_code == 200
        assert answer.mimetype != "application/octet-stream"


def test_the_icon_is_there_unasked(client: FlaskClient) -> None:
    assert client.get("/favicon.ico").mimetype == "image/svg+xml"


@pytest.fixture
def searched(tmp_path: Path) -> FlaskClient:
    folder = write_catalog(tmp_path)
    folder.write("layers/stops.toml", f'{STOPS}\n[search]\nfields = ["name"]\n')
    return folder.app().test_client()


def search_url(client: FlaskClient) -> str:
    return str(client.get(parts(client, "/maps/overview")[1]).get_json()["map"]["search"])


def test_what_can_be_searched_is_kept_for_ever(searched: FlaskClient) -> None:
    url = search_url(searched)
    assert re.fullmatch(r"/maps/overview/search-[0-9a-f]{12}\.json", url)
    answer = searched.get(url, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Cache-Control"] == IMMUTABLE
    # an embed in a sandboxed frame reads it too
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.get_json()["layers"][0]["texts"] == [["金桥路口", "=1+1", "-3.5"]]
    assert b"XA1234" not in answer.data
    assert searched.get(f"{url}?lang=en").data == answer.data


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_what_can_be_searched_is_packed(searched: FlaskClient, encoding: str) -> None:
    answer = searched.get(search_url(searched), headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding


@pytest.mark.parametrize("map_id", ["overview", "roads", "nowhere"])
def test_an_index_of_another_tag_is_gone(searched: FlaskClient, map_id: str) -> None:
    assert searched.get(f"/maps/{map_id}/search-0123456789ab.json").status_code == 404


def test_a_map_of_nothing_searchable_names_no_index(client: FlaskClient) -> None:
    assert client.get(parts(client, "/maps/overview")[1]).get_json()["map"]["search"] is None
