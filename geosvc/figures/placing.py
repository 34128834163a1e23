"""Which boxes on the paper are taken, so that nothing that is read covers anything else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geosvc.figures.sheet import Box

_CELL_MM = 6.0


class Taken:
    """Boxes that labels keep clear of, in a grid.

    Parameters
    ----------
    frame
        Left, bottom, right, top in mm, within which labels stand.
    """

    def __init__(self, frame: Box) -> None:
        self.frame = frame
        self._cells: dict[tuple[int, int], list[Box]] = {}

    def take(self, box: Box) -> None:
        """Take a box, whatever else is there."""
        for cell in _cells_of(box):
            self._cells.setdefault(cell, []).append(box)

    def is_free(self, box: Box) -> bool:
        """Tell whether a box lies in the frame and meets no other.

        >>> taken = Taken((0, 0, 10, 10))
        >>> taken.take((1, 1, 3, 3))
        >>> taken.is_free((2, 2, 4, 4)), taken.is_free((3, 1, 5, 3)), taken.is_free((9, 9, 11, 11))
        (False, True, False)
        """
        left, bottom, right, top = self.frame
        if box[0] < left or box[1] < bottom or box[2] > right or box[3] > top:
            return False
        return not any(
            meets(box, other) for cell in _cells_of(box) for other in self._cells.get(cell, ())
        )

    def claim(self, boxes: Sequence[Box]) -> bool:
        """Take all boxes if all are free."""
        if not all(map(self.is_free, boxes)):
            return False
        for box in boxes:
            self.take(box)
        return True

    def first_free(self, choices: Iterable[Sequence[Box]]) -> int | None:
        """Take the first choice of which all boxes are free, and return its number.

        >>> Taken((0, 0, 4, 4)).first_free([[(3, 3, 5, 5)], [(1, 1, 2, 2)]])
        1
        >>> Taken((0, 0, 4, 4)).first_free([])
        """
        return next((number for number, boxes in enumerate(choices) if self.claim(boxes)), None)


def meets(one: Box, other: Box) -> bool:
    """Tell whether two boxes share more than an edge.

    >>> meets((0, 0, 2, 2), (1, 1, 3, 3)), meets((0, 0, 1, 1), (1, 0, 2, 1))
    (True, False)
    """
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def grown(box: Box, by: float) -> Box:
    """Return a box that reaches further on all sides.

    >>> grown((0, 0, 1, 1), 0.5)
    (-0.5, -0.5, 1.5, 1.5)
    """
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _cells_of(box: Box) -> Iterator[tuple[int, int]]:
    for column in range(math.floor(box[0] / _CELL_MM), math.floor(box[2] / _CELL_MM) + 1):
        for row in range(math.floor(box[1] / _CELL_MM), math.floor(box[3] / _CELL_MM) + 1):
            yield column, row
