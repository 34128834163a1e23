from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import LayerUnavailableError, PublishError, UnknownLayerError
from geosvc.reports import publish_numbers
from geosvc.reports.hotspot_charts import (
    LAYER,
    evidence_table,
    note_of,
    report_of,
    weeks_chart,
)
from geosvc.workspace import Workspace
from tests.reports.county import prepared
from tests.web.hotspot_catalog import AFTER, REPORT, write_hotspots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with pytest.MonkeyPatch.context() as patch:
        folder = write_hotspots(tmp_path_factory.mktemp("hot"), patch, after=AFTER)
        with closing(Workspace(folder.settings)) as opened:
            yield opened.pinned()


def test_the_weeks_are_those_of_the_published_hotspots(hot: Workspace) -> None:
    chart = weeks_chart(hot, "zh")
    assert chart.counts == tuple((week["from"], week["cases"]) for week in REPORT["weekly"])
    assert "修订" in chart.note
    assert weeks_chart(hot, "en").title != chart.title


def test_the_evidence_has_a_row_for_each_hotspot(hot: Workspace) -> None:
    table = evidence_table(hot, "zh")
    assert len(table.rows) == len(hot.frame(LAYER))
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_without_hotspots_there_is_no_chart(tmp_path: Path) -> None:
    with closing(Workspace(prepared(tmp_path).settings)) as opened:
        with pytest.raises(UnknownLayerError):
            weeks_chart(opened, "zh")
        assert note_of(opened, ("atlantis",), "zh")


def test_hotspots_without_a_report_are_unavailable(
    hot: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = hot.status(LAYER)
    monkeypatch.setattr(type(bare), "is_served", property(lambda _status: False))
    with pytest.raises(LayerUnavailableError):
        report_of(hot)


def test_the_chart_of_weeks_is_published_with_its_numbers(hot: Workspace) -> None:
    made = publish_numbers.make_weeks(hot, language="en")
    assert made is not None
    assert {"figure.png", "figure.svg", "figure.pdf", "table.json"} <= set(made.parts)
    used = REPORT["events"]["used"]
    assert made.facts["total"] == used
    assert made.facts["caption"]["en"].endswith(f" {used}")
    assert made.facts["kind"] == "chart"
    assert set(made.facts["titles"]) == {"zh", "en"}
    assert publish_numbers.make_weeks(hot, language="en") == made


def test_weeks_that_do_not_sum_up_are_refused(
    hot: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = REPORT | {"events": REPORT["events"] | {"used": 9}}
    monkeypatch.setattr(publish_numbers, "report_of", lambda _workspace: wrong)
    with pytest.raises(PublishError) as error:
        publish_numbers.make_weeks(hot)
    assert error.value.issues[0].code == "not_sum"
