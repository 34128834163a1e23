"""A layer that people have edited, and a layer file that moves on under it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from geosvc.catalog.model import Field, Schema, Text
from geosvc.errors import EditError
from geosvc.store import ERASED, Change, Shape
from geosvc.store.frames import assemble
from geosvc.workspace import Editor, Workspace
from geosvc.workspace.edited import as_declared, does_not_fit, is_alike, judge
from geosvc.workspace.updates import check_edited
from tests.workspace.folder import STOPS

if TYPE_CHECKING:
    from tests.workspace.conftest import County

LI = Change("li", "")
NAME = Text("名", "Name")


def with_field(text: str) -> str:
    return STOPS.replace("[style]", f"[[schema.fields]]\n@title\n{text}\n[style]")


@pytest.fixture
def edited(county: County) -> County:
    """s1 is 泰兴 by an editor's hand, s2 has a name, s3 has none."""
    Editor(county.prepare()).replace("stops", "s1", {"name": "泰兴"}, base=1, change=LI)
    return county


def names(workspace: Workspace) -> list[Any]:
    return [value if value is not pd.NA else None for value in workspace.frame("stops")["name"]]


def test_a_new_optional_field_comes_without_values(edited: County) -> None:
    edited.write_layer("stops", with_field('name = "hint"'))
    for _ in range(2):
        workspace = edited.prepare()
        status = workspace.status("stops")
        assert (status.state, status.revision, status.author, status.reason) == (
            "ok", 3, "geosvc", "schema",
        )  # fmt: skip
        assert status.issues == ()
    assert workspace.frame("stops")["hint"].tolist() == [None, None, None]
    assert names(workspace) == ["泰兴", "泰北路", None]
    editor = Editor(workspace)
    assert editor.replace("stops", "s1", {"hint": "桥下"}, base=3, change=LI).number == 4
    assert "hint" not in editor.as_of("stops", number=2).columns
    assert workspace.store.verify() == ()


def test_a_field_that_goes_stays_in_the_history(edited: County) -> None:
    field = '[[schema.fields]]\nname = "name"\n@title\n'
    edited.write_layer("stops", STOPS.replace(field, ""))
    workspace = edited.prepare()
    assert workspace.status("stops").state == "ok"
    assert list(workspace.frame("stops").columns) == ["code", "geometry"]
    editor = Editor(workspace)
    now, before, _ = editor.history("stops", "s1")
    assert (now.properties, before.properties["name"]) == ({"code": "s1"}, "泰兴")
    assert len(editor.history("stops", "s3")) == 1, "s3 had no name to lose"
    assert editor.as_of("stops", number=2)["name"].tolist() == ["泰兴", "泰北路", None]
    assert editor.delete("stops", "s2", base=3, change=LI).number == 4


def test_values_are_read_as_another_type(county: County) -> None:
    county.write_table(["s1,12,121.101,33.5", "s2,7,121.102,33.5", "s3,,121.102,33.5"])
    Editor(county.prepare()).replace("stops", "s1", {"name": "１３"}, base=1, change=LI)
    typed = 'name = "name"\n@title\ntype = "integer"'
    county.write_layer("stops", STOPS.replace('name = "name"\n@title', typed))
    workspace = county.prepare()
    assert (workspace.status("stops").state, names(workspace)) == ("ok", [13, 7, None])
    editor = Editor(workspace)
    assert [item.properties["name"] for item in editor.history("stops", "s1")][:2] == [13, "１３"]


def test_places_as_received_stay(edited: County) -> None:
    path = edited.settings.instance / "geosvc.sqlite"
    query = "SELECT key, geom, raw_geom, source_datum, extra FROM feature_%d ORDER BY key"
    with sqlite3.connect(path) as connection:
        (number,) = connection.execute("SELECT id FROM layer WHERE name = 'stops'").fetchone()
        before = connection.execute(query % number).fetchall()
        edited.write_layer("stops", STOPS.replace('name = "name"', 'name = "label"'))
        edited.prepare()
        assert connection.execute(query % number).fetchall() == before
    connection.close()


def test_a_new_domain_lists_what_does_not_fit_until_it_is_mended(edited: County) -> None:
    wanted = 'name = "name"\n@title\nconstraints = { enum = ["泰北路", "宝塔"] }'
    edited.write_layer("stops", STOPS.replace('name = "name"\n@title', wanted))
    for _ in range(2):
        workspace = edited.prepare()
        status = workspace.status("stops")
        [issue] = status.issues
        assert (status.state, status.revision) == ("ok", 2), "no value has changed"
        assert (issue.place, issue.found) == ("stops/s1:name", "泰兴")
    assert check_edited(edited.settings) == [issue]
    Editor(workspace).replace("stops", "s1", {"name": "宝塔"}, base=2, change=LI)
    assert edited.prepare().status("stops").issues == ()
    assert check_edited(edited.settings) == []


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        (with_field('name = "hint"\nconstraints = { required = true }'), "s1 s2 s3"),
        (
            STOPS.replace('name = "name"\n@title', 'name = "name"\n@title\ntype = "integer"'),
            "s1 s2",
        ),
    ],
)
def test_what_does_not_fit_stays_as_it_is_and_is_read_only(
    edited: County, text: str, faulty: str
) -> None:
    edited.write_layer("stops", text)
    for _ in range(2):
        workspace = edited.prepare()
        status = workspace.status("stops")
        assert (status.state, status.revision, status.count) == ("stale", 2, 3)
        assert status.is_served
        whole, *rows = status.issues
        assert [issue.path for issue in rows] == [f"stops/{key}" for key in faulty.split()]
        assert whole == does_not_fit(workspace.catalog.layer("stops"))
    assert check_edited(edited.settings) == list(status.issues)
    declared = [field.name for field in workspace.catalog.layer("stops").schema.fields]
    frame = workspace.frame("stops")
    assert list(frame.columns) == [*declared, "geometry"]
    assert frame[declared[-1]].isna().all()
    with pytest.raises(EditError) as caught:
        Editor(workspace).delete("stops", "s1", base=2, change=LI)
    assert caught.value.issues == (whole,)
    assert Editor(workspace).history("stops", "s1")[0].properties["name"] == "泰兴"
    edited.write_layer("stops", STOPS)
    back = edited.prepare()
    assert (back.status("stops").state, back.status("stops").issues) == ("ok", ())
    assert names(back) == ["泰兴", "泰北路", None], "a file that is mended has lost nothing"


def test_the_way_back_is_the_file(edited: County) -> None:
    edited.write_layer("stops", with_field('name = "hint"\nconstraints = { required = true }'))
    rows = ["code,name,lon,lat,hint", "s1,宝塔,121.101,33.5,x"]
    (edited.folder / "data" / "stops.csv").write_text("\n".join(rows), encoding="utf-8")
    assert edited.prepare().status("stops").state == "stale"
    workspace = edited.prepare(replaced=["stops"])
    status = workspace.status("stops")
    assert (status.state, status.revision, status.count, status.issues) == ("ok", 3, 1, ())
    assert workspace.frame("stops")["hint"].tolist() == ["x"]
    assert Editor(workspace).history("stops", "s1")[1].properties["name"] == "泰兴"
    edited.write_table(["s1,泰西,121.101,33.5"])
    assert edited.prepare().status("stops").state == "stale", "the file has no hint now"


def test_another_key_or_geometry_cannot_be_shown(edited: County) -> None:
    key = STOPS.replace('primary_key = "code"', 'primary_key = "name"').replace(
        'name = "name"\n@title', 'name = "name"\n@title\nconstraints = { required = true }'
    )
    edited.write_layer("stops", key)
    workspace = edited.prepare()
    layer = workspace.catalog.layer("stops")
    status = workspace.status("stops")
    assert (status.state, status.issues) == ("unavailable", (does_not_fit(layer),))
    assert not is_alike(workspace.moment.stored["stops"].shape, layer.schema)
    assert workspace.store.state("stops") is not None


def test_a_field_that_becomes_personal_is_masked_everywhere(edited: County) -> None:
    private = STOPS.replace('name = "name"\n@title', 'name = "name"\n@title\nprivacy = "editor"')
    edited.write_layer("stops", private)
    workspace = edited.prepare()
    assert names(workspace) == ["***", "***", None]
    truth = workspace.store.personal("stops")
    assert dict(zip(truth["key"], truth["value"], strict=True)) == {"s1": "泰兴", "s2": "泰北路"}
    told = [item.properties.get("name") for item in Editor(workspace).history("stops", "s1")]
    assert told == ["***", "***", "***"]
    files = list(edited.settings.instance.rglob("*.npy"))
    assert not [file for file in files if "泰北路".encode() in file.read_bytes()]
    edited.write_layer("stops", STOPS)
    again = edited.prepare()
    assert names(again) == ["泰兴", "泰北路", None], "and comes back where it no longer is"
    assert len(again.store.personal("stops")) == 0


def test_what_was_erased_stays_erased(edited: County) -> None:
    private = STOPS.replace('name = "name"\n@title', 'name = "name"\n@title\nprivacy = "editor"')
    edited.write_layer("stops", private)
    workspace = edited.prepare()
    path = edited.settings.instance / "geosvc.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE personal SET value = NULL, erased_at = received_at WHERE feature = 's1'"
        )
    connection.close()
    required = 'name = "name"\n@title\nprivacy = "editor"\nconstraints = { min_length = 3 }'
    text = with_field('name = "hint"').replace('name = "name"\n@title', required)
    edited.write_layer("stops", text)
    workspace = edited.prepare()
    assert workspace.status("stops").issues == (), "what is gone has no faults"
    assert names(workspace)[0] in {"***", ERASED}
    assert workspace.store.personal("stops")["value"].tolist() == [None, "泰北路"]


def test_a_fault_of_a_personal_value_is_not_quoted(edited: County) -> None:
    private = 'name = "name"\n@title\nprivacy = "editor"\nconstraints = { min_length = 3 }'
    edited.write_layer("stops", STOPS.replace('name = "name"\n@title', private))
    [issue] = edited.prepare().status("stops").issues
    assert (issue.place, issue.found) == ("stops/s1:name", "***")


def test_references_and_places_are_looked_at(edited: County) -> None:
    rule = '[[schema.foreign_keys]]\nfield = "name"\n'
    rule += 'reference = { layer = "roads", field = "road_id" }\n[style]'
    edited.write_layer("stops", STOPS.replace("[style]", rule))
    ring = [[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]
    edited.write_geojson("boundary", {"type": "Polygon", "coordinates": [ring]}, code="320000")
    found = [(issue.code, issue.path) for issue in edited.prepare().status("stops").issues]
    assert set(found) == {
        ("no_such_reference", "stops/s1"), ("no_such_reference", "stops/s2"),
        ("outside", "stops/s1"), ("outside", "stops/s2"), ("outside", "stops/s3"),
    }  # fmt: skip
    (edited.folder / "layers" / "roads.toml").write_text("", encoding="utf-8")
    assert edited.prepare().status("stops").is_served


def test_a_layer_that_is_missing_is_no_fault_of_those_who_name_it(county: County) -> None:
    (county.folder / "data" / "fleet.csv").unlink()
    editor = Editor(county.prepare())
    editor.replace("stops", "s1", {"name": "泰兴"}, base=1, change=LI)
    rule = '[[schema.foreign_keys]]\nfield = "name"\n'
    rule += 'reference = { layer = "fleet", field = "code" }\n[style]'
    county.write_layer("stops", STOPS.replace("[style]", rule))
    workspace = county.prepare()
    assert workspace.status("fleet").state == "unavailable"
    assert workspace.status("stops").issues == ()
    layer, stored = workspace.catalog.layer("stops"), workspace.moment.stored["stops"]
    judged = judge(workspace, layer, stored)
    assert judged.issues == ()
    assert judged.features is not None
    assert judged.features[0]["name"].tolist() == ["泰兴", "泰北路", None]


def test_what_cannot_be_brought_over_is_shown_without_it() -> None:
    had = Shape("None", "id", (("id", "string"), ("n", "string"), ("who", "string")))
    columns = {name: pd.array([value], dtype=object).to_numpy() for name, value in
               {"id": "a", "n": "many", "who": "苏XA1234"}.items()}  # fmt: skip
    frame = assemble(["a"], columns, None, had)
    fields = (
        Field("id", NAME),
        Field("n", NAME, "integer"),
        Field("who", NAME, privacy="enforcement"),
        Field("tags", NAME, "list"),
    )
    shown = as_declared(frame, had, Schema("None", "id", fields))
    assert shown["who"].tolist() == ["苏X·**234"]
    assert shown[["n", "tags"]].isna().all(axis=None)
    assert shown["n"].dtype == "Int64"
    same = tuple(Field(name, NAME) for name, _ in had.fields)
    assert as_declared(frame, had, Schema("None", "id", same)) is frame


def test_without_a_store_nobody_has_edited_anything(county: County) -> None:
    assert check_edited(county.settings) == []
    assert not county.settings.instance.exists()


def test_a_field_that_becomes_personal_is_masked_where_edits_do_not_fit(edited: County) -> None:
    Editor(edited.prepare()).replace("stops", "s1", {"name": "泰西"}, base=2, change=LI)
    hint = with_field('name = "hint"\nconstraints = { required = true }')
    private = hint.replace('name = "name"\n@title', 'name = "name"\n@title\nprivacy = "editor"')
    edited.write_layer("stops", private)
    workspace = edited.prepare()
    assert workspace.status("stops").state == "stale"
    assert names(workspace) == ["***", "***", None]
    editor = Editor(workspace)
    told = [item.properties for item in editor.history("stops", "s1")]
    assert told == [{"code": "s1", "name": "***"}] * 4
    for number in (1, 2, 3, 4):
        assert editor.as_of("stops", number=number)["name"].tolist() == ["***", "***", None]
    assert editor.compare("stops", 1, 2).changed == (), "the history has masks alone"


def test_what_an_import_once_quoted_is_hidden_when_it_becomes_personal(county: County) -> None:
    rule = 'name = "name"\n@title\nconstraints = { min_length = 3 }'
    county.write_layer("stops", STOPS.replace('name = "name"\n@title', rule))
    county.write_table(["s1,宝塔南,121.101,33.5", "s2,王五,121.102,33.5", "s3,,121.102,33.5"])
    workspace = county.prepare()
    assert [issue.found for issue in workspace.status("stops").issues] == ["王五"]
    Editor(workspace).delete("stops", "s3", base=1, change=LI)
    private = rule.replace("@title", '@title\nprivacy = "editor"')
    county.write_layer("stops", STOPS.replace('name = "name"\n@title', private))
    assert [issue.found for issue in county.prepare().status("stops").issues] == ["***"]


OWNER = 'name = "owner"\n@title\nprivacy = "editor"'
REQUIRED = '\n[[schema.fields]]\nname = "hint"\n@title\nconstraints = { required = true }'
HELD = "苏XSENT1NEL"
SAID = "王五SENTINEL"


def plant(county: County, *, is_edited: bool) -> None:
    """A declared name and an undeclared owner that nobody called personal yet; s3 is deleted."""
    rows = ["code,name,lon,lat,owner", f"s1,{HELD},121.101,33.5,{SAID}"]
    rows += [f"s{at},{HELD},121.102,33.5,{SAID}" for at in (2, 3)]
    (county.folder / "data" / "stops.csv").write_text("\n".join(rows), encoding="utf-8")
    workspace = county.prepare()
    if is_edited:
        Editor(workspace).replace("stops", "s2", {"name": "泰兴"}, base=1, change=LI)
        Editor(workspace).delete("stops", "s3", base=2, change=LI)
    workspace.frame("stops")
    workspace.close()


def declare(county: County, *fields: str) -> None:
    private = STOPS.replace('name = "name"\n@title', 'name = "name"\n@title\nprivacy = "editor"')
    county.write_layer("stops", private)
    for text in fields:
        added = private.replace("[style]", f"[[schema.fields]]\n{text}\n[style]")
        county.write_layer("stops", added)


def hold_concealed(county: County, *, is_dropped: bool = False) -> None:
    """No byte below the instance has a sentinel once the personal values are taken out."""
    folder = county.settings.instance
    with sqlite3.connect(folder / "geosvc.sqlite") as connection:
        if not is_dropped:
            found = connection.execute("SELECT DISTINCT value FROM personal").fetchall()
            assert {(HELD,), (SAID,)} <= set(found)
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM personal")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    held = {item: item.read_bytes() for item in folder.rglob("*") if item.is_file()}
    assert len(held) > 1
    for word in (HELD, SAID):
        # as text, and as JSON may write it
        for sought in (word.encode(), ascii(word)[1:-1].encode()):
            assert [item for item, content in held.items() if sought in content] == []


@pytest.mark.parametrize("is_edited", [True, False])
@pytest.mark.parametrize("fit", ["fits", "does_not", "source_gone"])
def test_what_becomes_personal_lies_in_its_table_alone(
    county: County, fit: str, *, is_edited: bool
) -> None:
    plant(county, is_edited=is_edited)
    declare(county, OWNER if fit != "does_not" else OWNER + REQUIRED)
    if fit == "source_gone":
        (county.folder / "data" / "stops.csv").unlink()
    if fit == "does_not" and not is_edited:
        # a source without its column is not imported either
        (county.folder / "data" / "stops.csv").write_text("code\ns1", encoding="utf-8")
    for _ in range(2):
        workspace = county.prepare()
        assert workspace.store.frame("stops")["name"].iloc[0] in {"***", "苏X·**NEL"}
        assert workspace.store.verify() == ()
        truth = workspace.store.personal("stops")
        given = set(zip(truth["key"], truth["field"], truth["value"], strict=True))
        assert {("s1", "name", HELD), ("s1", "owner", SAID), ("s2", "owner", SAID)} <= given
        number = workspace.status("stops").revision
        workspace.close()
    assert county.prepare().status("stops").revision == number, "it is done once"
    hold_concealed(county)


@pytest.mark.parametrize("kind", ["string", "integer"])
def test_what_was_concealed_comes_back_when_the_layer_fits(county: County, kind: str) -> None:
    plant(county, is_edited=True)
    # no name is a number: the layer waits
    declare(county, f'name = "owner"\n@title\ntype = "{kind}"\nprivacy = "editor"')
    workspace = county.prepare()
    assert workspace.status("stops").state == ("ok" if kind == "string" else "stale")
    workspace.close()
    declare(county, OWNER)
    workspace = county.prepare()
    assert workspace.status("stops").state == "ok"
    assert workspace.frame("stops")["owner"].tolist() == ["***", "***"]
    assert names(workspace) == ["***", "***"]
    truth = workspace.store.personal("stops")
    given = zip(truth["key"], truth["field"], truth["value"], strict=True)
    assert set(given) == {
        ("s1", "name", HELD), ("s2", "name", "泰兴"), ("s1", "owner", SAID), ("s2", "owner", SAID),
    }  # fmt: skip
    workspace.close()
    hold_concealed(county)
