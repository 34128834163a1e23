"""``geosvc report``: the report of a half-year, or of what changed between two days, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc import messages
from geosvc.errors import Issue, StateError
from geosvc.reports.outline import SECTIONS
from geosvc.web.output_files import output_path, write_output
from geosvc.web.public import as_readers_see

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

ACTOR: Final = "geosvc report"
"""Who does it, in publications and in the log: whoever may run commands on this machine."""
ENDING: Final = ".docx"


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
        return messages.text(f"cli_report.{name}", language)

    parser = commands.add_parser(
        "report", help=said("report"), description=said("report"), parents=[common]
    )
    parser.add_argument("period", nargs="?", metavar="2024H1", help=said("period"))
    checked = output_path(language, [ENDING])
    parser.add_argument("-o", "--output", required=True, type=checked, help=said("output"))
    parser.add_argument("--since", metavar="2024-03-31", help=said("since"))
    parser.add_argument("--until", metavar="2024-06-30", help=said("until"))
    parser.add_argument("--section", action="append", choices=SECTIONS, help=said("section"))
    parser.add_argument("--scenario", type=int, metavar="N", help=said("scenario"))


def run(
    workspace: Workspace,
    options: argparse.Namespace,
    language: Language,
    *,
    tell: Callable[..., None],
) -> int:
    """Write a report, publish it and its figures.

    Parameters
    ----------
    workspace
        Its layers are up to date.
    options
        The parsed words.
    language
        Of the report.
    tell
        Writes a sentence for people to standard error.

    Returns
    -------
    status
        0, or 1 where the file cannot be written.

    Raises
    ------
    StateError
        If a period, a day, a section or a scenario makes no sense.
    PublishError
        If numbers do not agree.
    """
    # matplotlib is slow to come
    from geosvc.reports.building import build  # noqa: PLC0415

    def progress(share: float, stage: str) -> None:
        key = f"reports.section.{stage}"
        if messages.has(key):
            part = messages.text(key, language)
            tell("cli_report.progress", percent=round(100 * share), part=part)

    shown = as_readers_see(workspace)
    built = build(shown, _asked(options, language), author=ACTOR, progress=progress)
    if not write_output(options.output, built.report.content, tell=tell):
        return 1
    count = len(built.report.snapshots)
    tell("cli_report.written", file=options.output, count=count, id=built.id)
    return 0


def _asked(options: argparse.Namespace, language: Language) -> dict[str, Any]:
    asked: dict[str, Any] = {"language": language}
    if options.since is None and options.until is None:
        asked |= {"period": options.period, "sections": options.section}
        return asked | {"scenario": options.scenario}
    for name in ("since", "until"):
        if getattr(options, name) is None:
            raise StateError(name, issues=[Issue("required", name)])
    return asked | {"since": options.since, "until": options.until}
