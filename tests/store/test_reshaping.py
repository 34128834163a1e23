"""Features of an edited layer under other fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely

from geosvc.catalog.model import Field
from geosvc.errors import ConflictError, StoreError, UnknownRevisionError
from geosvc.store import Change, Create, Replace, Store
from tests.store.machine import fresh_store
from tests.store.zoo import (
    CHANGE,
    EVERY,
    NAME,
    SMALL,
    TABLE,
    Imported,
    assert_same,
    assert_sound,
    frame_of,
    rows,
    small,
)  # fmt: skip

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.catalog.model import Schema
    from tests.store.zoo import Given

LI = Change("li", "edit")
MOVED = Change("geosvc", "schema", "layers/a.toml", fingerprint="9" * 64)
NOBODY = pd.DataFrame({"key": [], "field": [], "value": []})
HINTED = replace(SMALL, fields=(*SMALL.fields, Field("hint", NAME)))
WORDLESS = replace(SMALL, fields=SMALL.fields[:2])


@pytest.fixture
def edited(store: Store) -> Store:
    """k0 has been edited, k1 and k2 are as received in another datum."""
    raw = pd.Series({f"k{at}": b"raw" for at in range(3)}, dtype=object)
    extra = pd.Series([{"hint": 1}] * 3, index=["k0", "k1", "k2"])
    store.put("a", Imported(small(3), raw=raw, extra=extra), schema=SMALL, change=CHANGE)
    edit = Replace("k0", {"n": 7, "word": "x"}, shapely.Point(1, 2), 1)
    store.edit("a", [edit], schema=SMALL, change=LI)
    return store


def reshape(
    store: Store,
    schema: Schema,
    personal: pd.DataFrame = NOBODY,
    *,
    base: int = 2,
    **values: Any,  # noqa: ANN401
) -> int:
    """Give each declared field its former values, unless ``values`` has a list for it."""
    frame = store.frame("a")
    for item in schema.fields:
        if item.name in values or item.name not in frame:
            given = values.get(item.name, [None] * len(frame))
            frame[item.name] = pd.Series(given, index=frame.index, dtype=object)
    given = frame, personal
    return store.reshape("a", given, schema=schema, change=MOVED, base=base).number


def test_a_field_more_is_a_revision_that_moves_no_feature(edited: Store, path: Path) -> None:
    query = "SELECT key, revision, digest, raw_geom, source_datum, extra FROM feature_1 ORDER BY id"
    before = rows(path, query)
    assert reshape(edited, HINTED) == 3
    assert rows(path, query) == before
    [made, *_] = edited.revisions("a")
    assert (made.author, made.reason, made.source_path, made.changed, made.count) == (
        "geosvc", "schema", "layers/a.toml", 0, 3,
    )  # fmt: skip
    assert edited.frame("a")["hint"].tolist() == [None] * 3
    assert "hint" not in edited.frame("a", number=2).columns
    stored = edited.state("a")
    assert stored is not None
    assert (stored.edited, stored.fingerprint, stored.source_sha256) == (
        True, MOVED.fingerprint, CHANGE.source_sha256,
    )  # fmt: skip
    assert edited.verify() == ()
    assert_sound(path)


def test_a_field_less_leaves_its_values_in_the_history(edited: Store, path: Path) -> None:
    assert reshape(edited, WORDLESS) == 3
    assert "word" not in edited.frame("a").columns
    past = edited.version("a", "k0", number=2)
    assert past is not None
    assert past.properties["word"] == "x"
    assert_same(edited.frame("a", number=1), small(3))
    query = "SELECT key, raw_geom, source_datum FROM feature_1 ORDER BY key"
    assert rows(path, query) == [
        ("k0", None, "WGS84"), ("k1", b"raw", "GCJ-02"), ("k2", b"raw", "GCJ-02"),
    ]  # fmt: skip
    assert edited.verify() == ()
    assert_sound(path)
    create = Create({"id": "new", "n": 1}, shapely.Point(0, 0))
    assert edited.edit("a", [create], schema=WORDLESS, change=LI).number == 4


def test_it_is_the_same_layer_as_an_import_of_it(store: Store) -> None:
    given: Given = {
        "x": {item.name: None for item in EVERY.fields} | {"geometry": shapely.Point(1, 2)}
    }
    given["x"] |= {"a_boolean": True, "a_list": ("a", "b"), "a_number": 1.5, "a_integer": 3}
    kept = replace(EVERY, fields=tuple(reversed(EVERY.fields)))
    frame = frame_of(given, EVERY)
    store.put("a", frame, schema=EVERY, change=CHANGE)
    assert store.reshape("a", (frame, NOBODY), schema=kept, change=MOVED, base=1).number == 2
    with fresh_store() as other:
        fresh = other.put("a", frame_of(given, kept), schema=kept, change=CHANGE)
    stored = store.state("a")
    assert stored is not None
    assert stored.digest == fresh.digest
    assert store.verify() == ()


def test_what_fits_already_is_no_revision(edited: Store) -> None:
    assert reshape(edited, SMALL) == 2
    stored = edited.state("a")
    assert stored is not None
    assert stored.fingerprint == MOVED.fingerprint


def test_a_value_may_take_another_type(edited: Store) -> None:
    typed = replace(SMALL, fields=(SMALL.fields[0], Field("n", NAME), SMALL.fields[2]))
    assert reshape(edited, typed, n=["7", "1", None]) == 3
    assert edited.frame("a")["n"].tolist() == ["7", "1", None]
    assert edited.frame("a", number=2)["n"].tolist() == [7, 1, 2]


PRIVATE = replace(
    SMALL,
    fields=(
        SMALL.fields[0],
        *(replace(item, privacy="enforcement") for item in SMALL.fields[1:]),
        Field("tags", NAME, "list", privacy="enforcement"),
    ),
)


def test_what_becomes_personal_leaves_features_history_and_files(edited: Store, path: Path) -> None:
    tagged = replace(HINTED, fields=(*SMALL.fields, Field("tags", NAME, "list")))
    reshape(edited, tagged, tags=[("secret",)] * 3)
    edited.frame("a")
    store_again = Replace("k1", {"n": 1, "word": "苏XA1234", "tags": ("secret",)}, None, 3)
    edited.edit("a", [store_again], schema=tagged, change=LI)
    truth = pd.DataFrame({"key": ["k1"], "field": ["word"], "value": ["苏XA1234"]})
    masks = {"word": ["***", "苏X·**234", "***"], "n": [None] * 3, "tags": [("***",)] * 3}
    assert reshape(edited, PRIVATE, truth, base=4, **masks) == 5
    assert edited.personal("a")["value"].tolist() == ["苏XA1234"]
    for key, mask in (("k1", {"苏X·**234", "***"}), ("k2", {"***"})):
        versions = edited.history("a", key)
        assert {item.properties["word"] for item in versions} == mask
        assert {item.properties.get("tags", ("***",)) for item in versions} == {("***",)}
        assert not any("n" in item.properties for item in versions)
    texts = [str(row) for row in rows(path, "SELECT * FROM feature_history")]
    assert not any("secret" in text or "字" in text for text in texts)
    assert not any("A1234" in text for text in texts)
    kept = [file.read_bytes() for file in (path.parent / "columns").rglob("*.npy")]
    assert not any(b"secret" in content for content in kept)


def test_what_cannot_be_is_refused_whole(edited: Store) -> None:
    frame = edited.frame("a")
    for schema in (TABLE, replace(SMALL, primary_key="word")):
        with pytest.raises(StoreError, match="another geometry or key"):
            edited.reshape("a", (frame, NOBODY), schema=schema, change=MOVED, base=2)
    with pytest.raises(StoreError, match="k2 is missing"):
        edited.reshape("a", (frame.iloc[:2], NOBODY), schema=SMALL, change=MOVED, base=2)
    with pytest.raises(ConflictError):
        edited.reshape("a", (frame, NOBODY), schema=SMALL, change=MOVED, base=1)
    with pytest.raises(UnknownRevisionError):
        edited.reshape("b", (frame, NOBODY), schema=SMALL, change=MOVED, base=1)
    stored = edited.state("a")
    assert stored is not None
    assert (stored.number, stored.fingerprint) == (2, CHANGE.fingerprint)


def test_a_layer_that_is_released_follows_its_file_again(edited: Store) -> None:
    edited.release("a")
    stored = edited.state("a")
    assert stored is not None
    assert (stored.edited, stored.source_sha256, stored.number) == (False, "", 2)
    assert edited.put("a", small(2), schema=SMALL, change=CHANGE).number == 3
    assert edited.version("a", "k0", number=2) is not None
    edited.release("never")
