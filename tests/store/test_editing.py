"""Edits against a model in memory, and the cases that people meet."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geosvc.catalog.model import Constraints, Field
from geosvc.errors import ConflictError, EditError, StoreError, UnknownRevisionError
from geosvc.store import Change, Create, Delete, Replace, Store
from tests.store.machine import fresh_store
from tests.store.zoo import (
    CHANGE,
    EVERY,
    NAME,
    SMALL,
    Given,
    Imported,
    assert_same,
    assert_sound,
    features_of,
    frame_of,
    small,
)

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Edit

ANN = Change("ann", "because")
PLACE = shapely.Point(1, 2)


class Edits(RuleBasedStateMachine):
    """Any order of imports, edits, undo and restore, beside a dictionary of features."""

    @initialize(features=features_of(EVERY))
    def begin(self, features: Given) -> None:
        self.folder = fresh_store()
        self.store = self.folder.__enter__()
        self.store.put("a", frame_of(features, EVERY), schema=EVERY, change=CHANGE)
        self.past: list[Given] = [features]
        self.since = dict.fromkeys(features, 1)

    @property
    def now(self) -> Given:
        return self.past[-1]

    def moved(self, features: Given, number: int, *, touched: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        differ = {
            key
            for key in self.now.keys() | features.keys()
            if self.now.get(key) != features.get(key)
        }
        if differ | touched:
            self.past.append(features)
            self.since |= dict.fromkeys(differ, len(self.past))
        assert number == len(self.past)

    @rule(data=st.data(), new=features_of(EVERY))
    def edit(self, data: st.DataObject, new: Given) -> None:
        features = dict(self.now)
        edits: list[Edit] = []
        for key, values in new.items():
            given = {name: value for name, value in values.items() if name != "geometry"}
            if key not in features:
                edits.append(Create({"id": key, **given}, values["geometry"]))
                features[key] = values
            elif data.draw(st.booleans()):
                edits.append(Delete(key))
                del features[key]
            else:
                place = data.draw(st.sampled_from([None, values["geometry"]]))
                edits.append(Replace(key, given, place))
                features[key] = {**given, "geometry": place or features[key]["geometry"]}
        base = len(self.past)
        stored = self.store.edit("a", edits, schema=EVERY, change=ANN, base=base)
        self.moved(features, stored.number)

    @precondition(lambda self: self.now)
    @rule(data=st.data())
    def edit_something_stale(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.now)))
        base = data.draw(st.sampled_from([None, self.since[key] - 1, len(self.past) + 1]))
        with pytest.raises(ConflictError):
            self.store.edit("a", [Delete(key, base)], schema=EVERY, change=ANN)

    @rule()
    def undo(self) -> None:
        if len(self.past) == 1:
            with pytest.raises(UnknownRevisionError):
                self.store.undo("a", schema=EVERY, change=ANN)
        else:
            stored = self.store.undo("a", schema=EVERY, change=ANN)
            self.moved(dict(self.past[-2]), stored.number)

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.past)))
        stored = self.store.restore("a", number, schema=EVERY, change=ANN)
        self.moved(dict(self.past[number - 1]), stored.number)

    @rule(data=st.data(), keys=st.sets(st.sampled_from("abc")))
    def restore_some(self, data: st.DataObject, keys: set[str]) -> None:
        number = data.draw(st.integers(1, len(self.past)))
        stored = self.store.restore("a", number, schema=EVERY, change=ANN, keys=keys)
        then = self.past[number - 1]
        features = {key: value for key, value in self.now.items() if key not in keys}
        features |= {key: value for key, value in then.items() if key in keys}
        self.moved(features, stored.number)

    @rule(features=features_of(EVERY))
    def take_in(self, features: Given) -> None:
        stored = self.store.put("a", frame_of(features, EVERY), schema=EVERY, change=CHANGE)
        self.moved(features, stored.number)

    @invariant()
    def the_present_and_the_past_are_as_they_were(self) -> None:
        if not hasattr(self, "past"):
            return
        for number in {1, len(self.past)}:
            expected = frame_of(dict(sorted(self.past[number - 1].items())), EVERY)
            assert_same(self.store.frame("a", number=number), expected)

    def teardown(self) -> None:
        if not hasattr(self, "past"):
            return
        for number, features in enumerate(self.past, start=1):
            for key in features.keys() | {"a"}:
                found = self.store.version("a", key, number=number)
                assert (found is not None) == (key in features)
        assert self.store.verify() == ()
        # an edit and an import of the same features have the same digest
        stored = self.store.state("a")
        with fresh_store() as other:
            fresh = other.put("a", self.store.frame("a"), schema=EVERY, change=CHANGE)
            assert stored is not None
            assert fresh.digest == stored.digest
        assert_sound(self.store.path)
        self.folder.__exit__(None, None, None)


TestEdits = Edits.TestCase
TestEdits.settings = settings(stateful_step_count=12)


def put(store: Store, count: int = 3) -> None:
    store.put("a", small(count), schema=SMALL, change=CHANGE)


def edit(store: Store, *edits: Create | Replace | Delete, **given: Any) -> int:  # noqa: ANN401 - of `Store.edit`
    return store.edit("a", edits, **{"schema": SMALL, "change": ANN, **given}).number


def values(number: int = 0) -> dict[str, Any]:
    return {"n": number, "word": "x"}


def test_one_edit_is_one_transaction_and_one_revision(store: Store, path: Path) -> None:
    put(store)
    edits: list[Edit] = [
        Create({"id": "new"}, PLACE),
        Replace("k0", values(), base_revision=1),
        Delete("k1", 1),
    ]
    assert edit(store, *edits) == 2
    [made, _] = store.revisions("a")
    assert (made.author, made.reason, made.added, made.changed, made.removed) == (
        "ann", "because", 1, 1, 1,
    )  # fmt: skip
    assert made.source_sha256 == CHANGE.source_sha256, "the file that these features came from"
    stored = store.state("a")
    assert stored is not None
    assert stored.edited
    assert stored.source_sha256 == CHANGE.source_sha256
    assert_sound(path)


def test_an_edit_that_changes_nothing_is_no_revision(store: Store) -> None:
    put(store)
    assert edit(store, Replace("k1", {"n": 1, "word": "字1"}, base_revision=1)) == 1
    assert edit(store) == 1
    stored = store.state("a")
    assert stored is not None
    assert not stored.edited


def test_one_stale_edit_stops_all(store: Store) -> None:
    put(store)
    edit(store, Replace("k1", values(7), base_revision=1))
    with pytest.raises(ConflictError) as caught:
        edit(store, Delete("k0", 1), Replace("k1", values(8), base_revision=1))
    assert len(store.frame("a")) == 3
    theirs: Any = caught.value.theirs
    base: Any = caught.value.base
    assert (theirs.properties["n"], theirs.author, base.properties["n"]) == (7, "ann", 1)
    assert caught.value.yours == Replace("k1", values(8), base_revision=1)


def test_a_writer_who_saw_a_later_revision_may_write(store: Store) -> None:
    put(store)
    edit(store, Delete("k0", 1))
    assert edit(store, Replace("k1", values(), base_revision=2)) == 3
    assert edit(store, Replace("k2", values(), base_revision=1)) == 4, "others' edits do not matter"


def test_the_place_as_received_stays_until_somebody_moves_it(store: Store, path: Path) -> None:
    raw = pd.Series({"k0": b"raw", "k1": b"raw", "k2": b"raw"}, dtype=object)
    extra = pd.Series([{"hint": 1}] * 3, index=["k0", "k1", "k2"])
    store.put("a", Imported(small(3), raw=raw, extra=extra), schema=SMALL, change=CHANGE)
    edit(store, Replace("k0", values(), base_revision=1), Replace("k1", values(), PLACE, 1))
    query = "SELECT key, raw_geom, source_datum, extra FROM feature_1 ORDER BY key"
    with sqlite3.connect(path) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    assert found == [
        ("k0", b"raw", "GCJ-02", '{"hint":1}'),
        ("k1", None, "WGS84", '{"hint":1}'),
        ("k2", b"raw", "GCJ-02", '{"hint":1}'),
    ]
    store.undo("a", schema=SMALL, change=ANN)
    with sqlite3.connect(path) as connection:
        assert {row[1:] for row in connection.execute(query)} == {(b"raw", "GCJ-02", '{"hint":1}')}
    connection.close()
    assert_same(store.frame("a"), small(3))


UNIQUE = replace(
    SMALL, fields=(*SMALL.fields[:2], Field("word", NAME, constraints=Constraints(unique=True)))
)


def test_a_unique_value_is_held_among_all_features(store: Store) -> None:
    store.put("a", small(3), schema=UNIQUE, change=CHANGE)
    with pytest.raises(EditError) as caught:
        edit(store, Create({"id": "x", "word": "字1"}, PLACE), schema=UNIQUE)
    [issue] = caught.value.issues
    assert (issue.code, issue.key, issue.found) == ("not_unique", "word", "字1")
    assert len(store.frame("a")) == 3
    swapped = [
        Replace("k0", {"word": "字1"}, base_revision=1),
        Replace("k1", {"word": "字0"}, base_revision=1),
    ]
    assert edit(store, *swapped, schema=UNIQUE) == 2, "in one transaction two may swap"
    edit(store, Delete("k2", 2), schema=UNIQUE)
    edit(store, Create({"id": "x", "word": "字2"}, PLACE), schema=UNIQUE)
    with pytest.raises(EditError):
        store.restore("a", 2, schema=UNIQUE, change=ANN, keys=["k2"])


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([Create({"n": 1}, PLACE)], "id missing"),
        ([Create({"id": "x"})], "geometry missing"),
        ([Create({"id": "x", "other": 1}, PLACE)], "no such fields: other"),
        ([Create({"id": "x", "n": "1"}, PLACE)], "n: not of type integer"),
        ([Create({"id": "x", "n": True}, PLACE)], "n: not of type integer"),
        ([Create({"id": "x", "word": 1}, PLACE)], "word: not of type string"),
        ([Create({"id": "x"}, PLACE), Create({"id": "x"}, PLACE)], "two edits of one feature"),
        ([Create({"id": "x", "word": "\ud800"}, PLACE)], "surrogates"),
        ([Create({"id": "x", "n": 2**70}, PLACE)], "too large|too big"),
    ],
)
def test_what_does_not_fit_is_refused(store: Store, edits: list[Create], said: str) -> None:
    put(store)
    with pytest.raises(StoreError, match=said):
        edit(store, *edits)
    assert len(store.revisions("a")) == 1


def test_a_layer_must_be_there_with_these_fields(store: Store) -> None:
    for ask in (edit, lambda store: store.undo("a", schema=SMALL, change=ANN)):
        with pytest.raises(UnknownRevisionError):
            ask(store)
    put(store)
    with pytest.raises(StoreError, match="fields have changed"):
        edit(store, Delete("k0", 1), schema=EVERY)
    with pytest.raises(StoreError, match="fields have changed"):
        store.restore("a", 1, schema=EVERY, change=ANN)


def test_an_undo_of_what_is_no_longer_last_is_a_conflict(store: Store) -> None:
    put(store)
    edit(store, Delete("k0", 1))
    with pytest.raises(ConflictError):
        store.undo("a", schema=SMALL, change=ANN, base=1)
    assert store.undo("a", schema=SMALL, change=ANN, base=2).number == 3
    assert store.undo("a", schema=SMALL, change=ANN).count == 2, "twice is a redo"


def test_two_stores_write_in_turn(store: Store, path: Path) -> None:
    put(store)
    other = Store(path)
    for number in range(1, 6):
        writer = (store, other)[number % 2]
        assert edit(writer, Replace("k0", values(number), base_revision=number)) == number + 1
    assert store.frame("a")["n"].tolist() == other.frame("a")["n"].tolist() == [5, 1, 2]
    other.close()


def test_a_layer_of_an_earlier_version_gets_a_new_digest_by_its_first_edit(
    store: Store, path: Path
) -> None:
    put(store)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE revision SET digest = ?", ("0" * 32,))
    connection.close()
    assert store.verify() == ()
    edit(store, Delete("k2", 1))
    stored = store.state("a")
    with fresh_store() as fresh:
        expected = fresh.put("a", small(2), schema=SMALL, change=CHANGE)
    assert stored is not None
    assert stored.digest == expected.digest


def test_a_restore_of_what_others_changed_since_is_refused(store: Store) -> None:
    store.put("a", small(3), schema=SMALL, change=CHANGE)
    store.edit("a", [Replace("k0", {"n": 7, "word": "x"}, None, 1)], schema=SMALL, change=ANN)
    store.edit("a", [Delete("k1", 2)], schema=SMALL, change=ANN)
    for keys, base in ((["k0", "k2"], 1), (["k1"], 2), (None, 2), (["k2"], 9), (["k0"], -(2**70))):
        with pytest.raises(ConflictError):
            store.restore("a", 1, schema=SMALL, change=ANN, keys=keys, base=base)
    with pytest.raises(ConflictError) as caught:
        store.restore("a", 1, schema=SMALL, change=ANN, keys=["k0"], base=1)
    assert (caught.value.theirs.number, caught.value.base.number) == (2, 1)  # type: ignore[attr-defined]
    assert len(store.revisions("a")) == 3
    assert store.restore("a", 1, schema=SMALL, change=ANN, keys=["k0"], base=2).number == 4
    assert store.restore("a", 1, schema=SMALL, change=ANN, base=4).number == 5
