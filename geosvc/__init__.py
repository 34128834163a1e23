"""Serve Folium maps of a county's transport facilities and violations from geospatial layers."""

__version__ = "0.1.0"
