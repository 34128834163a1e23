"""Whether a map may be published, told before it is: drawn = counted = said, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geosvc.figures.draw import drawn
from geosvc.reports.publish import caption_of, counts_drawn, rows_drawn, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.catalog.model import Text
    from geosvc.figures import FigureRequest
    from geosvc.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Tally:
    """What a picture draws, the data counts and the caption says, by layer.

    Examples
    --------
    >>> from geosvc.catalog.model import Text
    >>> Tally({"a": 3}, {"a": 3}, {"a": 3}, Text("", "")).agrees
    True
    >>> Tally({"a": 3}, {"a": 2}, {"a": 3}, Text("", "")).agrees
    False
    >>> Tally({}, {}, {}, Text("", "")).totals
    (0, 0, 0)
    """

    drawn: Mapping[str, int]
    counted: Mapping[str, int]
    said: Mapping[str, int]
    caption: Text

    @property
    def agrees(self) -> bool:
        """Whether all three are the same."""
        return dict(self.drawn) == dict(self.counted) == dict(self.said)

    @property
    def totals(self) -> tuple[int, int, int]:
        """The sums over all layers, in the order of the fields."""
        return sum(self.drawn.values()), sum(self.counted.values()), sum(self.said.values())


def tally(workspace: Workspace, request: FigureRequest) -> Tally:
    """Draw, count and read the caption.

    Parameters
    ----------
    workspace
        A view of one moment, as readers see it who have not signed in.
    request
        State and paper.

    Raises
    ------
    PublishError
        If nothing is drawn.
    FigureError, StateError, UnknownMapError
        If no figure can be made of the request.
    """
    workspace = workspace if workspace.is_pinned else workspace.pinned()
    drawing = drawn(workspace, request)
    found = rows_drawn(workspace, request, drawing)
    caption = caption_of(found, drawing)
    return Tally(
        counts_drawn(found, drawing),
        {item.layer.id: item.count for item in found},
        spoken(caption, found, request.state.language),
        caption,
    )
