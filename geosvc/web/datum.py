"""The datum that an address asks for, ``display=gcj02``: the public is shown one only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from geosvc.catalog.parse_base import TRUE
from geosvc.map_state.faults import refuse

if TYPE_CHECKING:
    from flask import Flask

    from geosvc.settings import Settings

DISPLAY = "display"
"""The parameter; only the page of a map heeds it, and there the base map that is chosen does."""


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse every address that asks for a datum, where the profile is the public one.

    Parameters
    ----------
    app
        The app.
    settings
        They say the profile.
    """
    if settings.profile == "public":
        app.before_request(_refuse_display)


def _refuse_display() -> None:
    for asked in request.args.getlist(DISPLAY):
        if asked:
            refuse("shifted_display", DISPLAY, asked, ", ".join(TRUE))
