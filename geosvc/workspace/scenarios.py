"""Kept answers to siting questions: what a list says of one, whether it is stale, a later run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.store.scenarios import Outcome, ScenarioTable
from geosvc.workspace import siting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.analysis.siting.course import Told
    from geosvc.store.scenarios import Scenario
    from geosvc.workspace.reader import Workspace

_ROW = ("added", "status", "gap", "value", "mean_m", "coverage", "cost")


def outcome_of(document: Mapping[str, Any]) -> Outcome:
    """Return an answer as it is kept.

    Parameters
    ----------
    document
        What `geosvc.workspace.siting.ask` returned.

    Returns
    -------
    outcome
        Its facts are ``objective``, ``unit``, ``stopped``, ``service_distance_m``; ``before_m``
        (mean distance without new sites), ``keys`` (of new sites), and of the chosen row ``added``,
        ``status``, ``gap``, ``value``, ``mean_m``, ``coverage`` and ``cost``, all null where no
        plan was found.
    """
    best = chosen_row(document)
    opened = [] if best is None else best["opened"]
    facts = {
        "objective": document["objective"],
        "unit": document["unit"],
        "stopped": document["stopped"],
        "service_distance_m": document["goal"]["service_distance_m"],
        "before_m": document["curve"][0]["mean_m"],
        "keys": [document["sites"][site]["key"] for site in opened],
        **{name: None if best is None else best[name] for name in _ROW},
    }
    return Outcome(document["inputs"], facts, dict(document))


def chosen_row(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the chosen row of the curve, None where no plan was found.

    >>> chosen_row({"chosen": 1, "curve": [{"added": 0}, {"added": 1}]})
    {'added': 1}
    >>> chosen_row({"chosen": None, "curve": []})
    """
    row: Mapping[str, Any] | None = (
        None if document["chosen"] is None else document["curve"][document["chosen"]]
    )
    return row


def moved_layers(workspace: Workspace, scenario: Scenario) -> tuple[str, ...]:
    """Return the layers that have changed since a scenario was computed; it is stale for each.

    A layer that moved and came back to what it was counts as unchanged.
    """
    now = siting.revisions(workspace, scenario.parameters["wishes"])
    then = scenario.inputs
    return tuple(
        layer_id
        for layer_id in sorted({*now, *then})
        if now.get(layer_id, {}).get("digest") != then.get(layer_id, {}).get("digest")
    )


def run_again(
    workspace: Workspace, scenario_id: int, *, author: str, progress: Told | None = None
) -> Scenario:
    """Answer the question of a scenario with the layers as they are now, and keep that instead.

    What stood before stays where the run was stopped before it had a plan.

    Parameters
    ----------
    workspace
        The layers as they are.
    scenario_id
        The scenario.
    author
        Who asks.
    progress
        As `geosvc.workspace.siting.ask` tells it.

    Raises
    ------
    UnknownScenarioError
        If there is no such scenario, or it is deleted before the answer is there.
    LayerUnavailableError, AnalysisError
        As `geosvc.workspace.siting.ask` raises them.
    """
    with ScenarioTable(workspace.store.path) as table:
        scenario = table.scenario(scenario_id)
        document = siting.ask(workspace, scenario.parameters["wishes"], progress)
        if document["stopped"] and document["chosen"] is None:
            return scenario
        return table.renew(scenario_id, outcome_of(document), author=author)
