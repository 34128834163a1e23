"""The Flask app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, request

from geosvc.settings import read_settings
from geosvc.web import (
    administration,
    auth,
    coordinates,
    data,
    datum,
    editing,
    embed,
    figures,
    ground,
    guide,
    health,
    hotspots,
    jobs,
    oembed,
    pages,
    people,
    personal,
    points,
    problems,
    publishing,
    reports,
    scenarios,
    scorecard,
    share,
    siting,
    siting_downloads,
    snapshots,
)
from geosvc.web.headers import security_headers
from geosvc.web.service import EXTENSION, Service

if TYPE_CHECKING:
    from geosvc.settings import Settings


LONGEST_BODY = 2 * 2**20
"""Bytes that a request may carry."""
_MODULES = (
    pages,
    embed,
    coordinates,
    data,
    editing,
    figures,
    ground,
    guide,
    health,
    hotspots,
    jobs,
    oembed,
    people,
    personal,
    points,
    administration,
    publishing,
    reports,
    scenarios,
    scorecard,
    share,
    siting,
    siting_downloads,
    snapshots,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the app of one process.

    Parameters
    ----------
    settings
        By default those of the environment. The store must be prepared
        (`geosvc.workspace.prepare`).

    Returns
    -------
    app
        An app that lets no request pass to an address that `geosvc.web.roles` does not name.

    Raises
    ------
    SettingsError
        If an embed origin is none.
    """
    chosen = settings or read_settings()
    # now and not with the first request
    security_headers("/embed/", chosen.embed_origins)
    app = Flask(__name__, static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    shared = app.extensions[EXTENSION] = Service(chosen)
    for module in _MODULES:
        app.register_blueprint(module.bp)
    auth.init_app(app)
    datum.init_app(app, chosen)
    problems.init_app(app)

    def add_headers(response: Response) -> Response:
        for name, value in security_headers(request.path, chosen.embed_origins, shared.tile_hosts):
            # a file may have said already what its own reader may do
            response.headers.setdefault(name, value)
        return response

    app.after_request(add_headers)
    return app
