"""A map state as a figure: layers, names, legend and margins put together on one sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geosvc import messages
from geosvc.errors import FigureError
from geosvc.figures import furniture
from geosvc.figures.composing import Job, Plan, column_mm, compose, inset_mm, may_grow
from geosvc.figures.content import county_layer, data_layers, gather, in_meters, placed
from geosvc.figures.fonts import read_typeface
from geosvc.figures.inset import free_corner
from geosvc.figures.labels import name_all
from geosvc.figures.layout import Layout, Measure, lay_out, write_margins
from geosvc.figures.legend import draw_legend
from geosvc.figures.line_labels import Names
from geosvc.figures.painting import paint
from geosvc.figures.palette import read_palette
from geosvc.figures.placing import Taken, grown
from geosvc.figures.request import (
    MEDIA_TYPES,
    Figure,
    check_request,
    page_mm,
    unit_mm,
)
from geosvc.figures.sheet import Look, Sheet, Type
from geosvc.figures.view import metric_of
from geosvc.figures.words import Words, alt_of, caption_of, words_of
from geosvc.map_state import extent
from geosvc.messages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geosvc.catalog.model import Language
    from geosvc.figures.content import Shown
    from geosvc.figures.request import FigureRequest
    from geosvc.figures.sheet import Box
    from geosvc.workspace import Workspace

_NOTICE_PX = 8.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sheet that was drawn.

    ``boxes`` are what each name, shield and piece of furniture covers, by kind.
    """

    sheet: Sheet
    plan: Plan
    words: Mapping[Language, Words]
    boxes: Mapping[str, list[tuple[Box, ...]]]


def draw(workspace: Workspace, request: FigureRequest) -> Figure:
    """Draw a map state on paper.

    Parameters
    ----------
    workspace
        The catalog and its data; personal fields are masked in it.
    request
        The state and the form of the figure.

    Returns
    -------
    figure
        The same bytes in every process for the same request and revisions.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    FigureError
        If the request cannot be met, or a font is missing.
    """
    workspace = workspace if workspace.is_pinned else workspace.pinned()
    drawing = drawn(workspace, request)
    layers = drawing.plan.layers
    return Figure(
        content=drawing.sheet.rendered(request.format, request.dpi),
        media_type=MEDIA_TYPES[request.format],
        width_mm=drawing.sheet.width,
        height_mm=drawing.sheet.height,
        counts={shown.layer.id: shown.count for shown in layers},
        revisions={shown.layer.id: workspace.status(shown.layer.id).revision for shown in layers},
        caption=caption_of(drawing.words),
        alt=alt_of(drawing.words, layers),
        as_of=drawing.words[request.state.language].as_of,
    )


def drawn(workspace: Workspace, request: FigureRequest) -> Drawing:
    """Draw a map state on a sheet that is not yet a file.

    Raises
    ------
    UnknownMapError, FigureError
        As `draw` does.
    """
    check_request(request)
    static = workspace.settings.static
    language = request.state.language
    measure = Measure(read_typeface(static), unit_mm(request), language)
    layers = gather(workspace, request)
    county = county_layer(workspace, request.state.map_id)
    outline = workspace.frame(county) if county else None
    bounds = _bounds(outline)
    ground = extent(workspace, request.state) or bounds
    if ground is None:
        reason = "no_place"
        raise FigureError(reason)
    crs = metric_of(ground)
    words = {
        tongue: words_of(workspace, request, layers, crs=crs, language=tongue)
        for tongue in LANGUAGES
    }
    layers = [in_meters(shown, crs) for shown in layers]
    job = Job(request, workspace.catalog, layers, measure, ground, bounds)
    layout, plan = _composed(job, words[language])
    sheet = Sheet(layout.size, measure.typeface, read_palette(static))
    names = _draw_map(sheet, plan, request)
    if "locator" in plan.boxes and outline is not None and bounds is not None:
        shape = furniture.county_shape(outline.geometry.to_numpy())
        box = plan.boxes["locator"]
        furniture.draw_locator(sheet, shape, box, plan.view, bounds=bounds)
    inset = _draw_inset(sheet, plan, layers, language)
    _draw_furniture(sheet, plan, language)
    _draw_margins(sheet, layout, plan, measure)
    boxes: dict[str, list[tuple[Box, ...]]] = {
        "labels": names.labels,
        "shields": [(box,) for box in names.shields],
        "inset": inset.labels if inset else [],
        "furniture": [(box,) for box in plan.boxes.values()],
    }
    return Drawing(sheet, plan, words, boxes)


def _bounds(frame: object) -> Box | None:
    if frame is None:
        return None
    west, south, east, north = frame.total_bounds.tolist()  # type: ignore[attr-defined]
    return west, south, east, north


def _composed(job: Job, words: Words) -> tuple[Layout, Plan]:
    """Divide the sheet; a map that does not fill it gets higher where an inset needs the room."""
    layout = _laid_out(job, words)
    plan = compose(job, layout.inner)
    more = inset_mm(job, plan) if may_grow(job) else 0.0
    if more:
        higher = _laid_out(job, words, more=more)
        with_inset = compose(job, higher.inner)
        if with_inset.inset:
            return higher, with_inset
    return layout, plan


def _laid_out(job: Job, words: Words, *, more: float = 0.0) -> Layout:
    size = page_mm(job.request)
    if job.request.bare:
        width, height = size[0], size[1] or column_mm(job, size[0])
        inner = (0.0, 0.0, width, height)
        return Layout((width, height), inner, (), (), (2.0, 2.0) if words.is_synthetic else None, 0)
    probe = lay_out(words, (size[0], 100.0), job.measure, map_mm=0.0)
    map_mm = column_mm(job, probe.inner[2] - probe.inner[0]) + more if may_grow(job) else 0.0
    return lay_out(words, size, job.measure, map_mm=map_mm)


def _draw_map(sheet: Sheet, plan: Plan, request: FigureRequest) -> Names:
    """Draw the ground, the layers and their names inside the frame."""
    view = plan.view
    sheet.clip = view.frame
    back = "m-outside" if request.ground == "county" else "surface"
    sheet.box(view.frame, Look(face=sheet.palette.of(back)))
    for shown in plan.layers:
        paint(sheet, shown, view)
    if plan.inset:
        edge = sheet.palette.of("ink-2")
        sheet.box(plan.inset.window, Look(edge=edge, width=1.0 * view.unit, round=False))
    inset = 2.0 * view.unit
    taken = Taken(grown(view.frame, -inset))
    for box in plan.boxes.values():
        taken.take(grown(box, 1.5 * view.unit))
    window = plan.inset.window if plan.inset else None
    if window:
        # the inset names what is there
        taken.take(window)
    names = Names(sheet, view, taken, window=window)
    if not request.bare:
        name_all(names, plan.layers)
    if not any(shown.count for shown in data_layers(plan.layers)):
        _say_nothing(sheet, plan, request.state.language)
    sheet.clip = None
    return names


def _draw_inset(
    sheet: Sheet, plan: Plan, layers: Sequence[Shown], language: Language
) -> Names | None:
    """Draw what crowds larger, with a bar of its own scale, and say on the map where it is."""
    if plan.inset is None:
        return None
    view, unit = plan.inset.view, plan.view.unit
    bar = furniture.scale_bar(
        view, sheet.typeface, language=language, has_ratio=bool(plan.bar.ratio)
    )
    shown = [placed(one, view) for one in layers]
    box = free_corner(shown, view, bar.size)
    sheet.clip = view.frame
    sheet.box(view.frame, Look(face=sheet.palette.of("m-outside")))
    for one in shown:
        paint(sheet, one, view)
    taken = Taken(grown(view.frame, -2.0 * unit))
    taken.take(grown(box, 1.5 * unit))
    names = Names(sheet, view, taken)
    name_all(names, shown)
    sheet.clip = None
    furniture.draw_neat_line(sheet, view.frame, unit)
    furniture.draw_scale_bar(sheet, bar, box[:2], unit)
    return names


def _say_nothing(sheet: Sheet, plan: Plan, language: Language) -> None:
    unit, frame = plan.view.unit, plan.view.frame
    text = messages.text("figure.nothing", language)
    size = 15 * unit
    half = sheet.typeface.width(text, bold=True) * size / 2 + 10 * unit
    x, y = (frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2
    furniture.plate(sheet, (x - half, y - 1.3 * size, x + half, y + 1.3 * size), unit)
    sheet.write((x, y), text, Type(size, "ink", bold=True, align="center"))


def _draw_furniture(sheet: Sheet, plan: Plan, language: Language) -> None:
    unit, boxes = plan.view.unit, plan.boxes
    if "legend" in boxes:
        if plan.mode == "inside":
            furniture.plate(sheet, boxes["legend"], unit)
        corner = (boxes["legend"][0], boxes["legend"][3])
        draw_legend(sheet, plan.legend, corner, view=plan.view)
    if "scale" in boxes:
        furniture.draw_scale_bar(sheet, plan.bar, boxes["scale"][:2], unit)
    if "north" in boxes:
        furniture.draw_north(sheet, boxes["north"][:2], unit, language)


def _draw_margins(sheet: Sheet, layout: Layout, plan: Plan, measure: Measure) -> None:
    if layout.margin:
        furniture.draw_neat_line(sheet, plan.view.frame, measure.unit)
        write_margins(sheet, layout, measure)
    if layout.notice:
        furniture.draw_notice(sheet, layout.notice, measure.unit, measure.language)
