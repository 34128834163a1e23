from __future__ import annotations

from typing import TYPE_CHECKING

from shapely import box

from data.sample_county.records import (
    NO_TASK,
    Task,
    point_fields,
    shape_fields,
    survey_fields,
)

if TYPE_CHECKING:
    import numpy as np

    from data.sample_county.county import County


def test_a_task_has_the_fields_that_no_task_lacks() -> None:
    task = Task("清理", "市公交公司", "站务管理岗", 40, "2024-07-31")
    assert task.fields().keys() == NO_TASK.keys()
    assert task.fields()["progress"] == 40
    assert set(NO_TASK.values()) == {None}


def test_updates_follow_surveys(rng: np.random.Generator) -> None:
    for _ in range(50):
        fields = survey_fields(rng)
        assert "2024-01-08" <= str(fields["surveyed_at"]) <= str(fields["updated_at"]) < "2024-07"


def test_places_are_looked_up(county: County, rng: np.random.Generator) -> None:
    fields = point_fields((0.0, 0.0), county.places, rng)
    assert fields["township_code"] == "329901001"
    area = shape_fields(box(-10, -10, 10, 10), county.places)
    assert area["community"] == fields["community"]
    assert area["updated_at"] == "2024-06-30"
