"""Density of events along streets: events per kilometer, by the heat equation on the network.

Heat that starts at the events and spreads along the streets for as long as gives a standard
deviation of ``sigma_m`` is the kernel density of a network with all its paths: at a junction it
divides equally, at a dead end it turns back, and none is lost. A picture, never a finding: nothing
here is claimed about chance.

References
----------
McSwiggan, Baddeley and Nair (2017), Kernel density estimation on a linear network, Scandinavian
Journal of Statistics 44 (2): the heat equation is the equal-split continuous rule.
Tal-Ezer (1989), Spectral methods in time for parabolic problems, SIAM Journal on Numerical
Analysis 26 (1): the Chebyshev series of the exponential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ive

from geosvc.network.links import Links

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geosvc.network import Snapped, StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

TOLERANCE: Final = 1e-12  # of the series, as a share of all events
CONTRACTED: Final = 0.01  # of spacing_m: links shorter than that are one place, for speed


@dataclass(frozen=True, slots=True)
class Grid:
    """A network as places about ``spacing_m`` apart, each with the length of street it stands for.

    Places 0 … v - 1 are the network's vertices, one number for those that are one place
    (``place_of_vertex``); the others lie inside links, in order: link l has ``cells[l]`` cells of
    ``cell_m[l]`` meters, and its inner places start at ``first[l]``.
    """

    network: StreetNetwork
    links: Links
    place_of_vertex: Integers
    cells: Integers
    cell_m: Floats
    first: Integers
    ends: Integers
    length_m: Floats
    flow: csr_array

    @classmethod
    def of(cls, network: StreetNetwork, *, spacing_m: float) -> Grid:
        """Divide each link into equal cells of at most ``spacing_m``."""
        links = Links.of(network)
        cells = np.maximum(1, np.ceil(links.length_m / spacing_m)).astype(np.int64)
        cell_m = links.length_m / cells
        vertices = len(network.vertices_xy)
        place = _contracted(network, links, least_m=spacing_m * CONTRACTED)
        first = vertices + np.cumsum(cells - 1) - (cells - 1)
        count = vertices + int((cells - 1).sum())
        link = np.repeat(np.arange(len(cells)), cells)
        cell = np.arange(len(link)) - np.repeat(np.cumsum(cells) - cells, cells)
        ends = place[links.ends]
        a = np.where(cell == 0, ends[link, 0], first[link] + cell - 1)
        b = np.where(cell == cells[link] - 1, ends[link, 1], first[link] + cell)
        step = cell_m[link]
        length = _sums(a, step / 2, count) + _sums(b, step / 2, count)
        flow = _symmetric_flow(np.stack([a, b]), 1.0 / step, length)
        return cls(network, links, place, cells, cell_m, first, ends, length, flow)

    def around(self, segment: Integers, offset_m: Floats) -> tuple[Integers, Floats]:
        """Return the two places about each place on a segment, 2 x n, and what each counts."""
        link, along = self.links.place(segment, offset_m)
        on = link >= 0
        steps = np.divide(along, self.cell_m[link], out=np.zeros(len(link)), where=on)
        cell = np.clip(steps.astype(np.int64), 0, np.maximum(self.cells[link] - 1, 0))
        inner = self.first[link] + cell
        a = np.where(cell == 0, self.ends[link, 0], inner - 1)
        b = np.where(cell == self.cells[link] - 1, self.ends[link, 1], inner)
        alone = self.place_of_vertex[self.network.segments[segment, 0]]
        share = np.where(on, np.clip(steps - cell, 0.0, 1.0), 0.0)
        places = np.stack([np.where(on, a, alone), np.where(on, b, alone)])
        return places, np.stack([1.0 - share, share])


@dataclass(frozen=True, slots=True)
class NetworkDensity:
    """Events per kilometer of street.

    ``n`` counts the events used, ``unplaced`` those on no street. ``total`` is the integral over
    all streets: the sum of the weights of the events used.
    """

    grid: Grid
    per_m: Floats
    sigma_m: float
    spacing_m: float
    n: int
    unplaced: int

    @property
    def total(self) -> float:
        """The integral over all streets."""
        return float((self.per_m * self.grid.length_m).sum())

    def at(self, segment: ArrayLike, offset_m: ArrayLike) -> Floats:
        """Return the density at places of segments, in events per km; NaN where segment is -1.

        Parameters
        ----------
        segment
            n segments.
        offset_m
            n meters from each segment's first vertex.
        """
        on = np.asarray(segment, dtype=np.int64).reshape(-1)
        along = np.asarray(offset_m, dtype=np.float64).reshape(-1)
        density = np.full(len(on), np.nan)
        known = np.flatnonzero(on >= 0)
        if len(known):
            places, share = self.grid.around(on[known], along[known])
            density[known] = (self.per_m[places] * share).sum(axis=0) * 1000.0
        return density


def heat_density(
    network: StreetNetwork,
    events: Snapped,
    *,
    sigma_m: float,
    spacing_m: float,
    weights: ArrayLike | None = None,
) -> NetworkDensity:
    """Spread events along streets by the heat equation.

    Parameters
    ----------
    network
        The streets. Bends do not matter. Links between junctions that are shorter than a hundredth
        of ``spacing_m`` count as one place, their length included.
    events
        n places; those without a segment are left out and counted.
    sigma_m
        The standard deviation of the kernel on a straight street, positive.
    spacing_m
        The longest cell, positive; a fifth of ``sigma_m`` keeps the error near 1 %.
    weights
        n weights, finite and at least 0; 1 each if not given.

    Returns
    -------
    density
        In events per km. Its cost does not grow with n beyond sorting the events into cells.

    Raises
    ------
    ValueError
        If a length is not positive or a weight is negative or not finite.

    Examples
    --------
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [2000, 0]], [[0, 1]])
    >>> density = heat_density(street, Snapped([0], [1000.0], [3.0]), sigma_m=100, spacing_m=5)
    >>> density.at([0, 0], [1000, 1100]).round(2).tolist(), round(density.total, 9)
    ([3.99, 2.42], 1.0)
    >>> heat_density(street, Snapped([], [], []), sigma_m=100, spacing_m=5).total
    0.0
    """
    if not (np.isfinite([sigma_m, spacing_m]).all() and sigma_m > 0 and spacing_m > 0):
        msg = "sigma_m and spacing_m must be positive"
        raise ValueError(msg)
    grid = Grid.of(network, spacing_m=spacing_m)
    placed = np.flatnonzero(np.asarray(events.segment) >= 0)
    weight = _weights(weights, len(events))[placed]
    places, share = grid.around(
        np.asarray(events.segment)[placed], np.asarray(events.offset_m, dtype=float)[placed]
    )
    mass = _sums(places.reshape(-1), (share * weight).reshape(-1), len(grid.length_m))
    root = np.sqrt(grid.length_m)
    # a place that stands for no street (a segment of no length that meets nothing) holds nothing
    held = grid.length_m > 0
    start = np.divide(mass, root, out=np.zeros(len(root)), where=held)
    warm = _spread(grid.flow, start, time=sigma_m**2)
    per_m = np.divide(warm, root, out=np.zeros(len(root)), where=held)
    unplaced = len(events) - len(placed)
    return NetworkDensity(grid, per_m, float(sigma_m), float(spacing_m), len(placed), unplaced)


def _weights(weights: ArrayLike | None, count: int) -> Floats:
    if weights is None:
        return np.ones(count)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (count,) or not (np.isfinite(given) & (given >= 0)).all():
        msg = "weights must be one finite number of at least 0 an event"
        raise ValueError(msg)
    return given


def _contracted(network: StreetNetwork, links: Links, *, least_m: float) -> Integers:
    """Give every vertex a number, one number to those joined by links shorter than ``least_m``."""
    vertices = len(network.vertices_xy)
    # segments of no length are in no link
    free = network.segments[network.lengths_m == 0]
    short = np.concatenate([links.ends[links.length_m < least_m], free])
    ones = np.ones(len(short), dtype=np.int8)
    joined = coo_array((ones, (short[:, 0], short[:, 1])), shape=(vertices, vertices))
    label = connected_components(joined, directed=False)[1] if vertices else np.empty(0, np.int64)
    first = np.unique(label, return_index=True)[1]
    return np.asarray(first[label], dtype=np.int64)


def _symmetric_flow(pairs: Integers, conductance: Floats, length: Floats) -> csr_array:
    """Return half the network's Laplacian, scaled on both sides by the root of the lengths."""
    count = len(length)
    apart = pairs[0] != pairs[1]
    (a, b), value = pairs[:, apart], conductance[apart] / 2
    root = np.sqrt(np.where(length > 0, length, 1.0))
    beside = coo_array(
        (np.concatenate([-value, -value]), (np.concatenate([a, b]), np.concatenate([b, a]))),
        shape=(count, count),
    ).tocsr()
    out = _sums(a, value, count) + _sums(b, value, count)
    scale = diags_array(1.0 / root)
    return csr_array(scale @ (beside + diags_array(out)) @ scale)


def _sums(at: Integers, value: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(at, value, count), dtype=np.float64)


def _spread(flow: csr_array, start: Floats, *, time: float) -> Floats:
    """Return exp(-time * flow) @ start by its Chebyshev series."""
    # Gershgorin: no eigenvalue is larger than the largest sum of a row
    largest = time * float(np.asarray(abs(flow).sum(axis=1)).max(initial=0.0))
    if largest == 0.0 or not start.any():
        return start
    factors = _series(largest / 2)
    step = (flow * (2.0 * time / largest)).tocsr()
    before, now = start, step @ start - start
    total = factors[0] * before + factors[1] * now
    for factor in factors[2:]:
        after = step @ now
        after -= now
        after *= 2.0
        after -= before
        total += factor * after
        before, now = now, after
    return np.asarray(total)


def _series(half: float) -> Floats:
    """Return the factors of exp(-half * (1 + x)), x in -1 … 1, up to `TOLERANCE`."""
    most = int(np.sqrt(2 * half * np.log(1 / TOLERANCE)) * 1.3) + 40
    factors = ive(np.arange(most), half)
    factors[1:] *= 2.0
    # what comes after the last term, were all polynomials at their bound of 1
    rest = np.cumsum(factors[::-1])[::-1]
    factors = factors[: max(2, int(np.searchsorted(-rest, -TOLERANCE)))]
    # nothing of the mass is cut off: at x = -1 the sum is exp(0)
    factors[0] += 1.0 - factors.sum()
    factors[1::2] *= -1.0
    return np.asarray(factors)
