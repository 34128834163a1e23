from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StateError, StoreUnavailableError, WithdrawnError
from geosvc.reports.building import build
from geosvc.reports.outline import FILE
from geosvc.workspace import Workspace
from geosvc.workspace.published import Shelf
from tests.reports.county import prepared
from tests.reports.test_layer_changes import TOMORROW

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = {"period": "2024H1", "sections": ["numbers", "notes"]}


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    with closing(Workspace(folder.settings)) as opened:
        yield opened


def test_a_report_and_its_figures_are_published(workspace: Workspace) -> None:
    built = build(workspace, ASKED, author="li")
    shelf = Shelf(workspace.settings)
    assert shelf.read(built.id, FILE).content == built.report.content
    assert {item.id for item in shelf.list()} == {built.id, *built.report.snapshots}
    assert {item.author for item in shelf.list()} == {"li"}
    assert shelf.verify_all() == ()
    again = build(workspace, ASKED, author="wu")
    assert again.id == built.id
    assert shelf.standing(again.id).times == 2


def test_two_moments_make_a_difference_report(workspace: Workspace) -> None:
    built = build(
        workspace, {"since": "2001-01-01", "until": TOMORROW, "language": "en"}, author="li"
    )
    found = Shelf(workspace.settings).standing(built.id)
    assert found.kind == "difference"
    assert found.facts["title"] == "Changes from 2001-01-01 to 2999-12-31"


def test_nonsense_publishes_nothing(workspace: Workspace) -> None:
    with pytest.raises(StateError):
        build(workspace, {"period": "2019H1"}, author="li")
    assert Shelf(workspace.settings).list() == ()


def test_a_withdrawn_report_stays_withdrawn(workspace: Workspace) -> None:
    built = build(workspace, ASKED, author="li")
    Shelf(workspace.settings).withdraw(built.id, "错", "li")
    with pytest.raises(WithdrawnError):
        build(workspace, ASKED, author="li")


def test_a_disk_that_takes_nothing_is_said(workspace: Workspace) -> None:
    folder = workspace.settings.instance / "snapshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreUnavailableError):
        build(workspace, ASKED, author="li")
    folder.unlink()
    assert Shelf(workspace.settings).list() == ()
