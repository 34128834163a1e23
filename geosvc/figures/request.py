"""What a figure is asked for, what is given back, and the sizes of paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from geosvc.errors import FigureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Text
    from geosvc.map_state import MapState

Format: TypeAlias = Literal["png", "svg", "pdf"]
Paper: TypeAlias = Literal["a4", "a3", "column", "16:9", "pixels"]
Ground: TypeAlias = Literal["county", "none"]

MM_PER_INCH = 25.4
MEDIA_TYPES: dict[str, str] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
SCALES = (5_000, 200_000)
"""The largest and the smallest scale that may be asked for, as denominators."""
PIXELS = (120, 6_000)
"""The shortest and the longest side of a figure in pixels."""
DPI = (150, 300)
LONGEST_TITLE = 500

_PAPERS: dict[str, tuple[float, float]] = {
    "a4": (210.0, 297.0),
    "a3": (297.0, 420.0),
    "16:9": (338.667, 190.5),
}
COLUMN_MM = 80.0
"""The width of a column of a two-column page; such a figure is as high as its map needs."""


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """A map state on paper.

    ``landscape`` turns A4 and A3. ``width_px`` and ``height_px`` are for ``paper="pixels"`` only.
    ``scale`` is the denominator of a fixed scale; without it the view fills the sheet. ``title``
    and ``subtitle`` are the map's own where they are None, and left out where they are empty.
    ``snapshot`` is printed as the figure's id. A ``bare`` figure is the map alone, for thumbnails.
    """

    state: MapState
    format: Format = "png"
    paper: Paper = "a4"
    landscape: bool = False
    dpi: int = 300
    width_px: int | None = None
    height_px: int | None = None
    scale: int | None = None
    title: str | None = None
    subtitle: str | None = None
    ground: Ground = "county"
    snapshot: str | None = None
    bare: bool = False

    @property
    def is_on_paper(self) -> bool:
        """Whether millimeters mean something to the reader, so that a scale can be printed."""
        return self.paper in {"a4", "a3", "column"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure.

    ``counts`` are the features drawn and ``revisions`` the revision numbers, by layer. ``caption``
    is the line below the figure, ``alt`` describes it to those who cannot see it.
    """

    content: bytes
    media_type: str
    width_mm: float
    height_mm: float
    counts: Mapping[str, int]
    revisions: Mapping[str, int | None]
    caption: Text
    alt: Text
    as_of: str | None


def check_request(request: FigureRequest) -> None:
    """Refuse a request that no figure can be made of.

    Raises
    ------
    FigureError
        If a choice is unknown, or a number is out of its range.

    Examples
    --------
    >>> from geosvc.map_state import MapState
    >>> check_request(FigureRequest(MapState("all"), scale=50_000))
    >>> check_request(FigureRequest(MapState("all"), paper="pixels"))
    Traceback (most recent call last):
    geosvc.errors.FigureError: pixels
    """
    choices: dict[str, tuple[object, tuple[object, ...]]] = {
        "format": (request.format, tuple(MEDIA_TYPES)),
        "paper": (request.paper, (*_PAPERS, "column", "pixels")),
        "dpi": (request.dpi, DPI),
        "ground": (request.ground, ("county", "none")),
    }
    for name, (found, allowed) in choices.items():
        if found not in allowed:
            expected = ", ".join(str(item) for item in allowed)
            _refuse("choice", name=name, found=str(found), expected=expected)
    if request.scale is not None and not SCALES[0] <= request.scale <= SCALES[1]:
        _refuse("scale", found=request.scale, low=SCALES[0], high=SCALES[1])
    if request.paper == "pixels":
        for side in (request.width_px, request.height_px):
            if side is None or not PIXELS[0] <= side <= PIXELS[1]:
                _refuse("pixels", found=side or 0, low=PIXELS[0], high=PIXELS[1])
    longest = max(len(text) for text in (request.title or "", request.subtitle or ""))
    if longest > LONGEST_TITLE:
        _refuse("title", found=longest, high=LONGEST_TITLE)


def _refuse(reason: str, **numbers: float | str) -> NoReturn:
    raise FigureError(reason, issues=(), **numbers)


def page_mm(request: FigureRequest) -> tuple[float, float | None]:
    """Return width and height in millimeters; a column's height is None: it follows the map.

    >>> from geosvc.map_state import MapState
    >>> page_mm(FigureRequest(MapState("all"), landscape=True))
    (297.0, 210.0)
    >>> page_mm(FigureRequest(MapState("all"), paper="column"))
    (80.0, None)
    """
    if request.paper == "column":
        return COLUMN_MM, None
    if request.paper == "pixels":
        per_px = MM_PER_INCH / request.dpi
        return (request.width_px or 0) * per_px, (request.height_px or 0) * per_px
    width, height = _PAPERS[request.paper]
    return (height, width) if request.landscape and height > width else (width, height)


def fits_its_map(request: FigureRequest) -> bool:
    """Tell whether a page leaves room free below rather than show more around the map.

    >>> from geosvc.map_state import MapState
    >>> fits_its_map(FigureRequest(MapState("all")))
    True
    >>> fits_its_map(FigureRequest(MapState("all"), scale=50_000))
    False
    """
    is_chosen = request.scale is not None or request.state.center is not None
    return request.paper in {"a4", "a3"} and not is_chosen


def unit_mm(request: FigureRequest) -> float:
    """Return the length on paper of what is one CSS pixel on screen, in millimeters.

    >>> from geosvc.map_state import MapState
    >>> unit_mm(FigureRequest(MapState("all")))
    0.2
    """
    if request.paper == "pixels":
        width, height = page_mm(request)
        return min(max(min(width, 1.4 * (height or width)) / 900, 0.13), 0.3)
    return {"a4": 0.2, "a3": 0.25, "column": 0.18, "16:9": 0.29}[request.paper]
