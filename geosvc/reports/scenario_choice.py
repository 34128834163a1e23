"""Which kept answer of siting a report tells: the one that is asked for, else the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.errors import Issue, StateError
from geosvc.store.scenarios import ScenarioTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.store.scenarios import Scenario
    from geosvc.workspace import Workspace


def chosen_scenario(
    workspace: Workspace, number: int | None
) -> tuple[Scenario, Mapping[str, Any]] | None:
    """Return a scenario and its answer.

    Parameters
    ----------
    workspace
        Whose store keeps them.
    number
        Of the scenario; None for that which was saved or computed last.

    Returns
    -------
    found
        None where none is asked for and none is kept.

    Raises
    ------
    StateError
        If no scenario of this number stands, or the profile is public, which shows none.
    """
    if workspace.settings.profile == "public":
        kept = []
    else:
        with ScenarioTable(workspace.store.path) as table:
            kept = [item.id for item in table.scenarios()]
            if number is None and kept:
                return table.result(kept[0])
            if number in kept:
                return table.result(number)
    if number is None:
        return None
    name = "scenario"
    expected = ", ".join(str(item) for item in sorted(kept)) or "–"
    raise StateError(
        name, issues=[Issue("not_allowed", name, found=str(number), expected=expected)]
    )
