from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import UnknownLayerError
from geosvc.workspace.overlaid import OverlaidView
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.workspace import Workspace


@pytest.fixture
def view(tmp_path: Path) -> Iterator[Workspace]:
    with closing(write_catalog(tmp_path).prepare()) as opened:
        yield opened.pinned()


def test_a_layer_holds_what_was_given_and_the_others_what_they_had(view: Workspace) -> None:
    two = view.frame("stops").iloc[:2]
    shown = OverlaidView(view, {"stops": two}, "a")
    assert list(shown.frame("stops").index) == list(two.index)
    assert shown.status("stops").count == 2
    assert shown.status("stops").revision == view.status("stops").revision
    assert shown.frame("roads") is view.frame("roads")
    assert shown.is_pinned
    # the moment that it looks at stays as it is
    assert view.status("stops").count == len(view.frame("stops")) == 3


def test_tags_move_with_what_was_given(view: Workspace) -> None:
    two = view.frame("stops").iloc[:2]
    first, again, other = (OverlaidView(view, {"stops": two}, name) for name in ("a", "a", "b"))
    assert first.tag("stops") == again.tag("stops") != other.tag("stops")
    assert first.tag("stops") != view.tag("stops")
    assert first.tag("roads") == view.tag("roads")


def test_nothing_given_is_the_moment_and_unknown_layers_are_refused(view: Workspace) -> None:
    assert OverlaidView(view, {}, "").moment == view.moment
    with pytest.raises(UnknownLayerError):
        OverlaidView(view, {"atlantis": view.frame("stops")}, "")


def test_what_is_known_of_a_layer_can_be_given(view: Workspace) -> None:
    gone = replace(view.status("stops"), state="unavailable", count=0)
    shown = OverlaidView(view, {}, "", statuses={"stops": gone})
    assert not shown.status("stops").is_served
    assert view.status("stops").is_served


def test_an_earlier_instant_has_nothing_of_what_was_given(view: Workspace) -> None:
    shown = OverlaidView(view, {"stops": view.frame("stops").iloc[:1]}, "a")
    now = datetime.now(UTC) + timedelta(days=1)
    assert len(shown.as_of(now).frame("stops")) == 3
    assert shown.through(lambda seen: seen) is shown
