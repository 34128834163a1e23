"""What an address says about a map: layers, view, filters, language; the same words as the browser.

``?z=14.25&c=121.10123,33.50123&layers=a,b&sel=layer/key&table=layer&f.layer.field=…&lang=en``, as
``static/js/state.js`` and ``static/js/filters.js`` write it; `geosvc.map_state.look` has the rest.
"""

from __future__ import annotations

from geosvc.map_state.filters import Filter, passing
from geosvc.map_state.state import (
    MapState,
    extent,
    filtered,
    is_state_name,
    parse_state,
    shown_layers,
)

__all__ = [
    "Filter",
    "MapState",
    "extent",
    "filtered",
    "is_state_name",
    "parse_state",
    "passing",
    "shown_layers",
]
