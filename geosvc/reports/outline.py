"""What reports there are and what they can hold, by name; nothing that draws or writes."""

from __future__ import annotations

from typing import Final

SECTIONS: Final = (
    "numbers",
    "maps",
    "hotspots",
    "before_after",
    "siting",
    "changes",
    "notes",
)
"""What the report of a half-year can hold, in the order in which it stands there."""
HALF_YEAR: Final = "report"
DIFFERENCE: Final = "difference"
KINDS: Final = (HALF_YEAR, DIFFERENCE)
"""The kinds of snapshots that are reports."""
FILE: Final = f"{HALF_YEAR}.docx"
"""The part of a snapshot that is the report."""
