"""The part of a map where points crowd, once more and larger, where the map leaves room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geosvc.figures.content import data_layers
from geosvc.figures.painting import MANY, point_boxes
from geosvc.figures.placing import grown, meets
from geosvc.figures.view import two_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geosvc.figures.content import Shown
    from geosvc.figures.sheet import Box
    from geosvc.figures.view import View

LEAST_POINTS = 20
"""So many symbols must crowd, or a reader can tell them apart."""
_NEAR_PX = 30.0
_NEIGHBORS = 10
_DENSER = 2.5
"""How many times as close as if they were all over the map symbols must stand to crowd."""
_TRIM = (3.0, 97.0)
_MARGIN = 0.08
_MOST_PART = 0.36
"""The part of the map, by side, above which what crowds is the map itself."""
_LEAST_GAIN = 1.7
_WISH = 2.4
_MOST_HIGH = 0.62
_GAP_PX = 12.0
_PAD_PX = 4.0


@dataclass(frozen=True, slots=True)
class Inset:
    """A view of the ``window`` of the map, in a frame of its own; all in mm on the paper."""

    view: View
    window: Box


def crowded(layers: Sequence[Shown], view: View) -> Box | None:
    """Return the part of the map where so many point symbols stand close that they cover others.

    Parameters
    ----------
    layers
        Placed by the view.
    view
        Of the map.

    Returns
    -------
    window
        Left, bottom, right, top in mm; None where few symbols crowd, where they do so all over the
        map, or where there are so many that no enlargement would tell them apart.
    """
    points = [shown for shown in data_layers(layers) if shown.kind == "Point"]
    if not LEAST_POINTS <= sum(shown.count for shown in points) <= MANY:
        return None
    boxes = [box for shown in points for box in point_boxes(shown, view)]
    sides = np.array(boxes)
    middles = (sides[:, :2] + sides[:, 2:]) / 2
    spots = shapely.points(middles)
    reach = _NEAR_PX * view.unit
    near, _ = shapely.STRtree(spots).query(spots, predicate="dwithin", distance=reach)
    # each is near to itself; stops stand in pairs everywhere
    counts = np.bincount(near, minlength=len(spots))
    usual = len(spots) * np.pi * reach**2 / max(np.ptp(middles, axis=0).prod(), reach**2)
    is_dense = counts > max(_NEIGHBORS, _DENSER * usual)
    if is_dense.sum() < LEAST_POINTS:
        return None
    middles = middles[is_dense]
    (left, bottom), (right, top) = np.percentile(middles, _TRIM, axis=0).tolist()
    window = grown((left, bottom, right, top), _MARGIN * max(right - left, top - bottom) + 1.0)
    frame = view.frame
    parts = [(window[axis + 2] - window[axis]) / (frame[axis + 2] - frame[axis]) for axis in (0, 1)]
    return window if max(parts) <= _MOST_PART else None


def wish_mm(window: Box, view: View) -> float:
    """Return the height that an inset below the map would need."""
    wide, high = window[2] - window[0], window[3] - window[1]
    most = (view.frame[2] - view.frame[0]) * _MOST_HIGH
    gain = min(_WISH, most / wide, most / high)
    return high * gain + 2 * _GAP_PX * view.unit if gain >= _LEAST_GAIN else 0.0


def places(view: View, ground: Box, window: Box) -> Iterator[tuple[View, Inset]]:
    """Return where an inset could stand, the largest first.

    Parameters
    ----------
    view
        Of the map.
    ground
        What the map is of, in mm as the view places it.
    window
        What is to be enlarged.

    Returns
    -------
    places
        The view, in which the map has moved away to a side of its frame, and the inset.
    """
    found = []
    for shift, strip in _strips(view, ground):
        for box in _boxes(strip, window, view.frame):
            gain = (box[2] - box[0]) / (window[2] - window[0])
            if gain >= _LEAST_GAIN:
                found.append((gain, shift, box))
    for _, shift, box in sorted(found, key=lambda one: -one[0]):
        moved = _moved(view, shift)
        here = (*_plus(window[:2], shift), *_plus(window[2:], shift))
        yield moved, Inset(_enlarged(moved, here, box), here)


def free_corner(layers: Sequence[Shown], view: View, size: tuple[float, float]) -> Box:
    """Return the corner of a frame in which a box of a size covers the fewest point symbols.

    Parameters
    ----------
    layers
        Placed by the view.
    view
        Of the frame.
    size
        Width and height in mm.
    """
    pad = _PAD_PX * view.unit
    left, bottom, right, top = grown(view.frame, -pad)
    boxes = [
        (x, y, x + size[0], y + size[1])
        for y in (bottom, top - size[1])
        for x in (right - size[0], left)
    ]
    symbols = [
        box for shown in data_layers(layers) if shown.kind == "Point"
        for box in point_boxes(shown, view)
    ]  # fmt: skip
    return min(boxes, key=lambda box: sum(meets(box, symbol) for symbol in symbols))


def _strips(view: View, ground: Box) -> Iterator[tuple[tuple[float, float], Box]]:
    """Return how the map may move, and the strip that becomes free by it."""
    left, bottom, right, top = view.frame
    gap = _GAP_PX * view.unit
    west, south = left + gap - ground[0], bottom + gap - ground[1]
    east, north = right - gap - ground[2], top - gap - ground[3]
    yield (east, 0.0), (left + gap, bottom + gap, ground[0] + east - gap, top - gap)
    yield (west, 0.0), (ground[2] + west + gap, bottom + gap, right - gap, top - gap)
    yield (0.0, north), (left + gap, bottom + gap, right - gap, ground[1] + north - gap)
    yield (0.0, south), (left + gap, ground[3] + south + gap, right - gap, top - gap)


def _boxes(strip: Box, window: Box, frame: Box) -> Iterator[Box]:
    """Return boxes of the window's shape at the ends and in the middle of a strip."""
    ratio = (window[3] - window[1]) / (window[2] - window[0])
    most = _MOST_HIGH * min(frame[2] - frame[0], frame[3] - frame[1])
    wide = min(strip[2] - strip[0], (strip[3] - strip[1]) / ratio, most, most / ratio)
    if wide <= 0:
        return
    high = wide * ratio
    for x in (strip[0], strip[2] - wide):
        for y in (strip[1], strip[3] - high, (strip[1] + strip[3] - high) / 2):
            yield x, y, x + wide, y + high


def _moved(view: View, shift: tuple[float, float]) -> View:
    east, north = (mm * view.scale / 1000 for mm in shift)
    return replace(view, center=(view.center[0] - east, view.center[1] - north))


def _plus(place: Sequence[float], shift: tuple[float, float]) -> tuple[float, float]:
    return place[0] + shift[0], place[1] + shift[1]


def _enlarged(view: View, window: Box, box: Box) -> View:
    part = max((window[axis + 2] - window[axis]) / (box[axis + 2] - box[axis]) for axis in (0, 1))
    offsets = [
        (window[axis] + window[axis + 2] - view.frame[axis] - view.frame[axis + 2]) / 2
        for axis in (0, 1)
    ]
    x, y = (view.center[axis] + offsets[axis] * view.scale / 1000 for axis in (0, 1))
    return replace(view, scale=two_digits(view.scale * part), center=(x, y), frame=box)
