"""``geosvc hotspots``: scan for hotspots from the command line, print the verdict, write a file.

It does what a rerun on the page does and stores nothing either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc import messages
from geosvc.web import downloads
from geosvc.web.command_progress import Tenths
from geosvc.web.hotspot_runs import BOUNDS, LAYER, read_changes
from geosvc.web.output_files import ending_of, output_path, write_output
from geosvc.words import hotspots as hotspot_words
from geosvc.workspace.reruns import Changes, rerun, to_features
from geosvc.workspace.trust import source_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from geosvc.catalog.model import Language
    from geosvc.workspace import Workspace

ENDINGS = (".geojson", ".gpkg", ".csv")
_COLUMNS = ("rank", "road", "visits", "cases", "expected", "ratio", "p")
_OPTIONS = {"first_day": "--from", "until": "--to", "radii_m": "--radii"}


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
    words = messages.table("hotspots.asked", language)
    help_ = messages.text("cli.hotspots", language)
    parser = commands.add_parser("hotspots", help=help_, description=help_, parents=[common])
    for name in (*BOUNDS, "first_day", "until"):
        option = _OPTIONS.get(name, f"--{name}")
        bounds = "{:g} – {:g}".format(*BOUNDS[name]) if name in BOUNDS else "YYYY-MM-DD"
        said = f"{words[name]} ({bounds})"
        parser.add_argument(option, dest=name, default="", metavar="X", help=said)
    said = messages.text("cli.hotspots_output", language)
    checked = output_path(language, ENDINGS)
    parser.add_argument("--output", type=checked, metavar="FILE", help=said)


def run(
    workspace: Workspace,
    options: argparse.Namespace,
    language: Language,
    *,
    say: Callable[[str], None],
    tell: Callable[..., None],
) -> int:
    """Scan, print and write.

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
    tell
        Writes a sentence for people to standard error.

    Returns
    -------
    status
        0, or 1 where the file cannot be written.

    Raises
    ------
    EditError
        If a parameter makes no sense.
    AnalysisError
        If the data do not allow an answer.
    """
    given = {name: getattr(options, name) for name in (*BOUNDS, "first_day", "until")}
    changes = Changes(**read_changes(given))
    tenths = Tenths()

    def progress(share: float, _stage: str) -> None:
        if tenths.passed(share):
            tell("cli.hotspots_progress", percent=round(100 * share))

    frame = rerun(workspace, LAYER, changes, progress=progress)
    for line in lines(frame, language):
        say(line)
    if options.output:
        if not write_output(options.output, _body(workspace, frame, options.output), tell=tell):
            return 1
        tell("cli.hotspots_written", file=options.output, count=len(frame))
    return 0


def lines(frame: pd.DataFrame, language: Language) -> list[str]:
    """Return verdict, table (tab-separated), power, what was used, and method, as lines."""
    report = frame.attrs["report"]
    rows = [item["properties"] for item in to_features(frame)]
    heads = [
        messages.text(f"hotspots.{name}", language)
        for name in ("rank", "road", "visits", "cases", "expected", "ratio", "p_value")
    ]
    table = [
        "\t".join([*(str(row[name]) for name in _COLUMNS), row["level_text"], row["note"]])
        for row in hotspot_words.evidence(rows, language)
    ]
    found = hotspot_words.power(report, language)
    used = hotspot_words.used(report, language)
    return [
        *hotspot_words.headline(report, rows, language),
        *hotspot_words.lead(report, rows, language),
        *(["\t".join(heads), *table] if table else []),
        messages.text("hotspots.selected", language),
        *([found["text"]] if found else []),
        *hotspot_words.surveyed(report, language)["texts"],
        used["text"],
        *(f"{item['key']}\t{item['why']}" for item in used["dropped"]),
        *(f"{label}: {value}" for label, value in hotspot_words.method(report, language)),
    ]


def _body(workspace: Workspace, frame: pd.DataFrame, path: Path) -> bytes:
    layer, status = workspace.catalog.layer(LAYER), workspace.status(LAYER)
    facts = downloads.facts_of(
        synthetic=status.synthetic,
        revision=status.revision or 0,
        attribution=source_of(workspace, LAYER),
        as_of=status.as_of,
    ) | {"report": frame.attrs["report"]}
    if ending_of(path) == ".geojson":
        return downloads.geojson(layer, frame, facts)
    if ending_of(path) == ".csv":
        return downloads.table(layer, frame, synthetic=status.synthetic)
    return downloads.geopackage(layer, frame, facts, at=None)
