from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geosvc.catalog.model import Field, Layer, Schema, Style, Text
from geosvc.web.personal import unmasked
from tests.web.persons import bearer, signed_in
from tests.web.small import FLEET, STOPS, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

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
    entries = app.extensions["geosvc"].log_entries(before=None, limit=2)
    assert [(entry.actor, entry.action, entry.target) for entry in entries] == [
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
