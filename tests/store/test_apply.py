from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import given

from geosvc.errors import StoreError
from geosvc.store.apply import Content, Step, apply, content_of, held, past_content
from geosvc.store.records import Shape
from geosvc.store.rows import Rows
from geosvc.store.versions import properties_text
from tests.store.machine import fresh_store
from tests.store.zoo import CHANGE, EVERY, SMALL, TABLE, Given, features_of, frame_of, small

if TYPE_CHECKING:
    from geosvc.store import Store

SHAPE = Shape.of(SMALL)


@given(features=features_of(EVERY))
def test_a_feature_by_itself_has_the_digest_that_an_import_gives_it(features: Given) -> None:
    shape = Shape.of(EVERY)
    rows = Rows.of(frame_of(features, EVERY), shape)
    for key, digest in zip(rows.keys, rows.digests, strict=True):
        values = {name: value for name, value in features[key].items() if name != "geometry"}
        made = content_of(shape, {"id": key, **values}, features[key]["geometry"])
        assert made.digest(shape) == digest


@given(features=features_of(EVERY))
def test_what_was_stored_has_the_digest_it_was_stored_with(features: Given) -> None:
    with fresh_store() as store:
        stored = store.put("a", frame_of(features, EVERY), schema=EVERY, change=CHANGE)
        for key in features:
            with store.reading() as opened:
                found = held(opened, stored, key)
            assert found is not None
            assert found.content.digest(stored.shape) == found.digest
            # and the same after it went through the history
            text = properties_text(stored.shape, found.content.values)
            parts = (found.content.geom, None, found.content.source_datum, None)
            back = past_content(stored.shape, (text, *parts))
            assert back.digest(stored.shape) == found.digest


def test_nothing_is_held_under_an_unknown_key(store: Store) -> None:
    stored = store.put("a", small(1), schema=SMALL, change=CHANGE)
    with store.reading() as opened:
        assert held(opened, stored, "x") is None


def test_a_place_that_stays_keeps_its_coordinates_as_received() -> None:
    place = shapely.Point(1, 2)
    before = Content(("k", 1, "x"), shapely.to_wkb(place, byte_order=1), b"raw", "GCJ-02", "{}")
    for given_place in (None, place):
        kept = content_of(SHAPE, {"id": "k"}, given_place, before=before)
        assert (kept.raw_geom, kept.source_datum, kept.extra) == (b"raw", "GCJ-02", "{}")
    moved = content_of(SHAPE, {"id": "k"}, shapely.Point(2, 2), before=before)
    assert (moved.raw_geom, moved.source_datum, moved.extra) == (None, "WGS84", "{}")


def test_a_table_has_no_places() -> None:
    made = content_of(Shape.of(TABLE), {"id": "k", "n": 3}, shapely.Point(1, 2))
    assert (made.geom, made.values) == (None, ("k", 3, None))
    assert content_of(Shape.of(TABLE), {}, None, before=made).values == (None, None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a_integer", 1.5), ("a_integer", True), ("a_number", "1"), ("a_number", float("nan")),
        ("a_number", True), ("a_boolean", 1), ("a_string", 1), ("a_list", "a;b"),
        ("a_date", 20240601),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(name: str, value: Any) -> None:  # noqa: ANN401 - the wrong one
    with pytest.raises(StoreError, match=f"{name}: not of type"):
        content_of(Shape.of(EVERY), {name: value}, shapely.Point(1, 2))


def test_an_earlier_value_that_does_not_fit_any_longer_is_refused() -> None:
    with pytest.raises(StoreError, match="n: not of type integer"):
        past_content(SHAPE, ('{"n": "seven"}', None, None, "", None))
    left_out = past_content(SHAPE, ('{"id": "k", "gone": 1}', None, None, "", None))
    assert left_out.values == ("k", None, None)


def test_equal_steps_are_none(store: Store) -> None:
    stored = store.put("a", small(2), schema=SMALL, change=CHANGE)
    with store.writing() as opened:
        before = held(opened, stored, "k1")
        assert before is not None
        same = Step("k1", before, before.content)
        assert apply(opened, stored, [same], change=CHANGE) == stored
        touched = Step("k1", before, before.content, is_touched=True)
        after = apply(opened, stored, [touched], change=CHANGE, is_edit=False)
    assert (after.number, after.digest, after.edited) == (2, stored.digest, False)
    assert len(store.history("a", "k1")) == 2
    assert store.verify() == ()


def test_new_features_do_not_take_the_place_of_others(store: Store) -> None:
    stored = store.put("a", small(3), schema=SMALL, change=CHANGE)
    place = shapely.Point(1, 2)
    with store.writing() as opened:
        last = held(opened, stored, "k2")
        made = content_of(SHAPE, {"id": "k2"}, place)
        news = [content_of(SHAPE, {"id": key}, place) for key in ("x", "y")]
        steps = [Step("x", None, news[0]), Step("k2", last, made), Step("y", None, news[1])]
        assert apply(opened, stored, steps, change=CHANGE).count == 5
    assert store.verify() == ()
