from __future__ import annotations

import copy
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from geosvc.errors import EditError, UnknownLayerError
from geosvc.store import Change, Store
from geosvc.workspace import Editor, Workspace, prepare
from geosvc.workspace.chosen import LAYER, chosen_frame, chosen_sites, write_chosen
from tests.web.kept import Office, asked, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LI = Change("li", "会议定的")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def workspace(office: Office) -> Iterator[Workspace]:
    with closing(Workspace(office.settings)) as opened:
        yield opened


def places(office: Office) -> list[Any]:
    return chosen_sites(office.kept, office.document)


def keys(workspace: Workspace) -> list[str]:
    found: list[str] = workspace.latest().frame(LAYER).index.tolist()
    return found


def test_the_new_sites_are_one_revision(office: Office, workspace: Workspace) -> None:
    stored = write_chosen(workspace, office.kept, office.document, change=LI)
    assert (stored.number, stored.count, stored.author, stored.reason) == (2, 2, "li", "会议定的")
    row = workspace.latest().frame(LAYER).loc["A2"]
    assert (row["site_name"], row["demand"], row["proof"], row["gap"]) == ("=1+1", 2.0, "proven", 0)
    assert (row["scenario"], row["scenario_no"], row["run"]) == ("两处", office.kept.id, 1)
    assert (row.geometry.x, row.geometry.y) == (121.11, 33.51)
    assert pd.isna(row["utilisation"]), "nobody entered what a bay does"


def test_the_same_again_is_no_revision(office: Office, workspace: Workspace) -> None:
    first = write_chosen(workspace, office.kept, office.document, change=LI)
    assert write_chosen(workspace, office.kept, office.document, change=LI) == first


def test_another_scenario_takes_the_place_of_all(office: Office, workspace: Workspace) -> None:
    write_chosen(workspace, office.kept, office.document, change=LI)
    document = asked(office.settings, added=1, exclude=["A1"])
    other = keep(office.settings, document, "一处")
    stored = write_chosen(workspace, other, document, change=LI)
    assert (stored.number, keys(workspace)) == (3, ["A2"])
    Editor(workspace.latest()).undo(LAYER, change=LI)
    assert keys(workspace) == ["A1", "A2"]


def test_an_import_leaves_what_was_written(office: Office, workspace: Workspace) -> None:
    write_chosen(workspace, office.kept, office.document, change=LI)
    office.folder.write("data/chosen_sites.geojson", '{"type":"FeatureCollection","features":[] }')
    again = prepare(office.settings, progress=lambda *_told: None)
    assert keys(again) == ["A1", "A2"]
    again.close()


def test_who_waits_for_a_commit_hears_once(office: Office, workspace: Workspace) -> None:
    heard: list[tuple[str, str]] = []

    def note(_view: Workspace, layer_id: str, author: str, /) -> None:
        heard.append((layer_id, author))

    for _ in range(2):
        write_chosen(workspace, office.kept, office.document, change=LI, after_commit=note)
    assert heard == [(LAYER, "li")]


def test_a_scenario_without_a_plan_is_not_written(office: Office, workspace: Workspace) -> None:
    document = office.document | {"chosen": None}
    assert chosen_sites(office.kept, document) == []
    with pytest.raises(EditError) as caught:
        write_chosen(workspace, office.kept, document, change=LI)
    assert [issue.code for issue in caught.value.issues] == ["no_plan"]
    assert keys(workspace) == []


def test_a_site_beyond_the_county_is_refused_whole(office: Office, workspace: Workspace) -> None:
    document: dict[str, Any] = copy.deepcopy(office.document)
    document["places"]["sites"]["lon"][1] = 99.0
    with pytest.raises(EditError) as caught:
        write_chosen(workspace, office.kept, document, change=LI)
    assert [issue.code for issue in caught.value.issues] == ["outside"]
    assert keys(workspace) == []


def test_without_the_layer_nothing_is_written(office: Office) -> None:
    (office.folder.root / "layers/chosen_sites.toml").unlink()
    with closing(Workspace(office.settings)) as workspace, pytest.raises(UnknownLayerError):
        write_chosen(workspace, office.kept, office.document, change=LI)


def test_a_plan_that_slips_in_between_is_replaced(
    office: Office, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = asked(office.settings, added=1, exclude=["A1", "A2"])
    other = keep(office.settings, document, "一处")
    real, is_first = Store.frame, threading.Event()

    def slow(store: Store, layer_id: str, **given: Any) -> Any:  # noqa: ANN401
        seen = real(store, layer_id, **given)
        if layer_id == LAYER and not is_first.is_set():
            is_first.set()
            write_chosen(workspace, other, document, change=Change("wu", "同时"))
        return seen

    monkeypatch.setattr(Store, "frame", slow)
    stored = write_chosen(workspace, office.kept, office.document, change=LI)
    assert stored.count == 2
    assert keys(workspace) == ["A1", "A2"]


def test_the_sites_of_an_answer_are_features_of_the_layer(
    office: Office, workspace: Workspace
) -> None:
    layer = workspace.catalog.layer(LAYER)
    frame = chosen_frame(layer, office.document)
    written = {key for key, _ in ((row["site_key"], at) for row, at in places(office))}
    assert set(frame.index) == written
    assert list(frame.columns) == list(workspace.frame(LAYER).columns)
    assert frame.crs == workspace.frame(LAYER).crs
    assert (frame.loc["A2"].geometry.x, frame.loc["A2"].geometry.y) == (121.11, 33.51)
    assert frame["scenario"].isna().all()
    empty = chosen_frame(layer, office.document | {"chosen": None})
    assert empty.empty
    assert list(empty.columns) == list(frame.columns)
