from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.map_state import Filter, MapState
from geosvc.map_state.look import Look
from geosvc.web.app import create_app
from geosvc.web.links import absolute, base, head_meta, oembed_path, own_path, state_path
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from flask import Flask

HERE = "https://gis.example.gov.cn"


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = write_catalog(tmp_path_factory.mktemp("catalog"))
    folder.prepare().close()
    return create_app(replace(folder.settings, base_url=HERE))


def test_addresses_begin_as_the_setting_says(public: Flask) -> None:
    with public.test_request_context("/", headers={"Host": "10.0.0.1:8000"}):
        assert base() == HERE
        assert absolute("/maps/overview") == f"{HERE}/maps/overview"


def test_without_the_setting_they_begin_as_the_request(app: Flask) -> None:
    with app.test_request_context("/", headers={"Host": "10.0.0.1:8000"}):
        assert absolute("/x") == "http://10.0.0.1:8000/x"


def test_a_state_is_part_of_the_address() -> None:
    state = MapState("all", "en", ("stops",), filters=(Filter("stops", "kind", ("bay",)),))
    assert state_path(state) == "/maps/all?layers=stops&f.stops.kind=bay&lang=en"
    assert state_path(state, "embed").startswith("/embed/all?")


def test_an_embed_has_no_base_map_in_another_datum() -> None:
    shifted = MapState("all", zoom=9, look=Look(base="shifted", datum="gcj02"))
    assert state_path(shifted) == "/maps/all?z=9&base=shifted&display=gcj02"
    assert state_path(shifted, "embed") == "/embed/all?z=9"
    plain = MapState("all", look=Look(base="open"))
    assert state_path(plain, "embed") == "/embed/all?base=open"


def test_the_head_of_a_page_holds_absolute_addresses(public: Flask) -> None:
    with public.test_request_context("/"):
        meta = head_meta("/maps/a?z=9", title="图", description="", image="/figures/a.png")
        bare = head_meta("/s/1", title="图", description="说明", image="")
    assert meta["url"] == f"{HERE}/maps/a?z=9"
    assert meta["image"] == f"{HERE}/figures/a.png"
    assert meta["description"] == "图"
    assert meta["oembed"] == f"{HERE}{oembed_path(meta['url'])}"
    assert (bare["image"], bare["description"]) == ("", "说明")


def test_what_everybody_shares_names_no_host_of_one_request(app: Flask) -> None:
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        meta = head_meta("/maps/a", title="图", description="", image="/figures/a.png")
    assert not any("evil" in text for text in meta.values())


@pytest.mark.parametrize(
    "address",
    [
        "https://gis.example.gov.cn@evil.example/maps/a",
        "https://gis.example.gov.cn.evil.example/maps/a",
        "https://gis.example.gov.cn:444/maps/a",
        "ftp://gis.example.gov.cn/maps/a",
        "javascript:alert(1)",
        "//evil.example/maps/a",
        "maps/a",
        "http://[::1",
        "",
    ],
)
def test_other_addresses_are_not_ours(address: str) -> None:
    assert own_path(address, here=HERE) is None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_scheme_may_differ(scheme: str) -> None:
    assert own_path(f"{scheme}://gis.example.gov.cn/s/1?a=b", here=HERE) == "/s/1?a=b"


def test_a_fragment_is_no_part() -> None:
    assert own_path(f"{HERE}/maps/a#x", here=HERE) == "/maps/a"
