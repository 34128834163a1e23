"""Folium maps of the catalog: the only room that imports folium and branca.

No text of a feature or of a layer file enters a Folium object, because branca compiles what it has
rendered a second time as a template. Folium writes ids, numbers and addresses of our own making;
titles and values travel as JSON beside it.

    import geosvc.maps

    geosvc.maps.build("all").save("county.html")
"""

from geosvc.maps.build import Page, build, one_file, page
from geosvc.maps.manifest import manifest
from geosvc.maps.notebook import Around

__all__ = ["Around", "Page", "build", "manifest", "one_file", "page"]
