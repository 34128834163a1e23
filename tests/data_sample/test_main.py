from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from data.sample_county import __main__ as command

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_folder_is_the_argument(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def write_one(folder: Path) -> list[Path]:
        (folder / "fleet.csv").write_text("a\n", encoding="utf-8", newline="\n")
        return [folder / "fleet.csv"]

    monkeypatch.setattr(command, "build", write_one)
    monkeypatch.setattr(sys, "argv", ["sample_county", str(tmp_path)])
    command.main()
    assert capsys.readouterr().out == "fleet.csv: 2 bytes\n"
