"""What all blueprints share: the workspace, the static tree and the answers made so far."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g, request

from geosvc import __version__
from geosvc.errors import BasemapError
from geosvc.maps.assets import Assets
from geosvc.maps.online import tile_hosts
from geosvc.tiles.basemap import FILE, signature
from geosvc.web.accounts import Accounts
from geosvc.web.answers import Answer, AnswerCache
from geosvc.web.drawings import Drawings
from geosvc.web.public import as_readers_see, check_public
from geosvc.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.catalog.model import Language
    from geosvc.settings import Settings
    from geosvc.store import Entry

EXTENSION = "geosvc"
OFFER = "geosvc.answer"
"""The key in the WSGI environment under which a view offers its answer to the hot path."""
MOMENT = "geosvc.moment"
"""The key in the WSGI environment that holds the moment of a request."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The workspace as one request sees it, whatever is written meanwhile.

    ``version`` is another text for every moment of one process; ``erasure`` is another one after
    personal values or their masks were erased, when no answer of before may be given.
    """

    workspace: Workspace
    version: str
    erasure: str


class Service:
    """One service: settings, workspace, static tree, answers.

    Parameters
    ----------
    settings
        The settings of the process.

    Raises
    ------
    SettingsError
        If the public profile may not show what the layers hold.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.assets = Assets(settings.static)
        self.answers = AnswerCache(
            settings.instance / "answers", edition=f"{code_edition()} {settings.profile}"
        )
        # fonts and colors lie in the static tree
        edition = f"{code_edition()} {self.assets.hash} {settings.profile}"
        self.drawings = Drawings(settings.instance / "cache" / "figures", edition=edition)
        self._live = Workspace(settings)
        self.tile_hosts = tile_hosts(self._live.catalog.site, settings)
        self.accounts = Accounts(settings, self.log)
        self._number = 0
        self._ground = self._ground_now()
        self._lock = threading.Lock()
        self._moment = self._look()
        self.answers.begin(self._moment.erasure)
        if settings.profile == "public":
            check_public(self._live)

    def now(self) -> Moment:
        """Look whether something has moved: one cheap query."""
        with self._lock:
            ground = self._ground_now()
            if self._live.refresh() or ground != self._ground:
                self._ground = ground
                self._number += 1
                self._moment = self._look()
                self.answers.begin(self._moment.erasure)
            return self._moment

    def _ground_now(self) -> tuple[int, int] | None:
        try:
            return signature(self.settings.instance / FILE)
        except BasemapError:
            return None

    def _look(self) -> Moment:
        view = self._live.pinned()
        return Moment(as_readers_see(view), f"{__version__}/{self._number}", view.moment.erasure)

    def log(
        self, action: str, *, actor: str, address: str, target: str, detail: Mapping[str, Any]
    ) -> None:
        """Write down who did what."""
        self._live.store.log(action, actor=actor, address=address, target=target, detail=detail)

    def log_entries(self, *, before: int | None, limit: int) -> tuple[Entry, ...]:
        """Return the latest entries of the log, see `geosvc.store.Store.log_entries`."""
        return self._live.store.log_entries(before=before, limit=limit)

    def stay(self) -> None:
        """Let the present request see the last moment that was looked up, if it has seen none."""
        request.environ.setdefault(MOMENT, self._moment)

    @property
    def moment(self) -> Moment:
        """The moment of the present request, looked up once."""
        if MOMENT not in request.environ:
            request.environ[MOMENT] = self.now()
        return cast("Moment", request.environ[MOMENT])

    @property
    def workspace(self) -> Workspace:
        """The workspace of the present request."""
        return self.moment.workspace

    def moving(self, make: Callable[[], Answer], *, query: str = "") -> Answer:
        """Return the answer of this address for this moment, made where it is not there.

        Parameters
        ----------
        make
            Makes the answer from the workspace as it is.
        query
            What of the address beside its path and the language tells answers apart.

        Returns
        -------
        answer
            Kept in memory under the path, the language, the version, who asks and what they may
            do: a page says the one, and what it links to follows from the other.
        """
        # looked up before any view is asked, see geosvc.web.auth
        found = g.get("person")
        # a token may do less than a session of the same person
        reader = f"{found.role} {found.name} {sorted(found.rights)}" if found else ""
        name = f"{request.path}?{language()}&{query}@{self.moment.version} {reader}"
        return self.answers.remember(name, make, on_disk=False)


@cache
def code_edition() -> str:
    """Return a hash of the package's code and words: what made an answer, beside its data."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(__version__.encode())
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.toml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def service() -> Service:
    """Return the service of the present request."""
    return cast("Service", current_app.extensions[EXTENSION])


def language() -> Language:
    """Return the reader's language: English where the address asks for it, else Chinese."""
    return "en" if request.args.get("lang") == "en" else "zh"
