from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.__main__ import main
from tests.scorecard.county import SCORECARD, STOPS, write_county

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.small import Folder


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    folder = write_county(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(tmp_path / "layers"))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(tmp_path / "instance"))
    return folder


def test_the_numbers_are_printed(county: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert county.root.is_dir()
    assert main(["scorecard", "2024H1", "--lang", "zh"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("2024 年上半年成绩单")
    assert said[-1] == "6 项全部相符"


def test_the_half_year_of_the_data_is_the_default(
    county: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert county.root.is_dir()
    assert main(["scorecard", "--lang", "en"]) == 0
    assert "first half of 2024" in capsys.readouterr().out


def test_a_number_that_does_not_agree_ends_with_1(
    county: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    county.write("layers/stops.toml", STOPS.replace("expected_count = 5", "expected_count = 7"))
    assert main(["scorecard", "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "Stops: 7 rows expected, 5 found" in said
    assert "3 of 6 agree" in said


def test_an_unknown_half_year_ends_with_1_and_says_which_there_are(
    county: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert county.root.is_dir()
    assert main(["scorecard", "2031H2", "--lang", "en"]) == 1
    assert "2024H1, 2023H2" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "numbres = []\n"])
def test_without_numbers_it_ends_with_1(
    county: Folder, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert text not in SCORECARD or not text
    county.write("layers/scorecard.toml", text)
    assert main(["scorecard", "--lang", "en"]) == 1
    assert "No scorecard yet" in capsys.readouterr().out
