"""Visits: cases that were caught together, and so are one event and not several.

A patrol that finds five cars on one spot has found one hotspot once. A test that takes its cases
for five independent events finds hotspots where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geosvc.analysis.cases import some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geosvc.analysis.cases import Cases
    from geosvc.network import Snapped, StreetNetwork

    Integers = NDArray[np.int64]
    Days = NDArray[np.datetime64]

APART_M: Final = 50.0
"""Cases of one patrol or one day that are no farther apart, along streets, are one visit."""


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Cases grouped to visits.

    ``of_case`` is the visit of each case. ``places`` are where visits were: at the case that is
    nearest to the others. ``size`` counts a visit's cases, ``day`` is its first day.
    """

    of_case: Integers
    places: Snapped
    size: Integers
    day: Days

    def __len__(self) -> int:
        return len(self.size)

    @property
    def dispersion(self) -> float:
        """How much more the number of cases varies than if cases were independent.

        The variance of a Poisson number of visits' cases over its mean; 1 where each visit has
        one case, and where there is none.
        """
        cases = int(self.size.sum())
        return float((self.size**2).sum()) / cases if cases else 1.0


def group_visits(network: StreetNetwork, cases: Cases, *, apart_m: float = APART_M) -> Visits:
    """Group cases to visits.

    Two cases belong together when they are at most ``apart_m`` apart along streets and have the
    same patrol, or the same day. What belongs to one case's visit in this way is one visit, even
    where its ends are farther apart.

    Parameters
    ----------
    network
        The streets.
    cases
        Where and when; see `geosvc.analysis.cases.read_cases`.
    apart_m
        The largest distance.

    Returns
    -------
    visits
        In the order of their first cases.

    Examples
    --------
    >>> from geosvc.analysis.cases import Cases
    >>> from geosvc.network import Snapped, StreetNetwork
    >>> street = StreetNetwork.from_segments([[0, 0], [500, 0]], [[0, 1]])
    >>> at = Snapped([0, 0, 0], [10, 30, 400], [0, 0, 0])
    >>> day = np.array(["2024-06-01"] * 3, dtype="datetime64[D]")
    >>> visits = group_visits(street, Cases(("a", "b", "c"), at, day, np.full(3, -1), ()))
    >>> visits.of_case.tolist(), visits.size.tolist(), round(visits.dispersion, 2)
    ([0, 0, 1], [2, 1], 1.67)
    >>> none = Cases((), Snapped([], [], []), day[:0], np.full(0, -1), ())
    >>> len(group_visits(street, none))
    0
    """
    pairs = [(np.empty(0, dtype=np.int64),) * 2, *_pairs(network, cases, apart_m)]
    one, other = (np.concatenate(part) for part in zip(*pairs, strict=True))
    joined = coo_array((np.ones(len(one)), (one, other)), shape=(len(cases), len(cases)))
    of_case = _in_order(_components(joined) if len(cases) else one)
    count = int(of_case.max(initial=-1)) + 1
    first_day = np.full(count, np.datetime64("9999-12-31"))
    np.minimum.at(first_day, of_case, cases.day)
    middle = _middles(network, cases.places, of_case)
    return Visits(
        of_case, some(cases.places, middle), np.bincount(of_case, minlength=count), first_day
    )


def _pairs(
    network: StreetNetwork, cases: Cases, apart_m: float
) -> Iterator[tuple[Integers, Integers]]:
    for label in (cases.day.astype(np.int64), cases.patrol):
        for members in _groups(label):
            if label[members[0]] >= 0:
                places = some(cases.places, members)
                near = np.isfinite(network.distances(places, places, limit_m=apart_m))
                row, column = np.nonzero(near)
                yield members[row], members[column]


def _groups(label: Integers) -> list[Integers]:
    """Return the numbers of the equal labels, where there are several."""
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [group for group in np.split(order, cuts) if len(group) > 1]


def _components(joined: coo_array) -> Integers:
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _in_order(label: Integers) -> Integers:
    """Give labels numbers in the order in which they come first."""
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number].astype(np.int64)


def _middles(network: StreetNetwork, places: Snapped, of_case: Integers) -> Integers:
    """Return for each visit the case with the least distance to its others."""
    middle = np.unique(of_case, return_index=True)[1].astype(np.int64)
    for members in _groups(of_case):
        held = some(places, members)
        away_m = network.distances(held, held).sum(axis=1).round(6)
        # of equals the one that comes first along the street, so that the order of rows is nothing
        best = np.lexsort((held.offset_m, held.segment, away_m))[0]
        middle[of_case[members[0]]] = members[best]
    return middle
