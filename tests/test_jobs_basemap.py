"""The basemap is made anew by a job when its layers have moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geosvc.jobs import submit_ground
from geosvc.store.jobs import JobTable
from geosvc.tiles.basemap import build_of_layers, find_basemap
from geosvc.works import WORKS
from tests.ground_county import write_county

if TYPE_CHECKING:
    from pathlib import Path


def test_a_basemap_follows_its_layers(tmp_path: Path) -> None:
    county = write_county(tmp_path)
    # nobody has made one: a start does, no job
    assert submit_ground(county.prepare(), since=0) is None
    build_of_layers(county.prepare())
    assert submit_ground(county.prepare(), since=0) is None
    text = (tmp_path / "data/villages.geojson").read_text("utf-8")
    county.write("data/villages.geojson", text.replace("V1", "V2"))
    moved = county.prepare()
    asked = submit_ground(moved, since=0)
    assert asked is not None
    assert (asked.name, asked.state, asked.author) == ("basemap", "queued", "")
    result = WORKS["basemap"].run(moved, {}, lambda *_given: False)
    assert result["bytes"] == find_basemap(moved).path.stat().st_size
    assert submit_ground(moved, since=0) is None


def test_a_basemap_that_failed_is_not_tried_again(tmp_path: Path) -> None:
    county = write_county(tmp_path)
    build_of_layers(county.prepare())
    text = (tmp_path / "data/villages.geojson").read_text("utf-8")
    county.write("data/villages.geojson", text.replace("V1", "V2"))
    moved = county.prepare()
    assert submit_ground(moved, since=0) is not None
    with JobTable(moved.store.path) as table:
        job = table.claim()
        assert job is not None
        table.finish(job.id, "failed", error={"code": "error", "detail": "", "issues": []})
    assert submit_ground(moved, since=0) is None
