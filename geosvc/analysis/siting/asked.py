"""Reading what a person set: plain values of a form or a file, each checked where it is taken.

A fault is an `AnalysisError` with the reason "siting_setting", the dotted name of the setting and
what was found there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from geosvc.errors import AnalysisError

_MISSING: Final = object()
_T = TypeVar("_T", bound=str)


def refused(found: object, *, at: str) -> AnalysisError:
    """Return the error that says which setting cannot be used.

    >>> refused(-1, at="added").numbers
    {'setting': 'added', 'found': '-1'}
    """
    reason = "siting_setting"
    return AnalysisError(reason, setting=at, found=str(found))


class Asked:
    """A table of settings that knows its own name, and which keys were never looked at.

    Parameters
    ----------
    values
        Names and JSON values.
    name
        The dotted name of the table, empty for the whole.

    Raises
    ------
    AnalysisError
        If ``values`` is no table; by each method if a value is not what it asks for.

    Examples
    --------
    >>> asked = Asked({"added": 3, "demand": [{"weight": 2}]})
    >>> asked.whole("added", 1), asked.whole("seed", 0)
    (3, 0)
    >>> [kind.number("weight", 1.0) for kind in asked.tables("demand")]
    [2.0]
    >>> asked.done()
    >>> Asked({"aded": 3}).done()
    Traceback (most recent call last):
    geosvc.errors.AnalysisError: siting_setting
    """

    def __init__(self, values: object, name: str = "") -> None:
        if not isinstance(values, Mapping):
            raise refused(values, at=name)
        self._values, self._name = values, name
        self._seen: set[str] = set()

    def has(self, key: str) -> bool:
        """Say whether a value is given."""
        return self._values.get(key) is not None

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        value = self._take(key, default)
        if not isinstance(value, str):
            raise refused(value, at=self._at(key))
        return value

    def choice(self, key: str, among: Sequence[_T]) -> _T:
        """Return one of some texts, the first where none is given."""
        value = self._take(key, among[0])
        for one in among:
            if one == value:
                return one
        raise refused(value, at=self._at(key))

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a yes or no."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise refused(value, at=self._at(key))
        return value

    def number(
        self, key: str, default: float, *, least: float = 0.0, most: float = math.inf
    ) -> float:
        """Return a finite number within limits; a default is taken as it is."""
        value = self._take(key, _MISSING)
        if value is _MISSING:
            return default
        return self._number(self._at(key), value, least, most)

    def maybe(self, key: str, *, least: float = 0.0, above: bool = False) -> float | None:
        """Return a number if there is one; more than ``least`` if ``above``."""
        value = self._take(key, _MISSING)
        if value is _MISSING:
            return None
        number = self._number(self._at(key), value, least, math.inf)
        if above and number <= least:
            raise refused(value, at=self._at(key))
        return number

    def whole(self, key: str, default: int, *, least: int = 0, most: float = math.inf) -> int:
        """Return a whole number within limits."""
        value = self._take(key, default)
        number = self._number(self._at(key), value, least, most)
        if number != int(number):
            raise refused(value, at=self._at(key))
        return int(number)

    def numbers(self, key: str, *, least: float = 0.0) -> tuple[float, ...]:
        """Return a list of numbers."""
        return tuple(
            self._number(f"{self._at(key)}[{i}]", value, least, math.inf)
            for i, value in enumerate(self.values(key))
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; numbers are written as texts."""
        return tuple(str(value) for value in self.values(key))

    def values(self, key: str) -> tuple[Any, ...]:
        """Return a list as it is."""
        value = self._take(key, ())
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise refused(value, at=self._at(key))
        return tuple(value)

    def weights(self, key: str) -> dict[str, float]:
        """Return a table of numbers by name."""
        table = self.table(key)
        return {name: table.number(name, 1.0) for name in table.names()}

    def table(self, key: str) -> Asked:
        """Return a table, empty where there is none."""
        return Asked(self._take(key, {}), self._at(key))

    def tables(self, key: str) -> list[Asked]:
        """Return a list of tables."""
        return [Asked(value, f"{self._at(key)}[{i}]") for i, value in enumerate(self.values(key))]

    def names(self) -> tuple[str, ...]:
        """Return the keys that are given."""
        return tuple(str(key) for key in self._values)

    def plain(self, key: str) -> Any:  # noqa: ANN401 - JSON of any kind
        """Return a value as it is, None where there is none."""
        return self._take(key, None)

    def refuse(self, key: str) -> AnalysisError:
        """Return the error that refuses the value of a key."""
        return refused(self._values.get(key), at=self._at(key))

    def done(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._values:
            if key not in self._seen:
                raise refused(self._values[key], at=self._at(str(key)))

    def _take(self, key: str, default: Any) -> Any:  # noqa: ANN401 - JSON of any kind
        self._seen.add(key)
        value = self._values.get(key)
        return default if value is None else value

    def _at(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    @staticmethod
    def _number(name: str, value: object, least: float, most: float) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise refused(value, at=name)
        if not (math.isfinite(value) and least <= value <= most):
            raise refused(value, at=name)
        return float(value)
