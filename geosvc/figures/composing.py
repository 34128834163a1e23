"""Where map, legend and furniture stand on one sheet, so that they cover as little as they can."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import shapely

from geosvc import messages
from geosvc.figures.content import data_layers, placed
from geosvc.figures.furniture import ARROW_PX, ScaleBar, scale_bar
from geosvc.figures.inset import crowded, places, wish_mm
from geosvc.figures.legend import Legend, Setting, arranged, legend_rows
from geosvc.figures.painting import point_boxes
from geosvc.figures.placing import grown, meets
from geosvc.figures.request import fits_its_map, page_mm
from geosvc.figures.view import look_at, two_digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geosvc.catalog.catalog import Catalog
    from geosvc.figures.content import Shown
    from geosvc.figures.inset import Inset
    from geosvc.figures.layout import Measure
    from geosvc.figures.request import FigureRequest
    from geosvc.figures.sheet import Box
    from geosvc.figures.view import View

Mode: TypeAlias = Literal["inside", "beside", "below", "none"]

_LANDSCAPE = 1.15
"""A room so much wider than high has its legend beside the map."""
_GAP_PX = 10.0
_PAD_PX = 8.0
_RIM_PX = 14.0
_MOST_LAND = 0.45
_BESIDE = (0.36, 1.0)
_INSIDE = (0.55, 0.6)
_BELOW = (1.0, 0.4)
_CORNERS = ("bl", "br", "tl", "tr")
_LOCATOR_PX = 120.0
_LEAST_FRAME_MM = 45.0
_SEEN_WHOLE = 0.7
_MANY_SHAPES = 20.0
_LEAST_LOCATOR = 0.6
_FREE_LAND = 0.15
_SMALLER = (1.0, 0.87, 0.77)
"""How much smaller a map may get to make room for what is larger in it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a plan is made of: ``ground`` and ``county`` are west, south, east, north.

    ``known`` holds the layers as views placed them.
    """

    request: FigureRequest
    catalog: Catalog
    layers: Sequence[Shown]
    measure: Measure
    ground: Box
    county: Box | None
    known: dict[View, tuple[Shown, ...]] = field(default_factory=dict)

    def placed(self, view: View) -> tuple[Shown, ...]:
        """Return what a view shows of the layers, on the paper."""
        if view not in self.known:
            self.known[view] = tuple(placed(shown, view) for shown in self.layers)
        return self.known[view]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything stands, in mm; ``layers`` are placed by the view."""

    view: View
    layers: tuple[Shown, ...]
    legend: Legend
    mode: Mode
    bar: ScaleBar
    boxes: dict[str, Box] = field(default_factory=dict)
    inset: Inset | None = None


def compose(job: Job, inner: Box) -> Plan:
    """Place map, legend and furniture in the room between heading and foot.

    Parameters
    ----------
    job
        What is to be drawn.
    inner
        Left, bottom, right, top.
    """
    wide, high = inner[2] - inner[0], inner[3] - inner[1]
    if job.request.bare:
        plan = _planned(job, inner, "none", Legend("", (), (), job.measure.unit))
    elif job.request.paper == "column":
        plan = _outside(job, inner, "below")
    elif wide > _LANDSCAPE * high:
        plan = _outside(job, inner, "beside")
        if plan.legend.dropped:
            plan = min(plan, _outside(job, inner, "below"), key=lambda one: _cost(one, job))
    else:
        plan = _upright(job, inner)
    return _furnished(_with_inset(plan, job), job)


def _cost(plan: Plan, job: Job) -> float:
    """Weigh a smaller map against rows of the legend that find no room; those of the ground can."""
    ground = sum(shown.is_ground for shown in job.layers)
    lost = 1.0 if not plan.legend.dropped else 1.4 if plan.legend.dropped <= ground else 2.5
    return plan.view.scale * lost * (1.0 if plan.legend.columns else 2.0)


def may_grow(job: Job) -> bool:
    """Tell whether the height of the map is ours to choose.

    It is not where the map shows a part of the county: then it goes on to the edge of the sheet.
    """
    wide, high = page_mm(job.request)
    if high is None:
        return True
    return high > wide and fits_its_map(job.request) and not _is_within(job.ground, job.county)


def inset_mm(job: Job, plan: Plan) -> float:
    """Return how much higher the map would have to be for an inset; 0 where none is wanted."""
    window = None if plan.inset or not _may_move(job) else crowded(plan.layers, plan.view)
    return wish_mm(window, plan.view) if window else 0.0


def column_mm(job: Job, width: float) -> float:
    """Return the height that map and legend need in a sheet of free height."""
    frame = (0.0, 0.0, width, width)
    view = look_at(job.ground, frame, scale=None, unit=job.measure.unit)
    seen = shapely.bounds(view.placed(np.array([shapely.box(*job.ground)]))[0])
    high = float(width * (seen[3] - seen[1]) / max(seen[2] - seen[0], 1e-9))
    most = 1.45 * width
    legend = _legend(job, job.layers, (width, 2 * most), mode="below", view=view)
    return min(max(high, 0.6 * width), most) + legend.size[1] + _GAP_PX * job.measure.unit


def _planned(job: Job, frame: Box, mode: Mode, legend: Legend) -> Plan:
    unit = job.measure.unit
    room = grown(frame, -_RIM_PX * unit)
    view = look_at(job.ground, room, scale=job.request.scale, unit=unit)
    view = replace(view, frame=frame)
    layers = job.placed(view)
    return Plan(view, layers, legend, mode, _bar(view, job))


def _bar(view: View, job: Job) -> ScaleBar:
    measure, has_ratio = job.measure, job.request.is_on_paper
    return scale_bar(view, measure.typeface, language=measure.language, has_ratio=has_ratio)


def _outside(job: Job, inner: Box, mode: Mode) -> Plan:
    """Plan with the legend beside or below the map."""
    wide, high = inner[2] - inner[0], inner[3] - inner[1]
    part = _BESIDE if mode == "beside" else _BELOW
    is_free = job.request.paper == "column"
    room = (wide * part[0], high - 0.5 * wide if is_free else high * part[1])
    layers, view = job.layers, None
    # which classes are seen follows from the frame, and the frame from the legend: twice is enough
    for _ in range(2):
        legend = _legend(job, layers, room, mode=mode, view=view)
        plan = _planned(job, _frame(inner, legend, mode), mode, legend)
        layers, view = plan.layers, plan.view
    final = _legend(job, layers, room, mode=mode, view=view)
    if final.size[0] <= legend.size[0] and final.size[1] <= legend.size[1]:
        legend = final
    left = inner[2] - legend.size[0] if mode == "beside" else inner[0]
    top = inner[3] if mode == "beside" else plan.view.frame[1] - _GAP_PX * job.measure.unit
    box = (left, top - legend.size[1], left + legend.size[0], top)
    return replace(plan, legend=legend, boxes={"legend": box} if legend.columns else {})


def _upright(job: Job, inner: Box) -> Plan:
    """Plan with the legend below the map, unless a corner of it is free and the map gains by it."""
    inside, below = _inside(job, inner), _outside(job, inner, "below")
    if inside is None:
        return below
    is_gain = below.view.scale > inside.view.scale or below.legend.dropped
    is_free = "legend" not in inside.boxes or (
        _Covers(inside).land(inside.boxes["legend"]) < _FREE_LAND
    )
    return inside if is_gain or is_free else below


def _frame(inner: Box, legend: Legend, mode: Mode) -> Box:
    if not legend.columns:
        return inner
    gap = _GAP_PX * legend.unit
    if mode == "beside":
        return inner[0], inner[1], inner[2] - legend.size[0] - gap, inner[3]
    return inner[0], inner[1] + legend.size[1] + gap, inner[2], inner[3]


def _inside(job: Job, inner: Box) -> Plan | None:
    """Plan with the legend in a corner of the map, None where it would cover features."""
    plan = _planned(job, inner, "inside", Legend("", (), (), job.measure.unit))
    room = ((inner[2] - inner[0]) * _INSIDE[0], (inner[3] - inner[1]) * _INSIDE[1])
    legend = _legend(job, plan.layers, room, mode="inside", view=plan.view)
    if legend.dropped:
        return None
    if not legend.columns:
        return plan
    covers = _Covers(plan)
    boxes = [_corner(inner, legend.size, corner, _PAD_PX * job.measure.unit) for corner in _CORNERS]
    costs = [(covers.features(box), covers.land(box)) for box in boxes]
    best = min(range(len(boxes)), key=costs.__getitem__)
    if costs[best][0] or costs[best][1] > _MOST_LAND:
        return None
    return replace(plan, legend=legend, boxes={"legend": boxes[best]})


def _legend(
    job: Job, layers: Sequence[Shown], room: tuple[float, float], *, mode: Mode, view: View | None
) -> Legend:
    language = job.measure.language
    rows = legend_rows(layers, job.catalog, view=view, language=language)
    counts = {shown.layer.id: shown.count for shown in job.layers}
    is_part = any(shown.count < counts[shown.layer.id] for shown in data_layers(layers))
    title = messages.text("figure.legend_in_view" if is_part else "figure.legend", language)
    setting = Setting(title, job.measure.typeface, job.measure.unit, language)
    return arranged(rows, setting, room, is_wide=mode == "below")


def _furnished(plan: Plan, job: Job) -> Plan:
    """Find a corner each for scale bar, arrow and locator, where they cover the least."""
    unit, frame = job.measure.unit, plan.view.frame
    covers = _Covers(plan)
    arrow = (ARROW_PX[0] * unit, ARROW_PX[1] * unit)
    wanted = [("scale", plan.bar.size, ("br", "bl", "tr", "tl")), ("north", arrow, ("tr", "tl"))]
    if job.county and _is_part(plan.view, job.county) and _has_room(frame):
        side = min(_LOCATOR_PX * unit, 0.3 * (frame[2] - frame[0]))
        wanted.append(("locator", (side, side), ("tl", "bl", "tr", "br")))
    if job.request.bare:
        return plan
    boxes = dict(plan.boxes)
    if plan.mode == "beside" and wanted[-1][0] == "locator" and "legend" in boxes:
        aside = _below_legend(boxes["legend"], frame, min(wanted[-1][1][0], plan.legend.size[0]))
        if aside:
            boxes["locator"] = aside
            wanted.pop()
    for name, size, corners in wanted:
        choices = [_corner(frame, size, corner, _PAD_PX * unit) for corner in corners]
        free = [box for box in choices if not any(meets(box, other) for other in boxes.values())]
        if free:
            boxes[name] = min(free, key=covers.weight)
    return replace(plan, boxes=boxes)


def _is_within(ground: Box, county: Box | None) -> bool:
    """Tell whether a map is of a place inside the county, with more of it all around."""
    if county is None:
        return False
    whole, part = shapely.box(*county), shapely.box(*ground)
    return bool(shapely.intersection(whole, part).area < _SEEN_WHOLE * whole.area)


def _may_move(job: Job) -> bool:
    """Tell whether the map may move in its frame: nobody chose its place or its scale."""
    request = job.request
    return not request.bare and request.scale is None and request.state.center is None


def _with_inset(plan: Plan, job: Job) -> Plan:
    """Enlarge what crowds where that covers nothing; on a fixed sheet the map may get smaller."""
    window = crowded(plan.layers, plan.view) if _may_move(job) else None
    if window is None:
        return plan
    ground = shapely.bounds(plan.view.placed(np.array([shapely.box(*job.ground)]))[0]).tolist()
    for part in (1.0,) if may_grow(job) else _SMALLER:
        smaller = replace(plan.view, scale=two_digits(plan.view.scale / part))
        boxes = [_shrunk(box, plan.view, smaller) for box in (ground, window)]
        for view, inset in places(smaller, boxes[0], boxes[1]):
            moved = replace(
                plan,
                view=view,
                inset=inset,
                bar=_bar(view, job),
                layers=job.placed(view),
                boxes={**plan.boxes, "inset": inset.view.frame},
            )
            if _is_clear(moved, inset.view.frame):
                return moved
    return plan


def _is_clear(plan: Plan, inset: Box) -> bool:
    """Tell whether an inset covers no feature, and a legend inside the map can stay."""
    covers = _Covers(plan)
    legend = plan.boxes.get("legend") if plan.mode == "inside" else None
    if covers.features(inset):
        return False
    return legend is None or not (
        meets(legend, inset) or covers.features(legend) or covers.land(legend) > _MOST_LAND
    )


def _shrunk(box: Sequence[float], before: View, after: View) -> Box:
    """Return where a box on the paper stands at a smaller scale about the same center."""
    part, frame = before.scale / after.scale, before.frame
    x, y = (frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2
    left, right = (x + (at - x) * part for at in (box[0], box[2]))
    bottom, top = (y + (at - y) * part for at in (box[1], box[3]))
    return left, bottom, right, top


def _below_legend(legend: Box, frame: Box, side: float) -> Box | None:
    """Return the place at the foot of the legend's column, if it is free."""
    room = min(side, legend[1] - frame[1])
    if room < _LEAST_LOCATOR * side:
        return None
    return legend[0], frame[1], legend[0] + room, frame[1] + room


def _is_part(view: View, county: Box) -> bool:
    """Tell whether the map shows so little of the county that a reader may not know where it is."""
    whole = view.placed(np.array([shapely.box(*county)]))[0]
    return bool(shapely.intersection(whole, view.box).area < _SEEN_WHOLE * whole.area)


def _has_room(frame: Box) -> bool:
    return min(frame[2] - frame[0], frame[3] - frame[1]) >= _LEAST_FRAME_MM


def _corner(frame: Box, size: tuple[float, float], corner: str, pad: float) -> Box:
    left = frame[0] + pad if corner[1] == "l" else frame[2] - pad - size[0]
    bottom = frame[1] + pad if corner[0] == "b" else frame[3] - pad - size[1]
    return left, bottom, left + size[0], bottom + size[1]


class _Covers:
    """What a box on the map would cover."""

    def __init__(self, plan: Plan) -> None:
        data = data_layers(plan.layers)
        symbols = [
            box for shown in data if shown.kind == "Point" for box in point_boxes(shown, plan.view)
        ]
        shapes = [shape for shown in data if shown.kind != "Point" for shape in shown.geometries]
        self._weights = np.array(
            [1.0] * len(symbols)
            + [
                min(1.0, _MANY_SHAPES / len(shown.geometries))
                for shown in data
                if shown.kind != "Point"
                for _ in shown.geometries
            ]
        )
        self._tree = shapely.STRtree([*(shapely.box(*box) for box in symbols), *shapes])
        land = [
            shape
            for shown in plan.layers
            if shown.kind == "Polygon" and shown.is_ground and shown.layer.style.fill_opacity
            for shape in shown.geometries
        ]
        self._land = shapely.STRtree(shapely.make_valid(land) if land else [])

    def features(self, box: Box) -> int:
        """How many features."""
        return len(self._tree.query(shapely.box(*box), predicate="intersects"))

    def weight(self, box: Box) -> int:
        """How much would be lost: a feature counts little where there are hundreds of them."""
        found = self._tree.query(shapely.box(*box), predicate="intersects")
        return int(self._weights[found].sum())

    def land(self, box: Box) -> float:
        """Which part of the box has ground below."""
        area = shapely.box(*box)
        found = self._land.geometries.take(self._land.query(area, predicate="intersects"))
        return float(shapely.union_all(shapely.intersection(found, area)).area / area.area)
