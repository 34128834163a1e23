"""Attacks in every text and every parameter, seen in real Chromium: nothing runs, all is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.poison import PAYLOADS, PROOF, poisoned
from tests.watching import Watch, wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

MAPS = ("overview", "car_wash", "stops", "density", "focus", "siting")
SELDOM = pytest.mark.thorough
ATTACKS = [*PAYLOADS[:4], *(pytest.param(attack, marks=SELDOM) for attack in PAYLOADS[4:])]
"""A page opens for each: the first few always, all in the thorough run."""
LAYERS = ("urban_stops", "violations", "car_wash_shops", "focus_areas", "roads", "fleet")


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory, project: Path, serve: Callable[..., Any]
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    layers = poisoned(project, folder)
    environ = {"GEOSVC_LAYERS": str(layers), "GEOSVC_INSTANCE": str(folder / "instance")}
    with serve(environ) as url:
        yield url


def _assert_harmless(page: Page, watch: Watch) -> None:
    assert page.evaluate("window.ran") is None
    assert watch.is_clean(), (watch.foreign, watch.errors)
    assert PROOF not in page.inner_text("body")
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=SELDOM)])
@pytest.mark.parametrize("map_id", MAPS)
def test_maps_draw_and_show_attacks_as_text(
    hostile: str, open_page: Open, map_id: str, language: str
) -> None:
    page, watch = open_page(f"{hostile}/maps/{map_id}?lang={language}")
    wait_drawn(page)
    shown = page.locator("body").text_content() or ""
    assert sum(payload in shown for payload in PAYLOADS) >= 5
    _assert_harmless(page, watch)


def test_an_embed_draws(hostile: str, open_page: Open) -> None:
    page, watch = open_page(f"{hostile}/embed/car_wash")
    wait_drawn(page)
    _assert_harmless(page, watch)


@pytest.mark.parametrize("layer_id", LAYERS)
def test_layer_pages_show_attacks_as_text(hostile: str, open_page: Open, layer_id: str) -> None:
    page, watch = open_page(f"{hostile}/layers/{layer_id}")
    page.wait_for_selector("[data-geosvc=table] tbody td", state="attached")
    _assert_harmless(page, watch)


@pytest.mark.parametrize("index", range(4))
def test_popups_show_attacks_as_text(hostile: str, open_page: Open, index: int) -> None:
    page, watch = open_page(f"{hostile}/maps/stops?z=16&sel=urban_stops/US{index + 1:04d}")
    wait_drawn(page)
    page.wait_for_selector(".popup-card")
    _assert_harmless(page, watch)


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_every_parameter_of_an_address_is_harmless(
    service: str, open_page: Open, attack: str
) -> None:
    value = quote(attack[:500], safe="")
    names = ("lang", "z", "c", "layers", "sel")
    query = "&".join(f"{name}={value}" for name in names)
    page, watch = open_page(f"{service}/maps/overview?{query}")
    wait_drawn(page)
    _assert_harmless(page, watch)


@pytest.mark.parametrize("attack", ATTACKS[:9], ids=range(9))
def test_every_path_with_an_attack_is_a_plain_page(
    service: str, open_page: Open, attack: str
) -> None:
    value = quote(attack, safe="")
    for path in (f"/maps/{value}", f"/layers/{value}", f"/embed/{value}", f"/{value}"):
        page, watch = open_page(f"{service}{path}")
        assert page.evaluate("window.ran") is None
        assert watch.foreign == []
        assert PROOF not in page.inner_text("body")
