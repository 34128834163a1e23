"""``geosvc report`` writes what the page has written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.__main__ import main
from geosvc.reports.outline import FILE
from geosvc.workspace.published import Shelf
from tests.reports.county import prepared
from tests.reports.word_files import paragraphs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    made = prepared(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return made


def test_the_report_is_written_and_published(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.root / "report.docx"
    chosen = ["--section", "numbers", "--section", "notes", "--lang", "zh"]
    assert main(["report", "2024H1", "-o", str(path), *chosen]) == 0
    said = capsys.readouterr().err
    assert "50% 方法与数据说明" in said
    assert f"已写出 {path}，其中 1 项冻结为快照" in said
    shelf = Shelf(folder.settings)
    [found] = [item for item in shelf.list() if item.kind == "report"]
    assert found.id in said
    assert shelf.read(found.id, FILE).content == path.read_bytes()
    assert found.author == "geosvc report"


def test_two_days_make_a_difference_report(folder: Folder) -> None:
    path = folder.root / "diff.DOCX"
    days = ["--since", "2001-03-31", "--until", "2999-06-30", "--lang", "en"]
    assert main(["report", *days, "-o", str(path)]) == 0
    assert paragraphs(path.read_bytes())[0] == ("Title", "Changes of the data")


@pytest.mark.parametrize(
    "words",
    [
        ["2019H1"],
        ["soon"],
        ["2024H1", "--section", "notes", "--scenario", "7"],
        ["--since", "2024-01-01"],
        ["--since", "2024-06-30", "--until", "2024-01-01"],
        ["--since", "1999-01-01", "--until", "1999-06-30"],
    ],
)
def test_nonsense_writes_nothing(
    folder: Folder, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.root / "report.docx"
    assert main(["report", *words, "-o", str(path), "--lang", "zh"]) == 1
    assert capsys.readouterr().out.strip()
    assert not path.exists()
    assert Shelf(folder.settings).list() == ()


def test_the_name_must_be_that_of_a_word_file(folder: Folder) -> None:
    with pytest.raises(SystemExit):
        main(["report", "-o", str(folder.root / "report.pdf")])


def test_a_folder_that_is_not_there_is_said(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.root / "none" / "report.docx"
    assert main(["report", "--section", "siting", "-o", str(path), "--lang", "en"]) == 1
    assert str(path) in capsys.readouterr().err
