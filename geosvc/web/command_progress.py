"""How far the work of a command is, told now and then."""

from __future__ import annotations

from typing import Final

STEP: Final = 0.1


class Tenths:
    """Says of each tenth of the work once that it is done.

    Examples
    --------
    >>> tenths = Tenths()
    >>> [tenths.passed(share) for share in (0.0, 0.12, 0.15, 0.5, 1.0)]
    [False, True, False, True, True]
    """

    def __init__(self) -> None:
        self._next = STEP

    def passed(self, share: float) -> bool:
        """Say whether a tenth has passed since it was last said, of a share from 0 to 1."""
        if share < self._next:
            return False
        self._next = share + STEP
        return True
