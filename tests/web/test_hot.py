from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from geosvc.web import hot as hot_module
from geosvc.web.app import create_app
from geosvc.web.hot import HotPath
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from geosvc.web.service import Moment, Service
    from tests.web.small import Folder

URLS = (
    "/",
    "/?lang=en",
    "/maps/overview",
    "/embed/overview?lang=en",
    "/layers/stops",
    "/layers/stops.geojson",
    "/layers/stops/rows.json",
    "/favicon.ico",
)
ENCODINGS = ("", "gzip", "br", "gzip, br")


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_both_ways_give_the_same(hot: Client, client: FlaskClient, url: str, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    slow, first, second = (asked.get(url, headers=headers) for asked in (client, hot, hot))
    assert slow.data == first.data == second.data
    for answer in (first, second):
        assert answer.status == slow.status
        assert dict(answer.headers) == dict(slow.headers)


@pytest.mark.parametrize("url", URLS)
def test_what_a_reader_has_is_not_sent_again(hot: Client, client: FlaskClient, url: str) -> None:
    tag = hot.get(url).headers["ETag"]
    slow, quick = (asked.get(url, headers={"If-None-Match": tag}) for asked in (client, hot))
    assert slow.status_code == quick.status_code == 304
    assert quick.data == b""
    assert dict(quick.headers) == dict(slow.headers)


def test_head_has_the_length_and_no_body(hot: Client) -> None:
    whole = hot.get("/maps/overview")
    for _ in range(2):
        answer = hot.head("/maps/overview")
        assert answer.data == b""
        assert answer.headers["Content-Length"] == str(len(whole.data))


def test_the_second_answer_does_not_ask_flask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Client(HotPath(app))
    first = asked.get("/maps/overview").data
    monkeypatch.setattr(app, "wsgi_app", None)
    assert asked.get("/maps/overview").data == first
    assert asked.get("/maps/overview?z=3&layers=a").data == first


def test_languages_do_not_mix(hot: Client) -> None:
    for _ in range(2):
        assert 'lang="zh-CN"' in hot.get("/maps/overview").text
        assert 'lang="en"' in hot.get("/maps/overview?lang=en").text
        assert 'lang="zh-CN"' in hot.get("/maps/overview?lang=zh&lang=en").text
        assert 'lang="en"' in hot.get("/maps/overview?lang=en&lang=zh").text
        assert 'lang="zh-CN"' in hot.get("/maps/overview?xlang=en").text
        for spelling in ("lang=%65n", "l%61ng=en", "z=1&lang=en", "lang=en&lang=zh&lang"):
            assert 'lang="en"' in hot.get(f"/maps/overview?{spelling}").text
        for spelling in ("lang=EN", "lang=en%20", "lang=+en", "lang;=en", "lang", "LANG=en"):
            assert 'lang="zh-CN"' in hot.get(f"/maps/overview?{spelling}").text


def test_a_part_of_a_file_is_not_the_whole(hot: Client) -> None:
    whole = hot.get("/layers/stops.csv").data
    assert hot.get("/layers/stops.csv").data == whole
    for query in ("f.stops.kind=bay", "f%2Estops.kind=bay"):
        part = hot.get(f"/layers/stops.csv?{query}").data
        assert part.count(b"\n") == 2
    assert hot.get("/layers/stops.csv").data == whole


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_reading_is_quick(hot: Client, method: str) -> None:
    hot.get("/maps/overview")
    assert hot.open("/maps/overview", method=method).status_code == 405


def test_options_are_answered(hot: Client) -> None:
    hot.get("/maps/overview")
    answer = hot.options("/maps/overview")
    assert answer.status_code == 200
    assert "GET" in answer.headers["Allow"]


def test_problems_are_not_kept(hot: Client) -> None:
    first, second = (hot.get("/maps/nowhere").json for _ in range(2))
    assert first
    assert second
    assert first["request_id"] != second["request_id"]


def test_what_has_moved_is_made_anew(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    asked = Client(HotPath(folder.app()))
    urls = ("/maps/overview", "/layers/stops.geojson", "/layers/stops/rows.json", "/healthz")
    before = {url: asked.get(url).data for url in urls}
    assert {url: asked.get(url).data for url in urls} == before
    folder.write("data/stops.csv", "code,lon,lat\nA1,121.1,33.5\n")
    folder.prepare()
    for url in urls:
        assert asked.get(url).data != before[url], url
    body = asked.get("/layers/stops.geojson").json
    assert body
    assert len(body["features"]) == 1


def test_no_address_gives_a_mask_that_was_erased(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    app = folder.app()
    quick, slow = Client(HotPath(app)), app.test_client()
    store = folder.prepare().store
    tag = app.extensions["geosvc"].now().workspace.tag("stops")
    urls = (f"/data/stops/{tag}.json", "/layers/stops/rows.json", "/layers/stops.csv")
    for url in (*urls, *urls):
        assert "·**" in quick.get(url).text, url
        assert "·**" in slow.get(url).text, url
    assert store.purge(datetime.now(UTC) + timedelta(days=1)) == {"stops": 2}
    # the files of before are still there: retention deletes them a moment later
    assert any("·**".encode() in item.read_bytes() for item in answers_of(folder))
    for asked in (quick, slow, quick, Client(HotPath(create_app(folder.settings)))):
        for url in urls:
            found = asked.get(url)
            assert "·**" not in found.text, url
            # what was there under the tag of before is gone for good
            assert found.status_code == (200 if url in urls[1:] else 404), url
    store.close()


def answers_of(folder: Folder) -> list[Path]:
    return list((folder.settings.instance / "answers").iterdir())


def test_an_address_with_its_hash_needs_no_query(
    app: Flask, shared: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Client(HotPath(app))
    url = shared.assets.url("js/main.js")
    first = asked.get(url).data
    monkeypatch.setattr(type(shared), "now", None)
    assert asked.get(url).data == first


def test_a_request_asks_the_store_once(
    app: Flask, shared: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, looks, look = Client(HotPath(app)), [], shared.now

    def counted() -> Moment:
        looks.append(1)
        return look()

    monkeypatch.setattr(shared, "now", counted)
    for number, url in enumerate(["/layers/roads?a", "/layers/roads?b", "/healthz"], start=1):
        asked.get(url)
        assert len(looks) == number


def test_the_number_of_kept_addresses_has_a_bound(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_module, "MOST", 2)
    path = HotPath(app)
    for url in ("/", "/layers", "/maps/overview", "/maps/roads"):
        Client(path).get(url)
    assert len(path._kept) == 2  # noqa: SLF001 - nothing else tells


def test_each_request_is_one_line(hot: Client, capsys: pytest.CaptureFixture[str]) -> None:
    hot.get("/maps/overview?token=secret")
    hot.get("/maps/overview")
    hot.get("/maps/nowhere")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["status"] for line in lines] == [200, 200, 404]
    assert lines[0]["path"] == "/maps/overview"
    assert "secret" not in json.dumps(lines)
    assert lines[2]["id"]


def test_a_worker_makes_its_application_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare()
    monkeypatch.setenv("GEOSVC_LAYERS", str(folder.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(folder.settings.instance))
    assert Client(hot_module.application()).get("/layers/stops").status_code == 200
