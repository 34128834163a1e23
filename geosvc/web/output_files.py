"""Files that commands write: names whose endings say the format, written wholly or not at all."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from geosvc import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geosvc.catalog.model import Language


def output_path(language: Language, endings: Iterable[str]) -> Callable[[str], Path]:
    """Return what argparse reads the name of an output file with.

    Parameters
    ----------
    language
        Of the refusal.
    endings
        Those that are written, as in ``".csv"``; case does not count in a name.

    Examples
    --------
    >>> output_path("en", [".csv"])("cases.CSV").name
    'cases.CSV'
    >>> output_path("en", [".csv", ".gpkg"])("")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: the name of the file must end in .csv .gpkg
    """
    known = tuple(endings)

    def checked(text: str) -> Path:
        path = Path(text)
        if ending_of(path) not in known:
            said = messages.text("cli.ending", language, endings=" ".join(known))
            raise argparse.ArgumentTypeError(said)
        return path

    return checked


def ending_of(path: Path) -> str:
    """Return the ending that says the format, in small letters.

    Examples
    --------
    >>> ending_of(Path("cases.CSV"))
    '.csv'
    >>> ending_of(Path(""))
    ''
    """
    return path.suffix.lower()


def write_output(path: Path, content: bytes, *, tell: Callable[..., None]) -> bool:
    """Write a file, and say so where it cannot be written.

    Returns
    -------
    written
        Whether it is there; else what was there before is unchanged.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        tell("cli.not_written", file=path, reason=error.strerror)
        return False
    return True


def write_whole(path: Path, content: bytes) -> None:
    """Write a file wholly or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
