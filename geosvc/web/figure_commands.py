"""``geosvc figure``: a map or a chart as a file for a report, as the service draws and sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from geosvc import messages
from geosvc.errors import UnknownMapError
from geosvc.map_state.faults import refuse
from geosvc.web.figure_query import ENDINGS, NAMES, read_block, read_chapter, read_figure
from geosvc.web.links import state_path
from geosvc.web.output_files import ending_of, output_path, write_output
from geosvc.web.public import as_readers_see

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from geosvc.catalog.model import Language
    from geosvc.figures import Figure
    from geosvc.workspace import Workspace

CHARTS = "charts/"
"""How the name of a chart begins, where maps have names too."""
WORD = "docx"
_SWITCHES = ("landscape", "bare")


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
        return messages.text(f"cli_figure.{name}", language)

    help_ = said("figure")
    parser = commands.add_parser("figure", help=help_, description=help_, parents=[common])
    parser.add_argument("map", metavar="MAP", help=said("map"))
    checked = output_path(language, [f".{ending}" for ending in (*ENDINGS, WORD)])
    parser.add_argument(
        "-o", "--output", type=checked, required=True, metavar="FILE", help=said("output")
    )
    parser.add_argument("--query", default="", metavar="Q", help=said("query"))
    parser.add_argument("--chapter", metavar="X", help=said("chapter"))
    for name in NAMES:
        if name in _SWITCHES:
            parser.add_argument(f"--{name}", action="store_true", help=said(name))
        else:
            parser.add_argument(f"--{name}", metavar="X", help=said(name))


def run(
    workspace: Workspace,
    options: argparse.Namespace,
    language: Language,
    *,
    tell: Callable[..., None],
) -> int:
    """Draw and write.

    Parameters
    ----------
    workspace
        Its layers are up to date.
    options
        The parsed words.
    language
        The language of the figure, unless the query names one.
    tell
        Writes a sentence for people to standard error.

    Returns
    -------
    status
        0, or 1 where the file cannot be written.

    Raises
    ------
    UnknownMapError
        If there is no such map.
    StateError, FigureError
        If a parameter makes no sense.
    """
    path: Path = options.output
    pairs, ending = _pairs(options, language), ending_of(path)[1:]
    view, tongue = as_readers_see(workspace), cast("Language", dict(pairs).get("lang", "zh"))
    if ending == WORD:
        content, caption = _word(view, options, pairs, language)
    elif options.chapter:
        refuse("only_if", "chapter", options.chapter, f"-o *.{WORD}")
    else:
        figure = _drawn(view, options.map, ending, pairs)
        content, caption = figure.content, figure.caption.of(tongue)
    if not write_output(path, content, tell=tell):
        return 1
    tell("cli_figure.written", file=path, caption=caption)
    return 0


def _word(
    view: Workspace, options: argparse.Namespace, pairs: list[tuple[str, str]], language: Language
) -> tuple[bytes, str]:
    """Return what the share dialog inserts into Word; its link needs ``GEOSVC_BASE_URL``."""
    chapter = read_chapter(options.chapter or "")
    asked = read_block(options.map, pairs, view.catalog)
    from geosvc.reports.docx_block import block_of, document_of  # noqa: PLC0415 - as below

    base = view.settings.base_url
    block = block_of(view, asked, address=f"{base}{state_path(asked.state)}" if base else "")
    author = view.catalog.site.title.of(language)
    return document_of(block, asked.state.language, author=author, chapter=chapter), block.title


def _drawn(workspace: Workspace, name: str, ending: str, pairs: list[tuple[str, str]]) -> Figure:
    if not name.startswith(CHARTS):
        from geosvc.figures import draw  # noqa: PLC0415 - matplotlib is slow to come

        return draw(workspace, read_figure(name, ending, pairs, workspace.catalog))
    from geosvc.web.chart_data import read_chart  # noqa: PLC0415 - as above

    asked = read_chart(name.removeprefix(CHARTS), ending, pairs, workspace)
    if asked is None:
        raise UnknownMapError(name)
    return asked.draw(workspace.settings.static)


def _pairs(options: argparse.Namespace, language: Language) -> list[tuple[str, str]]:
    pairs = parse_qsl(options.query.removeprefix("?"), keep_blank_values=True)
    if language == "en" and "lang" not in dict(pairs):
        pairs.append(("lang", "en"))
    for name in NAMES:
        value = getattr(options, name)
        if name in _SWITCHES:
            pairs += [(name, "1")] if value else []
        elif value is not None:
            pairs.append((name, value))
    return pairs
