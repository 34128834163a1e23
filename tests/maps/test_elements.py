from __future__ import annotations

from typing import Any

import folium
import pytest
from branca.element import Figure
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import UnsafeTextError
from geosvc.maps.elements import (
    CatalogLayer,
    CatalogMap,
    Control,
    Ground,
    Inline,
    Options,
    Pane,
    PointsLayer,
    Served,
)

WORLD = (-180.0, -85.0, 180.0, 85.0)
HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "{#",
    "${1}",
    "`x`",
    "<img src=x onerror=alert(1)>",
    "</script>",
    "javascript:alert(1)",
    "https://example.org/x.json",
    "//example.org/x",
    "\u202e",
    "𠮷",
    "站点",
    "Upper",
    "a b",
    "a-b",
    "",
    "/data/../x",
    "/data/x\n",
    'a"b',
    "a'b",
    "/data/a?b=1",
    "a\n",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_enters(text: str) -> None:
    with pytest.raises(UnsafeTextError):
        Options(id=text)
    with pytest.raises(UnsafeTextError):
        Options(ids=["water", text])


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {"a": 1}, object(), b"water", {"water"}, 1j]
)
def test_nothing_but_plain_values_enters(value: object) -> None:
    with pytest.raises(UnsafeTextError):
        Options(id=value)


@pytest.mark.parametrize(
    "value", ["water", "a_1", "/data/water/0f.json", "#geosvc_x", 1, 1.5, True, None, [1, 2.5]]
)
def test_ids_numbers_and_own_addresses_enter(value: object) -> None:
    assert str(Options(id=value)).startswith('{"id":')


@pytest.mark.parametrize("name", ["a-b", "a b", "{{x}}", "站"])
def test_names_of_options_are_letters(name: str) -> None:
    with pytest.raises(UnsafeTextError):
        Options(**{name: 1})


@given(st.text())
def test_whatever_enters_cannot_be_compiled(text: str) -> None:
    try:
        written = str(Options(id=text))
    except UnsafeTextError:
        return
    assert not any(mark in written for mark in ("{{", "{%", "{#", "<", "`", "$"))


@pytest.mark.parametrize("text", HOSTILE)
def test_every_element_checks_what_it_is_given(text: str) -> None:
    for make in (
        lambda: CatalogMap(text, bounds=WORLD),
        lambda: Pane(text, 1),
        lambda: CatalogLayer(text, 1, layer_id="water", tag=None, show=True),
        lambda: CatalogLayer("all", 1, layer_id=text, tag=None, show=True),
        lambda: CatalogLayer("all", 1, layer_id="water", tag=text, show=True),
        lambda: Control("all", text),
        lambda: Control(text, "start"),
    ):
        with pytest.raises(UnsafeTextError):
            make()


def rendered(*children: Any, **kwargs: Any) -> str:  # noqa: ANN401 - Folium elements
    figure = Figure()
    drawn = CatalogMap("all", bounds=WORLD)
    figure.add_child(drawn)
    for child in children:
        drawn.add_child(child)
    drawn.render(  # type: ignore[no-untyped-call]
        **({"addresses": Served("all", "zh", "0f"), "mode": "page"} | kwargs)
    )
    return str(figure.script.render())


def test_a_map_is_one_call_with_ids_and_numbers() -> None:
    script = rendered()
    assert 'const map_all = geosvc.createMap("map_all", {' in script
    assert '"manifest":"/maps/all/0f-zh.json"' in script
    assert '"bounds":[-180.0,-85.0,180.0,85.0],"mode":"page","minZoom":8,"maxZoom":19' in script


def test_a_layer_is_one_call() -> None:
    layer = CatalogLayer("all", 1, layer_id="water", tag="0f", show=True)
    script = rendered(Pane("all", 1), layer)
    assert 'map_all.createPane(\n                "pane_all_1")' in script
    assert (
        'geosvc.addLayer(map_all, {"id":"water","url":"/data/water/0f.json",'
        '"pane":"pane_all_1","show":true})' in script
    )
    assert "addTo" not in script


def test_a_layer_of_many_points_is_another_call() -> None:
    layer = PointsLayer("all", 1, layer_id="water", tag="0f", show=True)
    assert isinstance(layer, folium.map.Layer)
    call = 'geosvc.addPoints(map_all, {"id":"water","url":"%s","pane":"pane_all_1","show":true})'
    assert call % "/data/water/0f.bin" in rendered(layer)
    assert call % "#geosvc_data_water" in rendered(layer, addresses=Inline(), mode="notebook")
    nothing = PointsLayer("all", 1, layer_id="water", tag=None, show=True)
    assert '"url":null' in rendered(nothing)


def test_a_layer_without_data_has_no_address() -> None:
    layer = CatalogLayer("all", 1, layer_id="water", tag=None, show=False)
    assert '"url":null' in rendered(layer)


def test_in_one_page_addresses_are_elements() -> None:
    layer = CatalogLayer("all", 1, layer_id="water", tag="0f", show=True)
    script = rendered(layer, addresses=Inline(), mode="notebook")
    assert '"url":"#geosvc_data_water"' in script
    assert '"manifest":"#geosvc_manifest"' in script


@pytest.mark.parametrize("function", Control.CALLS)
def test_a_control_is_one_call(function: str) -> None:
    assert f"geosvc.{function}(map_all);" in rendered(Control("all", function))


def test_names_are_the_same_in_every_process() -> None:
    scripts = {rendered(Pane("all", 1), Control("all", "start")) for _ in range(3)}
    assert len(scripts) == 1


def test_folium_itself_is_left_as_it_is() -> None:
    names = [name for name, _ in folium.Map.default_js]
    assert "jquery" in names
    assert [name for name, _ in CatalogMap.default_js] == ["leaflet"]
    assert [name for name, _ in CatalogMap.default_css] == ["leaflet_css"]


def test_elements_are_folium_objects() -> None:
    layer = CatalogLayer("all", 1, layer_id="water", tag=None, show=False)
    drawn = CatalogMap("all", bounds=(1.0, 2.0, 3.0, 4.0))
    assert isinstance(layer, folium.map.Layer)
    assert isinstance(drawn, folium.Map)
    assert isinstance(Pane("all", 1), folium.map.CustomPane)
    assert drawn.get_bounds() == [[2.0, 1.0], [4.0, 3.0]]


def test_pages_of_layers_exist_only_at_the_service() -> None:
    assert Served("all", "zh").layer_page("water") == "/layers/water"
    assert Inline().layer_page("water") is None


def test_what_can_be_searched_is_at_the_service_only() -> None:
    assert Served("all", "zh").search("0f1e") == "/maps/all/search-0f1e.json"
    assert Inline().search("0f1e") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_enters_the_ground(text: str) -> None:
    with pytest.raises(UnsafeTextError):
        Ground("all", text)
    with pytest.raises(UnsafeTextError):
        Ground(text, "0f1e")


def grounded(addresses: Served | Inline) -> tuple[str, list[str]]:
    """The script of a map with a basemap and one layer that it shows, and what is linked."""
    figure = Figure()
    drawn = CatalogMap("all", bounds=WORLD)
    figure.add_child(drawn)
    drawn.add_child(Ground("all", "0f1e"))
    drawn.add_child(CatalogLayer("all", 1, layer_id="roads", tag="ab", show=True, grounded=True))
    drawn.render(addresses=addresses, mode="page")  # type: ignore[no-untyped-call]
    links = [str(getattr(item, "url", "")) for item in figure.header._children.values()]  # noqa: SLF001 - no reader
    return figure.script.render(), links


def test_the_ground_is_one_call_and_one_library() -> None:
    script, links = grounded(Served("all", "zh"))
    assert 'geosvc.addGround(map_all, {"url":"/basemap/0f1e.pmtiles"});' in script
    assert '"show":false,"grounded":true' in script
    assert [url for url in links if url.endswith("/protomaps-leaflet.js")]


def test_a_file_that_holds_everything_has_no_ground() -> None:
    script, links = grounded(Inline())
    assert "addGround" not in script
    assert '"show":true' in script
    assert "grounded" not in script
    assert not [url for url in links if "protomaps" in url]
