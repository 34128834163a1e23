from __future__ import annotations

import json
import os
import signal
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.__main__ import main
from geosvc.web import site_commands
from geosvc.web.site_commands import ENDINGS, lines
from geosvc.workspace import Workspace, siting
from tests.web.kept import WISHES, Office

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    made = Office(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    made.folder.write("question.json", json.dumps(WISHES))
    return made


def asked(office: Office, *options: str) -> int:
    return main(["site", "--wishes", str(office.folder.root / "question.json"), *options])


def test_it_prints_verdict_sites_and_curve(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(office, "--lang", "zh") == 0
    printed = capsys.readouterr()
    said = printed.out.splitlines()
    assert said[0].startswith("新增 2 处，平均距离")
    assert said[1] == "已证明最优"
    assert "A2\t=1+1\t新增\t–\t2\t–" in said
    assert "+2\t" in printed.out
    assert any(line.startswith("其他方案：A1 A3") for line in said)
    assert said[-1].startswith("数据：roads r1 stops r1；种子 0；")
    assert "已完成 50%" in printed.err


def test_options_replace_wishes(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(office, "--added", "1", "--objective", "center", "--seed", "7") == 0
    printed = capsys.readouterr().out
    assert printed.startswith("New sites: 1; at worst")
    assert "seed 7" in printed


def test_each_kind_of_file_is_written(office: Office) -> None:
    for ending in ENDINGS:
        assert asked(office, "--output", str(office.folder.root / f"found{ending}")) == 0
    found = json.loads((office.folder.root / "found.json").read_text("utf-8"))
    assert found["wishes"]["added"] == 2
    assert zipfile.is_zipfile(office.folder.root / "found.xlsx")
    assert (office.folder.root / "found.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert json.loads((office.folder.root / "found.geojson").read_text("utf-8"))["synthetic"]
    assert (office.folder.root / "found.gpkg").read_bytes().startswith(b"SQLite format 3")


def test_a_result_is_a_question_again(office: Office) -> None:
    path = office.folder.root / "found.json"
    assert asked(office, "--output", str(path)) == 0
    assert main(["site", "--wishes", str(path), "--added", "1"]) == 0


def test_it_is_kept_and_written_to_the_layer(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(office, "--keep", "三处", "--write", "会议定的") == 0
    assert "kept as scenario 2" in capsys.readouterr().err
    with office.table() as table:
        made = table.scenario(2)
    assert (made.title, made.author) == ("三处", "geosvc site")
    with closing(Workspace(office.settings)) as workspace:
        status = workspace.status("chosen_sites")
        assert (status.author, status.reason, status.count) == ("geosvc site", "会议定的", 2)
        actions = [entry.action for entry in workspace.store.log_entries(limit=9)]
    assert {"scenario_saved", "write"} <= set(actions)


def test_without_keep_and_write_nothing_is_stored(office: Office) -> None:
    assert asked(office) == 0
    with office.table() as table:
        assert len(table.scenarios()) == 1


def test_the_question_of_a_scenario_is_asked_again(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["site", "--scenario", str(office.kept.id), "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("New sites: 2; mean distance")
    assert main(["site", "--scenario", "99"]) == 1


@pytest.mark.parametrize("content", ["{", "[1]", '"x"', '{"wishes": 3}'])
def test_a_file_that_is_no_question_is_a_line(
    office: Office, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    office.folder.write("question.json", content)
    assert asked(office) == 1
    assert "question.json" in capsys.readouterr().out
    assert main(["site", "--wishes", str(office.folder.root / "nowhere.json")]) == 1


def test_a_wish_that_makes_no_sense_is_a_line(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(office, "--added", "-1") == 1
    assert "added" in capsys.readouterr().out


@pytest.mark.usefixtures("office")
def test_a_file_of_another_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["site", "--output", "found.shp"])
    assert "must end in .geojson .gpkg .xlsx .csv .json" in capsys.readouterr().err


def test_a_plan_is_kept_though_its_file_cannot_be_written(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(office.folder.root / "no" / "found.csv")
    assert asked(office, "--output", output, "--keep", "方案") == 1
    said = capsys.readouterr().err
    assert "cannot be written: No such file" in said
    assert f"{office.kept.id + 1}" in said


def test_no_plan_is_a_status(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(office, "--added", "9", "--lang", "zh") == 0
    office.folder.write("question.json", json.dumps(WISHES | {"keep": ["A1"], "exclude": []}))
    office.folder.write("question.json", json.dumps(WISHES | {"exclude": ["A1", "A2", "A3"]}))
    assert asked(office, "--lang", "zh") == 1
    assert "没有找到可行的方案。" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="no signal reaches the own process there")
def test_ctrl_c_stops_with_the_best_so_far(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before, stopped = signal.getsignal(signal.SIGINT), []

    def ask(_workspace: Workspace, _wishes: object, told: Any) -> dict[str, Any]:  # noqa: ANN401
        stopped.append(told(0.1, "curve"))
        os.kill(os.getpid(), signal.SIGINT)
        stopped.append(told(0.2, "curve", 7.0, 5.0))
        assert signal.getsignal(signal.SIGINT) is before, "a second one ends the program"
        return office.document

    monkeypatch.setattr(siting, "ask", ask)
    assert asked(office) == 0
    assert stopped == [False, True]
    assert signal.getsignal(signal.SIGINT) is before


def test_the_lines_are_in_the_reader_s_language(office: Office) -> None:
    said = "\n".join(lines(office.document, "en"))
    assert "Proven optimal" in said
    assert "another plan: A1 A3" in said


def test_help_names_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["site", "--help"])
    printed = capsys.readouterr().out
    for name in ("--wishes", "--scenario", "--service-distance-m", "--keep", "--write"):
        assert name in printed
    assert site_commands.ACTOR == "geosvc site"
