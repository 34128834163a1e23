from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from geosvc import derive
from geosvc.errors import MethodError, StoreError
from geosvc.store.jobs import canonical
from geosvc.works import WORKS
from geosvc.workspace import Workspace
from geosvc.workspace.reruns import Changes, from_features, rerun, to_features
from tests.web.hotspot_catalog import write_hotspots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYER = "violation_hotspots"


@pytest.fixture
def calls() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, Any]]
) -> Iterator[Workspace]:
    folder = write_hotspots(tmp_path, monkeypatch, calls=calls)
    with closing(Workspace(folder.settings)) as opened:
        yield opened


def test_only_what_changes_is_other(workspace: Workspace, calls: list[dict[str, Any]]) -> None:
    frame = rerun(workspace, LAYER, Changes({"seed": 5}))
    assert calls[-1]["seed"] == 5
    assert calls[-1]["radii_m"] == [100, 200]
    assert frame.attrs["report"]["seed"] == 5
    assert workspace.catalog.layer(LAYER).derivation is not None
    assert workspace.status(LAYER).notes["report"] != frame.attrs["report"]


def test_progress_is_told_where_the_method_tells_it(workspace: Workspace) -> None:
    told: list[tuple[float, str]] = []
    rerun(workspace, LAYER, Changes(), progress=lambda share, stage: told.append((share, stage)))
    assert told == [(0.5, "scan")]


def test_a_parameter_that_does_not_fit_is_refused(workspace: Workspace) -> None:
    with pytest.raises(MethodError) as caught:
        rerun(workspace, LAYER, Changes({"radii_m": [-1.0], "speed": 3}))
    assert {issue.code for issue in caught.value.issues} == {"not_positive", "unknown_key"}


def test_a_layer_without_a_method_has_no_rerun(workspace: Workspace) -> None:
    with pytest.raises(MethodError):
        rerun(workspace, "stops", Changes())


def test_what_was_earlier_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, Any]]
) -> None:
    folder = write_hotspots(tmp_path, monkeypatch, calls=calls)
    path = folder.root / "layers/stops.toml"
    seen = (
        '[[schema.fields]]\nname = "seen"\ntitle = { zh = "见", en = "Seen" }\ntype = "datetime"\n'
    )
    text = path.read_text("utf-8").replace("[style]", f"{seen}[style]", 1)
    path.write_text(f'{text}[time]\nstart = "seen"\n', encoding="utf-8")
    days = ["seen", "2024-06-03T00:10:00+08:00", "2024-06-02T23:50:00+08:00", "", ""]
    rows = (folder.root / "data/stops.csv").read_text("utf-8").splitlines()
    rows = [f"{line},{day}" for line, day in zip(rows, days, strict=True)]
    folder.write("data/stops.csv", "\n".join(rows) + "\n")
    with closing(folder.prepare()) as workspace:
        for day, count in (("", 3), ("2024-06-03", 1)):
            rerun(workspace, LAYER, Changes(first_day=day))
            assert calls[-1]["events"] == count


def test_features_go_to_json_and_come_back(workspace: Workspace) -> None:
    frame = workspace.frame(LAYER)
    features = to_features(frame)
    assert canonical(features)
    assert features[2]["properties"]["rank"] is None
    back = from_features(workspace.catalog.layer(LAYER), features)
    assert back.drop(columns="geometry").equals(frame.drop(columns="geometry"))
    assert isinstance(back, gpd.GeoDataFrame)
    assert shapely.equals_exact(back.geometry.to_numpy(), frame.geometry.to_numpy(), 1e-9).all()


def test_a_table_and_nothing_come_back_too(workspace: Workspace) -> None:
    fleet = workspace.frame("fleet")
    assert from_features(workspace.catalog.layer("fleet"), to_features(fleet)).equals(fleet)
    assert len(from_features(workspace.catalog.layer(LAYER), [])) == 0


def test_features_of_another_layer_are_refused(workspace: Workspace) -> None:
    features: list[dict[str, Any]] = [{"properties": {"rank": "first"}, "geometry": None}]
    with pytest.raises(StoreError):
        from_features(workspace.catalog.layer(LAYER), features)


def test_the_work_of_the_job_is_a_rerun_as_json(
    workspace: Workspace, calls: list[dict[str, Any]]
) -> None:
    work = WORKS["hotspots"]
    changes = {"parameters": {"seed": 6}, "first_day": ""}
    parameters = {"layer": LAYER, "changes": changes}
    result = work.run(workspace, parameters, lambda *_told: False)
    assert canonical(result)
    assert result["report"]["seed"] == calls[-1]["seed"] == 6
    assert len(result["features"]) == 3
    assert work.is_cached
    assert work.inputs(workspace, parameters) == work.inputs(workspace, parameters)


def test_progress_is_no_parameter_of_a_layer_file(workspace: Workspace) -> None:
    assert derive.PROGRESS == "progress"
    with pytest.raises(MethodError):
        rerun(workspace, LAYER, Changes({"progress": 1}))
