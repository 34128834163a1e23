from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from werkzeug.test import Client

from geosvc.catalog.model import Field, Layer, Schema, Style, Text
from geosvc.web.auth import SESSION_COOKIE
from geosvc.web.hot import HotPath
from geosvc.web.personal import is_hidden, true_values, unmasked
from tests.web.persons import accounts_of, bearer, signed_in
from tests.web.small import FLEET, STOPS, write_catalog
from tests.web.test_feature_form import asking

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from tests.web.small import Folder

NONE = Text("", "")
PLATES = ("苏XA1234", "苏XB5678")
MASKS = ("苏X·**234", "苏X·**678")


def test_the_table_of_enforcement_shows_true_values(app: Flask) -> None:
    officer, _ = signed_in(app, "enforcement")
    page = officer.get("/layers/stops").text
    assert "/layers/stops/personal/rows.json" in page
    assert 'href="/layers/stops/personal.csv"' in page
    body = officer.get("/layers/stops/personal/rows.json").get_json()
    assert body["columns"]["plate"]["values"] == [*PLATES, None]


def test_everybody_else_sees_masks(app: Flask) -> None:
    for role in ("viewer", "editor"):
        client, _ = signed_in(app, role)
        assert "personal" not in client.get("/layers/stops").text
        body = client.get("/layers/stops/rows.json").get_json()
        assert body["columns"]["plate"]["values"] == [*MASKS, None]


def test_a_popup_of_enforcement_asks_for_true_values(app: Flask) -> None:
    officer, _ = signed_in(app, "enforcement")
    answer = officer.get("/layers/stops/personal/features/A1")
    assert answer.get_json()["values"] == {"plate": PLATES[0]}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    # nothing to show is no fault, a feature that is not there is one
    assert officer.get("/layers/stops/personal/features/A3").get_json()["values"] == {}
    gone = officer.get("/layers/stops/personal/features/none")
    assert (gone.status_code, gone.get_json()["code"]) == (404, "unknown_feature")
    assert officer.get("/layers/none/personal/features/A1").status_code == 404


def test_nobody_else_gets_them(app: Flask) -> None:
    url, log = "/layers/stops/personal/features/A1", app.extensions["geosvc"].log_entries
    clients = [signed_in(app, role)[0] for role in ("viewer", "editor")]
    token, before = bearer(app, "enforcement", "read"), log(before=None, limit=1)
    assert app.test_client().get(url).status_code == 401
    assert [client.get(url).status_code for client in clients] == [403, 403]
    assert app.test_client().get(url, headers=token).status_code == 403
    assert log(before=None, limit=1) == before


def test_the_short_way_never_mixes_two_readers(app: Flask) -> None:
    path, (_, person) = HotPath(app), signed_in(app, "enforcement")
    assert person is not None
    accounts = accounts_of(app)
    cookie = accounts.open_session(accounts.people.user("enforcement"), address="")
    mine = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
    page = Client(path, use_cookies=False).get("/maps/overview").text
    data = re.search(r"/maps/overview/[0-9a-f]+-zh.json", page)
    assert data is not None
    entry = Client(path).get(data[0]).get_json()["layers"]
    shared = next(item["url"] for item in entry if item["id"] == "stops")
    urls = ["/layers/stops/personal/features/A1", "/layers/stops/personal/rows.json", shared]
    # in both orders, so that whatever one was given is there when the other asks
    for headers in (mine, {}, mine, {}):
        bodies = [Client(path, use_cookies=False).get(url, headers=headers).text for url in urls]
        assert [PLATES[0] in body for body in bodies] == [bool(headers), bool(headers), False]
        assert MASKS[0] in bodies[2]
        said = Client(path, use_cookies=False).get("/maps/overview", headers=headers).text
        assert ("data-signed-in" in said) is bool(headers)


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
def test_files_of_enforcement_hold_true_values(app: Flask, ending: str) -> None:
    officer, _ = signed_in(app, "enforcement")
    own = officer.get(f"/layers/stops/personal.{ending}")
    assert own.headers["Cache-Control"] == "private, no-store"
    assert f'filename="stops_personal.{ending}"' in own.headers["Content-Disposition"]
    assert PLATES[0].encode() in own.data
    assert PLATES[0].encode() not in officer.get(f"/layers/stops.{ending}").data


def test_each_look_is_logged(app: Flask) -> None:
    officer, _ = signed_in(app, "enforcement")
    officer.get("/layers/stops/personal/rows.json")
    officer.get("/layers/stops/personal.csv")
    officer.get("/layers/stops/personal/features/A1")
    officer.get("/layers/fleet/personal/features/taxi")
    entries = app.extensions["geosvc"].log_entries(before=None, limit=3)
    assert [(entry.actor, entry.action, entry.target) for entry in entries] == [
        ("enforcement", "personal_read", "stops/A1"),
        ("enforcement", "personal_export", "stops.csv"),
        ("enforcement", "personal_read", "stops"),
    ]
    assert PLATES[0] not in str(entries)


def test_a_token_sees_them_only_by_its_scope(app: Flask) -> None:
    url, client = "/layers/stops/personal.csv", app.test_client()
    assert client.get(url, headers=bearer(app, "enforcement", "personal")).status_code == 200
    assert client.get(url, headers=bearer(app, "enforcement", "read edit")).status_code == 403


def test_a_table_has_one_kind_of_file(app: Flask) -> None:
    officer, _ = signed_in(app, "enforcement")
    assert officer.get("/layers/fleet/personal.gpkg").status_code == 404
    assert officer.get("/layers/fleet/personal.csv").status_code == 200
    assert officer.get("/layers/nowhere/personal.csv").status_code == 404


def test_a_field_for_administrators_is_masked_for_enforcement(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write(
        "layers/stops.toml", STOPS.replace('"enforcement"', '"administrator"') + "# other\n"
    )
    folder.write("layers/fleet.toml", FLEET)
    app = folder.app()
    for role, seen in (("enforcement", MASKS), ("administrator", PLATES)):
        client, _ = signed_in(app, role)
        body = client.get("/layers/stops/personal/rows.json").get_json()
        assert body["columns"]["plate"]["values"] == [*seen, None]
        own = client.get("/layers/stops/personal/features/A1").get_json()["values"]
        assert own == ({} if role == "enforcement" else {"plate": PLATES[0]})


def test_an_erased_value_leaves_its_code(catalog_folder: Folder) -> None:
    app = catalog_folder.app()
    officer, _ = signed_in(app, "enforcement")
    store = app.extensions["geosvc"].now().workspace.store
    store.purge(datetime.now(UTC) + timedelta(days=1))
    assert officer.get("/layers/stops/personal/features/A1").get_json()["values"] == {}
    found = officer.get("/layers/stops/features/A1").get_json()["values"]
    assert found["plate"] == "erased"


@pytest.mark.parametrize(
    ("role", "scope", "hidden"),
    [
        ("", None, True),
        ("viewer", None, True),
        ("editor", None, True),
        ("enforcement", None, False),
        ("enforcement", "read edit", True),
        ("administrator", None, False),
    ],
)
def test_a_personal_field_is_hidden_by_role_and_scope(
    app: Flask, role: str, scope: str | None, *, hidden: bool
) -> None:
    with asking(app, role, scope=scope) as shared:
        layer = shared.workspace.catalog.layer("stops")
        assert is_hidden(layer.schema.field("plate")) is hidden
        assert is_hidden(layer.schema.field("name")) is False
        assert true_values(layer, "A1") == ({} if hidden else {"plate": PLATES[0]})
        assert true_values(layer, "none") == {}


def test_no_field_is_not_hidden(app: Flask) -> None:
    with asking(app, ""):
        assert is_hidden(None) is False


def test_values_of_every_type_come_back() -> None:
    fields = (
        Field("code", NONE),
        Field("names", NONE, "list", privacy="enforcement"),
        Field("age", NONE, "integer", privacy="enforcement"),
        Field("plate", NONE, privacy="enforcement"),
    )
    layer = Layer("a", "", NONE, Schema("None", "code", fields), Style("circle", "c-out"))
    frame = pd.DataFrame(
        {
            "code": ["1", "2", "3"],
            "names": [("***",), None, ("erased",)],
            "age": pd.array([None, None, None], dtype="Int64"),
            "plate": ["***", None, "erased"],
        },
        index=pd.Index(["1", "2", "3"], name="code"),
    )
    rows = [
        ("1", "names", "a;b"),
        ("1", "age", "44"),
        ("1", "plate", "x"),
        ("3", "names", None),
        ("3", "plate", None),
        ("9", "plate", "gone"),
    ]
    values = pd.DataFrame(rows, columns=["key", "field", "value"], dtype=object)
    bare = unmasked(layer, frame, values, role="enforcement")
    assert bare["names"].tolist() == [("a", "b"), None, ("erased",)]
    assert bare["age"].tolist() == [44, pd.NA, pd.NA] or bare["age"].iloc[0] == 44
    assert bare["plate"].iloc[[0, 2]].tolist() == ["x", "erased"]
    assert frame["plate"].iloc[0] == "***"
    assert unmasked(layer, frame, values, role="editor")["plate"].iloc[0] == "***"
    assert unmasked(layer, frame.iloc[:0], values, role="enforcement").empty
