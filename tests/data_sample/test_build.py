"""The generator writes the committed files again, byte by byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    # another hash seed than any earlier run: no order may hang on it
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(  # noqa: S603 - this interpreter, our own module
        [sys.executable, "-W", "error", "-m", "data.sample_county", str(folder)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("bytes") == len(list(folder.iterdir()))
    return folder


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in {".csv", ".geojson"})


def test_the_same_files_are_written(rebuilt: Path) -> None:
    assert _files(rebuilt) == _files(PROJECT / "data")
    assert len(_files(rebuilt)) == 17


def test_the_same_bytes_are_written(rebuilt: Path) -> None:
    changed = [
        name
        for name in _files(rebuilt)
        if (rebuilt / name).read_bytes() != (PROJECT / "data" / name).read_bytes()
    ]
    assert changed == []
