"""Files that commands write are whole, or not there."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from geosvc.web.output_files import ending_of, output_path, write_output, write_whole


def test_a_name_says_its_format() -> None:
    checked = output_path("zh", [".csv", ".gpkg"])
    assert checked("违法.GPKG") == Path("违法.GPKG")
    assert ending_of(Path("a.b.CSV")) == ".csv"
    for name in ("", "csv", "cases.shp"):
        with pytest.raises(argparse.ArgumentTypeError, match=r"应以 \.csv \.gpkg 结尾"):
            checked(name)


def test_a_file_is_written_wholly_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    with pytest.raises(OSError, match=r"."):
        write_whole(tmp_path / "missing" / "out.png", b"x")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match=r"."):
        write_whole(folder, b"x")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["folder", "out.png"]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    said: list[tuple[str, dict[str, object]]] = []

    def tell(key: str, **values: object) -> None:
        said.append((key, values))

    assert write_output(tmp_path / "out.csv", b"", tell=tell)
    assert said == []
    missing = tmp_path / "no" / "out.csv"
    assert not write_output(missing, b"", tell=tell)
    assert said == [("cli.not_written", {"file": missing, "reason": "No such file or directory"})]
