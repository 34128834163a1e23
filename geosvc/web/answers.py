"""Answers that are made once: body, brotli and gzip, with a strong ETag.

An answer is named by what it holds (layer, revision, mask, language) and kept in memory within a
bound, and, where it took work, as one file in the instance folder that all workers share. Files are
written to a temporary name and renamed, so that a reader never meets a half.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import itertools
import os
import secrets
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import TYPE_CHECKING
from urllib.parse import quote

import brotli
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMMUTABLE = "public, max-age=31536000, immutable"
"""For addresses that hold the hash or the revision of what they answer."""
REVALIDATE = "no-cache"
"""For addresses whose content moves: ask each time, with the ETag."""
MEMORY_BYTES = 64 * 2**20
FILE_BYTES = 512 * 2**20
SMALLEST = 200
"""Bodies below this many bytes are not compressed."""
_IN_NAMES = frozenset(ascii_letters + digits + "._-")
_MAGIC = b"geosvc answer 1\n"
_PACKED = (
    "text/",
    "application/json",
    "application/geo+json",
    # columns of many points
    "application/octet-stream",
    "image/svg+xml",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One body in up to three encodings.

    ``etag`` is the hash of the body without quotes; each encoding has its own tag, because a strong
    tag names bytes. ``cache`` is the Cache-Control of the answer.
    """

    media: str
    etag: str
    body: bytes
    brotli: bytes | None
    gzip: bytes | None
    cache: str = REVALIDATE
    filename: str = ""

    @property
    def size(self) -> int:
        """The bytes of all encodings."""
        return len(self.body) + len(self.brotli or b"") + len(self.gzip or b"")

    def encoded(self, accepted: str) -> tuple[str, bytes]:
        """Return the best encoding that a reader accepts, and its bytes.

        Parameters
        ----------
        accepted
            The request's Accept-Encoding.

        Returns
        -------
        encoding, body
            ``br``, ``gzip`` or an empty text for the body as it is.
        """
        if self.brotli is not None and _accepts(accepted, "br"):
            return "br", self.brotli
        if self.gzip is not None and _accepts(accepted, "gzip"):
            return "gzip", self.gzip
        return "", self.body

    def headers(self, encoding: str) -> list[tuple[str, str]]:
        """Return the headers of one encoding, those of a 304 included."""
        tag = f'"{self.etag}-{encoding}"' if encoding else f'"{self.etag}"'
        rows = [("ETag", tag), ("Cache-Control", self.cache), ("Vary", "Accept-Encoding")]
        if encoding:
            rows.append(("Content-Encoding", encoding))
        if self.filename:
            rows.append(("Content-Disposition", disposition(self.filename)))
        return [*rows, ("Content-Type", self.media)]


def make_answer(body: bytes, media: str, *, cache: str = REVALIDATE, filename: str = "") -> Answer:
    """Compress a body and name it by its hash.

    Parameters
    ----------
    body
        The bytes.
    media
        Their media type.
    cache
        `IMMUTABLE` or `REVALIDATE`.
    filename
        The name of a download.

    Returns
    -------
    answer
        Compressed forms only where they are smaller.

    Examples
    --------
    >>> answer = make_answer(b"x" * 1000, "text/plain")
    >>> answer.encoded("gzip, br")[0], answer.encoded("br;q=0, gzip")[0], answer.encoded("")[0]
    ('br', 'gzip', '')
    >>> make_answer(b"", "text/plain").encoded("br")
    ('', b'')
    """
    packed: tuple[bytes | None, bytes | None] = (None, None)
    if len(body) >= SMALLEST and media.startswith(_PACKED):
        packed = (brotli.compress(body, quality=_quality(len(body))), _gzip(body))
    br, gz = (form if form and len(form) < len(body) else None for form in packed)
    return Answer(media, _etag(body), body, br, gz, cache, filename)


def disposition(filename: str) -> str:
    """Return the header that names a download, in any script (RFC 6266, RFC 5987).

    >>> disposition("stops.csv")
    'attachment; filename="stops.csv"'
    >>> disposition("站点 1.csv")
    "attachment; filename*=UTF-8''%E7%AB%99%E7%82%B9%201.csv"
    >>> disposition("")
    'attachment; filename=""'
    """
    if all(sign in _IN_NAMES for sign in filename):
        return f'attachment; filename="{filename}"'
    return f"attachment; filename*=UTF-8''{quote(filename, safe='')}"


def matches(header: str, tag: str) -> bool:
    """Tell whether an If-None-Match names a tag.

    >>> matches('W/"a", "b"', '"b"'), matches("*", '"b"'), matches("", '"b"')
    (True, True, False)
    """
    given = {item.strip().removeprefix("W/") for item in header.split(",")}
    return tag in given or "*" in given


class AnswerCache:
    """Answers by name, in memory and on disk.

    Parameters
    ----------
    folder
        Where files are kept.
    edition
        What makes answers: files of another edition are not taken.
    memory_bytes
        The most that memory holds; the longest unused answers leave first.
    """

    def __init__(
        self, folder: Path, *, edition: str = "", memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self.folder = folder
        self._edition = edition
        self._era = ""
        self._limit = memory_bytes
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def begin(self, era: str) -> None:
        """Begin another era: what was made in one before, in memory or on disk, is not given."""
        with self._lock:
            if era != self._era:
                self._era, self._size = era, 0
                self._kept.clear()

    def get(self, name: str) -> Answer | None:
        """Return the answer of a name from memory or disk, None where it is in neither."""
        with self._lock:
            era = self._era
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        found = self._read(name, era)
        if found:
            self._keep(name, found, era)
        return found

    def remember(self, name: str, make: Callable[[], Answer], *, on_disk: bool) -> Answer:
        """Return the answer of a name, made where it is not there yet.

        Parameters
        ----------
        name
            What the answer holds, in full.
        make
            Makes it.
        on_disk
            Whether it is worth a file for the other workers and the next start.

        Returns
        -------
        answer
            The same bytes whoever made it.
        """
        era = self._era
        found = self.get(name)
        if found is None:
            found = make()
            self._keep(name, found, era)
            if on_disk:
                self._write(name, found, era)
        return found

    def prune(self, *, limit_bytes: int = FILE_BYTES, spare_parts: bool = False) -> None:
        """Delete the oldest files beyond a bound, and what a killed writer left.

        Parameters
        ----------
        limit_bytes
            The most that the files may hold together.
        spare_parts
            Leave files that are being written, because other processes are at work.
        """
        if not self.folder.is_dir():
            return
        files = sorted(self.folder.iterdir(), key=lambda item: -item.stat().st_mtime)
        total = 0
        for item in files:
            total += item.stat().st_size
            is_part = item.suffix == ".part"
            if (is_part and not spare_parts) or (total > limit_bytes and not is_part):
                item.unlink(missing_ok=True)

    def _keep(self, name: str, answer: Answer, era: str) -> None:
        with self._lock:
            if era != self._era:
                # made of what has been erased meanwhile
                return
            old = self._kept.pop(name, None)
            self._size += answer.size - (old.size if old else 0)
            self._kept[name] = answer
            while self._size > self._limit and len(self._kept) > 1:
                self._size -= self._kept.popitem(last=False)[1].size

    def _path(self, name: str, era: str) -> Path:
        said = f"{self._edition} {era} {name}"
        return self.folder / hashlib.sha256(said.encode()).hexdigest()[:32]

    def _read(self, name: str, era: str) -> Answer | None:
        try:
            content = self._path(name, era).read_bytes()
        except OSError:
            return None
        return _unpacked(content, name)

    def _write(self, name: str, answer: Answer, era: str) -> None:
        path = self._path(name, era)
        part = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
        # a full disk must not stop an answer that is already made
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(_packed(answer, name))
            part.replace(path)


def _packed(answer: Answer, name: str) -> bytes:
    forms = [answer.body, answer.brotli, answer.gzip]
    rest = b"".join(form or b"" for form in forms)
    head = {
        "name": name,
        "media": answer.media,
        "etag": answer.etag,
        "cache": answer.cache,
        "filename": answer.filename,
        "sizes": [None if form is None else len(form) for form in forms],
        # the tag is of the plain body alone, and readers get the compressed ones
        "checksum": zlib.crc32(rest),
    }
    return b"".join([_MAGIC, orjson.dumps(head), b"\n", rest])


def _unpacked(content: bytes, name: str) -> Answer | None:
    head_bytes, _, rest = content.removeprefix(_MAGIC).partition(b"\n")
    try:
        head = orjson.loads(head_bytes)
        sizes = head["sizes"]
        ends = list(itertools.accumulate(size or 0 for size in sizes))
        body, br, gz = (
            None if size is None else rest[end - size : end]
            for size, end in zip(sizes, ends, strict=True)
        )
        media, etag, cache = head["media"], head["etag"], head["cache"]
        found = Answer(media, etag, body or b"", br, gz, cache, head["filename"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    # a file that another version or a full disk has left is made anew
    is_whole = len(rest) == ends[-1] and zlib.crc32(rest) == head.get("checksum")
    return found if is_whole and head["name"] == name else None


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


def _accepts(header: str, encoding: str) -> bool:
    for item in header.lower().split(","):
        name, _, quality = item.partition(";")
        if name.strip() == encoding:
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _quality(size: int) -> int:
    return 11 if size < 2**17 else 9 if size < 2**21 else 5


def _gzip(body: bytes) -> bytes:
    # no time in the header, so that two processes write the same bytes
    return gzip.compress(body, compresslevel=9, mtime=0)
