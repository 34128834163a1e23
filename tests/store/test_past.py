from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import UnknownRevisionError
from geosvc.store import Change, FieldChange, Store
from geosvc.store.records import Shape
from geosvc.store.rows import Rows, frame_of
from tests.store.machine import fresh_store
from tests.store.zoo import (
    CHANGE,
    EVERY,
    SMALL,
    TABLE,
    Given,
    assert_same,
    features_of,
    schema_of,
    small,
)
from tests.store.zoo import frame_of as imported

if TYPE_CHECKING:
    from pathlib import Path


def _forget_files(store: Store) -> None:
    for path in sorted((store.path.parent / "columns").rglob("*.npy")):
        path.unlink()


@given(states=st.lists(features_of(EVERY), min_size=1, max_size=4))
def test_every_state_comes_back_as_of_its_revision(states: list[Given]) -> None:
    with fresh_store() as store:
        seen = {}
        for features in states:
            frame = imported(features, EVERY)
            number = store.put("a", frame, schema=EVERY, change=CHANGE).number
            seen[number] = imported(dict(sorted(features.items())), EVERY)
        _forget_files(store)
        for number, frame in seen.items():
            assert_same(store.frame("a", number=number), frame)


def test_a_state_has_the_fields_that_it_had(store: Store) -> None:
    wider = schema_of({"n": "number", "word": "string", "tags": "list"})
    store.put("a", small(3), schema=SMALL, change=CHANGE)
    frame = small(3).astype({"n": "Float64"})
    frame["tags"] = pd.Series([("x",), None, ("y", "z")], index=frame.index, dtype=object)
    store.put("a", frame, schema=wider, change=CHANGE)
    store.put("a", small(2), schema=TABLE, change=CHANGE)
    _forget_files(store)
    assert_same(store.frame("a", number=1), small(3))
    assert store.frame("a", number=2)["tags"].tolist() == [("x",), None, ("y", "z")]
    assert "geometry" not in store.frame("a", number=3)


def test_features_that_outlive_a_new_field_are_there_without_it(store: Store) -> None:
    wider = schema_of({"n": "integer", "word": "string", "hint": "string"})
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    store.put("a", small(2).assign(hint=None), schema=wider, change=CHANGE)
    _forget_files(store)
    assert_same(store.frame("a", number=1), small(2))


def test_as_of_a_day(store: Store, path: Path) -> None:
    for count in (1, 2):
        store.put("a", small(count), schema=SMALL, change=CHANGE)
    begin = datetime.now(UTC) - timedelta(days=10)
    with store.writing() as opened:
        for number in (1, 2):
            at = (begin + timedelta(days=number)).isoformat(timespec="seconds")
            opened.execute("UPDATE revision SET at = ? WHERE number = ?", (at, number))
    assert len(store.frame("a", at=begin + timedelta(days=1, hours=1))) == 1
    assert len(store.frame("a", at=begin + timedelta(days=2))) == 2
    assert len(store.frame("a", at=datetime.now(UTC))) == 2
    with pytest.raises(UnknownRevisionError, match="no revision before"):
        store.frame("a", at=begin)
    assert path.exists()


def test_a_clock_that_goes_backward_breaks_no_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", small(1), schema=SMALL, change=CHANGE)
    monkeypatch.setattr("geosvc.store.write.instant", lambda: "2001-01-01T00:00:00+00:00")
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    second, first = store.revisions("a")
    assert second.at == first.at
    assert len(store.frame("a", at=datetime.now(UTC))) == 2


def test_versions_tell_who_when_and_why(store: Store) -> None:
    store.put("a", small(2), schema=SMALL, change=Change("ann", "first"))
    store.put("a", small(1), schema=SMALL, change=Change("bob", "second"))
    store.put("a", small(2), schema=SMALL, change=Change("cid", "third"))
    versions = store.history("a", "k1")
    found = [(item.number, item.until, item.author, item.is_removed) for item in versions]
    assert found == [(3, None, "cid", False), (2, 3, "bob", True), (1, 2, "ann", False)]
    assert versions[0].properties == {"id": "k1", "n": 1, "word": "字1"}
    assert versions[0].geometry == shapely.Point(1 / 7, 1 / 11)
    assert versions[1].geometry is None
    assert store.history("a", "never") == store.history("b", "k1") == ()
    assert store.version("a", "k1", number=2) is None
    assert store.version("a", "k1") == versions[0]
    assert store.version("b", "k1") is None


@given(before=features_of(EVERY), after=features_of(EVERY))
def test_a_comparison_tells_all_that_differs(before: Given, after: Given) -> None:
    with fresh_store() as store:
        store.put("a", imported(before, EVERY), schema=EVERY, change=CHANGE)
        number = store.put("a", imported(after, EVERY), schema=EVERY, change=CHANGE).number
        forward, back = store.compare("a", 1, number), store.compare("a", number, 1)
    assert set(forward.added) == set(back.removed) == after.keys() - before.keys()
    assert set(forward.removed) == set(back.added) == before.keys() - after.keys()
    differ = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert {item.key for item in forward.changed} == differ
    for item in forward.changed:
        old, new = before[item.key], after[item.key]
        expected = {name for name in old if old[name] != new[name]} - {"geometry"}
        assert {field.name for field in item.fields} == expected
        assert (item.moved_m is not None) == (old["geometry"] != new["geometry"])


def test_a_move_is_told_in_meters(store: Store) -> None:
    frame = small(2)
    store.put(
        "a", frame.set_geometry(shapely.points([[121, 33.5]] * 2)), schema=SMALL, change=CHANGE
    )
    moved = frame.set_geometry(shapely.points([[121, 33.5], [121, 33.501]])).assign(n=[7, 1])
    store.put("a", moved, schema=SMALL, change=CHANGE)
    first, second = store.compare("a", 1, 2).changed
    assert first.fields == (FieldChange("n", 0, 7),)
    assert first.moved_m is None
    # a degree of latitude is 110.9 km long at 33.5 degrees
    assert second.moved_m == pytest.approx(110.9, abs=0.1)
    assert second.fields == ()


def test_a_line_moves_as_far_as_its_farthest_point(store: Store) -> None:
    schema = schema_of({}, geometry="LineString")
    for end in (33.500, 33.501):
        line = shapely.LineString([(121, 33.4), (121, 33.45), (121, end)])
        frame = imported({"x": {"geometry": line}}, schema)
        store.put("a", frame, schema=schema, change=CHANGE)
    [change] = store.compare("a", 1, 2).changed
    assert change.moved_m == pytest.approx(110.9, abs=0.1)


def test_a_revision_compared_with_itself_is_the_same(store: Store) -> None:
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    compared = store.compare("a", 1, 1)
    assert (compared.added, compared.removed, compared.changed) == ((), (), ())
    for asked in ((1, 2), (0, 1)):
        with pytest.raises(UnknownRevisionError):
            store.compare("a", *asked)
    with pytest.raises(UnknownRevisionError):
        store.compare("b", 1, 1)


def test_the_frame_of_rows_and_of_the_past_agree() -> None:
    rows = Rows.of(small(2), Shape.of(SMALL))
    taken = zip(rows.keys, rows.taken(np.arange(2), 1), strict=True)
    stored = [(key, row[2], *row[6:]) for key, row in taken]
    assert_same(frame_of(stored, rows.shape), small(2))


def test_an_overview_of_an_instant_has_what_was_current_then(store: Store) -> None:
    store.put("a", small(3), schema=SMALL, change=CHANGE)
    with store.writing() as connection:
        connection.execute("UPDATE revision SET at = '2024-01-01T00:00:00+00:00'")
    store.put("a", small(2), schema=SMALL, change=CHANGE)
    store.put("b", small(1), schema=SMALL, change=CHANGE)
    now = store.overview()[0]
    assert store.overview_at(datetime.now(UTC) + timedelta(days=1)) == now
    then = store.overview_at(datetime(2024, 2, 1, tzinfo=UTC))
    assert set(then) == {"a"}
    assert (then["a"].number, then["a"].count) == (1, 3)
    assert then["a"].digest != now["a"].digest
    assert_same(store.frame("a", number=then["a"].number), small(3))
    assert store.overview_at(datetime(2023, 1, 1, tzinfo=UTC)) == {}
