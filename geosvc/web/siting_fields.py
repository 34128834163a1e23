"""The fields of the form: what each number may be, what the form starts with, reading a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping

WORK: Final = "siting"
"""The name of the work in `geosvc.works.WORKS`."""

NUMBERS: Final[Mapping[str, tuple[float, float, bool]]] = {
    "added": (0, 50, True),
    "service_distance_m": (1, 100_000, False),
    "reach_m": (1, 1_000_000, False),
    "share_percent": (1, 100, False),
    "half_life_days": (1, 36_500, False),
    "closing_cost": (0, 1e9, False),
    "soft_penalty_m": (0, 100_000, False),
    "least_bays": (0, 1000, True),
    "washes_per_bay_day": (0.01, 10_000, False),
    "budget": (0, 1e9, False),
    "arrivals_per_hour": (0, 100_000, False),
    "service_minutes": (0.1, 1440, False),
    "waiting_bays": (0, 1000, True),
    "draws": (0, 2000, True),
    "time_limit_s": (1, 600, False),
    "seed": (0, 2**31 - 1, True),
}
"""The least and the most of each number, and whether it is a whole one."""
MOST_WEIGHT: Final = 1e6  # a million times another

START: Final[Mapping[str, str]] = {
    "objective": "median",
    "added": "3",
    "service_distance_m": "1000",
    "share_percent": "100",
    "soft_penalty_m": "0",
    "draws": "200",
    "time_limit_s": "60",
    "seed": "0",
}
"""What the form starts with, besides switches that are on."""
SWITCHES: Final = ("keep_existing", "zones")
"""The boxes that are checked at the start."""

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


class Reader:
    """The texts of a form, and what is wrong with them.

    Parameters
    ----------
    given
        The texts by the names of their fields; empty ones are left out.

    Examples
    --------
    >>> reader = Reader({"added": " 3 ", "seed": "-1", "budget": ""})
    >>> reader.number("added"), reader.number("seed"), reader.number("budget")
    (3, None, None)
    >>> [(issue.key, issue.code, issue.expected) for issue in reader.issues]
    [('seed', 'not_whole', '0–2147483647')]
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self.texts = {name: text.strip() for name, text in given.items() if text.strip()}
        self.issues: list[Issue] = []

    def is_on(self, name: str) -> bool:
        """Say whether a box is checked."""
        return name in self.texts

    def text(self, name: str, *, most: int = 80) -> str:
        """Return a line that a person wrote, empty where there is none."""
        text = self.texts.get(name, "")
        if len(text) > most or not text.isprintable():
            self.refuse(name, "length", found=str(len(text)), expected=f"≤ {most}")
            return ""
        return text

    def number(self, name: str, *, bounds: str = "") -> float | None:
        """Return a number within the bounds of its name, or of another; None where it is empty."""
        least, most, is_whole = NUMBERS[bounds or name]
        return self.within(name, least, most, is_whole=is_whole)

    def within(
        self, name: str, least: float, most: float, *, is_whole: bool = False
    ) -> float | None:
        """Return a number within bounds; None where it is empty or refused."""
        text = self.texts.get(name)
        if text is None:
            return None
        is_sound = is_number(text) and (not is_whole or text.lstrip("-").isdecimal())
        if not is_sound or not least <= float(text) <= most:
            code = "not_whole" if is_whole else "not_number"
            self.refuse(name, code, found=text, expected=f"{least:.10g}–{most:.10g}")
            return None
        return int(text) if is_whole else float(text)

    def refuse(self, name: str, code: str, *, found: str = "", expected: str = "") -> None:
        """Note that a text makes no sense."""
        self.issues.append(Issue(code, WORK, name, found=found[:80], expected=expected))


def is_number(text: str) -> bool:
    """Say whether a text is a decimal number as a form takes it.

    >>> is_number("1.5"), is_number("1e3"), is_number("nan"), is_number("")
    (True, False, False, False)
    """
    return _NUMBER.fullmatch(text) is not None


def numbers_of(text: str) -> list[float]:
    """Read a place: numbers between commas or blanks; empty if a part is none.

    >>> numbers_of("121.1，33.5"), numbers_of(" 121.1 33.5 40"), numbers_of("121.1,x")
    ([121.1, 33.5], [121.1, 33.5, 40.0], [])
    >>> numbers_of("")
    []
    """
    parts = [part for part in re.split(r"[,，\s]+", text.strip()) if part]
    return [float(part) for part in parts] if all(map(is_number, parts)) else []


def weight_name(kind: str, value: str = "") -> str:
    """Return the name of a field for a weight.

    >>> weight_name("violations", "lane_washing"), weight_name("relocated")
    ('weight.violations.lane_washing', 'weight.relocated')
    """
    return f"weight.{kind}.{value}" if value else f"weight.{kind}"


def weight_of(reader: Reader, name: str, start: float) -> float:
    """Return the weight that a person set, ``start`` where the field is empty."""
    given = reader.within(name, 0, MOST_WEIGHT)
    return start if given is None else given
