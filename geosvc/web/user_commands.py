"""``geosvc user …``: people from the command line, which is where the first administrator is made.

Passwords are asked for twice, unseen; where nobody sits at a terminal, the first line of standard
input is taken. They are never arguments, which every process on the machine can read.
"""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Any

from geosvc import messages
from geosvc.errors import Issue, UserError
from geosvc.store import Store
from geosvc.web.accounts import LONGEST_TOKEN_DAYS, Accounts
from geosvc.web.roles import ROLES, SCOPES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.settings import Settings

ACTOR = "geosvc user"
"""Who does it, in the log: whoever may run commands on this machine."""
TOKEN_DAYS = 90
_PREFIX = "user_"


def add_parser(commands: Any, language: Language, common: argparse.ArgumentParser) -> None:  # noqa: ANN401 - argparse hides its class
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
    words = messages.table("cli", language)
    user = commands.add_parser("user", help=words["user"])
    verbs = user.add_subparsers(dest="verb", required=True)
    made = {
        name.removeprefix(_PREFIX): verbs.add_parser(
            name.removeprefix(_PREFIX), help=words[name], parents=[common]
        )
        for name in _VERBS
    }
    for verb, parser in made.items():
        if verb != "list":
            parser.add_argument("name", help=words["user_name"])
    made["add"].add_argument("--role", choices=ROLES, default="viewer", help=words["user_rank"])
    made["role"].add_argument("role", choices=ROLES, help=words["user_rank"])
    token = made["token"]
    token.add_argument("--label", default="geosvc user", help=words["token_label"])
    token.add_argument("--scope", choices=SCOPES, nargs="+", default=["read"])
    token.add_argument("--days", type=int, default=TOKEN_DAYS, help=words["token_days"])
    token.add_argument("--revoke", type=int, metavar="ID", help=words["token_revoke"])


def run(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    """Do what was asked for.

    Parameters
    ----------
    settings
        Where the instance is; it is made where it is absent.
    options
        The parsed words.
    tell
        Writes a sentence for people to standard error.

    Returns
    -------
    status
        0.

    Raises
    ------
    UserError
        If it cannot be done.
    """
    store = Store(settings.instance / "geosvc.sqlite")
    store.migrate()
    accounts = Accounts(settings, store.log)
    try:
        _VERBS[_PREFIX + options.verb](accounts, options, tell)
    finally:
        accounts.people.close()
        store.close()
    return 0


def _add(accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]) -> None:
    password = _password(options.name, tell)
    made = accounts.add(options.name, password, role=options.role, actor=ACTOR)
    tell("cli.user_added", name=made.name, role=made.role)


def _list(accounts: Accounts, _options: argparse.Namespace, tell: Callable[..., None]) -> None:
    users = accounts.people.users()
    for user in users:
        locked = int(accounts.locked_for(user).total_seconds())
        state = "disabled" if user.disabled_at else f"locked {locked} s" if locked else "active"
        _say(f"{user.name}\t{user.role}\t{state}\t{user.created_at}")
        for token in accounts.people.tokens(user):
            ended = f"revoked {token.revoked_at}" if token.revoked_at else token.expires_at
            _say(f"\ttoken {token.id}\t{token.name}\t{token.scope}\t{ended}")
    if not users:
        tell("cli.no_users")


def _disable(accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]) -> None:
    accounts.set_enabled(options.name, enabled=False, actor=ACTOR)
    tell("cli.user_disabled", name=options.name)


def _enable(accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]) -> None:
    accounts.set_enabled(options.name, enabled=True, actor=ACTOR)
    tell("cli.user_enabled", name=options.name)


def _unlock(accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]) -> None:
    accounts.unlock(options.name, actor=ACTOR)
    tell("cli.user_unlocked", name=options.name)


def _role(accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]) -> None:
    accounts.set_role(options.name, options.role, actor=ACTOR)
    tell("cli.user_changed", name=options.name, role=options.role)


def _set_password(
    accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]
) -> None:
    name = accounts.people.user(options.name).name
    accounts.set_password(name, _password(name, tell), actor=ACTOR)
    tell("cli.password_set", name=name)


def _token(accounts: Accounts, options: argparse.Namespace, tell: Callable[..., None]) -> None:
    if options.revoke is not None:
        found = accounts.revoke_token(options.name, options.revoke, actor=ACTOR)
        tell("cli.token_revoked", name=found.name)
        return
    scope = " ".join(options.scope)
    text = accounts.make_token(
        options.name, options.label, scope=scope, days=options.days, actor=ACTOR
    )
    tell("cli.token_made", days=options.days, most=LONGEST_TOKEN_DAYS)
    _say(text)


_VERBS: dict[str, Callable[[Accounts, argparse.Namespace, Callable[..., None]], None]] = {
    "user_add": _add,
    "user_list": _list,
    "user_disable": _disable,
    "user_enable": _enable,
    "user_unlock": _unlock,
    "user_role": _role,
    "user_password": _set_password,
    "user_token": _token,
}


def _password(name: str, tell: Callable[..., None]) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    tell("cli.ask_password", name=name)
    first, again = getpass.getpass(""), getpass.getpass("")
    if first != again:
        raise UserError(name, issues=[Issue("passwords_differ", name)])
    return first


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
