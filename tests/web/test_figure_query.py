"""What an address asks of a figure, and that it is written one way."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from geosvc.errors import StateError, UnknownMapError
from geosvc.figures import FigureRequest
from geosvc.map_state import Filter, MapState
from geosvc.web.figure_query import CARD_PX, NAMES, card_path, figure_path, read_figure
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from geosvc.catalog.catalog import Catalog


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return write_catalog(tmp_path_factory.mktemp("query")).prepare().catalog


def read(catalog: Catalog, query: str, ending: str = "png") -> FigureRequest:
    return read_figure("overview", ending, parse_qsl(query, keep_blank_values=True), catalog)


def test_without_parameters_it_is_a_portrait_sheet_of_the_whole_map(catalog: Catalog) -> None:
    asked = read(catalog, "")
    assert asked == FigureRequest(MapState("overview"), "png", "a4", landscape=False, dpi=300)
    assert figure_path(asked) == "/figures/overview.png"


def test_all_parameters(catalog: Catalog) -> None:
    query = (
        "layers=stops&f.stops.kind=bay&lang=en&paper=a3&landscape=1&dpi=150&scale=20000"
        "&ground=none&bare=1&title=A%20%26%20B&subtitle="
    )
    asked = read(catalog, query, "pdf")
    state = MapState("overview", "en", ("stops",), filters=(Filter("stops", "kind", ("bay",)),))
    assert asked == FigureRequest(
        state,
        "pdf",
        "a3",
        landscape=True,
        dpi=150,
        scale=20000,
        title="A & B",
        subtitle="",
        ground="none",
        bare=True,
    )
    assert figure_path(asked) == f"/figures/overview.pdf?{query}"


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("paper=a4&dpi=300&landscape=0&ground=county", ""),
        ("base=none", "base=none&ground=none"),
        ("lang=zh&scale=5000.0", "scale=5000"),
        ("dpi=150&z=9", "z=9&dpi=150"),
        ("paper=pixels", "paper=pixels&width=640&height=427"),
        ("paper=pixels&width=6000", "paper=pixels&width=6000&height=4000"),
        ("paper=16:9&title=%20甲%0A乙%20", "paper=16%3A9&title=%E7%94%B2%20%E4%B9%99"),
        ("title=", "title="),
    ],
)
def test_one_figure_has_one_address(catalog: Catalog, query: str, canonical: str) -> None:
    asked = read(catalog, query)
    path = figure_path(asked)
    assert path == "/figures/overview.png" + (f"?{canonical}" if canonical else "")
    assert read(catalog, urlsplit(path).query) == asked


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("papper=a4", ("unknown_key", "papper", "papper")),
        ("paper=letter", ("not_allowed", "paper", "letter")),
        ("paper=a4&paper=a3", ("not_unique", "paper", "a3")),
        ("landscape=yes", ("not_allowed", "landscape", "yes")),
        ("dpi=1200", ("not_allowed", "dpi", "1200")),
        ("scale=4999", ("below_minimum", "scale", "4999")),
        ("scale=200001", ("above_maximum", "scale", "200001")),
        ("scale=5000.5", ("wrong_type", "scale", "5000.5")),
        ("scale=", ("wrong_type", "scale", "")),
        ("width=800", ("only_if", "width", "800")),
        ("paper=pixels&width=99999", ("above_maximum", "width", "99999")),
        ("paper=pixels&height=1", ("below_minimum", "height", "1")),
        ("ground=satellite", ("not_allowed", "ground", "satellite")),
        ("title=%00", ("wrong_type", "title", "\\x00")),
        ("title=%E2%80%AEabc", ("wrong_type", "title", "\\u202eabc")),
        ("lang=fr", ("not_allowed", "lang", "fr")),
        ("snapshot=0f", ("unknown_key", "snapshot", "snapshot")),
    ],
)
def test_what_makes_no_sense_is_named(
    catalog: Catalog, query: str, said: tuple[str, str, str]
) -> None:
    with pytest.raises(StateError) as caught:
        read(catalog, query)
    (issue,) = caught.value.issues
    assert (issue.code, issue.place, issue.found) == said


def test_a_title_may_have_500_characters_and_no_more(catalog: Catalog) -> None:
    assert len(read(catalog, f"title={'题' * 500}").title or "") == 500
    with pytest.raises(StateError) as caught:
        read(catalog, f"subtitle={'题' * 501}")
    assert caught.value.issues[0].code == "length"
    assert caught.value.issues[0].expected == "0..500"


def test_there_must_be_such_a_map(catalog: Catalog) -> None:
    with pytest.raises(UnknownMapError):
        read_figure("atlantis", "png", [], catalog)


def test_the_unknown_is_told_what_there_is(catalog: Catalog) -> None:
    with pytest.raises(StateError) as caught:
        read(catalog, "format=png")
    assert all(name in caught.value.issues[0].expected for name in (*NAMES, "layers", "f."))


@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_a_card_has_the_address_of_its_figure(catalog: Catalog, tongue: str) -> None:
    path = card_path("overview", "en" if tongue == "en" else "zh")
    asked = read(catalog, urlsplit(path).query)
    assert figure_path(asked) == path
    assert asked.bare
    assert (asked.width_px, asked.height_px) == CARD_PX
    assert asked.state.language == tongue
