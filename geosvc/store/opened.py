"""The file behind a store: opened at the first call, one caller at a time."""

from __future__ import annotations

import re
from contextlib import contextmanager
from threading import Lock, RLock
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from geosvc.errors import StoreError
from geosvc.store import connection

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path


_ALL: Final[WeakSet[Opened]] = WeakSet()
_all_lock: Final = Lock()


class Opened:
    """One SQLite file; threads may share it, processes may not.

    Parameters
    ----------
    path
        The file; `migrate` makes it where it is absent.
    timeout_s
        How long a write waits for another process's.
    """

    def __init__(self, path: Path, *, timeout_s: float = 30.0) -> None:
        self.path = path
        self._timeout_s = timeout_s
        self._lock = RLock()
        self._open: sqlite3.Connection | None = None
        self._openings = 0
        with _all_lock:
            _ALL.add(self)

    def migrate(self) -> None:
        """Make the file where it is absent, and bring its tables to this version.

        Raises
        ------
        StoreUnavailableError
            If the folder cannot be written.
        StoreVersionError
            If a newer version of the service wrote the file.
        StoreError
            If the file is another program's, or no SQLite file.
        """
        with connection.translated(self.path):
            connection.create(self.path)
        with self._connection() as opened:
            connection.migrate(opened)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def close_idle(self) -> None:
        """Close the file unless somebody uses it at this moment."""
        if self._lock.acquire(blocking=False):
            try:
                if self._open is not None and not self._open.in_transaction:
                    self.close()
            finally:
                self._lock.release()

    def _others(self) -> list[Opened]:
        with _all_lock:
            found, own = list(_ALL), self.path.resolve()
        return [item for item in found if item is not self and item.path.resolve() == own]

    def __del__(self) -> None:
        self.close()

    def data_version(self) -> int:
        """Return a number that is another one after every commit, whoever made it.

        It costs no read of the file, and says nothing across processes. It is another one after
        the file was opened anew, too: nobody knows what was committed meanwhile.
        """
        with self._connection() as opened:
            (version,) = opened.execute("PRAGMA data_version").fetchone()
            return (self._openings << 80) + (int(version) << 40) + opened.total_changes

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the file throughout a block."""
        with self._connection() as opened, connection.transaction(opened, write=False):
            yield opened

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction: all of a block is stored, or nothing.

        Raises
        ------
        StoreUnavailableError
            If the file cannot be written now; nothing of the block is then stored.
        """
        with self._lock:
            for is_last in (False, True):
                with self._connection() as opened:
                    if connection.begin(opened, is_last=is_last):
                        with connection.transaction(opened, is_begun=True):
                            yield opened
                        return
                # opened while nobody could write it, a file stays so until it is opened anew; and
                # all connections of a process share the index of the write-ahead log, which was
                # opened with the first of them
                for other in self._others():
                    other.close_idle()
                self.close()

    def _settle(self) -> None:
        """Move what was committed from the write-ahead log to its table, if no reader hinders."""
        with self._connection() as opened:
            opened.execute("PRAGMA busy_timeout = 0")
            try:
                opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                opened.execute(f"PRAGMA busy_timeout = {int(self._timeout_s * 1000):d}")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock, connection.translated(self.path):
            if self._open is None:
                self._open = connection.connect(self.path, timeout_s=self._timeout_s)
                self._openings += 1
            yield self._open


def check_id(layer_id: str) -> None:
    """Refuse what could not name a folder.

    Raises
    ------
    StoreError
        Unless the id is ``[a-z0-9_]+``.
    """
    if not re.fullmatch(r"[a-z0-9_]+", layer_id):
        msg = f"not a layer id: {layer_id!r}"
        raise StoreError(msg)
