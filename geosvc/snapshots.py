"""Frozen content: named bytes under their hashes, and a manifest whose hash is the snapshot's id.

A folder holds ``objects/aa/…`` (a file for each different content), ``manifests/<id>.json`` and
``incoming/`` (what is being written). A file gets its name when it is whole and on the disk, and is
never written again: a process that is killed leaves nothing but files that no manifest names. The
manifest is canonical JSON without a time, so the same content has the same id, whoever freezes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import (
    DamagedSnapshotError,
    Issue,
    StoreError,
    StoreUnavailableError,
    UnknownSnapshotError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT: Final = 1
"""The member ``format`` of the manifests that this code writes."""
LEFT_S: Final = 3600.0
"""Seconds after which a file in ``incoming/`` is taken for what a killed process has left."""
_ID: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_MEDIA: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+(; charset=[a-z0-9-]+)?")
_OBJECT: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{62}")
_MANIFEST: Final = re.compile(r"[0-9a-f]{64}\.json")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a snapshot."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a manifest says of a part."""

    sha256: str
    bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds: its parts by name, and facts (JSON) about them."""

    parts: Mapping[str, Named]
    facts: Mapping[str, Any]


class Snapshots:
    """The frozen content in one folder; threads and processes may share it.

    Parameters
    ----------
    folder
        The folder; it is made with the first snapshot.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def freeze(self, parts: Mapping[str, Part], facts: Mapping[str, Any]) -> str:
        """Keep parts and facts for good.

        Parameters
        ----------
        parts
            By name: ``[a-z0-9][a-z0-9_.-]*``, at most 64 characters.
        facts
            JSON; what is in it is part of the id, so times and authors do not belong here.

        Returns
        -------
        id
            64 hexadecimal digits; the same for the same parts and facts.

        Raises
        ------
        ValueError, TypeError
            If a name or a media type will not do, or the facts are no JSON.
        StoreUnavailableError
            If the folder cannot be written now; there is then no such snapshot.
        """
        entries = {name: _named(name, part) for name, part in parts.items()}
        body = manifest_bytes(Manifest(entries, facts))
        made = hashlib.sha256(body).hexdigest()
        with _told(self.folder):
            self._sweep()
            for name, part in parts.items():
                self._keep(self._object(entries[name].sha256), part.content)
            # last: from here on there is a snapshot, and all that it names is on the disk
            self._keep(self._manifest(made), body)
        return made

    def manifest(self, snapshot_id: str) -> Manifest:
        """Return what a snapshot holds.

        Raises
        ------
        UnknownSnapshotError
            If there is none.
        StoreError
            If somebody has changed its file.
        """
        if not _ID.fullmatch(snapshot_id):
            raise UnknownSnapshotError(snapshot_id)
        body = self._sound(self._manifest(snapshot_id), snapshot_id, snapshot_id)
        return _read_manifest(body)

    def read(self, snapshot_id: str, name: str) -> Part:
        """Return a part of a snapshot; its bytes are held against their hash.

        Raises
        ------
        UnknownSnapshotError
            If there is no such snapshot, or it has no such part.
        StoreError
            If somebody has changed or taken away a file.
        """
        found = self.manifest(snapshot_id).parts.get(name)
        if found is None:
            msg = f"{snapshot_id}/{name}"
            raise UnknownSnapshotError(msg)
        path = self._object(found.sha256)
        try:
            return Part(self._sound(path, found.sha256, snapshot_id), found.media_type)
        except UnknownSnapshotError as error:
            msg = f"{snapshot_id}/{name}: missing"
            raise DamagedSnapshotError(msg) from error

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all snapshots in the folder, published or not, sorted."""
        with _told(self.folder):
            files = _files(self.folder / "manifests")
        return tuple(name.removesuffix(".json") for name in files if _MANIFEST.fullmatch(name))

    def verify(self, snapshot_id: str | None = None) -> list[Issue]:
        """Hold files against their hashes.

        Parameters
        ----------
        snapshot_id
            The snapshot; by default every file in the folder is looked at, those that no manifest
            names too.

        Returns
        -------
        faults
            ``snapshot_missing``, ``snapshot_damaged``, ``snapshot_foreign``, each with its file.

        Raises
        ------
        StoreUnavailableError
            If the folder cannot be read.
        """
        with _told(self.folder):
            if snapshot_id is not None:
                return list(self._faults_of(snapshot_id, deep=True))
            return list(self._faults())

    def copy_to(self, folder: Path) -> int:
        """Copy what another folder lacks, objects before the manifests that name them.

        Returns
        -------
        copied
            How many files; a damaged one is left out, and `verify` then says what is missing.

        Raises
        ------
        StoreUnavailableError
            If one of the folders cannot be read or written.
        """
        other, copied = Snapshots(folder), 0
        with _told(folder):
            for tree, known in (("objects", _OBJECT), ("manifests", _MANIFEST)):
                for name in _files(self.folder / tree):
                    if not known.fullmatch(name):
                        continue
                    content = (self.folder / tree / name).read_bytes()
                    if hashlib.sha256(content).hexdigest() == _hash_of(name):
                        copied += other._keep(folder / tree / name, content)
        return copied

    def _faults(self) -> Iterator[Issue]:
        for tree, known in (("objects", _OBJECT), ("manifests", _MANIFEST)):
            for name in _files(self.folder / tree):
                path = self.folder / tree / name
                if not known.fullmatch(name) or path.is_symlink():
                    yield Issue("snapshot_foreign", f"{tree}/{name}")
                elif _digest(path) != _hash_of(name):
                    yield Issue("snapshot_damaged", f"{tree}/{name}")
                elif tree == "manifests":
                    # its parts were hashed with all objects
                    yield from self._faults_of(_hash_of(name), deep=False)

    def _faults_of(self, snapshot_id: str, *, deep: bool) -> Iterator[Issue]:
        try:
            parts = self.manifest(snapshot_id).parts
        except UnknownSnapshotError:
            yield Issue("snapshot_missing", f"manifests/{snapshot_id}.json")
            return
        except StoreError:
            yield Issue("snapshot_damaged", f"manifests/{snapshot_id}.json")
            return
        for name, entry in sorted(parts.items()):
            path = self._object(entry.sha256)
            place = f"objects/{path.parent.name}/{path.name}"
            if not path.is_file():
                yield Issue("snapshot_missing", place, name)
            elif deep and _digest(path) != entry.sha256:
                yield Issue("snapshot_damaged", place, name)

    def _object(self, sha256: str) -> Path:
        return self.folder / "objects" / sha256[:2] / sha256[2:]

    def _manifest(self, snapshot_id: str) -> Path:
        return self.folder / "manifests" / f"{snapshot_id}.json"

    def _sound(self, path: Path, sha256: str, snapshot_id: str) -> bytes:
        with _told(self.folder):
            try:
                content = path.read_bytes()
            except FileNotFoundError as error:
                raise UnknownSnapshotError(snapshot_id) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            msg = f"{snapshot_id}: {path.name} was changed"
            raise DamagedSnapshotError(msg)
        return content

    def _keep(self, path: Path, content: bytes) -> bool:
        """Write a file unless it is there as it should be, and say whether it was written."""
        with suppress(FileNotFoundError):
            if path.read_bytes() == content:
                return False
        incoming = self.folder / "incoming"
        _make_folder(incoming)
        _make_folder(path.parent)
        temporary = incoming / secrets.token_hex(16)
        try:
            _write(temporary, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return True

    def _sweep(self) -> None:
        oldest = time.time() - LEFT_S
        for name in _files(self.folder / "incoming"):
            path = self.folder / "incoming" / name
            # another process may have finished with it, or swept it, meanwhile
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < oldest:
                    path.unlink()


def manifest_bytes(manifest: Manifest) -> bytes:
    """Write a manifest: canonical JSON, UTF-8.

    Raises
    ------
    ValueError, TypeError
        If the facts are no JSON, or a number in them is not finite.

    Examples
    --------
    >>> manifest_bytes(Manifest({}, {"b": 1, "a": "站"})).decode()
    '{"facts":{"a":"站","b":1},"format":1,"parts":{}}'
    >>> manifest_bytes(Manifest({}, {})).decode()
    '{"facts":{},"format":1,"parts":{}}'
    """
    parts = {name: asdict(entry) for name, entry in manifest.parts.items()}
    said = {"format": FORMAT, "parts": parts, "facts": dict(manifest.facts)}
    text = json.dumps(
        said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def _read_manifest(body: bytes) -> Manifest:
    # its hash was right: nobody but this class has written it
    said = json.loads(body)
    return Manifest({name: Named(**one) for name, one in said["parts"].items()}, said["facts"])


def _named(name: str, part: Part) -> Named:
    if not _NAME.fullmatch(name) or not _MEDIA.fullmatch(part.media_type):
        msg = f"not a part of a snapshot: {name!r}, {part.media_type!r}"
        raise ValueError(msg)
    digest = hashlib.sha256(part.content).hexdigest()
    return Named(digest, len(part.content), part.media_type)


def _hash_of(name: str) -> str:
    return name.removesuffix(".json").replace("/", "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[str]:
    """Return the paths of all that is below a folder and is no folder, sorted."""
    if not folder.is_dir():
        return []
    found = (item for item in folder.rglob("*") if item.is_symlink() or not item.is_dir())
    return sorted(item.relative_to(folder).as_posix() for item in found)


def _write(path: Path, content: bytes) -> None:
    # whoever has the number of an open file may write it, whatever its mode says
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def _make_folder(path: Path) -> None:
    if path.is_dir():
        return
    _make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    # Windows has no such call, and keeps the order of names by itself
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"{folder.name}: {error.strerror or error}"
        raise StoreUnavailableError(msg) from error
