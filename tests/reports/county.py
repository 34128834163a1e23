"""The county of the scorecard's tests with a workspace, and snapshots that are only counted."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from geosvc.reports.book import Book
from geosvc.reports.document import new_document
from tests.scorecard.county import write_county

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.catalog.model import Language
    from geosvc.reports.publish import Made
    from geosvc.workspace import Workspace
    from tests.web.small import Folder

PLATES = tuple(f"苏X0000{number}" for number in range(1, 6))
"""Personal values of the county."""


class Press:
    """Keeps what is published, by ids of its own."""

    def __init__(self) -> None:
        self.made: dict[str, Made] = {}

    def __call__(self, made: Made) -> str:
        """Take parts and return an id."""
        hashes = {
            name: hashlib.sha256(part.content).hexdigest() for name, part in made.parts.items()
        }
        text = json.dumps([hashes, dict(made.facts)], sort_keys=True)
        found = hashlib.sha256(text.encode()).hexdigest()
        self.made[found] = made
        return found


def prepared(root: Path) -> Folder:
    """Write the county and import it."""
    folder = write_county(root)
    folder.prepare().close()
    return folder


def a_book(workspace: Workspace, keep: Press, language: Language = "zh") -> Book:
    """A report with nothing in it yet."""
    return Book(new_document(language), workspace.pinned(), language, keep)
