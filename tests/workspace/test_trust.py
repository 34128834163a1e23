from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.settings import read_settings
from geosvc.workspace import Workspace
from geosvc.workspace.trust import source_of, trust
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_catalog(tmp_path_factory.mktemp("trust")).prepare()


def test_each_source_is_named_once(small: Workspace) -> None:
    known = trust(small, ["stops", "roads", "area"], "zh")
    assert known["sources"] == ["样例来源", "范围来源"]
    assert known["synthetic"]
    assert known["as_of"] == "2024-06-30"
    assert known["revision"] == sum(
        small.status(name).revision or 0 for name in ("stops", "roads", "area")
    )


def test_a_derived_layer_has_the_words_of_its_inputs(tmp_path: Path) -> None:
    settings = replace(read_settings({}), instance=tmp_path)
    assert source_of(Workspace(settings), "violation_density").en.startswith("Synthetic sample")


def test_nothing_is_known_of_no_layers(small: Workspace) -> None:
    known = trust(small, [], "en")
    assert known["sources"] == []
    assert not known["synthetic"]
    assert known["revised_at"] is None
    assert source_of(small, "broken").zh == ""
