"""The street network: straight segments between vertices, in a metric CRS."""

from geosvc.network.lixels import Lixels
from geosvc.network.snapping import Snapped
from geosvc.network.streets import StreetNetwork

__all__ = ["Lixels", "Snapped", "StreetNetwork"]
