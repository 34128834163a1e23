from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from geosvc.errors import (
    ConflictError,
    EditError,
    UnknownFeatureError,
    UnknownLayerError,
    UnknownRevisionError,
)
from geosvc.store import ERASED, Change
from geosvc.workspace import Editor, Workspace
from tests.workspace.folder import STOPS

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from tests.workspace.conftest import County

PRIVATE = STOPS.replace('name = "name"\n@title', 'name = "name"\n@title\nprivacy = "enforcement"')
LI = Change("li", "")
HERE = shapely.Point(121.103, 33.5)


@pytest.fixture
def editor(county: County) -> Editor:
    return Editor(county.prepare())


def codes(caught: pytest.ExceptionInfo[EditError]) -> list[tuple[str, str]]:
    return [(issue.code, issue.key) for issue in caught.value.issues]


def test_a_feature_is_made_changed_and_deleted_each_a_revision(editor: Editor) -> None:
    made = editor.create("stops", {"code": "s9", "name": "新站"}, HERE, change=LI)
    assert (made.number, made.count, made.author, made.reason) == (2, 4, "li", "edit")
    moved = editor.replace("stops", "s9", {}, shapely.Point(121.104, 33.5), base=2, change=LI)
    named = editor.replace("stops", "s9", {"name": "泰北"}, base=3, change=Change("wu", "name"))
    assert (moved.number, named.number, named.reason) == (3, 4, "name")
    gone = editor.delete("stops", "s9", base=4, change=LI)
    assert (gone.number, gone.count) == (5, 3)
    versions = editor.history("stops", "s9")
    assert [item.number for item in versions] == [5, 4, 3, 2]
    assert [item.is_removed for item in versions] == [True, False, False, False]
    assert versions[1].geometry == versions[2].geometry == shapely.Point(121.104, 33.5)
    assert versions[1].properties == {"code": "s9", "name": "泰北"}
    assert [item.author for item in editor.revisions("stops")] == ["li", "wu", "li", "li", ""]


def test_the_writer_s_next_look_sees_it_and_so_does_everybody_s(
    county: County, editor: Editor
) -> None:
    other = Workspace(county.settings)
    before = editor.workspace.tag("stops")
    editor.create("stops", {"code": "s9"}, HERE, change=LI)
    for workspace in (editor.workspace, other):
        assert len(workspace.frame("stops")) == 3, "a request stays at its moment"
        assert workspace.refresh()
        assert workspace.frame("stops").index.tolist() == ["s1", "s2", "s3", "s9"]
        assert workspace.tag("stops") != before


@pytest.mark.parametrize(
    ("values", "place", "found"),
    [
        ({"name": "x"}, HERE, [("required", "code")]),
        ({"code": "s9", "colour": "x"}, HERE, [("unknown_field", "colour")]),
        ({"code": "s9", "name": "a\0"}, HERE, [("wrong_type", "name")]),
        ({"code": "s9"}, None, [("null_geometry", "geometry")]),
        ({"code": "s9"}, shapely.box(0, 0, 1, 1), [("wrong_geometry", "geometry")]),
        ({"code": "s9"}, shapely.Point(500, 0), [("invalid_geometry", "geometry")]),
        ({"code": "s9"}, shapely.Point(99, 33), [("outside", "geometry")]),
        ({"code": "", "name": 7}, shapely.Point(99, 33), [("required", "code")]),
    ],
)
def test_what_an_import_would_refuse_is_refused(
    editor: Editor,
    values: dict[str, object],
    place: BaseGeometry | None,
    found: list[tuple[str, str]],
) -> None:
    with pytest.raises(EditError) as caught:
        editor.create("stops", values, place, change=LI)
    assert set(found) <= set(codes(caught))
    assert all(issue.row is None and issue.path == "stops" for issue in caught.value.issues)
    assert len(editor.revisions("stops")) == 1


def test_two_editors_on_one_stop(county: County, editor: Editor) -> None:
    other = Editor(Workspace(county.settings))
    editor.replace("stops", "s1", {"name": "甲"}, base=1, change=LI)
    with pytest.raises(ConflictError) as caught:
        other.replace("stops", "s1", {"name": "乙"}, base=1, change=Change("wu", ""))
    conflict = caught.value
    assert conflict.theirs.properties["name"] == "甲"  # type: ignore[attr-defined]
    assert conflict.base.properties["name"] == "宝塔"  # type: ignore[attr-defined]
    assert conflict.yours.values["name"] == "乙"  # type: ignore[attr-defined]
    other.replace("stops", "s2", {"name": "丙"}, base=1, change=Change("wu", ""))
    other.workspace.refresh()
    assert other.workspace.frame("stops")["name"].tolist() == ["甲", "丙", None]


def test_what_is_gone_cannot_be_changed(editor: Editor) -> None:
    editor.delete("stops", "s1", base=1, change=LI)
    for _ in range(2):
        with pytest.raises(ConflictError) as caught:
            editor.delete("stops", "s1", base=1, change=LI)
        assert caught.value.theirs is None
        assert caught.value.base is not None
    with pytest.raises(ConflictError):
        editor.replace("stops", "s1", {"name": "x"}, base=2, change=LI)
    with pytest.raises(UnknownFeatureError):
        editor.delete("stops", "never", base=1, change=LI)


def test_a_key_that_is_taken_is_a_conflict(editor: Editor) -> None:
    with pytest.raises(ConflictError) as caught:
        editor.create("stops", {"code": "s1"}, HERE, change=LI)
    assert caught.value.theirs is not None


def test_a_key_stays(editor: Editor) -> None:
    with pytest.raises(EditError) as caught:
        editor.replace("stops", "s1", {"code": "s7"}, base=1, change=LI)
    assert codes(caught) == [("not_allowed", "code")]


ROAD = """
[[schema.fields]]
name = "road"
@title
[[schema.foreign_keys]]
field = "road"
reference = { layer = "roads", field = "road_id" }
[style]"""


@pytest.fixture
def linked(county: County) -> Editor:
    """Stops, of which s1 names the road r1."""
    county.write_layer("stops", STOPS.replace("[style]", ROAD))
    rows = ["code,name,lon,lat,road", "s1,宝塔,121.101,33.5,r1", "s2,,121.102,33.5,"]
    (county.folder / "data" / "stops.csv").write_text("\n".join(rows), encoding="utf-8")
    return Editor(county.prepare())


def test_what_others_name_stays_until_they_let_go(county: County, linked: Editor) -> None:
    with pytest.raises(EditError) as caught:
        linked.delete("roads", "r1", base=1, change=LI)
    assert codes(caught) == [("still_referenced", "road_id")]
    [issue] = caught.value.issues
    assert (issue.path, issue.expected, issue.found) == ("roads", "stops.road", "s1")
    Editor(Workspace(county.settings)).replace("stops", "s1", {"road": ""}, base=1, change=LI)
    assert linked.delete("roads", "r1", base=1, change=LI).count == 0
    with pytest.raises(EditError) as caught:
        linked.replace("stops", "s2", {"road": "r1"}, base=2, change=LI)
    assert codes(caught) == [("no_such_reference", "road")]


def test_undo_and_restore(editor: Editor) -> None:
    with pytest.raises(EditError) as caught:
        editor.undo("stops", change=LI)
    assert codes(caught) == [("nothing_to_undo", "")]
    editor.delete("stops", "s1", base=1, change=LI)
    with pytest.raises(ConflictError):
        editor.undo("stops", change=LI, base=1)
    assert editor.undo("stops", change=LI, base=2).reason == "undo"
    assert len(editor.as_of("stops")) == 3
    assert len(editor.as_of("stops", number=2)) == 2
    assert len(editor.as_of("stops", number=1)) == 3
    editor.delete("stops", "s2", base=3, change=LI)
    editor.delete("stops", "s3", base=3, change=LI)
    assert editor.restore("stops", 3, keys=["s2"], change=LI).reason == "restore"
    assert editor.as_of("stops").index.tolist() == ["s1", "s2"]
    compared = editor.compare("stops", 1, 6)
    assert (compared.added, compared.removed, compared.changed) == ((), ("s3",), ())
    with pytest.raises(UnknownRevisionError):
        editor.restore("stops", 99, change=LI)


def test_derived_layers_and_unknown_ones_are_not_edited(editor: Editor) -> None:
    with pytest.raises(EditError) as caught:
        editor.create("density", {}, HERE, change=LI)
    assert codes(caught) == [("not_editable", "")]
    with pytest.raises(UnknownLayerError):
        editor.undo("nowhere", change=LI)


def test_derived_layers_become_stale_and_their_jobs_are_asked_for(county: County) -> None:
    told: list[tuple[str, str, str]] = []

    def hear(workspace: Workspace, layer_id: str, author: str) -> None:
        told.append((workspace.status("density").state, layer_id, author))

    workspace = county.prepare()
    county.derive()
    editor = Editor(workspace, after_commit=hear)
    editor.delete("stops", "s1", base=1, change=LI)
    assert told == [("stale", "stops", "li")]
    editor.restore("stops", 2, change=LI)
    assert len(told) == 1, "nothing was committed"


def test_an_edited_layer_is_no_longer_imported(county: County, editor: Editor) -> None:
    editor.delete("stops", "s1", base=1, change=LI)
    county.write_table(["s9,neu,121.1,33.5"])
    status = county.prepare().status("stops")
    assert (status.count, status.refused, status.revision) == (2, 0, 2)
    assert [issue.code for issue in status.issues] == ["source_moved"]


@pytest.fixture
def private(county: County) -> Editor:
    county.write_layer("stops", PRIVATE)
    county.write_table(["s1,苏XA1234,121.101,33.5", "s2,,121.102,33.5"])
    return Editor(county.prepare())


def plates(editor: Editor) -> dict[str, str | None]:
    found = editor.workspace.store.personal("stops")
    return dict(zip(found["key"], found["value"], strict=True))


@pytest.mark.parametrize("given", [{}, {"name": "苏X·**234"}, {"name": ERASED}])
def test_who_sees_a_mask_cannot_overwrite_the_value(private: Editor, given: dict[str, str]) -> None:
    private.replace("stops", "s1", given, HERE, base=1, change=LI)
    assert plates(private) == {"s1": "苏XA1234"}
    assert private.history("stops", "s1")[0].properties["name"] == "苏X·**234"


def test_a_value_is_given_and_taken_away(private: Editor) -> None:
    private.replace("stops", "s1", {"name": "苏XB5678"}, base=1, change=LI)
    private.replace("stops", "s2", {"name": "苏XC9999"}, base=1, change=LI)
    assert plates(private) == {"s1": "苏XB5678", "s2": "苏XC9999"}
    assert private.as_of("stops")["name"].tolist() == ["苏X·**678", "苏X·**999"]
    private.replace("stops", "s2", {"name": None}, base=3, change=LI)
    assert plates(private) == {"s1": "苏XB5678"}


def test_a_value_under_the_same_mask_is_a_revision(private: Editor) -> None:
    stored = private.replace("stops", "s1", {"name": "苏XB9234"}, base=1, change=LI)
    assert (stored.number, plates(private)["s1"]) == (2, "苏XB9234")


def test_an_undo_leaves_values_and_masks_together(private: Editor) -> None:
    private.replace("stops", "s1", {"name": "苏XB5678"}, HERE, base=1, change=LI)
    private.undo("stops", change=LI)
    assert plates(private) == {"s1": "苏XA1234"}
    assert private.history("stops", "s1")[0].properties["name"] == "苏X·**234"
    assert private.history("stops", "s1")[0].geometry == shapely.Point(121.101, 33.5)


def test_a_deleted_feature_comes_back_with_its_value(private: Editor) -> None:
    private.delete("stops", "s1", base=1, change=LI)
    assert plates(private) == {}
    private.undo("stops", change=LI)
    assert plates(private) == {"s1": "苏XA1234"}
    private.delete("stops", "s1", base=3, change=LI)
    private.create("stops", {"code": "s1"}, HERE, change=LI)
    assert plates(private) == {}, "a new feature of the same key is another one"


def test_an_error_says_no_personal_value(private: Editor) -> None:
    private.delete("stops", "s1", base=1, change=LI)
    with pytest.raises(ConflictError) as caught:
        private.replace("stops", "s1", {"name": "苏XB5678"}, base=1, change=LI)
    assert "B5678" not in repr(vars(caught.value))
