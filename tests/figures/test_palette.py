from __future__ import annotations

import re

from geosvc.figures.palette import PRINTED, Palette, read_palette
from geosvc.settings import PROJECT

TOKENS = (PROJECT / "static" / "css" / "tokens.css").read_text("utf-8")


def test_figures_have_the_colors_of_the_light_scheme() -> None:
    palette = read_palette(PROJECT / "static")
    light = TOKENS[: TOKENS.index("data-theme")]
    ink = re.search(r"--c-wash:\s*#(\w{6})", light)
    assert ink
    assert palette.of("c-wash") == (*(part / 255 for part in bytes.fromhex(ink[1])), 1.0)


def test_every_role_that_the_layers_name_is_a_color() -> None:
    palette = read_palette(PROJECT / "static")
    text = "".join(path.read_text("utf-8") for path in (PROJECT / "layers").glob("*.toml"))
    roles = set(re.findall(r'"((?:[cm]|seq|cov|div)-[a-z0-9-]+)"', text))
    assert len(roles) > 20
    assert {role for role in roles if palette.of(role) == (0, 0, 0, 1)} == set()


def test_edges_of_roads_outlive_a_grey_printer() -> None:
    palette, screen = (
        read_palette(PROJECT / "static"),
        Palette(TOKENS[: TOKENS.index("data-theme")]),
    )
    for role in PRINTED:
        assert max(palette.of(role)[:3]) < min(screen.of(role)[:3])
        assert min(palette.of("m-land")[:3]) - max(palette.of(role)[:3]) > 0.25


def test_alpha_multiplies_what_the_token_has() -> None:
    palette = Palette("--halo: rgb(255 255 255 / 0.5);\n--ok: #0f0;")
    assert palette.of("halo", 0.5) == (1, 1, 1, 0.25)
    assert palette.of("ok") == (0, 1, 0, 1)
    assert palette.of("#FF0000", 0.5) == (1, 0, 0, 0.5)


def test_an_unknown_role_is_seen() -> None:
    assert Palette("").of("c-nothing") == (0, 0, 0, 1)
