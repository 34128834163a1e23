"""Speeds beside the stock Folium way in one run: printed as ratios, never a test."""
