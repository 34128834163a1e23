"""The look of a map in an address: written one way, read with care."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from geosvc.errors import StateError
from geosvc.map_state.look import NAMES, Look, parse_look

IDS = ("area", "roads", "stops")


def look(query: str) -> Look:
    return parse_look(dict(parse_qsl(query, keep_blank_values=True)), IDS)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("", ""),
        ("order=stops,roads", "order=stops,roads"),
        ("order=roads,stops", ""),
        ("order=stops,stops,area", "order=stops,area"),
        ("opacity=stops:50,area:100,roads:10", "opacity=roads:10,stops:50"),
        ("as=stops:heat", "as=stops:heat"),
        ("sort=-name&cols=name,kind,name", "sort=-name&cols=name,kind"),
        ("inview=0&sort=", ""),
        ("inview=1", "inview=1"),
        ("base=tianditu", "base=tianditu"),
        ("base=", ""),
        ("display=gcj02&base=amap", "base=amap&display=gcj02"),
        ("display=", ""),
    ],
)
def test_one_look_is_written_one_way(query: str, written: str) -> None:
    assert "&".join(look(query).parts()) == written
    assert look(written) == look(query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("order=trains", ("not_allowed", "order", "trains")),
        ("opacity=trains:50", ("not_allowed", "opacity", "trains")),
        ("opacity=stops", ("wrong_type", "opacity", "")),
        ("opacity=stops:5", ("wrong_type", "opacity", "5")),
        ("opacity=stops:1e1", ("wrong_type", "opacity", "1e1")),
        ("opacity=stops:101", ("wrong_type", "opacity", "101")),
        ("opacity=stops:" + "9" * 5000, ("wrong_type", "opacity", "9" * 60)),
        ("as=stops:hotspots", ("not_allowed", "as", "hotspots")),
        ("sort=a b", ("wrong_type", "sort", "a b")),
        ("cols=a,b/c", ("wrong_type", "cols", "b/c")),
        ("inview=yes", ("not_allowed", "inview", "yes")),
        ("base=a/b", ("not_allowed", "base", "a/b")),
        ("display=bd09", ("not_allowed", "display", "bd09")),
    ],
)
def test_what_makes_no_sense_is_refused(query: str, said: tuple[str, str, str]) -> None:
    with pytest.raises(StateError) as caught:
        look(query)
    [issue] = caught.value.issues
    assert (issue.code, issue.path, issue.found) == said


def test_layers_that_the_order_does_not_name_keep_their_places() -> None:
    assert Look(order=("d", "a")).arranged("abcd") == ("d", "b", "c", "a")
    assert Look(order=("gone", "b", "a")).arranged("ab") == ("b", "a")


def test_all_parameters_are_read() -> None:
    query = (
        "order=stops,area&opacity=stops:60&as=stops:cluster&sort=name&cols=name&inview=1"
        "&base=osm&display=gcj02"
    )
    assert [part.split("=")[0] for part in look(query).parts()] == list(NAMES)
    assert look(query).share("stops") == 0.6
    assert look(query).share("roads") == 1
