"""What every format is read into before anything is judged: columns of loose values.

Rows are counted from 1 in issues and from 0 in arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from geosvc.errors import Issue, SourceError

if TYPE_CHECKING:
    from pyproj import CRS

    from geosvc.crs import Geometries

Columns: TypeAlias = Mapping[str, Sequence[object]]

_SHOWN = 80  # characters of a value that a fault quotes


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a file.

    ``columns`` hold one loose value a row (text, number, boolean, list, mapping or None).
    ``geometry`` is None for a table without coordinates; its coordinates are the file's own.
    ``crs`` is what the file itself declares, where its format is trusted to. ``faults`` are those
    of single rows.
    """

    count: int
    columns: Columns
    geometry: Geometries | None = None
    crs: CRS | None = None
    faults: tuple[Issue, ...] = ()

    @property
    def unread(self) -> frozenset[int]:
        """The rows that have a fault already, counted from 0.

        >>> Records(0, {}).unread
        frozenset()
        """
        return frozenset(issue.row - 1 for issue in self.faults if issue.row is not None)


@dataclass(slots=True)
class Faults:
    """The faults of one file's rows, gathered while they are found."""

    path: str
    issues: list[Issue] = field(default_factory=list)

    def add(
        self, code: str, row: int, *, key: str = "", found: object = "", expected: object = ""
    ) -> None:
        """Note a fault of a row.

        Parameters
        ----------
        code
            The key of the fault's sentence.
        row
            The row, counted from 0.
        key
            The field.
        found, expected
            Values; long ones are shortened.

        Examples
        --------
        >>> faults = Faults("data/stops.csv")
        >>> faults.add("required", 0, key="stop_code")
        >>> faults.issues[0].place, sorted(faults.rows)
        ('data/stops.csv:row 1: stop_code', [0])
        >>> Faults("data/stops.csv").rows
        set()
        """
        self.issues.append(
            Issue(code, self.path, key, row + 1, shorten(found), shorten(expected, limit=400))
        )

    @property
    def rows(self) -> set[int]:
        """The rows that have a fault, counted from 0."""
        return {issue.row - 1 for issue in self.issues if issue.row is not None}


def shorten(value: object, *, limit: int = _SHOWN) -> str:
    """Quote a value in a fault, without the tail of a long one.

    Parameters
    ----------
    value
        What was found; None is quoted as nothing.
    limit
        Characters to keep.

    Returns
    -------
    text
        At most ``limit`` characters and an ellipsis.

    Examples
    --------
    >>> shorten("x" * 9, limit=3)
    'xxx…'
    >>> shorten(None)
    ''
    """
    text = "" if value is None else str(value)
    return text if len(text) <= limit else text[:limit] + "…"


def file_fault(path: str, code: str, *, key: str = "", **values: object) -> SourceError:
    """Make the error of a file that cannot be used as a whole.

    Parameters
    ----------
    path
        The file, as its layer file names it.
    code
        The key of the fault's sentence.
    key
        The column or the key of the layer file.
    **values
        ``found`` and ``expected``.

    Returns
    -------
    error
        With one issue.

    Examples
    --------
    >>> file_fault("data/stops.csv", "unreadable", found="no header").issues[0].place
    'data/stops.csv'
    >>> str(file_fault("", "unreadable"))
    'unreadable: '
    """
    shown = {name: shorten(value, limit=400) for name, value in values.items()}
    issue = Issue(code, path, key, None, shown.get("found", ""), shown.get("expected", ""))
    return SourceError(f"{code}: {issue.place}", issues=[issue])
