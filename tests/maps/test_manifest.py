from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from geosvc import messages
from geosvc.catalog.model import Field, Label, Text
from geosvc.errors import Issue, UnknownMapError
from geosvc.maps.elements import Inline
from geosvc.maps.manifest import describe_field, manifest, reason, warning
from geosvc.search import search_tag
from geosvc.store import ERASED
from geosvc.tiles import points
from geosvc.workspace import LayerStatus, refresh_derived
from geosvc.workspace.trust import source_of, trust
from tests.web.small import DENSITY, MAP, STOPS, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.workspace import Workspace


@pytest.fixture
def words(workspace: Workspace) -> dict[str, Any]:
    return manifest(workspace, "overview", "en")


def entry(words: dict[str, Any], layer_id: str) -> dict[str, Any]:
    return next(item for item in words["layers"] if item["id"] == layer_id)


def test_it_is_plain_json(words: dict[str, Any]) -> None:
    assert orjson.loads(orjson.dumps(words)) == words


def test_it_names_the_map_in_the_readers_language(workspace: Workspace) -> None:
    assert manifest(workspace, "overview", "zh")["map"]["title"] == "总览"
    head = manifest(workspace, "overview", "en")["map"]
    assert (head["id"], head["title"], head["language"]) == ("overview", "Overview", "en")
    assert head["synthetic"] is True
    assert head["as_of"] == "2024-06-30"
    assert head["sources"] == ["Area source", "Sample source"]
    assert head["revision"] == 3


def test_layers_stand_in_drawing_order(words: dict[str, Any]) -> None:
    assert [item["id"] for item in words["layers"]] == ["area", "roads", "stops", "broken"]
    assert [item["geometry"] for item in words["layers"]] == ["area", "line", "point", "none"]


def test_groups_are_those_in_use_in_order_of_the_site(words: dict[str, Any]) -> None:
    assert [group["id"] for group in words["groups"]] == ["stops", "ground", "other"]
    assert words["groups"][0]["title"] == "Stops"


def test_every_layer_has_the_same_keys(words: dict[str, Any]) -> None:
    keys = {frozenset(item) for item in words["layers"]}
    assert len(keys) == 1


def test_a_layer_says_its_count_and_what_it_misses(words: dict[str, Any]) -> None:
    stops = entry(words, "stops")
    assert (stops["count"], stops["expected"], stops["refused"]) == (3, 4, 1)
    assert stops["warning"] == "4 expected, 3 found"
    assert entry(words, "roads")["warning"] is None


def test_classes_carry_words_counts_and_looks(words: dict[str, Any]) -> None:
    stops = entry(words, "stops")
    assert stops["class_field"] == "kind"
    assert [(row["value"], row["label"], row["count"]) for row in stops["classes"]] == [
        ("bay", "Bay", 1),
        ("curb", "Curbside", 1),
        (None, "Other", 1),
    ]


def test_fields_are_those_that_are_shown(words: dict[str, Any]) -> None:
    fields = {item["name"]: item for item in entry(words, "stops")["fields"]}
    assert list(fields) == ["code", "name", "kind", "slots", "plate"]
    assert fields["plate"]["masked"] is True
    assert fields["slots"]["unit"] == "slots"
    assert fields["kind"]["labels"]["bay"] == {"label": "Bay", "tone": "ok"}


def test_a_broken_layer_is_shown_with_its_reason(words: dict[str, Any]) -> None:
    broken = entry(words, "broken")
    assert broken["state"] == "unavailable"
    assert "layers/broken.toml:colour" in broken["reason"]
    assert broken["url"] is None
    assert broken["visible"] is False
    assert broken["page"] == "/layers/broken"


def test_addresses_hold_the_tag(workspace: Workspace, words: dict[str, Any]) -> None:
    assert entry(words, "roads")["url"] == f"/data/roads/{workspace.tag('roads')}.json"


def test_many_points_have_an_address_of_their_own(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "MANY", 2)
    words = manifest(workspace, "overview", "en")
    assert entry(words, "stops")["url"] == f"/data/stops/{workspace.tag('stops')}.bin"
    assert [item["many"] for item in words["layers"]] == [False, False, True, False]
    inline = manifest(workspace, "overview", "en", addresses=Inline())
    assert entry(inline, "stops")["url"] == "#geosvc_data_stops"


def test_one_page_has_its_own_addresses(workspace: Workspace) -> None:
    words = manifest(workspace, "overview", "zh", addresses=Inline())
    assert entry(words, "roads")["url"] == "#geosvc_data_roads"
    assert entry(words, "roads")["page"] is None


def test_bounds_are_of_the_features(words: dict[str, Any]) -> None:
    assert entry(words, "roads")["bounds"] == [121.1, 33.49, 121.11, 33.51]
    assert entry(words, "broken")["bounds"] is None


def test_all_sentences_of_the_interface_are_there(words: dict[str, Any]) -> None:
    assert words["messages"] == messages.table("ui", "en")


def test_an_unknown_map_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(UnknownMapError):
        manifest(workspace, "nowhere", "zh")


def test_trust_of_no_layer(workspace: Workspace) -> None:
    assert trust(workspace, [], "zh") == {
        "synthetic": False,
        "as_of": None,
        "sources": [],
        "revision": 0,
        "revised_at": None,
        "author": None,
    }


def test_a_source_of_a_broken_layer_is_empty(workspace: Workspace) -> None:
    assert source_of(workspace, "broken") == Text("", "")


@pytest.mark.parametrize("state", ["stale", "pending"])
def test_waiting_has_a_reason(state: str) -> None:
    status = LayerStatus("a", state)  # type: ignore[arg-type] # a literal of the list above
    assert reason(status, "en") == messages.text(f"layer.{state}", "en")


def test_a_layer_that_is_shown_as_it_was_says_why() -> None:
    issue = Issue("edits_do_not_fit", "layers/a.toml", "schema", found="a")
    told = reason(LayerStatus("a", "stale", issues=(issue,)), "en") or ""
    assert "geosvc import --replace a" in told


def test_a_sound_layer_has_no_reason() -> None:
    assert reason(LayerStatus("a", "ok"), "en") is None


def test_an_unavailable_layer_without_fault_says_so() -> None:
    assert reason(LayerStatus("a", "unavailable"), "en") == "No reason given"


def test_only_the_first_faults_are_a_reason() -> None:
    issues = tuple(Issue("unreadable", f"layers/{number}.toml") for number in range(9))
    status = LayerStatus("a", "unavailable", issues=issues)
    assert (reason(status, "en") or "").count("\n") == 2


def test_a_warning_needs_an_expectation() -> None:
    assert warning(LayerStatus("a", "ok", count=3), "en") is None
    assert warning(LayerStatus("a", "ok", count=3, expected=3), "en") is None
    assert warning(LayerStatus("a", "pending", count=0, expected=3), "en") is None


def test_a_field_is_described() -> None:
    field = Field("kind", Text("类型", "Kind"), labels={"a": Label(Text("甲", "A"))})
    assert describe_field(field, "zh") == {
        "name": "kind",
        "title": "类型",
        "type": "string",
        "unit": None,
        "masked": False,
        "labels": {"a": {"label": "甲", "tone": "plain"}},
    }


def test_what_was_erased_by_policy_is_said_in_words() -> None:
    field = Field("plate", Text("号牌", "Plate"), privacy="enforcement")
    told = describe_field(field, "zh")
    assert told["masked"] is True
    assert told["labels"] == {ERASED: {"label": "已按规定清除", "tone": "plain"}}
    assert describe_field(field, "en")["labels"][ERASED]["label"] == "Erased by policy"


def test_a_derived_layer_has_the_sources_of_its_inputs(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("layers/density.toml", DENSITY)
    folder.write("layers/maps/density.toml", MAP.replace('"roads", ', '"density", '))
    prepared = folder.prepare()
    waiting = entry(manifest(prepared, "density", "en"), "density")
    assert (waiting["state"], waiting["url"], waiting["classes"]) == ("pending", None, [])
    assert waiting["attribution"] == "Sample source"
    refresh_derived(folder.settings)
    prepared.refresh()
    made = entry(manifest(prepared, "density", "en"), "density")
    assert made["synthetic"] is True
    assert made["count"] == sum(row["count"] for row in made["classes"]) > 0


def test_a_map_names_what_can_be_searched_on_it(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    assert manifest(folder.prepare(), "overview", "zh")["map"]["search"] is None
    folder.write("layers/stops.toml", f'{STOPS}\n[search]\nfields = ["name"]\n')
    workspace = folder.prepare()
    tag = search_tag(workspace, "overview")
    found = manifest(workspace, "overview", "zh")["map"]["search"]
    assert found == f"/maps/overview/search-{tag}.json"
    assert manifest(workspace, "roads", "zh")["map"]["search"] is None
    inline = manifest(workspace, "overview", "zh", addresses=Inline())
    assert inline["map"]["search"] is None
