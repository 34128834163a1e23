"""Features at rest: revisions, history, personal values; the only package that talks SQL."""

from geosvc.store.edits import (
    Comparison,
    Create,
    Delete,
    Edit,
    FeatureChange,
    FieldChange,
    Replace,
    Version,
)
from geosvc.store.erasing import ERASED
from geosvc.store.frames import conform
from geosvc.store.log import Entry
from geosvc.store.past import Revision, changes
from geosvc.store.records import Change, Features, Report, Shape, StoredLayer
from geosvc.store.store import Store

__all__ = [
    "ERASED",
    "Change",
    "Comparison",
    "Create",
    "Delete",
    "Edit",
    "Entry",
    "FeatureChange",
    "Features",
    "FieldChange",
    "Replace",
    "Report",
    "Revision",
    "Shape",
    "Store",
    "StoredLayer",
    "Version",
    "changes",
    "conform",
]
