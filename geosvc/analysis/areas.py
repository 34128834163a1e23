"""Areas that a comparison of before and after is made of, each street and case in one at most.

Around each step lie the treated streets and a ring; around each place that a step is compared with,
streets of the same reach and a ring of their own. What lies near a step belongs to the nearest one,
and is nobody's control.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geosvc.analysis.matched import Sets
from geosvc.analysis.places import match, nearest
from geosvc.network import Snapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geosvc.analysis.cases import Cases
    from geosvc.analysis.steps import Steps
    from geosvc.network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ROLES: Final = ("treated", "ring", "control", "control_ring")
TREATED, RING, CONTROL, CONTROL_RING = range(4)

PIECE_M: Final = 50.0
"""Streets are drawn and measured in such pieces; cases go by their exact distance."""


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Areas, in the order of roles.

    ``role`` numbers `ROLES`; ``step`` is the step of each and ``place`` the control place (-1 near
    a step); ``counts`` are cases before and after (n x 2) in the weeks of the step; ``length_m``
    and ``lines`` their streets.
    """

    role: Integers
    step: Integers
    place: Integers
    counts: Integers
    length_m: Floats
    lines: NDArray[np.object_]

    @property
    def sets(self) -> Sets:
        """The treated areas that have controls, with these."""
        has_control = np.isin(self.step, self.step[self.role == CONTROL])
        used = has_control & np.isin(self.role, [TREATED, CONTROL])
        return Sets(self.step[used], self.role[used] == TREATED, self.counts[used])

    @property
    def rings(self) -> tuple[Integers, Floats]:
        """The rings of steps that have controls: their counts, and the weight of each.

        Control rings count as if they had as much street as the step's own.
        """
        steps = np.unique(self.step[self.role == CONTROL])
        own, others = (self._streets(role, steps) for role in (RING, CONTROL_RING))
        steps, own, others = (part[(own > 0) & (others > 0)] for part in (steps, own, others))
        used = np.isin(self.step, steps) & np.isin(self.role, [RING, CONTROL_RING])
        quotient = (own / others)[np.searchsorted(steps, self.step[used])]
        return self.counts[used], np.where(self.role[used] == RING, 1.0, -quotient)

    def _streets(self, role: int, steps: Integers) -> Floats:
        streets = [self.length_m[(self.role == role) & (self.step == step)].sum() for step in steps]
        return np.array(streets, dtype=np.float64)


def comparable(
    network: StreetNetwork, cases: Cases, steps: Steps, laid: Snapped, *, reach_m: float
) -> Integers:
    """Return the step that each of the laid places is compared with, -1 for none.

    Only steps with weeks are compared. Places are like a step when they had about as many cases in
    its weeks before: see `geosvc.analysis.places.match`.
    """
    used = np.flatnonzero(steps.weeks > 0)
    if not len(used) or not len(laid):
        return np.full(len(laid), -1)
    own, _ = nearest(network, steps.places, cases.places, limit_m=reach_m)
    place, _ = nearest(network, laid, cases.places, limit_m=reach_m)
    every = np.arange(len(cases))
    levels = np.zeros((len(laid), len(used)))
    level = np.zeros(len(used))
    for column, step in enumerate(used):
        side = _sides(cases, steps, (every, np.full(len(cases), step)))
        level[column] = ((own == step) & (side == 0)).sum()
        held = place[(place >= 0) & (side == 0)]
        levels[:, column] = np.bincount(held, minlength=len(laid))
    group = match(levels, level)
    return np.where(group >= 0, used[group], -1)


def draw_areas(
    network: StreetNetwork,
    cases: Cases,
    steps: Steps,
    control: tuple[Snapped, Integers],
    *,
    reach_m: tuple[float, float],
) -> Areas:
    """Divide streets and cases among areas, and count.

    Parameters
    ----------
    network, cases, steps
        Steps must all have a street.
    control
        Places that steps are compared with, and the step of each.
    reach_m
        How far areas and their rings reach.

    Returns
    -------
    areas
        Those with any street.
    """
    pieces = network.lixels(PIECE_M)
    middle_m = (pieces.start_m + pieces.end_m) / 2
    middles = Snapped(pieces.segment, middle_m, np.zeros(len(pieces)))
    places, step_of_place = control
    owners = max(len(steps), len(places))
    piece, case = (
        _codes(network, (steps.places, places), targets, reach_m=reach_m)
        for targets in (middles, cases.places)
    )
    code = np.unique(np.concatenate([piece[piece >= 0], case[case >= 0]]))
    role, owner = np.divmod(code, max(owners, 1))
    is_control = role >= CONTROL
    step = owner.copy()
    step[is_control] = step_of_place[owner[is_control]]
    within = np.flatnonzero(case >= 0)
    area = np.searchsorted(code, case[within])
    side = _sides(cases, steps, (within, step[area]))
    counts = np.zeros((len(code), 2), dtype=np.int64)
    np.add.at(counts, (area[side >= 0], side[side >= 0]), 1)
    at = [np.flatnonzero(piece == number) for number in code]
    length_m = np.array([pieces.length_m[found].sum() for found in at])
    lines = _lines([pieces.geometry[found] for found in at])
    return Areas(role, step, np.where(is_control, owner, -1), counts, length_m, lines)


def _codes(
    network: StreetNetwork,
    places: tuple[Snapped, Snapped],
    targets: Snapped,
    *,
    reach_m: tuple[float, float],
) -> Integers:
    """Return role x owners + owner of each target, -1 outside all areas."""
    treated_m, ring_m = reach_m
    owners = max(len(held) for held in places)
    code = np.full(len(targets), -1)
    for held, role in zip(places, (TREATED, CONTROL), strict=True):
        number, distance_m = nearest(network, held, targets, limit_m=ring_m)
        # a ring comes after its area
        found = np.where(distance_m <= treated_m, role, role + 1) * owners + number
        code = np.where((code < 0) & (number >= 0), found, code)
    return code


def _sides(cases: Cases, steps: Steps, which: tuple[Integers, Integers]) -> Integers:
    """Return 0 for cases in the weeks before their step, 1 after, -1 neither."""
    case, step = which
    since = (cases.day[case] - steps.day[step]).astype(np.int64)
    span = 7 * steps.weeks[step]
    return np.where((since < -span) | (since >= span), -1, (since >= 0).astype(np.int64))


def _lines(pieces: list[NDArray[np.object_]]) -> NDArray[np.object_]:
    """Join the pieces of each area to one MultiLineString."""
    lines = np.empty(len(pieces), dtype=object)
    for number, held in enumerate(pieces):
        merged = shapely.line_merge(shapely.multilinestrings(held))
        lines[number] = shapely.multilinestrings(shapely.get_parts(merged))
    return lines
