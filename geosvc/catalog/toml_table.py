"""TOML files read key by key, with every fault listed instead of the first one raised.

A reading method returns the value, or an empty value of the same type after it has listed a fault,
so that reading goes on to the next key. What was read counts only when no fault was listed.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

from geosvc.catalog.keys import LAYER_KEYS
from geosvc.catalog.model import Scalar, Text
from geosvc.catalog.toml_file import shown
from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ID = re.compile(r"[a-z0-9_]+")
"""What the id of a layer, map or group looks like."""

_BARE_KEY = re.compile(r"[\w-]{1,60}(\[\d+\])?")

_T = TypeVar("_T")


class Table:
    """One table of a file.

    Parameters
    ----------
    values
        The table as `tomllib` gives it.
    path
        The path that faults name.
    key
        The dotted key of the table; empty for the file itself.
    issues
        The list that receives faults, shared by all tables of a file.

    Examples
    --------
    >>> table = Table({"order": "first"}, path="layers/a.toml", key="", issues=[])
    >>> table.integer("order", default=50)
    50
    >>> table.issues[0].code, table.issues[0].key, table.issues[0].expected
    ('wrong_type', 'order', 'integer')
    >>> Table({}, path="layers/a.toml", key="", issues=[]).string("group")
    ''
    """

    def __init__(
        self, values: Mapping[str, Any], *, path: str, key: str, issues: list[Issue]
    ) -> None:
        self.values = values
        self.path = path
        self.key = key
        self.issues = issues

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def dotted(self, name: str = "") -> str:
        """Return the dotted key of an entry, which may end in a list position."""
        bare = name if _BARE_KEY.fullmatch(name) else json.dumps(shown(name), ensure_ascii=False)
        return f"{self.key}.{bare}" if self.key else bare

    def fault(self, code: str, name: str, *, found: object = "", expected: str = "") -> None:
        """List a fault of an entry of this table."""
        key = self.dotted(name)
        self.issues.append(Issue(code, self.path, key, found=shown(found), expected=expected))

    def only(self, names: Sequence[str]) -> None:
        """List ``unknown_key`` for each key that is none of ``names``."""
        for name in self.values:
            if name not in names:
                self.fault("unknown_key", name, found=name, expected=", ".join(names))

    def one_of(self, names: Sequence[str]) -> str:
        """Return which of ``names`` is given; list ``both_or_neither`` unless just one is."""
        given = [name for name in names if name in self.values]
        if len(given) == 1:
            return given[0]
        key = self.key or names[0]
        found, expected = ", ".join(given), ", ".join(names)
        self.issues.append(Issue("both_or_neither", self.path, key, found=found, expected=expected))
        return ""

    def string(self, name: str, *, required: bool = False) -> str:
        """Return a text with at least one character; empty where absent or at fault."""
        value = self._typed(name, (str,), "string", required=required)
        if value == "":
            self.fault("required", name)
        return value if isinstance(value, str) else ""

    def choice(self, name: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        """Return one of ``allowed``; without a default the key is required."""
        names = tuple(allowed)
        if name not in self.values and default is not None:
            return default
        value = self.string(name, required=True)
        if value and value not in names:
            self.fault("not_allowed", name, found=value, expected=", ".join(names))
            return ""
        return value

    def identifier(self, name: str, *, required: bool = False) -> str:
        """Return an id of small letters, digits and underscores."""
        value = self.string(name, required=required)
        if value and not ID.fullmatch(value):
            self.fault("not_allowed", name, found=value, expected="[a-z0-9_]+")
            return ""
        return value

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._typed(name, (bool,), "boolean")
        return value if isinstance(value, bool) else default

    def number(
        self,
        name: str,
        *,
        default: float,
        minimum: float = -math.inf,
        maximum: float = math.inf,
    ) -> float:
        """Return a finite number between two bounds."""
        value = self._typed(name, (int, float), "number")
        if value is None:
            return float(default)
        return float(value if self.in_range(name, value, (minimum, maximum)) else default)

    def integer(
        self, name: str, *, default: int, minimum: float = -math.inf, maximum: float = math.inf
    ) -> int:
        """Return a whole number between two bounds."""
        value = self._typed(name, (int,), "integer")
        if value is None:
            return default
        return int(value) if self.in_range(name, value, (minimum, maximum)) else default

    def in_range(self, name: str, value: float, bounds: tuple[float, float]) -> bool:
        """Return whether a number is finite and between two bounds; list the fault if not."""
        if not math.isfinite(value):
            self.fault("not_allowed", name, found=str(value), expected="finite number")
        elif value < bounds[0]:
            self.fault("below_minimum", name, found=value, expected=f"{bounds[0]:g}")
        elif value > bounds[1]:
            self.fault("above_maximum", name, found=value, expected=f"{bounds[1]:g}")
        else:
            return True
        return False

    def date(self, name: str) -> str:
        """Return a day as ISO text; TOML's own dates are taken too."""
        value = self._typed(name, (str, dt.date), "date")
        if value is None:
            return ""
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value.isoformat()
        if not _is_day(value):
            self.fault("not_allowed", name, found=value, expected="YYYY-MM-DD")
            return ""
        return str(value)

    def strings(self, name: str, *, required: bool = False) -> tuple[str, ...] | None:
        """Return a list of texts without repetition; None where absent or at fault."""
        value = self._typed(name, (list,), "list", required=required)
        if value is None:
            return None
        items = self.entries(name, value, (str,), "string")
        for position, item in enumerate(value):
            if item in value[:position]:
                self.fault("not_unique", f"{name}[{position}]", found=item)
        return tuple(items)

    def scalars(self, name: str, *, required: bool = False) -> tuple[Scalar, ...]:
        """Return a list of texts, numbers or booleans."""
        value = self._typed(name, (list,), "list", required=required)
        return tuple(
            self.entries(name, value or [], (str, bool, int, float), "string, number or boolean")
        )

    def items(self, name: str) -> Sequence[Any]:
        """Return a list of anything; empty where it is absent (a fault) or no list."""
        value = self._typed(name, (list,), "list", required=True)
        return value if isinstance(value, list) else ()

    def entries(
        self, name: str, values: Sequence[Any], kinds: tuple[type[_T], ...], expected: str
    ) -> list[_T]:
        """Return the entries of a list that have one of the types; list a fault for the others."""
        kept: list[_T] = []
        for position, item in enumerate(values):
            if _is(item, kinds):
                kept.append(item)
            else:
                self.fault("wrong_type", f"{name}[{position}]", found=item, expected=expected)
        return kept

    def text(self, name: str, *, required: bool = False) -> Text:
        """Return a text in both languages; both are empty where it is absent or at fault."""
        table = self.table(name, required=required)
        if table is None:
            return Text("", "")
        table.only(LAYER_KEYS["text"])
        return table.both_languages()

    def both_languages(self) -> Text:
        """Return the entries ``zh`` and ``en`` of this table."""
        return Text(self.string("zh", required=True), self.string("en", required=True))

    def table(self, name: str, *, required: bool = False) -> Table | None:
        """Return an inner table."""
        value = self._typed(name, (dict,), "table", required=required)
        return None if value is None else self.inner(name, value)

    def tables(self, name: str) -> list[Table]:
        """Return a list of inner tables (``[[name]]``)."""
        value = self._typed(name, (list,), "list of tables")
        items: list[dict[str, Any]] = self.entries(name, value or [], (dict,), "table")
        positions = [at for at, item in enumerate(value or []) if isinstance(item, dict)]
        return [
            self.inner(f"{name}[{at}]", item) for at, item in zip(positions, items, strict=True)
        ]

    def inner(self, name: str, values: Mapping[str, Any]) -> Table:
        """Return a table that stands under ``name`` and lists its faults here."""
        return Table(values, path=self.path, key=self.dotted(name), issues=self.issues)

    def _typed(
        self, name: str, kinds: tuple[type, ...], expected: str, *, required: bool = False
    ) -> Any:  # noqa: ANN401 - the caller named the types
        if name not in self.values:
            if required:
                self.fault("missing_key", name, expected=expected)
            return None
        value = self.values[name]
        if not _is(value, kinds):
            self.fault("wrong_type", name, found=value, expected=expected)
            return None
        return value


def _is(value: object, kinds: tuple[type, ...]) -> bool:
    # bool is an int for Python, not for the author of a layer file
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
