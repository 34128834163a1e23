"""``geosvc scorecard``: the numbers of a half-year on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc import messages
from geosvc.scorecard import scorecard
from geosvc.web.scorecard_plain import lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace


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
    help_ = messages.text("cli.scorecard", language)
    parser = commands.add_parser("scorecard", help=help_, description=help_, parents=[common])
    said = messages.text("cli.scorecard_period", language)
    parser.add_argument("period", nargs="?", default="", metavar="2024H1", help=said)


def run(
    workspace: Workspace,
    options: argparse.Namespace,
    language: Language,
    *,
    say: Callable[[str], None],
) -> int:
    """Print every number with its definition.

    Parameters
    ----------
    workspace
        Its layers are up to date.
    options
        The parsed words.
    language
        The reader's language.
    say
        Writes a line of the result.

    Returns
    -------
    status
        0, or 1 where a number does not agree or there is none.

    Raises
    ------
    StateError
        If the layers have nothing to say about the period.
    """
    found = scorecard(workspace, options.period)
    for line in (
        lines(found, language) if found.total else [messages.text("scorecard.none", language)]
    ):
        say(line)
    return 0 if found.total and found.agrees else 1
