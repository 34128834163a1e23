"""Kernels of compact support: how an event's weight falls with the distance from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kernel:
    """(1 - r²) to a power, r the distance as a share of the bandwidth.

    ``factor`` / bandwidth² makes the integral over the plane 1.
    """

    power: int
    factor: float

    def at(self, squared: Floats) -> Floats:
        """Return the kernel, not normalized, at squares of r.

        >>> KERNELS["quartic"].at(np.array([0.0, 0.5, 1.0, 4.0])).tolist()
        [1.0, 0.25, 0.0, 0.0]
        >>> KERNELS["quartic"].at(np.empty(0)).tolist()
        []
        """
        rest = np.maximum(1.0 - squared, 0.0)
        return rest if self.power == 1 else rest**self.power


KERNELS: Final[Mapping[str, Kernel]] = MappingProxyType(
    {"epanechnikov": Kernel(1, 2.0 / math.pi), "quartic": Kernel(2, 3.0 / math.pi)}
)
"""By the names of the field (Silverman 1986, section 4.2.1, two dimensions)."""
