"""Modules that are slow to come: loaded with the first figure, and by one thread.

While one thread loads a package, Python lets another begin with a module inside it; where the two
meet, one of them is given a module that is only half there.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Final

SLOW: Final = (
    "geosvc.figures",
    "geosvc.reports.docx_block",
    "geosvc.reports.hotspot_charts",
    "geosvc.reports.publish",
    "geosvc.reports.publish_numbers",
    "geosvc.reports.publish_siting",
    "geosvc.reports.siting_chart",
    "geosvc.reports.single_file",
    "geosvc.reports.tally",
)
"""What brings Matplotlib and Word with it."""
_lock = threading.Lock()


def load_figures() -> None:
    """Load all that draws; whoever comes second waits.

    Examples
    --------
    >>> import sys
    >>> load_figures()
    >>> all(name in sys.modules for name in SLOW)
    True
    """
    with _lock:
        for name in SLOW:
            import_module(name)
