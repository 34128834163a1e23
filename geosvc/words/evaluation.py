"""What comparisons of before and after say, in sentences: their power first, then their result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geosvc.messages import text
from geosvc.words.numerals import number, percent, probability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Language

    Part = Mapping[str, Any]

COMPARISONS: Final = ("sites", "shops")
"""The parts of the report, see `geosvc.analysis.street_before_after`."""
_TONES: Final = {
    "not_open_yet": "info",
    "cannot_tell": "warn",
    "no_placebo": "warn",
    "effect": "ok",
    "no_effect": "plain",
}
_DOUBLE: Final = 1.0
"""A rise beyond this is told as a multiple."""


def comparisons(report: Part | None, tongue: Language) -> list[dict[str, Any]]:
    """Say what each comparison of before and after found.

    Parameters
    ----------
    report
        What the layer's method says beside its rows; None where it is not computed.
    tongue
        The reader's language.

    Returns
    -------
    views
        ``title``, ``tone`` and ``badge``; ``texts`` in the order in which they are to be read, the
        power first; ``dropped`` (places that were left out, with the reason) and its
        ``dropped_text``; ``chart`` or None.

    Examples
    --------
    >>> [view["texts"] for view in comparisons(None, "en")]
    [['Not computed yet.']]
    """
    if report is None:
        plain = {"title": text("evaluation.title", tongue), "tone": "info", "badge": None}
        said = {"texts": [text("evaluation.pending", tongue)], "dropped": [], "chart": None}
        return [plain | said]
    return [_view(name, report[name], tongue) for name in COMPARISONS if report.get(name)]


def change_text(change: float, tongue: Language) -> str:
    """Write a relative change; more than a doubling as a multiple.

    >>> change_text(-0.5, "en"), change_text(0.1, "en"), change_text(-0.5, "zh")
    ('−50%', '+10%', '下降 50%')
    >>> change_text(1.25, "zh")
    '升至 2.2 倍'
    """
    if change > _DOUBLE:
        return text("evaluation.times", tongue, ratio=number(change + 1, 1))
    key = "evaluation.fall" if change < 0 else "evaluation.rise"
    return text(key, tongue, percent=percent(abs(change)))


def _view(name: str, part: Part, tongue: Language) -> dict[str, Any]:
    status, steps = part["status"], part.get("steps") or {}
    said = _power(part.get("power") or {}, tongue)
    if status == "not_open_yet":
        said.append(text("evaluation.not_open_text", tongue))
    else:
        said += [*_observed(part, tongue), *_result(part, tongue)]
    dropped = steps.get("dropped") or []
    counts = {"count": len(dropped), "total": number(steps.get("total"))}
    return {
        "title": text(f"evaluation.of.{name}", tongue),
        "tone": _TONES[status],
        "badge": text(f"evaluation.status.{status}", tongue),
        "texts": said,
        "dropped": [
            {"key": str(item["key"]), "why": text(f"evaluation.why.{item['reason']}", tongue)}
            for item in dropped
        ],
        "dropped_text": text("evaluation.dropped", tongue, **counts),
        "chart": None if status == "not_open_yet" else _chart(name, part, tongue),
    }


def _power(power: Part, tongue: Language) -> list[str]:
    if not power:
        return []
    change, needed = power.get("detectable_change"), power.get("events_needed")
    if change is None:
        said = text("evaluation.power_none", tongue)
    else:
        said = text("evaluation.power_change", tongue, change=change_text(change, tongue))
    if needed is not None:
        more = text("evaluation.power_needed", tongue, events=number(needed))
        said = f"{said}{'' if tongue == 'zh' else ' '}{more}"
    return [said]


def _observed(part: Part, tongue: Language) -> list[str]:
    treated, control = part.get("treated") or {}, part.get("control") or {}
    ring = part.get("ring") or {}
    said = []
    if "before" in treated and "before" in control:
        counts = {
            f"{name}_{when}": number(found.get(when), 1)
            for name, found in (("treated", treated), ("control", control))
            for when in ("before", "after")
        }
        said.append(text("evaluation.observed", tongue, **counts))
    if "before" in ring:
        moved = {when: number(ring.get(when), 1) for when in ("before", "after")}
        said.append(text("evaluation.ring", tongue, **moved))
    return said


def _result(part: Part, tongue: Language) -> list[str]:
    said = []
    if (changes := _changes(part)) is not None:
        value, low, high = _change_texts(changes, tongue)
        said.append(text("evaluation.ratio", tongue, change=value, low=low, high=high))
    wdd = part.get("wdd") or {}
    if wdd.get("value") is not None:
        numbers = {"value": number(wdd["value"], 1), "se": number(wdd.get("se"), 1)}
        dispersion = number(part.get("dispersion"), 2)
        said.append(text("evaluation.wdd", tongue, dispersion=dispersion, **numbers))
    placebo = part.get("placebo") or {}
    if placebo.get("places") is not None:
        is_few = part["status"] == "no_placebo"
        key = "evaluation.placebo_few" if is_few else "evaluation.placebo"
        ranked = {name: number(placebo.get(name)) for name in ("places", "rank", "assignments")}
        p, smallest = (probability(placebo.get(name)) for name in ("p_value", "smallest_p"))
        said.append(text(key, tongue, p=p, smallest=smallest, **ranked))
    return said


def _changes(part: Part) -> tuple[float, float, float | None] | None:
    """Return the change and its interval, as shares of what was to be expected."""
    ratio = part.get("rate_ratio") or {}
    value, low, high = (ratio.get(name) for name in ("value", "low", "high"))
    if value is None:
        return None
    return value - 1, (low or 0.0) - 1, None if high is None else high - 1


def _change_texts(changes: tuple[float, float, float | None], tongue: Language) -> list[str]:
    return [
        text("evaluation.no_bound", tongue) if change is None else change_text(change, tongue)
        for change in changes
    ]


def _chart(name: str, part: Part, tongue: Language) -> dict[str, Any] | None:
    changes, seen = _changes(part), (part.get("power") or {}).get("detectable_change")
    if changes is None:
        return None
    value, low, high = _change_texts(changes, tongue)
    words = {"change": value, "low": low, "high": high}
    shown = "–" if seen is None else change_text(seen, tongue)
    return {
        "kind": "change",
        "id": f"change_{name}",
        "change": list(changes),
        "texts": [value, low, high],
        "seen": seen,
        "label": text("evaluation.label", tongue, seen=shown, **words),
        "can_see": text("evaluation.can_see", tongue),
        "cannot_see": text("evaluation.cannot_see", tongue),
        "same": text("evaluation.same", tongue),
        "x": text("evaluation.axis", tongue),
    }
