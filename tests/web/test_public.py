from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc import messages
from geosvc.catalog.model import By, Field, Layer, Popup, Schema, Style, Text
from geosvc.errors import Issue, LayerUnavailableError, SettingsError
from geosvc.web.app import create_app
from geosvc.web.public import PublicView, as_readers_see, check_public, public_layer, rounded
from geosvc.workspace import Workspace
from geosvc.workspace.overlaid import OverlaidView
from tests.online_site import OPEN, SHIFTED, TITLE
from tests.web.persons import signed_in
from tests.web.small import AREA, collection, feature, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from tests.web.small import Folder

REVIEWED = AREA.replace(
    "[style]",
    """[[schema.fields]]
name = "map_review_no"
title = { zh = "审图号", en = "Map review no." }
[style]""",
)
RING = [
    [121.0123456, 33.4123456],
    [121.2123456, 33.4123456],
    [121.2123456, 33.6123456],
    [121.0123456, 33.6123456],
    [121.0123456, 33.4123456],
]
ROWS = """code,name,kind,routes,slots,plate,lon,lat
A1,金桥路口,bay,1;2,3,苏XA1234,121.1000049,33.5000051
A2,泰北路口,curb,2,,苏XB5678,121.1112345,33.5112345
A9,远处,curb,2,,苏XC9999,101.1112345,13.5112345
"""


def folder_with(root: Path, number: str | None) -> Folder:
    folder = write_catalog(root)
    folder.write("layers/area.toml", REVIEWED)
    given = feature("1", "Polygon", [RING], id="AR1", map_review_no=number)
    folder.write("data/area.geojson", collection(given))
    folder.write("data/stops.csv", ROWS)
    folder.prepare()
    return folder


def public(folder: Folder) -> Flask:
    return create_app(replace(folder.settings, profile="public"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return public(folder_with(tmp_path_factory.mktemp("catalog"), "苏S(2024)001号"))


@pytest.mark.parametrize("number", [None, "", "  "])
def test_a_boundary_without_review_number_stops_the_service(
    tmp_path: Path, number: str | None
) -> None:
    folder = folder_with(tmp_path, number)
    with pytest.raises(SettingsError) as caught:
        public(folder)
    (issue,) = caught.value.issues
    assert (issue.code, issue.path, issue.expected) == ("not_reviewed", "layers/area.toml", "1")
    create_app(folder.settings)
    with pytest.raises(SettingsError):
        check_public(folder.prepare())


def test_a_base_map_in_another_datum_stops_the_service(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "苏S(2024)001号")
    folder.write("layers/site.toml", TITLE + OPEN + SHIFTED)
    with pytest.raises(SettingsError) as caught:
        public(folder)
    (issue,) = caught.value.issues
    assert issue == Issue(
        *("shifted_base", "layers/site.toml", "base[1].datum"),
        found="GCJ-02",
        expected="CGCS2000, WGS84",
    )
    for tongue in ("zh", "en"):
        said = messages.render_issue(issue, tongue)
        assert "layers/site.toml:base[1].datum" in said
        assert "GCJ-02" in said
    # within the office it is offered
    client = create_app(folder.settings).test_client()
    assert client.get("/maps/overview?base=shifted&display=gcj02").status_code == 200
    folder.write("layers/site.toml", TITLE + OPEN)
    assert public(folder).test_client().get("/maps/overview?base=open").status_code == 200


def test_a_boundary_that_loses_its_number_is_no_longer_shown(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "苏S(2024)001号")
    client = public(folder).test_client()
    assert client.get("/layers/area.geojson").status_code == 200
    folder.write(
        "data/area.geojson", collection(feature("1", "Polygon", [RING], id="AR1", map_review_no=""))
    )
    folder.prepare()
    assert client.get("/layers/area.geojson").status_code == 503
    states = {item["id"]: item["state"] for item in client.get("/healthz").get_json()["layers"]}
    assert states["area"] == "unavailable"
    assert states["stops"] == "ok"
    assert client.get("/maps/overview").status_code == 200


def crawl(app: Flask) -> dict[str, str]:
    """Every text that a reader can be sent."""
    client = app.test_client()
    waiting = ["/", "/?lang=en", "/layers", "/healthz", "/maps/overview", "/embed/overview"]
    waiting += [f"/layers/{name}" for name in ("stops", "area", "roads", "fleet")]
    waiting += [f"/layers/{name}.geojson" for name in ("stops", "area", "roads")]
    waiting += ["/layers/stops.csv", "/layers/area.csv", "/layers/stops/rows.json"]
    waiting += ["/layers/stops/schema.json"]
    seen: dict[str, str] = {}
    while waiting:
        url = waiting.pop()
        if url in seen or url.startswith("/static/"):
            continue
        answer = client.get(url)
        seen[url] = answer.text if answer.status_code == 200 else ""
        waiting += re.findall(r'"(/(?:maps|embed|data)[^"\s\\$]*)"', seen[url])
    return seen


def test_no_answer_holds_a_personal_field_or_a_finer_position(shown: Flask) -> None:
    seen = crawl(shown)
    assert len(seen) > 20
    for url, text in seen.items():
        assert "苏X" not in text, url
        assert "plate" not in text.replace("template", ""), url
        if not url.startswith("/data/"):
            finer = re.findall(r"\b(?:1[0-4]\d|3[0-5]|13)\.\d{5,}", text)
            assert finer == [], url
    assert "map_review_no" in seen["/layers/area.geojson"]


def test_map_data_stands_on_the_grid(shown: Flask) -> None:
    data = {url: json.loads(text) for url, text in crawl(shown).items() if url.startswith("/data/")}
    assert len(data) >= 3
    for body in data.values():
        for axis in ("lon", "lat"):
            steps = np.cumsum(body["geometry"].get(axis, []))
            assert np.all(steps % 100 == 0)


def test_a_geopackage_is_rounded_too(shown: Flask, tmp_path: Path) -> None:
    path = tmp_path / "stops.gpkg"
    path.write_bytes(shown.test_client().get("/layers/stops.gpkg").data)
    frame = gpd.read_file(path)
    assert "plate" not in frame.columns
    positions = frame.get_coordinates().to_numpy()
    assert np.array_equal(positions, np.round(positions, 4))


def test_nobody_at_all_sees_personal_values(shown: Flask) -> None:
    client, _ = signed_in(shown, "administrator")
    for url in ("/layers/stops/personal/rows.json", "/layers/stops/personal.csv"):
        assert client.get(url).status_code == 403
    assert "personal" not in client.get("/layers/stops").text
    assert client.get("/me.json").get_json()["rights"] == ["administer", "edit", "read"]


def test_no_address_converts_datums(shown: Flask) -> None:
    words = ("gcj", "bd09", "datum", "crs", "convert", "transform")
    rules = [rule.rule.lower() for rule in shown.url_map.iter_rules()]
    assert [rule for rule in rules if any(word in rule for word in words)] == []


def test_what_was_made_for_the_intranet_is_not_served(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "苏S(2024)001号")
    inside = create_app(folder.settings).test_client()
    page = inside.get("/maps/overview").text
    manifest = re.findall(r'"(/maps/overview/[0-9a-f]+-zh\.json)"', page)[0]
    urls = [item["url"] for item in inside.get(manifest).get_json()["layers"] if item["url"]]
    outside = public(folder).test_client()
    for url in (manifest, *urls):
        assert inside.get(url).status_code == 200
        assert outside.get(url).status_code == 404, url
    assert "plate" in inside.get("/layers/stops.csv").text
    assert "plate" not in outside.get("/layers/stops.csv").text


NONE = Text("", "")
FIELDS = (Field("code", NONE), Field("kind", NONE, privacy="enforcement"))


def styled(**keys: object) -> Layer:
    style = replace(Style("circle", "c-out", label="kind"), **keys)  # type: ignore[arg-type]
    popup = Popup("kind", "kind", ("kind", "code"), ("code", "kind"))
    return Layer("a", "", NONE, Schema("Point", "code", FIELDS), style, popup=popup)


def test_a_style_says_nothing_by_a_personal_field() -> None:
    layer = public_layer(
        styled(
            color=By("kind", values={"a": "c-urban"}),
            width_px=By("kind", breaks=(1.0,), steps=(2.0, 3.0)),
            shape=By("kind", values={"a": "ring"}, default="square"),
            casing=By("code", values={"a": "c-out"}),
        )
    )
    assert (layer.style.color, layer.style.width_px, layer.style.shape) == ("c-urban", 2, "square")
    assert isinstance(layer.style.casing, By)
    assert layer.style.label is None
    assert layer.popup == Popup(None, None, ("code",), ("code",))
    assert [field.name for field in layer.schema.fields] == ["code"]


numbers = st.floats(-80, 80, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12))
def test_shapes_stay_valid_and_are_never_empty(positions: list[tuple[float, float]]) -> None:
    hull = shapely.MultiPoint(positions).buffer(1e-5)
    for shape in (hull, shapely.LineString(positions), shapely.Point(positions[0])):
        (found,) = rounded([shape])
        assert shapely.is_valid(found)
        assert not shapely.is_empty(found)
        places = shapely.get_coordinates(found)
        assert np.array_equal(places, np.round(places, 4))


def test_what_is_smaller_than_the_grid_becomes_a_step() -> None:
    tiny = shapely.box(121.10001, 33.5, 121.10002, 33.50001)
    short = shapely.LineString([(121.10001, 33.5), (121.10002, 33.5)])
    area, line = rounded([tiny, short])
    assert (shapely.get_type_id(area), shapely.get_type_id(line)) == (3, 1)
    assert shapely.area(area) > 0
    assert shapely.length(line) > 0


def test_readers_see_one_moment_as_the_profile_allows(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "苏S(2024)001号")
    with closing(folder.prepare()) as workspace:
        inside = as_readers_see(workspace)
        assert inside.is_pinned
        assert not isinstance(inside, PublicView)
        assert as_readers_see(inside) is inside
    with closing(Workspace(replace(folder.settings, profile="public"))) as workspace:
        outside = as_readers_see(workspace)
        assert isinstance(outside, PublicView)
        assert outside.is_pinned
        assert "plate" not in outside.frame("stops").columns
        then = outside.as_of(datetime.now(UTC) + timedelta(days=1))
        assert isinstance(then, PublicView)
        assert list(then.frame("stops").columns) == list(outside.frame("stops").columns)
        assert not outside.as_of(datetime(2001, 1, 1, tzinfo=UTC)).status("stops").is_served


def test_what_is_made_of_a_moment_is_hidden_like_the_moment(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "苏S(2024)001号")
    with closing(Workspace(replace(folder.settings, profile="public"))) as opened:
        seen = as_readers_see(opened)
        one = opened.frame("stops").iloc[:1]
        made = seen.through(lambda whole: OverlaidView(whole, {"stops": one}, "a"))
        assert isinstance(made, PublicView)
        (place,) = made.frame("stops").geometry
        assert (place.x, place.y) == (121.1, 33.5)
        assert "plate" not in made.frame("stops").columns
        hidden = replace(opened.status("stops"), state="unavailable", issues=())
        none = seen.through(lambda whole: OverlaidView(whole, {}, "", statuses={"stops": hidden}))
        with pytest.raises(LayerUnavailableError):
            none.frame("stops")
