from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from geosvc.errors import StoreUnavailableError, UnknownSnapshotError, WithdrawnError
from geosvc.settings import Settings
from geosvc.snapshots import Part
from geosvc.store import Store
from geosvc.workspace.published import Shelf

PROJECT = Path(__file__).resolve().parents[2]
PARTS = {"data.geojson": Part(b'{"features": []}', "application/geo+json")}
FACTS: dict[str, Any] = {
    "kind": "map",
    "subject": "map:all?",
    "title": "违法",
    "total": 126,
    "as_of": "2024-06-30",
    "mark": "0123456789ab",
    "caption": {"zh": "长"},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with closing(Store(tmp_path / "instance" / "geosvc.sqlite")) as store:
        store.migrate()
    return Settings(instance=tmp_path / "instance")


@pytest.fixture
def shelf(settings: Settings) -> Shelf:
    return Shelf(settings)


def test_what_is_published_stands(shelf: Shelf) -> None:
    made = shelf.publish(PARTS, FACTS, author="ann", address="10.0.0.1")
    assert (made.kind, made.subject, made.mark) == ("map", "map:all?", "0123456789ab")
    assert made.facts == {
        "title": "违法",
        "titles": None,
        "total": 126,
        "as_of": "2024-06-30",
        "language": None,
        "synthetic": None,
        "profile": "intranet",
    }
    assert shelf.standing(made.id) == made == shelf.find(made.id[:12]) == shelf.find(made.mark)
    assert shelf.status(made.id) == (made, None)
    assert shelf.list() == (made,)
    assert shelf.manifest(made.id).facts == FACTS | {"profile": "intranet"}
    assert shelf.read(made.id, "data.geojson") == PARTS["data.geojson"]
    assert shelf.verify_all() == ()


def test_what_is_only_frozen_is_not_public(shelf: Shelf) -> None:
    made = shelf.freeze(PARTS, FACTS)
    for ask in (shelf.standing, shelf.status, shelf.find):
        with pytest.raises(UnknownSnapshotError):
            ask(made)
    assert shelf.list() == ()
    assert shelf.verify_all() == ()


def test_a_newer_one_is_named_and_a_withdrawn_one_answers_with_its_reason(shelf: Shelf) -> None:
    old = shelf.publish(PARTS, FACTS, author="ann")
    new = shelf.publish(PARTS, FACTS | {"total": 131}, author="bob")
    assert shelf.status(old.id) == (old, new)
    shelf.withdraw(new.id, "数错了", "ann")
    assert shelf.status(old.id) == (old, None)
    assert shelf.status(new.id)[0].withdrawn_reason == "数错了"
    with pytest.raises(WithdrawnError):
        shelf.standing(new.id)
    with pytest.raises(WithdrawnError):
        shelf.publish(PARTS, FACTS | {"total": 131}, author="bob")
    assert shelf.verify_all() == (), "its files stay as proof"
    assert [found.id for found in shelf.list()] == [new.id, old.id]


def test_the_public_profile_shows_only_what_was_made_for_the_public(
    shelf: Shelf, settings: Settings
) -> None:
    inside = shelf.publish(PARTS, FACTS, author="ann")
    public = Shelf(replace(settings, profile="public"))
    for ask in (public.standing, public.status, public.find):
        with pytest.raises(UnknownSnapshotError):
            ask(inside.id)
    outside = public.publish(PARTS, FACTS, author="ann")
    assert outside.id != inside.id
    assert public.list() == (outside,)
    assert public.status(outside.id) == (outside, None)
    # what is newer but made for other eyes is not told of
    shelf.publish(PARTS, FACTS, author="bob")
    assert public.status(outside.id) == (outside, None)
    assert shelf.standing(outside.id) == outside


def test_a_publication_without_its_files_is_a_fault(shelf: Shelf) -> None:
    made = shelf.publish(PARTS, FACTS, author="ann")
    (shelf.folder / "manifests" / f"{made.id}.json").unlink()
    (fault,) = shelf.verify_all()
    assert (fault.code, fault.path) == ("snapshot_missing", f"manifests/{made.id}.json")
    with pytest.raises(UnknownSnapshotError):
        shelf.read(made.id, "data.geojson")


def test_without_a_store_nothing_is_published(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        Shelf(Settings(instance=tmp_path / "none")).publish(PARTS, FACTS, author="ann")


def rounds(folder: Path, stride: int) -> tuple[int, int]:
    command = [sys.executable, "-m", "tests.workspace.freezing", str(folder), str(stride)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr
    kills, public = json.loads(done.stdout)
    return kills, public


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_kill_leaves_nothing_half_made(tmp_path: Path) -> None:
    kills, public = rounds(tmp_path, 7)
    assert kills >= 5
    assert public < kills


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_kill_at_any_step_leaves_nothing_half_made(tmp_path: Path) -> None:
    kills, public = rounds(tmp_path, 1)
    assert kills >= 40
    assert public < kills
