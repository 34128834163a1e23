from __future__ import annotations

from geosvc import messages
from geosvc.reports.outline import DIFFERENCE, FILE, HALF_YEAR, KINDS, SECTIONS


def test_every_name_has_words() -> None:
    for name in SECTIONS:
        assert messages.has(f"reports.section.{name}")
    for kind in KINDS:
        assert messages.has(f"snapshot_kind.{kind}")
    assert messages.has(f"snapshot_part.{FILE.partition('.')[0]}")


def test_names_stand_once() -> None:
    assert len(set(SECTIONS)) == len(SECTIONS)
    assert (HALF_YEAR, DIFFERENCE) == KINDS
