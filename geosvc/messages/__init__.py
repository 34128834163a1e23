"""Every sentence that a person reads, in Chinese and English.

The sentences stand in ``zh.toml`` and ``en.toml`` under dotted keys (``errors.source.title``).
``{name}`` in a sentence becomes a value. A value is shown as it is: it is never formatted, compiled
or looked into, so a hostile value cannot reach anything.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_PLACE = re.compile(r"\{([a-z_]+)\}")


def text(key: str, language: Language, /, **values: object) -> str:
    """Return one sentence with its values in place.

    Parameters
    ----------
    key
        The dotted key of the sentence.
    language
        The reader's language.
    **values
        What stands for ``{name}``; a place without a value stays as it is written.

    Returns
    -------
    sentence
        Plain text.

    Raises
    ------
    KeyError
        If there is no such sentence.

    Examples
    --------
    >>> text("layer.count_missed", "en", expected=126, count="{expected}")
    '126 expected, {expected} found'
    >>> text("legend.above", "zh", low="")
    '≥ '
    """
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), _sentences(language)[key])


def has(key: str) -> bool:
    """Tell whether there is a sentence of this key.

    >>> has("errors.error.title"), has("")
    (True, False)
    """
    return key in _sentences("en")


def every_key(language: Language = "en") -> tuple[str, ...]:
    """Return the keys of all sentences, in the order of the file.

    >>> every_key()[0], every_key("zh")[0]
    ('ui.tools', 'ui.tools')
    """
    return tuple(_sentences(language))


def table(prefix: str, language: Language) -> dict[str, str]:
    """Return the sentences below a key, places not filled.

    Parameters
    ----------
    prefix
        The key of a table, such as ``ui``.
    language
        The reader's language.

    Returns
    -------
    sentences
        Keys without the prefix, in the order of the file.

    Examples
    --------
    >>> table("errors.way_on", "en")
    {'maps': 'Back to the maps'}
    >>> table("no_such_table", "en")
    {}
    """
    start = f"{prefix}."
    return {
        key.removeprefix(start): sentence
        for key, sentence in _sentences(language).items()
        if key.startswith(start)
    }


class Fault(Protocol):
    """What a sentence about a fault needs of `geosvc.errors.Issue`."""

    @property
    def code(self) -> str:
        """The key of the sentence below ``issues``."""
        ...

    @property
    def place(self) -> str:
        """Where the fault is."""
        ...

    @property
    def found(self) -> str:
        """What was found."""
        ...

    @property
    def expected(self) -> str:
        """What was expected."""
        ...


def render_issue(issue: Fault, language: Language) -> str:
    """Write a fault as one line, ``path:key: problem``.

    Examples
    --------
    >>> from geosvc.errors import Issue
    >>> render_issue(Issue("not_unique", "data/stops.csv", "code", 3, "A1"), "en")
    'data/stops.csv:row 3: code: the value A1 occurs more than once'
    >>> render_issue(Issue("unreadable", "layers/roads.toml"), "en")
    'layers/roads.toml: cannot be read: '

    A code with a dot names its own table, and ``found`` has the values as JSON
    (`geosvc.errors.AnalysisError`).

    >>> render_issue(Issue("analysis.no_events", "", found="{}"), "en")
    'There are no events.'
    """
    if "." in issue.code:
        problem = text(issue.code, language, **json.loads(issue.found))
    else:
        problem = text(f"issues.{issue.code}", language, found=issue.found, expected=issue.expected)
    return f"{issue.place}: {problem}" if issue.place else problem


@cache
def _sentences(language: Language) -> dict[str, str]:
    content = resources.files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(content)))


def _flat(node: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in node.items():
        rows += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else []
        rows += [(prefix + name, value)] if isinstance(value, str) else []
    return rows
