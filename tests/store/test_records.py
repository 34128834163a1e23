from __future__ import annotations

import dataclasses

import pytest

from geosvc.ingest.source import Clean
from geosvc.store.records import Change, Features, Report, Shape
from tests.store.zoo import EVERY, TABLE, Imported


@pytest.mark.parametrize("schema", [EVERY, TABLE])
def test_a_shape_is_what_its_text_says(schema: object) -> None:
    shape = Shape.of(schema)  # type: ignore[arg-type]
    assert Shape.parse(shape.text) == shape
    assert Shape.parse(shape.text).text == shape.text


def test_a_shape_says_whether_features_have_a_place() -> None:
    assert Shape.of(EVERY).has_geometry
    assert not Shape.of(TABLE).has_geometry


def test_a_shape_keeps_names_in_any_script() -> None:
    shape = Shape("None", "编号", (("编号", "string"), ('a"b', "list")))
    assert Shape.parse(shape.text) == shape


def test_records_cannot_be_changed() -> None:
    change = Change("editor", "because")
    with pytest.raises(dataclasses.FrozenInstanceError):
        change.author = "another"  # type: ignore[misc]
    assert Report() == Report(usable=True, total_rows=0, issues=())


@pytest.mark.parametrize("kind", [Imported, Clean])
def test_imports_hand_over_what_the_store_asks_for(kind: type) -> None:
    wanted = {name for name in vars(Features) if not name.startswith("_")}
    assert wanted <= {item.name for item in dataclasses.fields(kind)}
