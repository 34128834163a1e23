"""The fields that many layers share: where, how exactly and when surveyed, and what is to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from data.sample_county.chance import day, weighted

if TYPE_CHECKING:
    import numpy as np
    from shapely.geometry.base import BaseGeometry

    from data.sample_county.places import Places
    from data.sample_county.write import Row

FIRST_SURVEY = "2024-01-08"
AS_OF = "2024-06-30"
ACCURACY_M = {0.5: 0.2, 1.0: 0.3, 2.0: 0.25, 3.0: 0.15, 5.0: 0.1}


@dataclass(frozen=True)
class Task:
    """What is to do about a feature, by which unit and post (a role), how far it is in percent."""

    task: str
    lead_unit: str
    post: str
    progress: int
    due_date: str

    def fields(self) -> Row:
        """Give the task's fields."""
        return asdict(self)


NO_TASK: Row = dict.fromkeys(("task", "lead_unit", "post", "progress", "due_date"))


def survey_fields(rng: np.random.Generator) -> Row:
    """Draw position accuracy in metres and the dates of survey and update."""
    surveyed = int(rng.integers(0, 150))
    return {
        "pos_accuracy_m": weighted(rng, ACCURACY_M),
        "surveyed_at": day(FIRST_SURVEY, surveyed),
        "updated_at": day(FIRST_SURVEY, surveyed + int(rng.integers(0, 25))),
    }


def point_fields(place: tuple[float, float], places: Places, rng: np.random.Generator) -> Row:
    """Give the common fields of a point feature at a place in local metres."""
    return {**places.where(*place), **survey_fields(rng)}


def shape_fields(shape: BaseGeometry, places: Places) -> Row:
    """Give the common fields of an area: where its middle lies, and when it was updated."""
    spot = shape.representative_point()
    return {**places.where(spot.x, spot.y), "updated_at": AS_OF}
