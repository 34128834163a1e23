from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.__main__ import main
from geosvc.workspace import Workspace
from tests.web.hotspot_catalog import write_hotspots

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder


@pytest.fixture
def calls() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, Any]]) -> Folder:
    made = write_hotspots(tmp_path, monkeypatch, calls=calls)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return made


@pytest.mark.usefixtures("folder")
def test_the_command_prints_verdict_table_and_method(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hotspots", "--lang", "zh"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[:2] == ["2 处路段的违法明显多于偶然。", "第 1–2 名不可区分。"]
    assert "1\t泰北路\t12\t31\t1.8\t6.5\t0.001\t显著\t" in printed.out
    assert "A7\t离最近道路 81 米，超过 50 米" in lines
    assert "已完成 50%" in printed.err


def test_parameters_reach_the_method_and_nothing_is_stored(
    folder: Folder, calls: list[dict[str, Any]]
) -> None:
    options = ["--radii", "300", "--alpha", "0.01", "--draws", "199", "--seed", "4"]
    assert main(["hotspots", *options, "--to", "2024-06-16"]) == 0
    asked = {"radii_m": [300.0], "alpha": 0.01, "draws": 199, "seed": 4, "until": "2024-06-16"}
    assert calls[-1] == asked | {"events": 3}
    with closing(Workspace(folder.settings)) as workspace:
        assert workspace.status("violation_hotspots").revision == 1


def test_the_result_is_written_as_each_kind_of_file(folder: Folder) -> None:
    for ending in ("geojson", "gpkg", "csv"):
        assert main(["hotspots", "--output", str(folder.root / f"found.{ending}")]) == 0
    collection = json.loads((folder.root / "found.geojson").read_text("utf-8"))
    assert [item["id"] for item in collection["features"]] == ["h1", "h2", "h3"]
    assert collection["synthetic"] is True
    assert collection["report"]["draws"] == 999
    with closing(sqlite3.connect(folder.root / "found.gpkg")) as opened:
        query = "SELECT count(*) FROM violation_hotspots"
        assert opened.execute(query).fetchone() == (3,)
    table = (folder.root / "found.csv").read_text("utf-8-sig").splitlines()
    assert table[0].startswith("hotspot_id,rank,level")
    assert len(table) == 4


@pytest.mark.usefixtures("folder")
def test_a_file_of_another_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["hotspots", "--output", "found.shp"])
    assert "must end in .geojson .gpkg .csv" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hotspots", "--draws", "99", "--output", str(folder.root / "no" / "h.csv")]) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_what_makes_no_sense_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hotspots", "--draws", "5"]) == 1
    assert "hotspots:draws: 5 is below the minimum 99" in capsys.readouterr().out


def test_help_names_the_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["hotspots", "--help"])
    assert "20 – 5000" in capsys.readouterr().out
