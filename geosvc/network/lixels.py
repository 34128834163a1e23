"""A network cut into short pieces (linear pixels, lixels) of equal length within each segment.

References
----------
Xie and Yan (2008), Kernel density estimation of traffic accidents in a network space, Computers,
Environment and Urban Systems 32 (5), section 3.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lixels:
    """Pieces of segments, in the order of segments and along each.

    ``start_m`` and ``end_m`` are offsets from the segment's first vertex; ``length_m`` is the
    piece's own length; ``geometry`` its line in the network's CRS.
    """

    segment: Integers
    start_m: Floats
    end_m: Floats
    length_m: Floats
    geometry: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.segment)


def cut(starts_xy: Floats, ends_xy: Floats, lengths_m: Floats, *, length_m: float) -> Lixels:
    """Cut straight segments into equal pieces of at most ``length_m``.

    Parameters
    ----------
    starts_xy, ends_xy
        m x 2, the segments.
    lengths_m
        m lengths along the street; a segment of zero length has no piece.
    length_m
        The longest piece, positive; infinity leaves segments whole.

    Raises
    ------
    ValueError
        If ``length_m`` is not positive.
    """
    if math.isnan(length_m) or length_m <= 0:
        msg = f"length_m must be positive, not {length_m}"
        raise ValueError(msg)
    counts = np.ceil(lengths_m / length_m).astype(np.int64)
    counts = np.maximum(counts, lengths_m > 0)
    # the quotient is rounded: a piece can still be longer by the last digit
    counts += lengths_m > length_m * counts
    with np.errstate(invalid="ignore"):
        pieces_m = lengths_m / counts
    counts += pieces_m > length_m
    segment = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts, counts)
    of = counts[segment]
    from_, to = number / of, (number + 1) / of
    geometry = _lines(starts_xy[segment], ends_xy[segment], from_, to)
    whole = lengths_m[segment]
    return Lixels(segment, from_ * whole, to * whole, whole / of, geometry)


def _lines(starts_xy: Floats, ends_xy: Floats, from_: Floats, to: Floats) -> NDArray[np.object_]:
    along = ends_xy - starts_xy
    first = starts_xy + along * from_[:, None]
    # the last piece ends at the vertex itself, so that neighbors touch
    last = np.where((to == 1.0)[:, None], ends_xy, starts_xy + along * to[:, None])
    return np.asarray(shapely.linestrings(np.stack([first, last], axis=1)), dtype=object)
