"""Sites and the bays that name them, in each way that one may name the other."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely

from geosvc.errors import EditError
from geosvc.store import Change, Create, Delete, Replace, Store
from geosvc.store.links import Link, Terms
from tests.store.zoo import CHANGE, SMALL, Imported, frame_of, schema_of, small

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from geosvc.catalog.model import FieldType, Schema
    from geosvc.errors import Issue
    from geosvc.store import Edit

ANN = Change("ann", "because")
PLACE = shapely.Point(1, 2)
BAYS = schema_of({"site": "string"}, geometry="None")
NAMED = Link("bays", "site", "sites", "id")


def begin(store: Store, bays: dict[str, Any], *, link: Link = NAMED, schema: Schema = BAYS) -> None:
    """Store the sites k0, k1, k2 (numbers 0, 1, 2) and bays of these names."""
    store.put("sites", small(3), schema=SMALL, change=CHANGE)
    given = {key: {"site": value} for key, value in bays.items()}
    store.put("bays", frame_of(given, schema), schema=schema, change=CHANGE)
    store.links = (link,)


def refused(do: Callable[[], object]) -> list[Issue]:
    with pytest.raises(EditError) as caught:
        do()
    return list(caught.value.issues)


def edit(store: Store, layer: str, *edits: Edit, schema: Schema | None = None) -> int:
    known = schema or (SMALL if layer == "sites" else BAYS)
    return store.edit(layer, edits, schema=known, change=ANN).number


def test_what_is_named_is_not_deleted(store: Store) -> None:
    begin(store, {f"b{at}": "k0" for at in range(7)} | {"c": "k1", "d": None})
    [issue] = refused(lambda: edit(store, "sites", Delete("k0", 1)))
    assert (issue.code, issue.path, issue.key, issue.expected) == (
        "still_referenced", "sites", "id", "bays.site",
    )  # fmt: skip
    assert issue.found == "b0, b1, b2, b3, b4, …"
    [issue] = refused(lambda: edit(store, "sites", Delete("k2", 1), Delete("k1", 1)))
    assert issue.found == "c"
    assert len(store.frame("sites")) == 3, "nothing of a refused edit is stored"
    assert edit(store, "sites", Delete("k2", 1)) == 2
    edit(store, "bays", Delete("c", 1))
    assert edit(store, "sites", Delete("k1", 2)) == 3


def test_nothing_names_what_is_not_there(store: Store) -> None:
    begin(store, {"a": "k0"})
    [issue] = refused(lambda: edit(store, "bays", Create({"id": "b", "site": "k9"})))
    assert (issue.code, issue.key, issue.found, issue.expected) == (
        "no_such_reference", "site", "k9", "sites.id",
    )  # fmt: skip
    assert refused(lambda: edit(store, "bays", Replace("a", {"site": "k7"}, base_revision=1)))
    edit(store, "bays", Create({"id": "b", "site": "k1"}), Create({"id": "c"}))
    assert edit(store, "bays", Replace("a", {"site": "k2"}, base_revision=1)) == 3
    assert edit(store, "sites", Delete("k0", 1)) == 2, "nobody names it any longer"


def test_undo_and_restore_hold_it_too(store: Store) -> None:
    begin(store, {"a": "k0"})
    edit(store, "sites", Create({"id": "new"}, PLACE))
    edit(store, "bays", Replace("a", {"site": "new"}, base_revision=1))
    [issue] = refused(lambda: store.undo("sites", schema=SMALL, change=ANN))
    assert (issue.code, issue.found) == ("still_referenced", "a")
    edit(store, "sites", Delete("k0", 2))
    [issue] = refused(lambda: store.restore("bays", 1, schema=BAYS, change=ANN))
    assert (issue.code, issue.found) == ("no_such_reference", "k0")
    store.undo("sites", schema=SMALL, change=ANN)
    assert store.undo("bays", schema=BAYS, change=ANN).number == 3


@pytest.mark.parametrize(
    ("kind", "values", "reference"),
    [
        ("integer", [0, 1, 7], "n"),
        ("number", [0.0, 1.0, 7.5], "n"),
        ("string", ["0", "1", "7"], "n"),
        ("string", ["字0", "字1", "字7"], "word"),
        ("list", [("字0", "字1"), ("字1",), ("字1", "字7")], "word"),
    ],
)
def test_references_of_every_type(
    store: Store, kind: FieldType, values: Sequence[Any], reference: str
) -> None:
    schema = schema_of({"site": kind}, geometry="None")
    first, second, lost = values
    begin(store, {"a": first}, link=Link("bays", "site", "sites", reference), schema=schema)
    assert edit(store, "bays", Create({"id": "b", "site": second}), schema=schema) == 2
    [issue] = refused(lambda: edit(store, "bays", Create({"id": "c", "site": lost}), schema=schema))
    assert issue.found.endswith(("7", "7.5"))
    edit(store, "sites", Delete("k2", 1))
    [issue] = refused(lambda: edit(store, "sites", Delete("k0", 1)))
    assert (issue.key, issue.found) == (reference, "a")
    moved = {"n": 90, "word": "新"}
    assert refused(lambda: edit(store, "sites", Replace("k0", moved, base_revision=1)))
    same = {"n": 0, "word": "字0"}
    assert edit(store, "sites", Replace("k0", same, PLACE, 1)) == 3, "what is named has not moved"


def test_a_value_that_another_feature_still_has_may_go(store: Store) -> None:
    begin(store, {"a": "字0"}, link=Link("bays", "site", "sites", "word"))
    edit(store, "sites", Create({"id": "twin", "word": "字0"}, PLACE))
    edit(store, "sites", Delete("k0", 1))
    assert refused(lambda: edit(store, "sites", Delete("twin", 2)))
    swapped = Delete("twin", 2), Create({"id": "other", "word": "字0"}, PLACE)
    assert edit(store, "sites", *swapped) == 4


def test_a_list_may_be_what_is_named(store: Store) -> None:
    tagged = schema_of({"tags": "list"}, geometry="None")
    begin(store, {"a": None}, link=Link("bays", "site", "tagged", "tags"))
    given = {"t": {"tags": ("x", "y")}}
    store.put("tagged", frame_of(given, tagged), schema=tagged, change=CHANGE)
    edit(store, "bays", Replace("a", {"site": "y"}, base_revision=1))
    assert refused(lambda: edit(store, "bays", Create({"id": "b", "site": "z"})))
    without_x = Replace("t", {"tags": ("y",)}, base_revision=1)
    assert edit(store, "tagged", without_x, schema=tagged) == 2
    assert refused(lambda: edit(store, "tagged", Delete("t", 2), schema=tagged))


def test_a_personal_value_names_too_and_is_not_said(store: Store) -> None:
    hidden = [replace(item, privacy="enforcement") if item.name == "site" else item
              for item in BAYS.fields]  # fmt: skip
    schema = replace(BAYS, fields=tuple(hidden))
    begin(store, {}, link=replace(NAMED, is_private=True), schema=schema)
    personal = pd.DataFrame({"key": ["a"], "field": ["site"], "value": ["k0"]})
    frame = frame_of({"a": {"site": "***"}}, schema)
    store.put("bays", Imported(frame, personal=personal), schema=schema, change=CHANGE)
    lost = Create({"id": "b", "site": "***"}, personal={"site": "secret"})
    [issue] = refused(lambda: edit(store, "bays", lost, schema=schema))
    assert (issue.code, issue.found) == ("no_such_reference", "***")
    [issue] = refused(lambda: edit(store, "sites", Delete("k0", 1)))
    assert (issue.code, issue.found) == ("still_referenced", "a")


@pytest.mark.parametrize(
    "link", [Link("bays", "site", "nowhere", "id"), Link("bays", "site", "sites", "gone")]
)
def test_a_reference_to_what_was_never_stored_is_to_nothing(store: Store, link: Link) -> None:
    begin(store, {"a": "k0"}, link=link)
    assert refused(lambda: edit(store, "bays", Create({"id": "b", "site": "k0"})))
    assert edit(store, "bays", Create({"id": "b"})) == 2


@pytest.mark.parametrize(
    "link", [Link("nowhere", "site", "sites", "id"), Link("bays", "gone", "sites", "id")]
)
def test_who_was_never_stored_names_nothing(store: Store, link: Link) -> None:
    begin(store, {"a": "k0"}, link=link)
    assert edit(store, "sites", Delete("k0", 1)) == 2


def test_without_links_nothing_is_held() -> None:
    assert Terms(SMALL).links == ()
    assert Store.links == ()


def test_of_two_writers_exactly_one_wins(store: Store, path: Path) -> None:
    begin(store, {})
    other = Store(path)
    other.links = store.links
    rounds = 20
    won: list[list[str]] = [[] for _ in range(rounds)]
    ready = threading.Barrier(2)

    def run(writer: Store, name: str, layer: str, edits: Sequence[Edit]) -> None:
        for at in range(rounds):
            ready.wait()
            try:
                edit(writer, layer, edits[at])
                won[at].append(name)
            except EditError:
                pass

    number = edit(store, "sites", *(Create({"id": f"s{at}"}, PLACE) for at in range(rounds)))
    deletes = [Delete(f"s{at}", number) for at in range(rounds)]
    bays = [Create({"id": f"b{at}", "site": f"s{at}"}) for at in range(rounds)]
    threads = [
        threading.Thread(target=run, args=(store, "site goes", "sites", deletes)),
        threading.Thread(target=run, args=(other, "bay comes", "bays", bays)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(names) for names in won] == [1] * rounds
    named = set(other.frame("bays")["site"])
    assert named <= set(other.frame("sites").index)
    other.close()
