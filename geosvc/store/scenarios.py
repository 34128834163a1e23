"""Answers that people keep under a title: what was asked, of which data, and what came of it."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import UnknownScenarioError
from geosvc.store.jobs import canonical, instant
from geosvc.store.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run gave, all of it JSON.

    ``inputs`` are the layers that it stands on, as they were; ``facts`` are a few numbers of
    ``result`` that a list shows.
    """

    inputs: Mapping[str, Any]
    facts: Mapping[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kept answer without its result.

    ``run`` counts how often it was computed; ``run_at`` and ``run_by`` are of the last time.
    Instants are ISO 8601 in UTC. ``deleted_at`` is None while it stands.
    """

    id: int
    title: str
    author: str
    created_at: str
    run: int
    run_at: str
    run_by: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Any]
    facts: Mapping[str, Any]
    deleted_at: str | None
    deleted_by: str | None


_NEW: Final = """
INSERT INTO scenario (title, author, created_at, run_at, run_by, parameters, inputs, facts, result)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *"""
_RENEW: Final = """
UPDATE scenario SET inputs = ?, facts = ?, result = ?, run = run + 1, run_at = ?, run_by = ?
WHERE id = ? AND deleted_at IS NULL RETURNING *"""
_COPY: Final = """
INSERT INTO scenario
    (title, author, created_at, run, run_at, run_by, parameters, inputs, facts, result)
SELECT ?, ?, ?, run, run_at, run_by, parameters, inputs, facts, result FROM scenario
WHERE id = ? AND deleted_at IS NULL RETURNING *"""
_LIST: Final = """
SELECT id, title, author, created_at, run, run_at, run_by, parameters, inputs, facts, deleted_at,
    deleted_by, NULL
FROM scenario WHERE (deleted_at IS NOT NULL) = ?
ORDER BY coalesce(deleted_at, run_at) DESC, id DESC LIMIT ?"""


class ScenarioTable(Opened):
    """The scenarios of one store, over a connection of its own; threads may share it.

    Raises
    ------
    UnknownScenarioError
        By each method that names one, if there is none, or none any longer.
    StoreUnavailableError
        By each method, if the file cannot be read or written now.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def add(
        self, title: str, outcome: Outcome, *, parameters: Mapping[str, Any], author: str
    ) -> Scenario:
        """Keep an answer.

        Parameters
        ----------
        title
            What people call it; two may have the same.
        outcome
            What came of it.
        parameters
            What was asked, JSON: enough to ask again.
        author
            Who keeps it.

        Raises
        ------
        TypeError, ValueError
            If something is no JSON, or a number is not finite.
        """
        now = instant()
        asked = canonical(dict(parameters))
        given = (title, author, now, now, author, asked, *_packed(outcome))
        with self.writing() as opened:
            return _scenario(opened.execute(_NEW, given).fetchone())

    def renew(self, scenario_id: int, outcome: Outcome, *, author: str) -> Scenario:
        """Put what a later run gave in the place of what stood there."""
        return self._one(_RENEW, (*_packed(outcome), instant(), author, scenario_id))

    def rename(self, scenario_id: int, title: str) -> Scenario:
        """Give a scenario another title."""
        query = "UPDATE scenario SET title = ? WHERE id = ? AND deleted_at IS NULL RETURNING *"
        return self._one(query, (title, scenario_id))

    def copy(self, scenario_id: int, title: str, *, author: str) -> Scenario:
        """Make a second one with the same answer, which goes its own way from then on."""
        return self._one(_COPY, (title, author, instant(), scenario_id))

    def delete(self, scenario_id: int, *, author: str) -> Scenario:
        """Take a scenario from the list; `restore` brings it back."""
        query = (
            "UPDATE scenario SET deleted_at = ?, deleted_by = ? "
            "WHERE id = ? AND deleted_at IS NULL RETURNING *"
        )
        return self._one(query, (instant(), author, scenario_id))

    def restore(self, scenario_id: int) -> Scenario:
        """Bring a deleted scenario back; one that stands stays as it is."""
        query = "UPDATE scenario SET deleted_at = NULL, deleted_by = NULL WHERE id = ? RETURNING *"
        return self._one(query, (scenario_id,))

    def scenario(self, scenario_id: int) -> Scenario:
        """Return one scenario that stands."""
        return self.result(scenario_id)[0]

    def result(self, scenario_id: int) -> tuple[Scenario, Any]:
        """Return one scenario that stands, with its result, both of one moment."""
        query = "SELECT * FROM scenario WHERE id = ? AND deleted_at IS NULL"
        with self.reading() as opened:
            row = _held(opened.execute(query, (scenario_id,)).fetchone(), scenario_id)
        return _scenario(row), json.loads(zlib.decompress(row[-1]))

    def scenarios(self, *, deleted: bool = False, limit: int = 200) -> tuple[Scenario, ...]:
        """Return those that stand, or those that were deleted; what changed last comes first."""
        with self.reading() as opened:
            return tuple(_scenario(row) for row in opened.execute(_LIST, (deleted, limit)))

    def _one(self, query: str, values: tuple[Any, ...]) -> Scenario:
        # the number of the scenario is the last value of each query
        with self.writing() as opened:
            row = opened.execute(query, values).fetchone()
            return _scenario(_held(row, values[-1]))


def _packed(outcome: Outcome) -> tuple[str, str, bytes]:
    body = zlib.compress(canonical(outcome.result).encode())
    return canonical(dict(outcome.inputs)), canonical(dict(outcome.facts)), body


def _held(row: tuple[Any, ...] | None, scenario_id: int) -> tuple[Any, ...]:
    if row is None:
        raise UnknownScenarioError(str(scenario_id))
    return row


def _scenario(row: tuple[Any, ...]) -> Scenario:
    told = [json.loads(text) for text in row[7:10]]
    return Scenario(*row[:7], *told, *row[10:12])
