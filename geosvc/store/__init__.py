"""Features at rest: revisions, history, personal values; the only package that talks SQL."""

from geosvc.store.frames import conform
from geosvc.store.records import Change, Features, Report, Shape, StoredLayer
from geosvc.store.store import Store

__all__ = ["Change", "Features", "Report", "Shape", "Store", "StoredLayer", "conform"]
