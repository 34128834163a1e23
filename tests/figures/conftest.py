"""The sample county, imported once; its derived layers are not computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.figures.fonts import read_typeface
from geosvc.figures.palette import read_palette
from geosvc.figures.sheet import Sheet
from geosvc.settings import PROJECT, read_settings
from geosvc.workspace import Workspace, prepare

if TYPE_CHECKING:
    from geosvc.figures.fonts import Typeface


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    instance = tmp_path_factory.mktemp("figures") / "instance"
    settings = read_settings({"GEOSVC_INSTANCE": str(instance)})
    prepare(settings, progress=lambda *_told: None)
    return Workspace(settings)


@pytest.fixture(scope="session")
def typeface() -> Typeface:
    return read_typeface(PROJECT / "static")


@pytest.fixture
def sheet(typeface: Typeface) -> Sheet:
    return Sheet((100.0, 80.0), typeface, read_palette(PROJECT / "static"))
