"""The numbers of a half-year, each computed from the layers and shown by a map.

Which numbers there are, what they count and what they are called is data: the file
``layers/scorecard.toml`` (`geosvc.catalog.parse_scorecard`). A number agrees when its parts sum to
it, when its layers hold as many rows as they promise, and when the map of its link shows as many
features as were counted.
"""

from geosvc.scorecard.card import Scorecard, scorecard
from geosvc.scorecard.counting import Number, Part, Remark
from geosvc.scorecard.periods import Period, available, parse_period
from geosvc.scorecard.tasks import Overdue, Task, UnitTasks

__all__ = [
    "Number",
    "Overdue",
    "Part",
    "Period",
    "Remark",
    "Scorecard",
    "Task",
    "UnitTasks",
    "available",
    "parse_period",
    "scorecard",
]
