"""Apps and clients of the small catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from werkzeug.test import Client

from geosvc.web import passwords
from geosvc.web.hot import HotPath
from tests.web.small import Folder, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from geosvc.web.service import Service

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as weakly as argon2 can: tests have many."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", weak)


@pytest.fixture
def catalog_folder(tmp_path: Path) -> Folder:
    """A catalog that a test may change before it makes an app of it."""
    return write_catalog(tmp_path)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app of the unchanged catalog."""
    return write_catalog(tmp_path_factory.mktemp("catalog")).app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that asks the app."""
    return app.test_client()


@pytest.fixture
def shared(app: Flask) -> Service:
    """The service behind the app."""
    found: Service = app.extensions["geosvc"]
    return found


@pytest.fixture
def browser_headers() -> dict[str, str]:
    """What a browser accepts."""
    return dict(BROWSER)


@pytest.fixture
def hot(app: Flask) -> Client:
    """A client that asks through the hot path."""
    return Client(HotPath(app))
