"""What an address, or the words of a command, ask of a figure; and the address of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from geosvc.map_state import is_state_name, parse_state
from geosvc.map_state.faults import number, refuse
from geosvc.web.loading import load_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Language
    from geosvc.figures import FigureRequest

ENDINGS = ("png", "svg", "pdf")
NAMES = (
    "paper", "landscape", "dpi", "scale", "width", "height", "title", "subtitle", "ground", "bare",
)  # fmt: skip
"""The parameters of a figure beside those of its map's state."""
LAST_CHAPTER = 99
PAPERS = ("a4", "a3", "column", "16:9", "pixels")
CARD_PX = (640, 400)
"""The figure on a map's card, sharp on a screen of two device pixels a CSS pixel."""

_CHOICES = {
    "paper": PAPERS,
    "landscape": ("0", "1"),
    "dpi": ("150", "300"),
    "ground": ("county", "none"),
    "bare": ("0", "1"),
}
_SHAPE = 1.5


def read_figure(
    map_id: str, ending: str, pairs: Iterable[tuple[str, str]], catalog: Catalog
) -> FigureRequest:
    """Read what is asked of a figure.

    Parameters
    ----------
    map_id
        The map.
    ending
        One of `ENDINGS`.
    pairs
        Decoded parameters: those of a map's state, and `NAMES`.
    catalog
        What the layers and fields are.

    Returns
    -------
    request
        Without parameters a portrait A4 sheet of the whole map at 300 dpi.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    StateError
        If a parameter is unknown, comes twice or makes no sense; the issue names it.
    """
    load_figures()
    from geosvc.figures import FigureRequest  # noqa: PLC0415 - matplotlib comes with it

    own, view = _split(pairs)
    state = parse_state(map_id, view, catalog)
    paper = own.get("paper", "a4")
    width, height = _pixels(own, paper)
    return FigureRequest(
        state=state,
        format=cast("Any", ending),
        paper=cast("Any", paper),
        landscape=own.get("landscape") == "1",
        dpi=int(own.get("dpi", "300")),
        scale=_scale(own["scale"]) if "scale" in own else None,
        title=_text("title", own),
        subtitle=_text("subtitle", own),
        ground=cast("Any", own.get("ground", "none" if state.look.base == "none" else "county")),
        bare=own.get("bare") == "1",
        width_px=width,
        height_px=height,
    )


def read_block(map_id: str, pairs: Iterable[tuple[str, str]], catalog: Catalog) -> FigureRequest:
    """Read what is asked of a block for Word, as wide as a column where nothing is said.

    Raises
    ------
    UnknownMapError, StateError
        As `read_figure` does.
    """
    given = list(pairs)
    if "paper" not in dict(given):
        given.append(("paper", "column"))
    return read_figure(map_id, "png", given, catalog)


def read_chapter(text: str) -> int | None:
    """Read the number of the chapter that a block for Word stands in; None where there is none.

    Raises
    ------
    StateError
        If it is no number from 1 to `LAST_CHAPTER`.

    Examples
    --------
    >>> read_chapter("3"), read_chapter("")
    (3, None)
    """
    return _whole("chapter", text, (1, LAST_CHAPTER)) if text else None


def figure_path(request: FigureRequest) -> str:
    """Return the address of a figure, always written the same way; defaults are left out."""
    given: dict[str, object] = {
        "paper": "" if request.paper == "a4" else request.paper,
        "landscape": int(request.landscape),
        "dpi": "" if request.dpi == 300 else request.dpi,  # noqa: PLR2004 - the default
        "scale": request.scale,
        "width": request.width_px,
        "height": request.height_px,
        "ground": "" if request.ground == "county" else request.ground,
        "bare": int(request.bare),
    }
    parts = [request.state.query()]
    parts += [f"{name}={quote(str(value))}" for name, value in given.items() if value]
    # an empty title is another wish than none
    texts = {"title": request.title, "subtitle": request.subtitle}
    parts += [f"{name}={quote(text)}" for name, text in texts.items() if text is not None]
    query = "&".join(part for part in parts if part)
    path = f"/figures/{request.state.map_id}.{request.format}"
    return f"{path}?{query}" if query else path


def card_path(map_id: str, tongue: Language) -> str:
    """Return the address of the figure on a map's card.

    >>> card_path("overview", "en")
    '/figures/overview.png?lang=en&paper=pixels&width=640&height=400&bare=1'
    """
    width, height = CARD_PX
    parts = (["lang=en"] if tongue == "en" else []) + ["paper=pixels", f"width={width}"]
    return f"/figures/{map_id}.png?" + "&".join([*parts, f"height={height}", "bare=1"])


def _split(
    pairs: Iterable[tuple[str, str]],
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    own: dict[str, str] = {}
    view = []
    for name, text in pairs:
        if is_state_name(name):
            view.append((name, text))
        elif name not in NAMES:
            refuse("unknown_key", name, name, ", ".join((*NAMES, "z, c, layers, sel, lang, f.…")))
        elif name in own:
            refuse("not_unique", name, text)
        elif name in _CHOICES and text not in _CHOICES[name]:
            refuse("not_allowed", name, text, ", ".join(_CHOICES[name]))
        else:
            own[name] = text
    return own, view


def _scale(text: str) -> int:
    from geosvc.figures.request import SCALES  # noqa: PLC0415 - as above

    return _whole("scale", text, SCALES)


def _pixels(own: Mapping[str, str], paper: str) -> tuple[int | None, int | None]:
    from geosvc.figures.request import PIXELS  # noqa: PLC0415 - as above

    if paper != "pixels":
        for name in ("width", "height"):
            if name in own:
                refuse("only_if", name, own[name], "paper=pixels")
        return None, None
    width = _whole("width", own.get("width", str(CARD_PX[0])), PIXELS)
    tall = min(max(round(width / _SHAPE), PIXELS[0]), PIXELS[1])
    return width, _whole("height", own.get("height", str(tall)), PIXELS)


def _whole(name: str, text: str, bounds: tuple[int, int]) -> int:
    value = number(name, text, *bounds)
    if not value.is_integer():
        refuse("wrong_type", name, text, f"{bounds[0]}..{bounds[1]}")
    return int(value)


def _text(name: str, own: Mapping[str, str]) -> str | None:
    from geosvc.figures.request import LONGEST_TITLE  # noqa: PLC0415 - as above

    if name not in own:
        return None
    text = " ".join(own[name].split())
    if not text.isprintable():
        refuse("wrong_type", name, repr(text)[1:-1], "…")
    if len(text) > LONGEST_TITLE:
        refuse("length", name, str(len(text)), f"0..{LONGEST_TITLE}")
    return text
