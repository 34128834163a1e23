"""``geosvc snapshot list | verify | publish | withdraw``: frozen content from the command line.

``verify`` proves every file against its hash; whoever holds an id from elsewhere (a printed report,
a signed list) can so prove that nothing was changed since.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from geosvc import messages
from geosvc.store import Store
from geosvc.web import snapshot_words
from geosvc.web.public import as_readers_see
from geosvc.web.publish_requests import KINDS, OPTIONS, made_of
from geosvc.workspace.published import Shelf

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.settings import Settings
    from geosvc.workspace import Workspace

ACTOR: Final = "geosvc snapshot"
"""Who does it, in publications and in the log: whoever may run commands on this machine."""
_ASKED: Final = ("map", "query", *OPTIONS, "scenario", "job", "period", "title", "caption")


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
        return messages.text(f"cli_snapshot.{name}", language)

    snapshot = commands.add_parser("snapshot", help=said("snapshot"))
    verbs = snapshot.add_subparsers(dest="verb", required=True)
    made = {
        name: verbs.add_parser(name, help=said(name), parents=[common])
        for name in ("list", "verify", "publish", "withdraw")
    }
    made["verify"].add_argument("id", nargs="?", help=said("id"))
    made["withdraw"].add_argument("id", help=said("id"))
    made["withdraw"].add_argument("reason", help=said("reason"))
    publish = made["publish"]
    publish.add_argument("kind", choices=KINDS, help=said("kind"))
    publish.add_argument("map", nargs="?", default="", help=said("map"))
    for name in _ASKED[1:]:
        publish.add_argument(f"--{name}", default="", metavar="X", help=said(f"option_{name}"))


def run(
    settings: Settings,
    options: argparse.Namespace,
    language: Language,
    *,
    prepare: Callable[[], Workspace],
    tell: Callable[..., None],
) -> int:
    """Do what was asked for.

    Parameters
    ----------
    settings
        Where the instance is.
    options
        The parsed words.
    language
        The reader's language.
    prepare
        Brings the layers up to date, for what is published.
    tell
        Writes a sentence for people to standard error.

    Returns
    -------
    status
        0, or 1 where files have faults.

    Raises
    ------
    UnknownSnapshotError
        If there is no such snapshot.
    PublishError
        If what is drawn, counted and said does not agree.
    """
    if options.verb == "publish":
        return _publish(settings, options, language, prepare=prepare)
    store = Store(settings.instance / "geosvc.sqlite")
    store.migrate()
    store.close()
    shelf = Shelf(settings)
    if options.verb == "list":
        return _list(shelf, language)
    if options.verb == "verify":
        return _verify(shelf, options.id, language, tell=tell)
    found = shelf.withdraw(shelf.find(options.id).id, options.reason, ACTOR)
    tell("cli_snapshot.withdrawn", id=found.id, reason=found.withdrawn_reason)
    return 0


def _publish(
    settings: Settings,
    options: argparse.Namespace,
    language: Language,
    *,
    prepare: Callable[[], Workspace],
) -> int:
    shown = as_readers_see(prepare())
    given = {name: getattr(options, name) for name in _ASKED if getattr(options, name)}
    given |= {"kind": options.kind, "lang": language}
    made = made_of(shown, given)
    found = Shelf(settings).publish(made.parts, made.facts, author=ACTOR)
    _say(json.dumps({"id": found.id, "mark": found.mark, "url": f"/s/{found.id}"}))
    return 0


def _list(shelf: Shelf, language: Language) -> int:
    for found in shelf.list():
        row = snapshot_words.entry(found, language)
        names = ("id", "kind", "as_of", "published", "author", "state_text", "title")
        _say("\t".join(str(row[name]) for name in names))
    return 0


def _verify(
    shelf: Shelf, wanted: str | None, language: Language, *, tell: Callable[..., None]
) -> int:
    faults = shelf.verify_all() if wanted is None else shelf.verify(shelf.find(wanted).id)
    for issue in faults:
        _say(messages.render_issue(issue, language))
    key = "cli.faults" if faults else "cli_snapshot.sound"
    tell(key, count=len(faults) or len(shelf.ids() if wanted is None else (wanted,)))
    return 1 if faults else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
