"""An entry of the log as a sentence, and the kinds of entries that a reader chooses from.

A sentence goes on from the name of who did it. What an entry holds is data: it is put into the
sentence as it is, and a code that this version has no sentence for is shown as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geosvc.catalog.model import Language
    from geosvc.store import Entry

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sign_ins": ("sign_in", "sign_in_failed", "sign_out", "sessions_ended"),
    "data": (
        "write",
        "scenario_saved",
        "scenario_renamed",
        "scenario_deleted",
        "scenario_restored",
        "snapshot_publish",
        "snapshot_withdraw",
    ),
    "downloads": ("export", "personal_export"),
    "personal": ("personal_read", "personal_export", "purge"),
    "accounts": (
        "user_added",
        "user_disabled",
        "user_enabled",
        "user_unlocked",
        "role_changed",
        "password_changed",
        "password_reset",
        "token_made",
        "token_revoked",
    ),
    "upkeep": ("backup", "restore_backup", "verify", "log_pruned", "job_canceled", "purge"),
}
"""What a reader may choose, and the actions of each."""
FORMATS: Final = {"csv": "CSV", "geojson": "GeoJSON", "gpkg": "GeoPackage"}
SECONDS = 60
SHORT = 12
"""How many digits of a hash are shown."""


def actor_text(entry: Entry, tongue: Language) -> str:
    """Return who did it: a name, the service itself, or somebody whom nobody knows."""
    if entry.actor:
        return entry.actor
    key = "log_actor.unknown" if entry.action == "sign_in_failed" else "log_actor.service"
    return messages.text(key, tongue)


def sentence(entry: Entry, tongue: Language, *, title: Callable[[str], str]) -> str:
    """Say what was done.

    Parameters
    ----------
    entry
        The entry.
    tongue
        The reader's language.
    title
        Returns the title of a layer by its id, or the id where there is none.

    Returns
    -------
    sentence
        Plain text without the name of who did it.
    """
    key = f"log.{_variant(entry)}"
    if not messages.has(key):
        detail = "; ".join(f"{name} = {value}" for name, value in entry.detail.items())
        values = {"action": entry.action, "target": entry.target, "detail": detail}
        return messages.text("log_other.text", tongue, **values).strip()
    return messages.text(key, tongue, **_values(entry, tongue, title))


def _variant(entry: Entry) -> str:
    """Return the key of the sentence: some actions have two."""
    if entry.action == "sign_in_failed" and _number(entry, "locked_s"):
        return "sign_in_locked"
    if entry.action == "password_changed" and entry.actor == entry.target:
        return "password_changed_own"
    if entry.action == "personal_read" and "/" in entry.target:
        return "personal_read_one"
    return entry.action


def _values(entry: Entry, tongue: Language, title: Callable[[str], str]) -> dict[str, object]:
    stem, _, ending = entry.target.partition(".")
    layer_id, _, feature = stem.partition("/")
    detail = entry.detail
    return {
        "target": entry.target,
        "short": entry.target[:SHORT],
        "layer": title(layer_id),
        "feature": entry.target.partition("/")[2] or feature,
        "format": FORMATS.get(ending, ending),
        "role": _word("roles", detail.get("role", ""), tongue),
        "token": detail.get("token", ""),
        "scope": _list([_word("rights", item, tongue) for item in _scope(detail)], tongue),
        "work": _word("job_work", detail.get("work", ""), tongue),
        "failures": _number(entry, "failures"),
        "minutes": -(-_number(entry, "locked_s") // SECONDS),
        "revision": detail.get("revision", ""),
        "title": detail.get("title", ""),
        "reason": _word("reason", detail.get("reason") or "", tongue),
        "changes": _changes(entry, tongue),
        "count": _count(detail),
    }


def _changes(entry: Entry, tongue: Language) -> str:
    counts = {name: _number(entry, name) for name in ("added", "changed", "removed")}
    said = [
        messages.text(f"log_count.{name}", tongue, count=f"{count:,}")
        for name, count in counts.items()
        if count
    ]
    return _list(said, tongue) or messages.text("log_count.none", tongue)


def _count(detail: Mapping[str, Any]) -> str:
    by_layer = detail.get("counts")
    count = sum(by_layer.values()) if isinstance(by_layer, dict) else detail.get("count", 0)
    return f"{count:,}" if isinstance(count, int) else str(count)


def _scope(detail: Mapping[str, Any]) -> list[str]:
    return str(detail.get("scope", "")).split()


def _number(entry: Entry, name: str) -> int:
    found = entry.detail.get(name, 0)
    return found if isinstance(found, int) else 0


def _word(table: str, code: object, tongue: Language) -> str:
    # codes are ours, an editor's reason is words
    key = f"{table}.{code}"
    return messages.text(key, tongue) if messages.has(key) else str(code)


def _list(items: list[str], tongue: Language) -> str:
    return ("、" if tongue == "zh" else ", ").join(items)
