"""A sheet of paper to draw on, in millimeters from its lower left corner.

Only Matplotlib's objects are used, never pyplot. What is drawn later lies above what was drawn
before. Its settings belong to the whole process, so they are made once, here, when the module is
imported; nothing changes them afterwards.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from geosvc.figures.request import MM_PER_INCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist

    from geosvc.figures.fonts import Typeface
    from geosvc.figures.palette import Palette, Rgba
    from geosvc.figures.symbols import Part

# a file of settings in somebody's home must not change what a figure looks like
mpl.rcdefaults()
mpl.rcParams.update(
    {
        "pdf.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "geosvc",
        "lines.scale_dashes": False,
        "text.hinting": "none",
        "text.parse_math": False,
        "path.simplify": False,
        "agg.path.chunksize": 20_000,
    }
)

Box: TypeAlias = tuple[float, float, float, float]
Geometries: TypeAlias = npt.NDArray[np.object_]
Align: TypeAlias = Literal["left", "center", "right"]

POINTS_PER_MM = 72 / MM_PER_INCH
MIDDLE = 0.37
"""How far the middle of a line of text lies above its base line, in parts of its size."""
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_COMMENT = re.compile(rb"[ \t]*<!--.*?-->\n?", re.DOTALL)
"""Matplotlib repeats each text beside its paths."""
_DOCTYPE = b"""<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
"""


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is written: size, halo and spacing in mm; ``angle`` in degrees."""

    size: float
    role: str = "ink"
    bold: bool = False
    align: Align = "left"
    halo: float = 0.0
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """How an outline is drawn: colors, width and dashes in mm."""

    face: Rgba | None = None
    edge: Rgba | None = None
    width: float = 0.0
    dash: tuple[float, ...] = ()
    round: bool = True


class Sheet:
    """A figure of Matplotlib that is drawn on in millimeters.

    Parameters
    ----------
    size
        Width and height in mm.
    typeface
        For all texts.
    palette
        For all colors.

    Attributes
    ----------
    clip
        The box that what is drawn is cut to, None for the whole sheet.
    is_raster
        Whether what is drawn becomes pixels in SVG and PDF too.
    """

    def __init__(self, size: tuple[float, float], typeface: Typeface, palette: Palette) -> None:
        self.width, self.height = size
        self.typeface = typeface
        self.palette = palette
        self.clip: Box | None = None
        self.is_raster = False
        self.figure = Figure(figsize=(size[0] / MM_PER_INCH, size[1] / MM_PER_INCH))
        FigureCanvasAgg(self.figure)
        self.figure.set_facecolor(palette.of("surface"))
        self._to_pixels = Affine2D().scale(1 / MM_PER_INCH) + self.figure.dpi_scale_trans
        self._drawn = 0

    def write(self, place: tuple[float, float], text: str, type_: Type) -> None:
        """Write one line of text; ``place`` is the middle of its height."""
        shown = self.typeface.shown(text)
        if not shown:
            return
        wide = self.typeface.width(shown, bold=type_.bold) * type_.size
        along = {"left": 0.0, "center": -wide / 2, "right": -wide}[type_.align]
        turn = np.deg2rad(type_.angle)
        down = -MIDDLE * type_.size
        x = place[0] + along * np.cos(turn) - down * np.sin(turn)
        y = place[1] + along * np.sin(turn) + down * np.cos(turn)
        path = self.typeface.bold if type_.bold else self.typeface.regular
        font = FontProperties(fname=path, size=type_.size * POINTS_PER_MM)
        options: dict[str, Any] = {
            "fontproperties": font,
            "color": self.palette.of(type_.role),
            "rotation": type_.angle,
            "rotation_mode": "anchor",
            "transform": self._to_pixels,
        }
        if type_.halo:
            # a text under a halo's effect would be paths in a PDF: the halo is a text of its own
            halo = Text(x, y, shown, **options)
            wide_pt = 2 * type_.halo * POINTS_PER_MM
            edge = self.palette.of("m-halo")
            halo.set_path_effects([Stroke(linewidth=wide_pt, foreground=edge, joinstyle="round")])
            self._add(halo)
        self._add(Text(x, y, shown, **options))

    def shape(self, path: Path, look: Look) -> None:
        """Draw outlines, lines or areas, as one path."""
        if not np.size(path.vertices):
            return
        ends = "round" if look.round and not look.dash else "butt"
        patch = PathPatch(
            path,
            facecolor=look.face or "none",
            edgecolor=look.edge or "none",
            linewidth=look.width * POINTS_PER_MM,
            capstyle=ends,
            joinstyle="round" if look.round else "miter",
            transform=self._to_pixels,
        )
        if look.dash:
            patch.set_linestyle((0, tuple(part * POINTS_PER_MM for part in look.dash)))
        self._add(patch)

    def box(self, box: Box, look: Look) -> None:
        """Draw a rectangle: left, bottom, right, top."""
        left, bottom, right, top = box
        corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        self.shape(Path(corners, closed=True), look)

    def line(self, places: Sequence[tuple[float, float]], look: Look) -> None:
        """Draw a line."""
        self.shape(Path(list(places)), look)

    def symbols(
        self, places: npt.NDArray[np.float64], parts: Sequence[Part], scale: float, ink: Rgba
    ) -> None:
        """Draw a point symbol at each place, one whole symbol after the other.

        Parameters
        ----------
        places
            (n, 2) in mm.
        parts
            What the symbol is made of (`geosvc.figures.symbols`).
        scale
            Millimeters a unit of its grid.
        ink
            Its color; the other one is the halo.
        """
        if not len(places):
            return
        tone = {"ink": ink, "halo": self.palette.of("halo"), None: (0.0, 0.0, 0.0, 0.0)}
        self._add(
            PathCollection(
                [part.path for part in parts],
                sizes=None,
                facecolors=[tone[part.fill] for part in parts],
                edgecolors=[tone[part.stroke] for part in parts],
                linewidths=[part.width * scale * POINTS_PER_MM for part in parts],
                capstyle="round",
                joinstyle="round",
                offsets=np.repeat(places, len(parts), axis=0),
                offset_transform=self._to_pixels,
                transform=Affine2D().scale(scale) + self._to_pixels,
            )
        )

    def rendered(self, form: str, dpi: int) -> bytes:
        """Return the sheet as a file, the same bytes for the same drawing."""
        made = io.BytesIO()
        options: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if form == "png" else {}
        self.figure.savefig(made, format=form, dpi=dpi, metadata=_METADATA[form], **options)
        content = made.getvalue()
        return _COMMENT.sub(b"", content.replace(_DOCTYPE, b"", 1)) if form == "svg" else content

    def _add(self, artist: Artist) -> None:
        self._drawn += 1
        artist.set_zorder(self._drawn)
        artist.set_rasterized(self.is_raster)
        if self.clip is not None:
            left, bottom, right, top = self.clip
            bounds = Bbox.from_extents(left, bottom, right, top)
            artist.set_clip_box(TransformedBbox(bounds, self._to_pixels))
        self.figure.add_artist(artist, clip=False)


def outline(geometries: Geometries) -> Path:
    """Return lines or areas as one path; holes turn the other way, so that they stay empty.

    >>> len(outline(np.array([shapely.box(0, 0, 1, 1)])).vertices)
    5
    >>> len(outline(np.array([], dtype=object)).vertices)
    0
    """
    parts = shapely.get_parts(geometries)
    parts = parts[~shapely.is_empty(parts)]
    kinds = shapely.get_type_id(parts)
    rings = shapely.get_rings(shapely.orient_polygons(parts[kinds == 3]))  # noqa: PLR2004 - areas
    pieces = np.concatenate([parts[(kinds == 1) | (kinds == 2)], rings])  # noqa: PLR2004 - lines
    places, number = shapely.get_coordinates(pieces, return_index=True)
    codes = np.full(len(places), Path.LINETO, dtype=Path.code_type)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    codes[starts] = Path.MOVETO
    if len(rings):
        ends = np.append(starts[1:], len(places)) - 1
        codes[ends[len(pieces) - len(rings) :]] = Path.CLOSEPOLY
    return Path(places.reshape(-1, 2), codes)
