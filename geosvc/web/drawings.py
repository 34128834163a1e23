"""Figures that were drawn already, and the one that is being drawn.

A figure takes seconds of a core. So a worker draws one at a time, and `WAITING` more requests wait
for their turn; whoever comes then is asked to come again instead of taking a thread from people who
only read. Who waited for the same figure gets it without a second drawing. A flood of different
figures is bounded on the disk as well: the oldest leave first.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from geosvc.errors import OverloadError
from geosvc.web.answers import AnswerCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geosvc.web.answers import Answer

WAITING = 7
"""A browser asks for six pictures at once; those who sign in and readers need threads besides."""
PATIENCE_S = 15.0
"""How long one waits for a turn: a sheet of A3 takes a fifth of that on a slow core."""
MEMORY_BYTES = 32 * 2**20
FILE_BYTES = 256 * 2**20


class Drawings:
    """The figures of one process, and the files that all processes share.

    Parameters
    ----------
    folder
        Where files are kept.
    edition
        What draws: files of another edition are not taken.
    file_bytes
        The most that the files hold.
    patience_s
        How long a request waits for its turn.
    """

    def __init__(
        self,
        folder: Path,
        *,
        edition: str = "",
        file_bytes: int = FILE_BYTES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.edition = edition
        self._kept = AnswerCache(folder, edition=edition, memory_bytes=MEMORY_BYTES)
        self._file_bytes = file_bytes
        self._patience_s = patience_s
        self._places = BoundedSemaphore(1 + WAITING)
        self._turn = BoundedSemaphore(1)

    def answer(self, name: str, draw: Callable[[], Answer]) -> Answer:
        """Return the figure of a name, drawn where it is not there yet.

        Parameters
        ----------
        name
            What the figure shows, in full: the request and the revisions.
        draw
            Draws it.

        Returns
        -------
        answer
            Whether or not it could be kept.

        Raises
        ------
        OverloadError
            At once if too many wait already; later if the turn does not come.
        """
        found = self._kept.get(name)
        if found is not None:
            return found
        with self.turn():
            # `remember` looks again: it may have been drawn meanwhile
            found = self._kept.remember(name, draw, on_disk=True)
            # another process may be deleting the same files
            with suppress(OSError):
                self._kept.prune(limit_bytes=self._file_bytes, spare_parts=True)
        return found

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the one turn to draw, and keep it; for what is drawn to be published too.

        Raises
        ------
        OverloadError
            As `answer` does.
        """
        with _held(self._places, timeout_s=0), _held(self._turn, timeout_s=self._patience_s):
            yield


@contextmanager
def _held(semaphore: BoundedSemaphore, *, timeout_s: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=timeout_s):
        raise OverloadError
    try:
        yield
    finally:
        semaphore.release()
