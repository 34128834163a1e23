from __future__ import annotations

from typing import TYPE_CHECKING

import folium
import folium.plugins
import pytest

from geosvc.errors import AssetError
from geosvc.maps.elements import CatalogMap, Control, Inline, Served
from geosvc.maps.figure import MapFigure, Parts, RawText

if TYPE_CHECKING:
    from geosvc.maps.assets import Assets

PAYLOADS = ("{{7*7}}", "{% raw %}", "{#", "${1}", "{{ this.__class__ }}", "`")


def figure(assets: Assets, head: str = "", end: str = "") -> tuple[MapFigure, CatalogMap]:
    made = MapFigure(assets, lambda parts: (head, parts.div, end))
    drawn = CatalogMap("all", bounds=(1.0, 2.0, 3.0, 4.0))
    made.add_child(drawn)
    return made, drawn


@pytest.mark.parametrize("payload", PAYLOADS)
def test_raw_text_is_never_compiled(assets: Assets, payload: str) -> None:
    assert RawText(payload).render() == payload
    made, _ = figure(assets, head=payload, end=payload)
    page = made.render()
    assert page.count(payload) == 2
    assert "49" not in page


def test_parts_name_vendored_files_only(assets: Assets) -> None:
    parts = figure(assets)[0].parts(Served("all", "zh", "0f"), "page")
    assert parts.css == ("vendor/leaflet-1.9.4/leaflet.css",)
    assert parts.scripts == ("vendor/leaflet-1.9.4/leaflet.js",)
    assert parts.div == '<div class="folium-map" id="map_all"></div>'
    assert "<" not in parts.script
    assert "style" not in parts.div


def test_rendering_twice_gives_the_same(assets: Assets) -> None:
    made, drawn = figure(assets)
    drawn.add_child(Control("all", "start"))
    first = made.parts(Served("all", "zh", "0f"), "page")
    assert made.parts(Served("all", "zh", "0f"), "page") == first
    assert made.parts(Inline(), "notebook") != first
    assert made.parts(Served("all", "zh", "0f"), "page") == first


def test_an_element_that_needs_another_host_is_refused(assets: Assets) -> None:
    made, drawn = figure(assets)
    drawn.add_child(folium.plugins.MarkerCluster())  # type: ignore[no-untyped-call]
    with pytest.raises(AssetError):
        made.parts(Served("all", "zh", "0f"), "page")


def test_a_notebook_gets_a_frame_with_the_page_escaped(assets: Assets) -> None:
    made, drawn = figure(assets, head='<title>"</title>')
    shown = drawn._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert shown.count("<iframe") == 1
    assert "<title>" not in shown
    assert made.height == "640px"


def test_parts_are_values() -> None:
    assert Parts((), (), "", "") == Parts((), (), "", "")
