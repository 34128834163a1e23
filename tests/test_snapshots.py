from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import (
    DamagedSnapshotError,
    StoreError,
    StoreUnavailableError,
    UnknownSnapshotError,
)
from geosvc.snapshots import LEFT_S, Manifest, Part, Snapshots, manifest_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parent.parent
PARTS = {
    "figure.png": Part(b"\x89PNG picture", "image/png"),
    "data.geojson": Part(b'{"features": []}', "application/geo+json"),
    "caption.txt": Part("图 1 违法点".encode(), "text/plain; charset=utf-8"),
}
FACTS = {"title": "违法点", "revisions": {"violations": 3}, "total": 126}


@pytest.fixture
def kept(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "snapshots")


def files(kept: Snapshots) -> list[Path]:
    return sorted(path for path in kept.folder.rglob("*") if path.is_file())


def change(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


def test_what_is_frozen_is_given_again(kept: Snapshots) -> None:
    made = kept.freeze(PARTS, FACTS)
    manifest = kept.manifest(made)
    assert manifest.facts == FACTS
    assert set(manifest.parts) == set(PARTS)
    for name, part in PARTS.items():
        assert kept.read(made, name) == part
        entry = manifest.parts[name]
        assert entry.bytes == len(part.content)
        assert entry.media_type == part.media_type
        assert entry.sha256 == hashlib.sha256(part.content).hexdigest()
    assert kept.ids() == (made,)
    assert kept.verify() == kept.verify(made) == []


def test_the_id_is_the_hash_of_the_manifest(kept: Snapshots) -> None:
    made = kept.freeze(PARTS, FACTS)
    body = (kept.folder / "manifests" / f"{made}.json").read_bytes()
    assert hashlib.sha256(body).hexdigest() == made
    assert body == manifest_bytes(kept.manifest(made))
    assert json.loads(body)["format"] == 1


def test_the_same_content_has_the_same_id_in_any_order(kept: Snapshots, tmp_path: Path) -> None:
    made = kept.freeze(PARTS, FACTS)
    before = {path: path.stat().st_mtime_ns for path in files(kept)}
    turned = dict(reversed(FACTS.items()))
    assert kept.freeze(dict(reversed(PARTS.items())), turned) == made
    assert {path: path.stat().st_mtime_ns for path in files(kept)} == before
    assert Snapshots(tmp_path / "elsewhere").freeze(PARTS, FACTS) == made


def test_any_other_content_has_another_id_and_shares_what_is_the_same(kept: Snapshots) -> None:
    first = kept.freeze(PARTS, FACTS)
    count = len(files(kept))
    second = kept.freeze(PARTS, FACTS | {"total": 131})
    third = kept.freeze(PARTS | {"figure.png": Part(b"other", "image/png")}, FACTS)
    fourth = kept.freeze(PARTS | {"figure.png": Part(b"other", "image/webp")}, FACTS)
    assert len({first, second, third, fourth}) == 4
    assert len(files(kept)) == count + 4, "three manifests and one picture"


@given(
    st.dictionaries(
        st.text(),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
    ),
)
def test_facts_come_back_as_they_were(facts: dict[str, object]) -> None:
    try:
        body = manifest_bytes(Manifest({}, facts))
    except UnicodeEncodeError:
        assert any("\ud800" <= letter <= "\udfff" for name in facts for letter in name)
        return
    assert json.loads(body)["facts"] == facts
    assert manifest_bytes(Manifest({}, json.loads(body)["facts"])) == body


@pytest.mark.parametrize("facts", [{"at": float("nan")}, {"at": object()}, {"at": float("inf")}])
def test_facts_that_are_no_json_are_refused(kept: Snapshots, facts: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        kept.freeze(PARTS, facts)
    assert files(kept) == []


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("", "text/plain"),
        ("../x", "text/plain"),
        (".hidden", "text/plain"),
        ("A.png", "image/png"),
        ("a/b", "text/plain"),
        ("a" * 65, "text/plain"),
        ("a\n", "text/plain"),
        ("a", "text/plain\r\nX: 1"),
        ("a", ""),
        ("a", "text/html; x"),
    ],
)
def test_names_and_media_types_are_ours(kept: Snapshots, name: str, media: str) -> None:
    with pytest.raises(ValueError, match="not a part"):
        kept.freeze({name: Part(b"", media)}, {})
    assert files(kept) == []


@pytest.mark.parametrize(
    "unknown", ["", "x", "0" * 64, "0" * 63, "../" * 20, "A" * 64, "0" * 64 + "\n", "０" * 64]
)
def test_an_unknown_id_is_no_path(kept: Snapshots, unknown: str) -> None:
    kept.freeze(PARTS, FACTS)
    for ask in (kept.manifest, lambda name: kept.read(name, "figure.png")):
        with pytest.raises(UnknownSnapshotError):
            ask(unknown)


@pytest.mark.parametrize("name", ["", "figure", "../manifests", "FIGURE.PNG", "figure.png/"])
def test_an_unknown_part_is_no_path(kept: Snapshots, name: str) -> None:
    made = kept.freeze(PARTS, FACTS)
    with pytest.raises(UnknownSnapshotError):
        kept.read(made, name)


def test_files_can_only_be_read(kept: Snapshots) -> None:
    kept.freeze(PARTS, FACTS)
    for path in files(kept):
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert list((kept.folder / "incoming").iterdir()) == []


def flips(content: bytes) -> Iterator[bytes]:
    """Contents with one bit of each byte turned, one that is longer and one that is shorter."""
    for place, byte in enumerate(content):
        yield content[:place] + bytes([byte ^ 1 << place % 8]) + content[place + 1 :]
    yield content[:-1]
    yield content + b"\n"


def test_each_flipped_byte_of_each_file_is_found(kept: Snapshots) -> None:
    made = kept.freeze({"a.txt": Part(b"abc", "text/plain"), "b": PARTS["figure.png"]}, {"n": 1})
    for path in files(kept):
        whole = path.read_bytes()
        place = path.relative_to(kept.folder).as_posix()
        for content in flips(whole):
            change(path, content)
            assert ("snapshot_damaged", place) in {
                (fault.code, fault.path) for fault in kept.verify()
            }
            assert [fault.path for fault in kept.verify(made)] == [place]
        change(path, whole)
    assert kept.verify() == []


def test_changed_content_is_never_given_out(kept: Snapshots) -> None:
    made = kept.freeze(PARTS, FACTS)
    for path in files(kept):
        whole = path.read_bytes()
        change(path, whole + b" ")
        with pytest.raises(DamagedSnapshotError, match="was changed"):
            [kept.read(made, name) for name in PARTS]
        change(path, whole)
    with pytest.raises(UnknownSnapshotError):
        kept.read("1" * 64, "figure.png")


def test_a_missing_file_is_found(kept: Snapshots) -> None:
    made = kept.freeze(PARTS, FACTS)
    for path in files(kept):
        away = kept.folder.parent / "away"
        path.rename(away)
        if "objects" in path.parts:
            (fault,) = kept.verify()
            assert fault.code == "snapshot_missing"
            assert fault.key in PARTS
            assert kept.verify(made) == [fault]
            with pytest.raises(StoreError, match="missing"):
                kept.read(made, fault.key)
        else:
            (fault,) = kept.verify(made)
            assert (fault.code, kept.verify()) == ("snapshot_missing", [])
        away.rename(path)


@pytest.mark.parametrize(
    "name",
    ["objects/x", "objects/ab/cd", "manifests/x.json", "manifests/.json", "objects/ab/c/d", "x"],
)
def test_a_foreign_file_is_found_and_harms_nothing(kept: Snapshots, name: str) -> None:
    made = kept.freeze(PARTS, FACTS)
    path = kept.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    found = [(fault.code, fault.path) for fault in kept.verify()]
    assert found == ([] if name == "x" else [("snapshot_foreign", name)])
    assert kept.ids() == (made,)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_is_foreign_even_to_the_same_content(kept: Snapshots, tmp_path: Path) -> None:
    kept.freeze(PARTS, FACTS)
    path = next(path for path in files(kept) if "objects" in path.parts)
    shutil.copy(path, tmp_path / "copy")
    path.unlink()
    path.symlink_to(tmp_path / "copy")
    assert [fault.code for fault in kept.verify()] == ["snapshot_foreign"]


def test_damage_is_repaired_by_freezing_the_same_again(kept: Snapshots) -> None:
    made = kept.freeze(PARTS, FACTS)
    for path in files(kept):
        change(path, b"?")
    assert kept.freeze(PARTS, FACTS) == made
    assert kept.verify() == []


def test_threads_that_freeze_the_same_thing_agree(kept: Snapshots) -> None:
    found: list[str] = []
    work = [
        threading.Thread(target=lambda: found.append(kept.freeze(PARTS, FACTS))) for _ in range(8)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert kept.verify() == []


def test_processes_that_freeze_the_same_thing_agree(kept: Snapshots) -> None:
    program = (
        "import sys, pathlib; from geosvc.snapshots import *; "
        "kept = Snapshots(pathlib.Path(sys.argv[1]))\n"
        "for n in range(40): print(kept.freeze({'a': Part(b'%d' % n, 'text/plain')}, {'n': n}))"
    )
    command = [sys.executable, "-c", program, str(kept.folder)]
    running = [
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
        for _ in range(3)
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(said)) == 1
    assert set(kept.ids()) == set(said[0].split())
    assert kept.verify() == []


def test_what_a_killed_process_left_is_swept_when_it_is_old(kept: Snapshots) -> None:
    kept.freeze(PARTS, FACTS)
    young, old = (kept.folder / "incoming" / name for name in ("young", "old"))
    for path in (young, old):
        path.write_bytes(b"half")
    long_ago = young.stat().st_mtime - LEFT_S - 60
    os.utime(old, (long_ago, long_ago))
    assert kept.verify() == [], "nobody reads what is coming in"
    kept.freeze(PARTS, FACTS)
    assert young.exists()
    assert not old.exists()


def failing(at: int) -> Callable[[int], None]:
    left = [at]

    def fsync(_handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")

    return fsync


def test_a_full_disk_leaves_no_snapshot(kept: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    # the last of all is the folder of the manifest, which stands by then
    for at in range(200):
        monkeypatch.setattr(os, "fsync", failing(at))
        try:
            made = kept.freeze(PARTS, {"n": at})
        except StoreUnavailableError:
            assert list((kept.folder / "incoming").rglob("*")) == []
            assert kept.verify() == []
            continue
        break
    assert at > len(PARTS)
    assert made in kept.ids()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file")
    kept = Snapshots(tmp_path / "snapshots")
    with pytest.raises(StoreUnavailableError):
        kept.freeze(PARTS, FACTS)


def test_an_empty_folder_has_nothing(kept: Snapshots) -> None:
    assert kept.ids() == ()
    assert kept.verify() == []
    assert [fault.code for fault in kept.verify("0" * 64)] == ["snapshot_missing"]
    assert not kept.folder.exists()
    assert kept.freeze({}, {}) == hashlib.sha256(manifest_bytes(Manifest({}, {}))).hexdigest()


def test_a_copy_holds_all_that_is_sound_and_grows(kept: Snapshots, tmp_path: Path) -> None:
    first = kept.freeze(PARTS, FACTS)
    copy = Snapshots(tmp_path / "copy")
    assert kept.copy_to(copy.folder) == len(PARTS) + 1
    assert kept.copy_to(copy.folder) == 0
    second = kept.freeze(PARTS, {"n": 2})
    assert kept.copy_to(copy.folder) == 1
    assert copy.ids() == tuple(sorted((first, second)))
    assert copy.verify() == []
    (kept.folder / "objects" / "note.txt").write_text("foreign")
    damaged = kept.folder / "objects" / "00" / ("0" * 62)
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(b"not this")
    assert kept.copy_to(copy.folder) == 0
    assert copy.verify() == []
