from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from geosvc.errors import EditError, StoreError
from geosvc.store.jobs import Job
from geosvc.web.hotspot_runs import LAYER, RunView, read_changes
from geosvc.workspace import Workspace
from geosvc.workspace.reruns import to_features
from tests.web.hotspot_catalog import REPORT, write_hotspots

if TYPE_CHECKING:
    from pathlib import Path

JOB = Job(
    **dict.fromkeys(("error", "started_at", "heartbeat_at", "trace")),
    id=3,
    name="hotspots",
    parameters={},
    cache_key="k",
    state="done",
    progress=1.0,
    stage="",
    cancel_asked=False,
    result=None,
    author="ann",
    queued_at="2024-06-30T10:00:00+00:00",
    ended_at="2024-06-30T10:01:00+00:00",
)


def test_equal_wishes_are_equal() -> None:
    first = read_changes({"radii_m": "300, 100 ，100", "seed": "7", "until": " 2024-06-16 "})
    assert first == read_changes({"radii_m": "100 300", "until": "2024-06-16", "seed": "07"})
    assert first["parameters"] == {"radii_m": [100.0, 300.0], "seed": 7, "until": "2024-06-16"}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("radii_m", "ten", "wrong_type"),
        ("radii_m", ",", "wrong_type"),
        ("radii_m", "1e9", "wrong_type"),
        ("radii_m", "nan", "wrong_type"),
        ("radii_m", "100 " * 9, "wrong_type"),
        ("radii_m", "100, 5001", "above_maximum"),
        ("alpha", "0.5", "above_maximum"),
        ("alpha", "0", "below_minimum"),
        ("alpha", "0.05 0.01", "wrong_type"),
        ("draws", "98", "below_minimum"),
        ("draws", "99.5", "wrong_type"),
        ("seed", "-1", "wrong_type"),
        ("seed", "２", "wrong_type"),
        ("first_day", "2024-02-30", "wrong_type"),
        ("until", "yesterday", "wrong_type"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, text: str, code: str) -> None:
    with pytest.raises(EditError) as caught:
        read_changes({name: text})
    assert {(issue.key, issue.code) for issue in caught.value.issues} == {(name, code)}


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(EditError) as caught:
        read_changes({"first_day": "2024-06-02", "until": "2024-06-01"})
    assert caught.value.issues[0].key == "until"


def test_the_result_stands_where_the_published_layer_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    with closing(Workspace(folder.settings)) as workspace:
        features = to_features(workspace.frame(LAYER))[:1]
        view = RunView(
            workspace.pinned(), replace(JOB, result={"report": REPORT, "features": features})
        )
        assert list(view.frame(LAYER).index) == ["h1"]
        assert len(view.frame("stops")) == 3
        assert view.tag("stops") == workspace.tag("stops")
        assert view.tag(LAYER) != workspace.tag(LAYER)
        status = view.status(LAYER)
        assert (status.state, status.count, status.author) == ("ok", 1, "ann")
        assert cast("object", status.notes["report"]) == REPORT
        assert workspace.status(LAYER).count == 3


@pytest.mark.parametrize("result", [None, {}, {"report": {}, "features": [{}]}])
def test_what_is_no_result_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: object
) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    with closing(Workspace(folder.settings)) as workspace, pytest.raises(StoreError):
        RunView(workspace.pinned(), replace(JOB, result=result))
