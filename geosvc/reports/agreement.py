"""Whether what is drawn, what is counted and what is said are the same numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from geosvc.errors import Issue, PublishError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from geosvc.reports.rows import Rows

_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_SUM: Final = re.compile(rf"(?:{_NUMBER}\s*[+＋]\s*)+{_NUMBER}\s*[=＝]\s*{_NUMBER}")
# what follows is counted; 个 may as well count months, or begin another word
_COUNTED: Final = re.compile(
    rf"(?<![\d.,]){_NUMBER}(?![\d,])(?=\s*(?:[起家处辆份次条]|个(?![镇乡村月小年街社方])))"
)
_ORDINAL: Final = re.compile(r"第\s*\d+")
_DIGITS: Final = re.compile(_NUMBER)


def check_counts(found: Sequence[Rows], drawn: Mapping[str, int], said: Mapping[str, int]) -> None:
    """Hold the counts of picture, rows, classes and caption against each other, layer by layer.

    Parameters
    ----------
    found
        The rows of the data.
    drawn
        What the picture has counted, by layer.
    said
        What the caption says, by layer.

    Raises
    ------
    PublishError
        If any two differ; an issue for each.

    Examples
    --------
    >>> check_counts([], {}, {})
    >>> check_counts([], {"stops": 3}, {})
    Traceback (most recent call last):
    geosvc.errors.PublishError: stops
    """
    rows = {item.layer.id: item for item in found}
    issues = []
    for name in sorted({*rows, *drawn, *said}):
        one = rows.get(name)
        numbers = (drawn.get(name), one.count if one else None, said.get(name))
        if len(set(numbers)) > 1:
            texts = ["–" if number is None else str(number) for number in numbers]
            issues.append(Issue("not_agreed", name, found=" / ".join(texts)))
        elif one is not None:
            issues += _parts(name, [item.count for item in one.symbols.classes], one.count)
    refuse(issues)


def check_sums(sums: Iterable[tuple[str, Sequence[float], float]]) -> None:
    """Make sure that parts sum to their totals.

    Parameters
    ----------
    sums
        What it is, its parts, its total.

    Raises
    ------
    PublishError
        If one does not.

    Examples
    --------
    >>> check_sums([("shops", (3, 5, 11), 19), ("bays", (25, 14), 39)])
    >>> check_sums([("shops", (3, 5, 10), 19)])
    Traceback (most recent call last):
    geosvc.errors.PublishError: shops
    """
    refuse([issue for name, parts, total in sums for issue in _parts(name, parts, total)])


def check_words(text: str, numbers: Collection[float]) -> None:
    """Make sure that a text of a person says no other numbers than those that were counted.

    Looked at are sums (``3 + 5 + 11 = 19``) and numbers before a word that counts (起, 家, 处, …).

    Parameters
    ----------
    text
        A title or a caption.
    numbers
        The numbers that are drawn and counted.

    Raises
    ------
    PublishError
        If a sum is wrong, or a number is none of them.

    Examples
    --------
    >>> check_words("关停 3 家，3 + 5 + 11 = 19 家，第 7 起，500 米", {3, 19})
    >>> check_words("共 126 起", {131})
    Traceback (most recent call last):
    geosvc.errors.PublishError: 126
    >>> check_words("", ())
    """
    issues: list[Issue] = []
    text = _ORDINAL.sub("", text)
    for found in _SUM.finditer(text):
        *parts, total = (_value(item) for item in _DIGITS.findall(found[0]))
        issues += _parts(found[0], parts, total)
    spans = [found.span() for found in _SUM.finditer(text)]
    known = ", ".join(f"{number:g}" for number in sorted({*numbers}))
    for found in _COUNTED.finditer(text):
        # the parts of a sum are held by the sum, its total by what was counted
        is_part = any(start <= found.start() and found.end() < end for start, end in spans)
        if not is_part and _value(found[0]) not in numbers:
            issues.append(Issue("not_counted", found[0], found=found[0], expected=known))
    refuse(issues)


def numbers_of(found: Iterable[Rows]) -> set[float]:
    """Return every number that rows give: totals, classes, what has no place or is outside."""
    numbers: set[float] = {0}
    total = unlocated = 0
    for rows in found:
        counts = [item.count for item in rows.symbols.classes]
        whole = rows.count + rows.unlocated + rows.outside
        numbers |= {rows.count, rows.unlocated, rows.outside, whole, *counts}
        total, unlocated = total + rows.count, unlocated + rows.unlocated
    return numbers | {total, unlocated}


def refuse(issues: Sequence[Issue]) -> None:
    """Publish nothing where something is wrong.

    Raises
    ------
    PublishError
        If there is an issue.
    """
    if issues:
        raise PublishError(issues[0].path, issues=issues)


def _parts(name: str, parts: Sequence[float], total: float) -> Iterator[Issue]:
    if abs(sum(parts) - total) > 1e-9 * max(abs(total), 1.0):
        said = " + ".join(f"{part:g}" for part in parts)
        yield Issue("not_sum", name, found=f"{said} = {sum(parts):g}", expected=f"{total:g}")


def _value(text: str) -> int:
    return int(text.replace(",", ""))
