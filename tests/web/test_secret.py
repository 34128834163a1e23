from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreUnavailableError
from geosvc.web.secret import LENGTH, read_secret

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="files have no mode there")


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    first = read_secret(tmp_path / "instance")
    assert len(first) == LENGTH
    assert read_secret(tmp_path / "instance") == first
    assert read_secret(tmp_path / "other") != first
    assert [item.name for item in (tmp_path / "instance").iterdir()] == ["secret"]


@posix
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    read_secret(tmp_path)
    path = tmp_path / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    read_secret(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_whoever_is_first_all_have_the_same(tmp_path: Path) -> None:
    found: list[bytes] = []
    gate = threading.Barrier(8)

    def read() -> None:
        gate.wait()
        found.append(read_secret(tmp_path))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_secret_that_is_not_whole_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(StoreUnavailableError):
        read_secret(tmp_path)
    assert (tmp_path / "secret").read_bytes() == content


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailableError):
        read_secret(tmp_path / "file" / "instance")
