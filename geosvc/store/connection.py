"""Opening the file: who may read it, which version it has, and what SQLite's errors mean here."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from geosvc.errors import StoreError, StoreUnavailableError, StoreVersionError
from geosvc.store.schema import APPLICATION_ID, MIGRATIONS, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PASSING: Final = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the file system into the service's own.

    Raises
    ------
    StoreUnavailableError
        If the file cannot be opened or written now: folder read-only, disk full, file locked.
    StoreError
        If the file is not a sound SQLite file, or a value cannot be stored.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        msg = f"{path.name}: {error}"
        if code is not None and code & 0xFF in _PASSING:
            raise StoreUnavailableError(msg) from error
        raise StoreError(msg) from error
    except OSError as error:
        msg = f"{path.name}: {error.strerror or error}"
        raise StoreUnavailableError(msg) from error
    except (UnicodeEncodeError, OverflowError) as error:
        msg = f"{path.name}: {error}"
        raise StoreError(msg) from error


def create(path: Path) -> None:
    """Make an empty file that only its owner reads (0600), and its folder (0700), if absent."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def connect(path: Path, *, timeout_s: float) -> sqlite3.Connection:
    """Open an existing file for reading and writing.

    Parameters
    ----------
    path
        The file; it is never created here.
    timeout_s
        How long to wait for another writer.

    Returns
    -------
    connection
        In autocommit mode, usable from any one thread at a time.
    """
    connection = sqlite3.connect(
        path.resolve().as_uri() + "?mode=rw",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        check_version(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # what is deleted is overwritten: a purged value must not stay in a free page
        connection.execute("PRAGMA secure_delete = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def check_version(connection: sqlite3.Connection) -> int:
    """Return the file's ``user_version``; refuse what this code would harm.

    Raises
    ------
    StoreVersionError
        If a newer version of the service wrote the file.
    StoreError
        If the file belongs to another program.
    """
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if owner != APPLICATION_ID and (owner or version or tables):
        msg = f"application_id {owner:#x} instead of {APPLICATION_ID:#x}"
        raise StoreError(msg)
    if version > VERSION:
        msg = f"version {version}, this service reads up to {VERSION}"
        raise StoreVersionError(msg)
    return int(version)


def begin(connection: sqlite3.Connection, *, is_last: bool) -> bool:
    """Begin a transaction that writes, and tell whether it is; with ``is_last`` it is or fails.

    It is none where the file was opened while it could not be written.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        # no row, but the right to write is asked for
        connection.execute("DELETE FROM meta WHERE 0")
    except sqlite3.OperationalError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if is_last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        return False
    return True


@contextmanager
def transaction(
    connection: sqlite3.Connection, *, write: bool = True, is_begun: bool = False
) -> Iterator[None]:
    """Run a block as one transaction: all of it is stored, or nothing.

    A writer takes its lock at once (``BEGIN IMMEDIATE``), so it never fails half way because
    another one wrote since; a reader sees one state of the file throughout. With ``is_begun``, the
    transaction of `begin` goes on.
    """
    if not is_begun:
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file's tables to this version; nothing happens where they are."""
    if check_version(connection) == VERSION:
        return
    with transaction(connection):
        # another process may have been first while this one waited for the lock
        for number in range(check_version(connection), VERSION):
            for text in _statements(MIGRATIONS[number]):
                connection.execute(text)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
        connection.execute(f"PRAGMA user_version = {VERSION:d}")


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit before it starts
    text = ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""
