"""Catalog, store and methods together: the one object that answers for a layer.

`prepare` imports sources and `refresh_derived` computes derived layers, both outside of requests. A
`Workspace` only reads: it looks at the store when `Workspace.refresh` finds that something moved,
and otherwise answers from memory and mapped column files.
"""

from geosvc.workspace.reader import Workspace
from geosvc.workspace.status import LayerStatus
from geosvc.workspace.updates import Progress, prepare, refresh_derived

__all__ = ["LayerStatus", "Progress", "Workspace", "prepare", "refresh_derived"]
