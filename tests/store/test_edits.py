from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
import shapely

from geosvc.store import Comparison, Create, Delete, FeatureChange, FieldChange, Replace


@pytest.mark.parametrize("edit", [Replace("a", {}), Delete("a")])
def test_edits_are_frozen(edit: Replace | Delete) -> None:
    with pytest.raises(FrozenInstanceError):
        edit.key = "b"  # type: ignore[misc]


def test_equal_edits_are_equal() -> None:
    place = shapely.Point(1, 2)
    assert Create({"n": 1}, place) == Create({"n": 1}, shapely.Point(1, 2))
    assert Replace("a", {}, None, 1) != Replace("a", {}, None, 2)
    assert Delete("a", 1) == Delete("a", 1)


def test_a_comparison_is_empty_at_first() -> None:
    assert Comparison(1, 2).changed == ()
    assert FeatureChange("a", (FieldChange("n", 1, None),)).moved_m is None
