"""Scans with other parameters: what may be asked, and a workspace that shows one's result."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import EditError, Issue, StoreError
from geosvc.workspace import Workspace
from geosvc.workspace.reruns import from_features
from geosvc.workspace.status import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geosvc.store.jobs import Job

LAYER: Final = "violation_hotspots"
WORK: Final = "hotspots"
"""The name of the work in `geosvc.jobs.WORKS`."""

MOST_RADII: Final = 8
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "radii_m": (20, 5000),
    "alpha": (0.001, 0.2),
    "draws": (99, 9999),
    "seed": (0, 2**31 - 1),
}
"""The least and the most that may be asked for."""

_SEPARATORS = re.compile(r"[\s,，、;；]+")


def read_changes(given: Mapping[str, str]) -> dict[str, Any]:
    """Read what a form or a command line asks for.

    Parameters
    ----------
    given
        Texts: ``radii_m`` (separated by commas or spaces), ``alpha``, ``draws``, ``seed``,
        ``first_day`` and ``until`` (ISO 8601, the last day). What is empty or absent stays as
        published.

    Returns
    -------
    changes
        JSON: the fields of `geosvc.workspace.reruns.Changes`; equal wishes are equal.

    Raises
    ------
    EditError
        If a text makes no sense or is beyond `BOUNDS`; ``issues`` name the fields.

    Examples
    --------
    >>> read_changes({"radii_m": "200，100", "draws": "999"})["parameters"]
    {'radii_m': [100.0, 200.0], 'draws': 999}
    >>> read_changes({})
    {'parameters': {}, 'first_day': ''}
    """
    issues: list[Issue] = []
    texts = {name: value.strip() for name, value in given.items() if value.strip()}
    found = {name: _numbers(name, texts[name], issues) for name in BOUNDS if name in texts}
    first, until = (_day(name, texts.get(name, ""), issues) for name in ("first_day", "until"))
    if first and until and first > until:
        issues.append(Issue("below_minimum", WORK, "until", None, until, first))
    if issues:
        raise EditError(WORK, issues=issues)
    parameters = {name: _plain(name, numbers) for name, numbers in found.items()}
    return {
        "parameters": parameters | ({"until": until} if until else {}),
        "first_day": first,
    }


class RunView(Workspace):
    """A workspace where the layer of hotspots is the result of one job.

    Parameters
    ----------
    view
        A pinned workspace, which answers for all else.
    job
        A job that is done, see `geosvc.jobs.WORKS`.

    Raises
    ------
    StoreError
        If the result is none of the layer as its file is now.
    """

    def __init__(self, view: Workspace, job: Job) -> None:
        vars(self).update(vars(view))
        self._view = view
        layer = view.catalog.layer(LAYER)
        try:
            self._found = from_features(layer, job.result["features"])
        except (KeyError, TypeError) as error:
            msg = f"job {job.id}"
            raise StoreError(msg) from error
        self._tag = fingerprint(layer.fingerprint, "run", job.id, job.cache_key)[:12]
        status = replace(
            view.status(LAYER),
            state="ok",
            issues=(),
            count=len(self._found),
            at=job.ended_at,
            author=job.author,
            notes={"report": job.result["report"]},
        )
        statuses = {**view.moment.statuses, LAYER: status}
        self.moment = replace(view.moment, statuses=statuses)

    def frame(self, layer_id: str) -> pd.DataFrame:
        """Return a layer's features, those of the result where it is the layer of hotspots."""
        return self._found if layer_id == LAYER else self._view.frame(layer_id)

    def tag(self, layer_id: str) -> str:
        """Return 12 hexadecimal digits that move with what is shown of a layer."""
        return self._tag if layer_id == LAYER else self._view.tag(layer_id)


def _numbers(name: str, text: str, issues: list[Issue]) -> list[float]:
    low, high = BOUNDS[name]
    parts = [part for part in _SEPARATORS.split(text) if part]
    most = MOST_RADII if name == "radii_m" else 1
    if not 0 < len(parts) <= most:
        issues.append(Issue("wrong_type", WORK, name, found=text[:80], expected=f"1–{most}"))
        return []
    found = []
    for part in parts:
        value = _number(part, is_whole=name in {"draws", "seed"})
        if value is None:
            expected = "integer" if name in {"draws", "seed"} else "number"
            issues.append(Issue("wrong_type", WORK, name, found=part[:80], expected=expected))
        elif value < low:
            issues.append(Issue("below_minimum", WORK, name, found=part[:80], expected=f"{low:g}"))
        elif value > high:
            issues.append(Issue("above_maximum", WORK, name, found=part[:80], expected=f"{high:g}"))
        else:
            found.append(value)
    return found


def _number(text: str, *, is_whole: bool) -> float | None:
    pattern = r"[0-9]{1,12}" if is_whole else r"[0-9]{1,12}(\.[0-9]{1,12})?"
    return float(text) if re.fullmatch(pattern, text) else None


def _plain(name: str, found: list[float]) -> Any:  # noqa: ANN401 - JSON
    if name == "radii_m":
        return sorted(set(found))
    return int(found[0]) if name in {"draws", "seed"} else found[0]


def _day(name: str, text: str, issues: list[Issue]) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        issues.append(Issue("wrong_type", WORK, name, found=text[:80], expected="YYYY-MM-DD"))
        return ""
