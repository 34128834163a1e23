"""Pages for administrators: the log, and the accounts of others.

Accounts are changed by people who have signed in, never by a token: a token that could make an
administrator would be worth more than its scope says.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from geosvc import messages
from geosvc.errors import AccessError, Issue, UserError
from geosvc.store.logbook import Logbook, Wanted
from geosvc.web import auth, one_time
from geosvc.web.context import moment_text
from geosvc.web.forms import form_page
from geosvc.web.log_words import KINDS, actor_text, sentence
from geosvc.web.roles import ROLES
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.catalog.model import Language
    from geosvc.errors import GeosvcError
    from geosvc.store import Entry
    from geosvc.store.people import User

bp = Blueprint("administration", __name__)
ENTRIES = 100
"""Entries of the log on a page."""
CHECKED = 20_000
"""Entries whose chain a page walks: a fifth of a second; ``geosvc verify`` walks all."""
MOST_ISSUES = 20
"""Faults of the last verification that the log's page lists."""
SECONDS = 60
_FILTERS = ("person", "kind", "since", "until")


@bp.get("/log")
def log() -> Response:
    """Show who did what, the latest first, and whether the chain of the log holds."""
    tongue, given = language(), {name: request.args.get(name, "") for name in _FILTERS}
    wanted, before = _wanted(given), request.args.get("before", type=int)
    with Logbook(service().workspace.store.path) as book:
        found = book.entries(wanted, before=before, limit=ENTRIES + 1)
        chain = book.chain(last=CHECKED)
    entries = found[:ENTRIES]
    # what could not be read is not shown as if it were heeded
    shown = given | {name: "" for name in ("since", "until") if not getattr(wanted, name)}
    shown["kind"] = given["kind"] if wanted.actions else ""
    context = {
        "entries": [_entry(entry) for entry in entries],
        "chain": chain,
        "verified": _verified(),
        "filters": shown,
        "kinds": [
            {"name": kind, "label": messages.text(f"log_kind.{kind}", tongue)} for kind in KINDS
        ],
        "people": [user.name for user in service().accounts.people.users()],
        "older": _log_url(shown, entries[-1].id) if len(found) > ENTRIES else None,
        "latest": _log_url(shown) if before is not None else None,
        "all": _log_url({}) if any(shown.values()) else None,
        "switch_url": _log_url(shown, before, tongue="zh" if tongue == "en" else "en"),
    }
    return form_page("log.html", context, path="/log")


@bp.get("/users")
def users() -> Response:
    """List the accounts, with forms to change them."""
    return _users()


@bp.post("/users/add")
def add_user() -> Response:
    """Make an account, and show its one-time password this once."""
    name, role = request.form.get("name", ""), request.form.get("role", "")
    try:
        made, password = service().accounts.invite(name, role=role, **_by())
    except (AccessError, UserError) as error:
        return _users(failure=error, typed=name)
    return _users(made={"name": made.name, "password": password})


@bp.post("/users/password")
def reset_password() -> Response:
    """Give an account a one-time password, and show it this once."""
    try:
        user = _other()
        password = service().accounts.renew_password(user.name, **_by())
    except (AccessError, UserError) as error:
        return _users(failure=error)
    return _users(made={"name": user.name, "password": password})


@bp.post("/users/role")
def set_role() -> Response:
    """Give an account another role."""
    role = request.form.get("role", "")
    return _changed("role", lambda name: service().accounts.set_role(name, role, **_by()))


@bp.post("/users/disable")
def disable_user() -> Response:
    """Let somebody in no more."""
    return _changed(
        "disabled", lambda name: service().accounts.set_enabled(name, enabled=False, **_by())
    )


@bp.post("/users/enable")
def enable_user() -> Response:
    """Let somebody in again."""
    return _changed(
        "enabled", lambda name: service().accounts.set_enabled(name, enabled=True, **_by())
    )


@bp.post("/users/unlock")
def unlock_user() -> Response:
    """Forgive an account the wrong passwords that were typed for it."""
    return _changed("unlocked", lambda name: service().accounts.unlock(name, **_by()))


def _by() -> dict[str, str]:
    return {"actor": auth.signed_in().name, "address": auth.address()}


def _changed(what: str, change: Callable[[str], None]) -> Response:
    try:
        user = _other()
        change(user.name)
    except UserError as error:
        return _users(failure=error)
    return _users(done=messages.text(f"user_done.{what}", language(), name=user.name))


def _other() -> User:
    """Return whom a form is about; never who sends it, so that one administrator is left.

    Raises
    ------
    UserError
        If there is no such user, or it is oneself.
    """
    user = service().accounts.people.user(request.form.get("name", ""))
    if user.name == auth.signed_in().name:
        raise UserError(user.name, issues=[Issue("not_oneself", user.name)])
    return user


def _users(
    *,
    failure: GeosvcError | None = None,
    done: str | None = None,
    made: dict[str, str] | None = None,
    typed: str = "",
) -> Response:
    tongue, own = language(), auth.signed_in()
    context = {
        "csrf": own.csrf,
        "rows": [_user(user, own.name) for user in service().accounts.people.users()],
        "roles": [
            {"name": role, "label": messages.text(f"roles.{role}", tongue)} for role in ROLES
        ],
        "done": done,
        "made": made,
        "typed": typed,
        "days": one_time.LIFE.days,
    }
    return form_page("users.html", context, path="/users", failure=failure)


def _user(user: User, own: str) -> dict[str, Any]:
    tongue, locked = language(), service().accounts.locked_for(user)
    minutes = max(-(-int(locked.total_seconds()) // SECONDS), 1)
    state = "disabled" if user.disabled_at else "locked" if locked else "active"
    if state == "active" and one_time.is_marked(user.password_hash):
        state = "invited"
    return {
        "name": user.name,
        "role": user.role,
        "role_text": messages.text(f"roles.{user.role}", tongue),
        "state": state,
        "state_text": messages.text(f"user_state.{state}", tongue, minutes=minutes),
        "created": moment_text(user.created_at, tongue),
        "is_own": user.name == own,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    tongue = language()
    return {
        "id": entry.id,
        "iso": entry.at,
        "at": moment_text(entry.at, tongue),
        "actor": actor_text(entry, tongue),
        "sentence": sentence(entry, tongue, title=layer_title),
        "address": entry.address,
        "is_bad": entry.action == "sign_in_failed",
    }


def _verified() -> dict[str, Any] | None:
    found, tongue = service().workspace.store.last_verification(), language()
    if found is None:
        return None
    key = "pages.log_page.unsound" if found.issues else "pages.log_page.sound"
    at = moment_text(found.at, tongue)
    return {
        "is_sound": not found.issues,
        "text": messages.text(key, tongue, at=at, count=len(found.issues)),
        "issues": [messages.render_issue(issue, tongue) for issue in found.issues[:MOST_ISSUES]],
    }


def layer_title(layer_id: str) -> str:
    """Return the title of a layer in the reader's language, or its id where it has none."""
    layer = service().workspace.catalog.layers.get(layer_id)
    return layer.title.of(language()) if layer else layer_id


def _wanted(given: dict[str, str]) -> Wanted:
    return Wanted(
        person=given["person"].strip(),
        actions=KINDS.get(given["kind"], ()),
        since=_midnight(given["since"], days=0),
        until=_midnight(given["until"], days=1),
    )


def _midnight(text: str, *, days: int) -> str:
    """Return the beginning of a day of the service's time zone, or of a later one, in UTC."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return datetime.combine(day, time()).astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""


def _log_url(
    filters: dict[str, str], before: int | None = None, *, tongue: Language | None = None
) -> str:
    query: dict[str, object] = {name: value for name, value in filters.items() if value}
    query |= {"before": before} if before is not None else {}
    query |= {"lang": "en"} if (tongue or language()) == "en" else {}
    return f"/log?{urlencode(query)}" if query else "/log"
