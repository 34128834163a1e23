from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Constraints, Field, ForeignKey, OnlyIf, Order, Text
from geosvc.errors import EditError
from geosvc.store.links import Link
from geosvc.workspace.checking import check_feature, foreign_keys

if TYPE_CHECKING:
    from geosvc.catalog.model import Layer
    from geosvc.workspace import Workspace
    from tests.workspace.conftest import County

NAME = Text("名", "Name")
HERE = shapely.Point(121.101, 33.5)
FIELDS = (
    Field("code", NAME),
    Field("start", NAME, "date"),
    Field("end", NAME, "date"),
    Field("count", NAME, "integer", constraints=Constraints(minimum=0, maximum=9)),
    Field("tags", NAME, "list", privacy="enforcement"),
    Field("plate", NAME, privacy="enforcement", constraints=Constraints(required=True)),
    Field("road", NAME),
)
RULES = (
    Order(("start", "end")),
    OnlyIf("count", "road", ("r1",)),
    ForeignKey("road", "roads", "road_id"),
)
GIVEN = {"code": "x", "plate": "苏XA1234"}


@pytest.fixture
def workspace(county: County) -> Workspace:
    return county.prepare()


@pytest.fixture
def layer(workspace: Workspace) -> Layer:
    found = workspace.catalog.layer("stops")
    return replace(found, schema=replace(found.schema, fields=FIELDS, rules=RULES))


def test_loose_values_become_typed_and_personal_ones_masked(
    workspace: Workspace, layer: Layer
) -> None:
    values = {**GIVEN, "start": "2024-06-01", "count": "７", "tags": "a;b", "road": "r1"}
    checked = check_feature(workspace, layer, values, HERE)
    assert checked.values["count"] == 7
    assert checked.values["plate"] == "苏X·**234"
    assert checked.values["tags"] == ("***",)
    assert checked.values["end"] is None
    assert checked.personal == {"plate": "苏XA1234", "tags": "a;b"}
    assert checked.geometry == HERE


def test_a_personal_value_that_is_not_given_is_none(workspace: Workspace, layer: Layer) -> None:
    assert check_feature(workspace, layer, GIVEN, HERE).personal["tags"] is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"start": "2024-06-02", "end": "2024-06-01"}, ("order", "end")),
        ({"count": "4"}, ("only_if", "count")),
        ({"count": "10", "road": "r1"}, ("above_maximum", "count")),
        ({"plate": ""}, ("required", "plate")),
        ({"start": "June"}, ("wrong_type", "start")),
    ],
)
def test_rules_of_an_import_hold(
    workspace: Workspace, layer: Layer, values: dict[str, str], found: tuple[str, str]
) -> None:
    with pytest.raises(EditError) as caught:
        check_feature(workspace, layer, {**GIVEN, **values}, HERE)
    assert [(issue.code, issue.key) for issue in caught.value.issues] == [found]
    assert [issue.place for issue in caught.value.issues] == [f"stops:{found[1]}"]


def test_a_field_that_is_not_seen_is_not_judged(workspace: Workspace, layer: Layer) -> None:
    values = {"code": "x", "plate": "苏X·**234", "tags": None}
    checked = check_feature(workspace, layer, values, HERE, unseen=("plate", "tags"))
    assert checked.values["plate"] == "苏X·**234"
    assert checked.personal == {}


def test_a_place_that_stays_is_not_judged(workspace: Workspace, layer: Layer) -> None:
    assert check_feature(workspace, layer, GIVEN, None, keeps_place=True).geometry is None


def test_a_height_is_dropped(workspace: Workspace, layer: Layer) -> None:
    place = check_feature(workspace, layer, GIVEN, shapely.Point(121.101, 33.5, 7)).geometry
    assert place is not None
    assert not place.has_z


def test_a_table_takes_no_place(workspace: Workspace) -> None:
    fleet = workspace.catalog.layer("fleet")
    assert check_feature(workspace, fleet, {"code": "f2"}, HERE).geometry is None


def test_what_a_feature_names_is_left_to_the_store(workspace: Workspace, layer: Layer) -> None:
    assert check_feature(workspace, layer, {**GIVEN, "road": "r9"}, HERE).values["road"] == "r9"


def test_the_store_is_told_of_the_foreign_keys_of_layers_with_a_source(layer: Layer) -> None:
    hidden = replace(layer.schema, rules=(ForeignKey("plate", "fleet", "code"),))
    layers = {
        "stops": layer,
        "shops": replace(layer, id="shops", schema=hidden),
        "derived": replace(layer, id="derived", source=None),
    }
    assert foreign_keys(Catalog(layers=layers)) == (
        Link("stops", "road", "roads", "road_id"),
        Link("shops", "plate", "fleet", "code", is_private=True),
    )


def test_a_fault_does_not_say_a_personal_value(workspace: Workspace, layer: Layer) -> None:
    fields = tuple(
        replace(field, constraints=Constraints(pattern="X.*")) if field.name == "plate" else field
        for field in layer.schema.fields
    )
    strict = replace(layer, schema=replace(layer.schema, fields=fields))
    with pytest.raises(EditError) as caught:
        check_feature(workspace, strict, GIVEN, HERE)
    assert "A1234" not in repr(caught.value.issues)
