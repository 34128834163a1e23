"""``geosvc basemap build``: the ground that maps stand on, made of an extract or of the layers."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geosvc import messages
from geosvc.errors import GeosvcError
from geosvc.maps.ground import map_bounds
from geosvc.tiles.basemap import build_of_extract, build_of_layers, is_behind, meets
from geosvc.web.public import PublicView

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.tiles.pmtiles import Archive
    from geosvc.workspace import Workspace

LAYERS = "layers"
"""The word that stands for the catalog's own layers."""
logger = logging.getLogger(__name__)


def add_parser(
    commands: Any,  # noqa: ANN401 - argparse hides its class
    language: Language,
    common: argparse.ArgumentParser,
) -> None:
    """Add the command to those of the program.

    Parameters
    ----------
    commands
        What ``ArgumentParser.add_subparsers`` returned.
    language
        The language of the help.
    common
        A parser whose options every command has.
    """

    def said(name: str) -> str:
        return messages.text(f"cli_basemap.{name}", language)

    parser = commands.add_parser("basemap", help=said("basemap"), description=said("basemap"))
    actions = parser.add_subparsers(dest="action", required=True)
    building = actions.add_parser(
        "build", help=said("build"), description=said("build"), parents=[common]
    )
    building.add_argument("source", metavar="EXTRACT|layers", help=said("source"))
    building.add_argument("-o", "--output", type=Path, metavar="FILE", help=said("output"))


def run(workspace: Workspace, options: argparse.Namespace, *, tell: Callable[..., None]) -> int:
    """Make the basemap.

    Parameters
    ----------
    workspace
        Its layers are up to date.
    options
        The parsed words.
    tell
        Says a sentence of the messages to who runs the command.

    Returns
    -------
    status
        0.

    Raises
    ------
    SourceError
        If the extract cannot be read.
    BasemapError
        If there is nothing to make it of.
    """
    started = time.perf_counter()
    seen = _seen(workspace)
    if options.source == LAYERS:
        made = build_of_layers(seen, options.output)
    else:
        made = build_of_extract(Path(options.source), seen, options.output)
    size, seconds = made.path.stat().st_size // 1000, f"{time.perf_counter() - started:.1f}"
    tell("cli_basemap.built", file=made.path, size=size, seconds=seconds)
    if not _is_here(workspace, made):
        tell("cli_basemap.elsewhere")
    return 0


def prepare(workspace: Workspace, *, tell: Callable[..., None]) -> None:
    """Make the basemap of the layers where it is not there or they have moved.

    A service starts without one all the same: its layers draw themselves.

    Parameters
    ----------
    workspace
        Its layers are up to date.
    tell
        Says a sentence of the messages to who runs the command.
    """
    seen = _seen(workspace)
    try:
        if is_behind(seen):
            tell("cli_basemap.building")
            build_of_layers(seen)
    except (GeosvcError, OSError):
        logger.warning("the basemap was not made", exc_info=True)


def _seen(workspace: Workspace) -> Workspace:
    """Return what readers may see: the file is given to all of them."""
    if workspace.settings.profile == "public":
        return PublicView(workspace.pinned())
    return workspace


def _is_here(workspace: Workspace, made: Archive) -> bool:
    boxes = [map_bounds(workspace, map_id) for map_id in workspace.catalog.maps]
    known = [box for box in boxes if box is not None]
    return not known or any(meets(box, made.bounds) for box in known)
