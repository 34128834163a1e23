"""Faces of line work and their grouping into areas that share every vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Polygon

from data.sample_county.chance import stream
from data.sample_county.lines import wiggled
from data.sample_county.shapes import Shapes, as_polygon, as_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from data.sample_county.frame import Floats

GRID_M = 0.25  # the line work is noded on a grid of this size
ROUNDS = 6  # enough to hand every cut-off part on
SHARED_M = 1.0  # the least border over which a part is handed on
ROOM_M = 300.0

Labels = npt.NDArray[np.intp]


def faces(lines: Iterable[BaseGeometry]) -> list[Polygon]:
    """Give the faces of a line work, from south to north; neighbors share every vertex."""
    noded = shapely.union_all(list(lines), grid_size=GRID_M)
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    by_place = sorted(
        found, key=lambda face: (round(face.centroid.y, 1), round(face.centroid.x, 1))
    )
    return [as_polygon(face) for face in by_place]


def inner_points(shapes: Sequence[Polygon]) -> Floats:
    """Give a place inside each shape, shape (n, 2)."""
    return shapely.get_coordinates(shapely.point_on_surface(np.array(shapes, dtype=object)))


def groups(shapes: Sequence[Polygon], label: Labels, count: int) -> list[Polygon]:
    """Join the shapes of each label from 0 to ``count``."""
    array = np.array(shapes, dtype=object)
    return [union(array[label == index]) for index in range(count)]


def union(shapes: Sequence[Polygon] | Shapes) -> Polygon:
    """Join neighbors into one shape; parts that do not touch stay a multipolygon.

    A group without shapes gives an empty polygon.
    """
    joined = shapely.coverage_union_all(as_shapes(shapes)) if len(shapes) else Polygon()
    return cast("Polygon", joined)


def made_whole(shapes: Sequence[Polygon], label: Labels) -> Labels:
    """Hand parts that are cut off from their group to the neighbor with the longest border."""
    label = label.copy()
    tree = shapely.STRtree(shapes)
    for _ in range(ROUNDS):
        has_moved = False
        for group in np.unique(label):
            for index in _cut_off(shapes, label, int(group)):
                heir = _heir(shapes, label, index, tree)
                if heir is not None:
                    label[index] = heir
                    has_moved = True
        if not has_moved:
            break
    return label


def _cut_off(shapes: Sequence[Polygon], label: Labels, group: int) -> list[int]:
    mine = np.flatnonzero(label == group).tolist()
    parts = shapely.get_parts(shapely.coverage_union_all([shapes[index] for index in mine]))
    if len(parts) <= 1:
        return []
    main = max(parts, key=lambda part: float(part.area))
    return [index for index in mine if not main.contains(shapes[index].representative_point())]


def _heir(
    shapes: Sequence[Polygon], label: Labels, index: int, tree: shapely.STRtree
) -> int | None:
    shape = shapes[index]
    shared = {
        int(other): shape.boundary.intersection(shapes[other].boundary).length
        for other in sorted(tree.query(shape, predicate="touches").tolist())
        if label[other] != label[index]
    }
    best = max(shared, key=lambda item: shared[item], default=None)
    return int(label[best]) if best is not None and shared[best] > SHARED_M else None


def rough_borders(cells: Sequence[Polygon], inside: Polygon) -> list[BaseGeometry]:
    """Roughen the borders between cells, each once, so that both sides keep the same line."""
    rng = stream("borders")
    boundaries = shapely.boundary(np.array(cells, dtype=object))
    borders = shapely.line_merge(shapely.union_all(boundaries, grid_size=GRID_M))
    room = inside.buffer(ROOM_M, quad_segs=2)
    return [
        LineString(
            wiggled(shapely.get_coordinates(part), rng, ratio=0.09, step_m=420)
        ).intersection(room)
        for part in shapely.get_parts(borders)
    ]
