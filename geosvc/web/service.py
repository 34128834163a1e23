"""What all blueprints share: the workspace, the static tree and the answers made so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, request

from geosvc import __version__
from geosvc.maps.assets import Assets
from geosvc.web.answers import Answer, AnswerCache
from geosvc.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.settings import Settings

EXTENSION = "geosvc"
OFFER = "geosvc.answer"
"""The key in the WSGI environment under which a view offers its answer to the hot path."""


class Service:
    """One service: settings, workspace, static tree, answers.

    Parameters
    ----------
    settings
        The settings of the process.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.workspace = Workspace(settings)
        self.assets = Assets(settings.static)
        self.answers = AnswerCache(settings.instance / "answers")

    def version(self) -> str:
        """Return a text that changes when a layer or a state has changed; one cheap query."""
        return f"{__version__}/{self.workspace.refresh()}"

    def moving(self, make: Callable[[], Answer]) -> Answer:
        """Return the answer of this address for the present version, made where it is not there.

        Parameters
        ----------
        make
            Makes the answer from the workspace as it is.

        Returns
        -------
        answer
            Kept in memory under the path, the language and the version.
        """
        name = f"{request.path}?{language()}@{self.version()}"
        return self.answers.remember(name, make, on_disk=False)


def service() -> Service:
    """Return the service of the present request."""
    return cast("Service", current_app.extensions[EXTENSION])


def language() -> Language:
    """Return the reader's language: English where the address asks for it, else Chinese."""
    return "en" if request.args.get("lang") == "en" else "zh"
