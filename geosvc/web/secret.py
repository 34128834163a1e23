"""The secret of one instance, made once."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from geosvc.errors import StoreUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 32
"""Bytes of chance."""


def read_secret(instance: Path) -> bytes:
    """Return the instance's secret, made where it is absent.

    Sessions and tokens are kept as hashes keyed with it: to delete the file ends all of them.

    Parameters
    ----------
    instance
        The folder of state.

    Returns
    -------
    secret
        The same bytes in every process, whichever was first.

    Raises
    ------
    StoreUnavailableError
        If it can be neither read nor made, or is not whole.
    """
    path = instance / "secret"
    try:
        if not path.exists():
            _make(path)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o600)
        found = path.read_bytes()
    except OSError as error:
        msg = f"{path.name}: {error.strerror or error}"
        raise StoreUnavailableError(msg) from error
    if len(found) != LENGTH:
        # a short secret would be no secret; a new one would end every session unasked
        msg = f"{path.name}: {len(found)} bytes instead of {LENGTH}"
        raise StoreUnavailableError(msg)
    return found


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        # unlike a rename, a link never replaces the secret of a process that was faster
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
