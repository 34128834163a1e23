from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from geosvc.tiles import points
from geosvc.web.answers import IMMUTABLE
from tests.tiles.test_points import read
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.web.small import Folder


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MANY", 2)
    monkeypatch.setattr(points, "PAGE", 2)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return write_catalog(tmp_path)


@pytest.fixture
def crowd(folder: Folder) -> tuple[FlaskClient, str]:
    """A client, and where the stops lie that are many here."""
    app = folder.app()
    tag = app.extensions["geosvc"].now().workspace.tag("stops")
    return app.test_client(), f"/data/stops/{tag}"


def test_positions_are_kept_for_ever_and_by_anybody(crowd: tuple[FlaskClient, str]) -> None:
    client, base = crowd
    answer = client.get(f"{base}.bin")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    head, arrays = read(answer.data)
    assert (head["layer"], head["count"], head["synthetic"]) == ("stops", 3, True)
    assert arrays["class"].tolist() == [2, 1, 0]


def test_the_map_asks_for_them(crowd: tuple[FlaskClient, str]) -> None:
    client, base = crowd
    page = client.get("/maps/overview").get_data(as_text=True)
    script = client.get(
        page.split('type="module" src="/maps/')[1].split('"')[0].join(["/maps/", ""])
    )
    text = script.get_data(as_text=True)
    assert f'geosvc.addPoints(map_overview, {{"id":"stops","url":"{base}.bin"' in text
    assert 'geosvc.addLayer(map_overview, {"id":"roads"' in text


def test_a_column_is_there_where_it_is_not_personal(crowd: tuple[FlaskClient, str]) -> None:
    client, base = crowd
    head, arrays = read(client.get(f"{base}/fields/kind.bin").data)
    assert [head["dictionary"][code] if code >= 0 else None for code in arrays["codes"]] == [
        None,
        "curb",
        "bay",
    ]
    for name in ("plate", "nothing"):
        assert client.get(f"{base}/fields/{name}.bin").status_code == 404


def test_a_column_that_names_features_is_not_there(
    crowd: tuple[FlaskClient, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "MOST_VALUES", 2)
    client, base = crowd
    answer = client.get(f"{base}/fields/code.bin")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"


def test_pages_hold_masked_records(crowd: tuple[FlaskClient, str]) -> None:
    client, base = crowd
    first = client.get(f"{base}/pages/0.json")
    assert first.get_json()["keys"] == ["A3", "A2"]
    last = client.get(f"{base}/pages/1.json").get_json()
    assert (last["first"], last["keys"], last["columns"]["name"]) == (
        2,
        ["A1"],
        {"values": ["金桥路口"]},
    )
    assert "苏XA1234" not in orjson.dumps(last).decode()
    assert client.get(f"{base}/pages/2.json").status_code == 404


def test_a_key_has_a_row(crowd: tuple[FlaskClient, str]) -> None:
    client, base = crowd
    rows = [client.get(f"{base}/place.json?key={key}").get_json() for key in ("A1", "A2", "A3")]
    assert rows == [{"row": 2}, {"row": 1}, {"row": 0}]
    assert client.get(f"{base}/place.json?key=Z").status_code == 404
    assert client.get(f"{base}/place.json").status_code == 404


def test_another_tag_is_gone_and_an_old_one_gives_what_it_gave(folder: Folder) -> None:
    app = folder.app()
    client = app.test_client()
    base = f"/data/stops/{app.extensions['geosvc'].now().workspace.tag('stops')}"
    before = client.get(f"{base}.bin").data
    rows = "".join(f"B{number},121.1,33.5\n" for number in range(4))
    folder.write("data/stops.csv", f"code,lon,lat\n{rows}")
    folder.prepare()
    assert client.get(f"{base}.bin").data == before
    assert client.get(f"{base}/pages/0.json").get_json()["code"] == "stale_address"
    assert client.get("/data/stops/0123456789ab.bin").status_code == 404


def test_the_page_of_the_layer_lists_no_row(crowd: tuple[FlaskClient, str]) -> None:
    client, _ = crowd
    text = client.get("/layers/stops?lang=en").get_data(as_text=True)
    assert "too many records" in text
    assert "rows.json" not in text
    assert "rows.json" in client.get("/layers/fleet").get_data(as_text=True)


def test_what_is_not_many_has_no_columns(crowd: tuple[FlaskClient, str]) -> None:
    client, base = crowd
    tag = client.application.extensions["geosvc"].now().workspace.tag("roads")
    assert client.get(f"/data/roads/{tag}.bin").status_code == 404
    assert client.get(f"{base.replace('stops', 'nothing')}.bin").status_code == 404
