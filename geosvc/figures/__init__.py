"""Static figures of maps and numbers: PNG, SVG and PDF for reports.

The only room that imports Matplotlib. Classes and legend rows come from `geosvc.symbology`, so a
figure shows what the map on screen shows.

    from geosvc.figures import FigureRequest, draw
    from geosvc.map_state import MapState

    draw(workspace, FigureRequest(MapState("overview"), format="pdf")).content
"""

from geosvc.figures.charts import draw_chart
from geosvc.figures.draw import draw
from geosvc.figures.request import Figure, FigureRequest

__all__ = ["Figure", "FigureRequest", "draw", "draw_chart"]
