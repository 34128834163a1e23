"""The workspace of the small catalog, and our static tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.maps.assets import Assets
from geosvc.settings import PROJECT
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from geosvc.workspace import Workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_catalog(tmp_path_factory.mktemp("maps")).prepare()


@pytest.fixture(scope="session")
def assets() -> Assets:
    return Assets(PROJECT / "static")
