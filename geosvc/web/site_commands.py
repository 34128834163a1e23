"""``geosvc site``: answer a siting question from the command line, print the verdict, write a file.

It does what a run on the page does, and asks what the page's form begins with unless it is told
otherwise. Ctrl-C stops the search, and the best so far is the answer; a second one ends the
program.
"""

from __future__ import annotations

import json
import math
import signal
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geosvc import messages
from geosvc.analysis.siting.goal import OBJECTIVES
from geosvc.errors import Issue, SourceError
from geosvc.jobs import after_commit
from geosvc.store import Change
from geosvc.store.scenarios import ScenarioTable
from geosvc.web.command_progress import Tenths
from geosvc.web.output_files import ending_of, output_path, write_output
from geosvc.web.siting_downloads import MEDIA, file_of, is_synthetic
from geosvc.web.siting_question import Names
from geosvc.web.siting_runs import START, read_form
from geosvc.web.siting_tables import About
from geosvc.words import scenarios as scenario_words
from geosvc.words import siting as siting_words
from geosvc.words.siting_names import column
from geosvc.workspace import siting
from geosvc.workspace.chosen import write_chosen
from geosvc.workspace.scenarios import outcome_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping

    from geosvc.catalog.model import Language
    from geosvc.store.scenarios import Scenario
    from geosvc.workspace import Workspace

ACTOR: Final = "geosvc site"
"""Who does it, in scenarios and revisions: whoever may run commands on this machine."""
JSON_ENDING: Final = ".json"
ENDINGS: Final = (*(f".{ending}" for ending in MEDIA), JSON_ENDING)
_NUMBERS: Final[Mapping[str, type[int | float]]] = {
    "added": int,
    "service_distance_m": float,
    "reach_m": float,
    "washes_per_bay_day": float,
    "budget": float,
    "draws": int,
    "time_limit_s": float,
    "seed": int,
}
_SWITCHES = ("zones", "keep_existing")


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
        return messages.text(f"cli_site.{name}", language)

    parser = commands.add_parser(
        "site", help=said("site"), description=said("description"), parents=[common]
    )
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--wishes", type=Path, metavar="FILE", help=said("wishes"))
    asked.add_argument("--scenario", type=int, metavar="N", help=said("scenario"))
    parser.add_argument("--objective", choices=OBJECTIVES, help=said("objective"))
    for name, kind in _NUMBERS.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=name, type=kind, metavar="X", help=said(name))
    checked = output_path(language, ENDINGS)
    parser.add_argument("--output", type=checked, metavar="FILE", help=said("output"))
    parser.add_argument("--keep", metavar="TITLE", help=said("keep"))
    parser.add_argument("--write", metavar="REASON", help=said("write"))


def run(
    workspace: Workspace,
    options: argparse.Namespace,
    language: Language,
    *,
    say: Callable[[str], None],
    tell: Callable[..., None],
) -> int:
    """Solve, print, and write what was asked for.

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
        0, or 1 where no plan was found or the file cannot be written.

    Raises
    ------
    AnalysisError
        If a wish makes no sense, or the data do not allow an answer.
    SourceError
        If the file of wishes is no JSON.
    UnknownScenarioError
        If there is no scenario of this number.
    """
    wishes = siting.read_wishes(workspace, _wishes(workspace, options))
    with _Telling(tell).heard() as told:
        document = siting.ask(workspace, wishes, told)
    for line in lines(document, language):
        say(line)
    title = options.keep or messages.text("cli_site.untitled", language)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    written = True
    if options.output:
        about = About(title, ACTOR, at, is_synthetic(workspace, document))
        names = Names(workspace.catalog, language)
        body = _body(document, about, ending_of(options.output), names)
        written = write_output(options.output, body, tell=tell)
        if written:
            tell("cli_site.written", file=options.output)
    if options.keep or options.write:
        made = _keep(workspace, document, title)
        tell("cli_site.kept", number=made.id)
        if options.write:
            change = Change(ACTOR, options.write)
            after = write_chosen(
                workspace, made, document, change=change, after_commit=after_commit
            )
            tell("cli_site.layer_written", layer=after.name, revision=after.number)
    return 0 if written and document["chosen"] is not None else 1


def lines(document: Mapping[str, Any], language: Language) -> list[str]:
    """Return verdict, sites, curve, other plans and what it stands on, as lines."""
    facts = outcome_of(document).facts
    proof = scenario_words.proof(facts, language)["text"]
    sites = scenario_words.site_rows(document, language)
    columns = {name: column(name, document, language) for name in _COLUMNS}
    said = [scenario_words.headline(facts, language), proof]
    said += siting_words.reasons(document, language) + siting_words.verdict(document, language)
    if sites:
        said.append("\t".join(columns[name] for name in scenario_words.SITE_HEADS))
        said += ["\t".join(row) for row in sites]
    said.append("\t".join(columns[name] for name in scenario_words.CURVE_HEADS))
    said += ["\t".join(row) for row in scenario_words.curve_rows(document, language)]
    for plan in document["plans"]:
        keys = " ".join(document["sites"][site]["key"] for site in plan["opened"])
        worse = scenario_words.with_unit(plan["gain"], document, language)
        said.append(messages.text("cli_site.plan", language, keys=keys, worse=worse))
    revisions = " ".join(f"{name} r{item['revision']}" for name, item in document["inputs"].items())
    seconds = f"{document['seconds']:.1f}"
    values = {"revisions": revisions, "seed": document["seed"], "seconds": seconds}
    return [*said, messages.text("cli_site.basis", language, **values)]


_COLUMNS: Final = (*scenario_words.SITE_HEADS, *scenario_words.CURVE_HEADS)


class _Telling:
    """Tells each tenth of the work once, and hears of Ctrl-C."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell, self._tenths, self._is_stopped = tell, Tenths(), False

    def __call__(
        self, share: float, _stage: str, value: float = math.nan, bound: float = math.nan, /
    ) -> bool:
        if self._tenths.passed(share):
            known = [f"{item:,.0f}" if math.isfinite(item) else "–" for item in (value, bound)]
            percent = round(100 * share)
            self._tell("cli_site.progress", percent=percent, value=known[0], bound=known[1])
        return self._is_stopped

    @contextmanager
    def heard(self) -> Iterator[_Telling]:
        """Take Ctrl-C as the wish to stop with the best so far, once."""

        def stop(*_given: object) -> None:
            self._is_stopped = True
            signal.signal(signal.SIGINT, before)

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)


def _wishes(workspace: Workspace, options: argparse.Namespace) -> dict[str, Any]:
    if options.scenario is not None:
        with ScenarioTable(workspace.store.path) as table:
            given: Any = dict(table.scenario(options.scenario).parameters["wishes"])
    elif options.wishes is not None:
        given = _read(options.wishes)
    else:
        given = read_form({**START, **dict.fromkeys(_SWITCHES, "on")}, workspace)
    own = {name: getattr(options, name) for name in ("objective", *_NUMBERS)}
    return {**given, **{name: value for name, value in own.items() if value is not None}}


def _read(path: Path) -> dict[str, Any]:
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        issue = Issue("unreadable", str(path), found=str(error))
        raise SourceError(str(path), issues=[issue]) from error
    # a result holds its question
    found = given.get("wishes", given) if isinstance(given, dict) else None
    if not isinstance(found, dict):
        raise SourceError(str(path), issues=[Issue("wrong_type", str(path), expected="{}")])
    return found


def _body(document: Mapping[str, Any], about: About, suffix: str, names: Names) -> bytes:
    if suffix == JSON_ENDING:
        return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()
    return file_of(document, about, suffix.removeprefix("."), names)


def _keep(workspace: Workspace, document: Mapping[str, Any], title: str) -> Scenario:
    parameters = {"wishes": document["wishes"]}
    with ScenarioTable(workspace.store.path) as table:
        made = table.add(title, outcome_of(document), parameters=parameters, author=ACTOR)
    workspace.store.log("scenario_saved", actor=ACTOR, target=str(made.id), detail={"title": title})
    return made
