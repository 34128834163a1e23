"""What an address may ask of the datum that a map is drawn in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from geosvc.web.app import create_app
from geosvc.web.hot import HotPath
from tests.online_site import OPEN, SHIFTED, TITLE
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from flask import Flask

PATHS = (
    "/maps/overview?base=shifted&display=gcj02",
    "/maps/overview?display=x",
    "/maps/overview?%64isplay=gcj02",
    "/maps/overview?display=&display=gcj02",
    "/embed/overview?display=gcj02",
    "/figures/overview.svg?display=gcj02",
    "/layers/stops.geojson?display=gcj02",
    "/data/stops/0.json?display=gcj02",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = write_catalog(tmp_path_factory.mktemp("catalog"))
    folder.write("layers/site.toml", TITLE + OPEN + SHIFTED)
    return folder.app()


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = write_catalog(tmp_path_factory.mktemp("public"))
    folder.prepare()
    return create_app(replace(folder.settings, profile="public"))


@pytest.mark.parametrize("path", PATHS)
def test_the_public_is_shown_one_datum(public: Flask, path: str) -> None:
    quick = Client(HotPath(public))
    for asked in (public.test_client(), quick, quick):
        # what is at hand already is no way round
        asked.get(path.partition("?")[0])
        answer = asked.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 400
        assert "公开运行的地图只按 CGCS2000, WGS84 显示" in answer.text
    english = public.test_client().get(f"{path}&lang=en", headers={"Accept": "text/html"})
    assert "displayed in CGCS2000, WGS84 only" in english.text


def test_an_address_without_datum_is_answered(public: Flask) -> None:
    for path in ("/maps/overview", "/maps/overview?display=", "/embed/overview?base=shifted"):
        assert public.test_client().get(path).status_code == 200


def test_in_the_office_the_page_and_the_embed_are_answered(served: Flask) -> None:
    asked = served.test_client()
    for path in PATHS[:5]:
        assert asked.get(path).status_code == 200
    policy = asked.get(PATHS[0]).headers["Content-Security-Policy"]
    assert "https://shifted.tiles.example" in policy


def test_a_file_that_names_another_datum_is_refused(served: Flask) -> None:
    for ending in ("geojson", "csv"):
        answer = served.test_client().get(f"/layers/stops.{ending}?display=gcj02")
        assert answer.status_code == 400


def test_a_figure_is_the_same_whatever_the_page_draws(served: Flask) -> None:
    asked = served.test_client()
    plain = asked.get("/figures/overview.svg?z=12&c=121.1,33.5")
    shifted = asked.get("/figures/overview.svg?z=12&c=121.1,33.5&base=shifted&display=gcj02")
    assert plain.status_code == shifted.status_code == 200
    assert plain.data == shifted.data
