"""The card of a feature in real Chromium: a status is a shape, a color and a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.harness import Site, layer, look, points, served
from tests.watching import wait_drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.watching import Watch

    Open = Callable[..., tuple[Page, Watch]]

pytestmark = pytest.mark.browser

X, Y = 121.1, 33.5
ACTIONS = {"closed": ("关停", "plain"), "open": ("营业", "ok")}
CHECKS = {"pass": ("合格", "ok"), "none": ("未复核", "plain")}


def test_a_status_is_a_shape_a_color_and_a_word(open_page: Open) -> None:
    labels = [
        {code: {"label": text, "tone": tone} for code, (text, tone) in known.items()}
        for known in (ACTIONS, CHECKS)
    ]
    shops = layer(
        "shops",
        points([(X, Y), (X + 0.005, Y)]),
        [
            look("closed", "关停", shape="square_cross", color="c-closed"),
            look("open", "营业", shape="circle"),
        ],
        keys=["a", "b"],
        codes=[0, 1],
        class_field="action",
        fields=[
            {"name": "action", "title": "措施", "type": "string", "labels": labels[0]},
            {"name": "check", "title": "复核", "type": "string", "labels": labels[1]},
        ],
        popup={"title": "action", "subtitle": None, "badges": ["action", "check"], "facts": []},
        columns={"action": ["closed", "open"], "check": ["none", "pass"]},
    )
    made = Site([shops], (X - 0.01, Y - 0.01, X + 0.01, Y + 0.01)).files()
    with served(made) as address:
        page, watch = open_page(f"{address}/maps/demo?sel=shops/a")
        wait_drawn(page)
        badges = page.locator(".popup-card .badge")
        assert badges.all_inner_texts() == ["关停", "未复核"]
        # the symbol that the map draws by, else the mark of the tone: never the word alone
        shape = "(badge) => badge.querySelector('path, use').getAttribute('d') || 'icon'"
        legend = page.locator("[data-class=closed] .sym path").first.get_attribute("d")
        assert badges.nth(0).evaluate(shape) == legend
        assert badges.nth(1).locator("use").get_attribute("href") == "#i-minus"
        for name in ("复制链接", "在表中显示"):
            assert page.get_by_role("button", name=name).is_visible()
        assert watch.is_clean(), watch.errors
