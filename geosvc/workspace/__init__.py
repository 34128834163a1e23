"""Catalog, store and methods together: the one object that answers for a layer.

`prepare` imports sources and `refresh_derived` computes derived layers, both outside of requests;
an `Editor` writes what people change. A `Workspace` only reads: it looks at the store when
`Workspace.refresh` finds that something moved, and otherwise answers from memory and mapped column
files.
"""

from geosvc.workspace.editor import AfterCommit, Editor
from geosvc.workspace.reader import Workspace
from geosvc.workspace.retention import apply_retention, restore_backup
from geosvc.workspace.status import LayerStatus
from geosvc.workspace.updates import (
    Progress,
    check_edited,
    compute_derived,
    prepare,
    refresh_derived,
)

__all__ = [
    "AfterCommit",
    "Editor",
    "LayerStatus",
    "Progress",
    "Workspace",
    "apply_retention",
    "check_edited",
    "compute_derived",
    "prepare",
    "refresh_derived",
    "restore_backup",
]
