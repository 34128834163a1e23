"""Earlier versions of features over HTTP: seen by pages, put back; the addresses of any key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from geosvc.web import feature_form
from geosvc.workspace import Editor
from tests.web.test_editing import HERE, Desk, desk_of, faults

if TYPE_CHECKING:
    from geosvc.store import Version
    from tests.web.small import Folder


@pytest.fixture
def desk(catalog_folder: Folder) -> Desk:
    return desk_of(catalog_folder.app())


@pytest.mark.parametrize(
    "key",
    ["A1/history", "/", "/A1", "A1/", "a//b", "x/../y", "100%", "é?#&", "a\nb", "%2F", "历史"],
)
def test_every_key_has_its_addresses(desk: Desk, key: str) -> None:
    path = quote(key, safe="")
    made = desk.post(values={"code": key, "name": "one"}, geometry=HERE)
    assert made.headers["Location"] == f"/layers/stops/features/{path}"
    assert desk.ask("GET", made.headers["Location"]).json["key"] == key
    assert desk.put(path, values={"name": "two"}, base=2).json["key"] == key
    past = desk.ask("GET", f"/layers/stops/history/{path}").json
    assert (past["key"], [row["revision"] for row in past["versions"]]) == (key, [3, 2])
    body = {"revision": 2, "base": 3, "reason": "why"}
    assert desk.ask("POST", f"/layers/stops/restore/{path}", body).json["revision"] == 4
    own = desk.ask("GET", f"/layers/stops/personal/features/{path}", role="enforcement")
    assert own.json == {"layer": "stops", "key": key, "values": {}}
    gone = desk.ask("DELETE", f"/layers/stops/features/{path}", {"base": 4, "reason": "why"})
    assert gone.json["key"] == key
    assert desk.stop()["values"]["name"] == "金桥路口"


def test_the_history_comes_by_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_form.history, "__kwdefaults__", {"before": None, "limit": 2})
    for base in (1, 2, 3, 4):
        desk.put(values={"slots": 10 + base}, base=base)
    pages, path = [], "/layers/stops/history/A1"
    before = ""
    while before != "?before=None":
        page = desk.ask("GET", path + before).json
        pages.append([(row["revision"], row["is_first"]) for row in page["versions"]])
        # what the last row changed is known, though the one below it is on the next page
        assert all(row["fields"] for row in page["versions"] if not row["is_first"])
        before = f"?before={page['next']}"
    assert pages == [[(5, False), (4, False)], [(3, False), (2, False)], [(1, True)]]
    assert desk.ask("GET", f"{path}?before=1").json["versions"] == []
    assert len(desk.ask("GET", f"{path}?before=x").json["versions"]) == 2


def restored(desk: Desk, key: str = "A1", **body: object) -> Any:  # noqa: ANN401 - see Desk.ask
    return desk.ask("POST", f"/layers/stops/restore/{key}", {"reason": "back", **body})


def test_an_earlier_version_is_put_back_as_a_new_revision(desk: Desk) -> None:
    desk.put(values={"name": "泰北路"}, geometry=HERE)
    desk.put("A2", values={"name": "other"}, base=2)
    done = restored(desk, revision=1, base=3)
    assert (done.status_code, done.json["revision"]) == (200, 4)
    now = desk.stop()
    assert (now["values"]["name"], now["reason"], now["author"]) == ("金桥路口", "back", "editor")
    assert now["geometry"]["coordinates"] == [121.1, 33.5]
    assert desk.stop("A2")["values"]["name"] == "other"
    first, *rest = desk.ask("GET", "/layers/stops/history/A1").json["versions"]
    assert (first["revision"], first["may_restore"]) == (4, False)
    assert [row["may_restore"] for row in rest] == [True, True]


def test_what_lands_while_a_restore_is_on_its_way_is_not_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put(values={"name": "mine"})
    look = Editor.history

    def slow(editor: Editor, layer_id: str, key: str) -> tuple[Version, ...]:
        found = look(editor, layer_id, key)
        # somebody else's edit lands after this look and before the restore is written
        monkeypatch.setattr(Editor, "history", look)
        assert desk.put(values={"name": "theirs"}, base=2).json["revision"] == 3
        return found

    monkeypatch.setattr(Editor, "history", slow)
    late = restored(desk, revision=1, base=2)
    assert (late.status_code, late.json["theirs"]["values"]["name"]) == (409, "theirs")
    assert desk.stop()["values"]["name"] == "theirs"


def test_a_deleted_feature_comes_back_with_its_personal_value(desk: Desk) -> None:
    desk.ask("DELETE", "/layers/stops/features/A1", {"base": 1, "reason": "gone"})
    past = desk.ask("GET", "/layers/stops/history/A1").json
    assert [(row["is_removed"], row["may_restore"]) for row in past["versions"]] == [
        (True, False),
        (False, True),
    ]
    assert restored(desk, revision=1, base=past["base"]).json["count"] == 3
    assert desk.stop(role="enforcement")["values"]["plate"] == "苏XA1234"


def test_what_cannot_be_put_back(desk: Desk) -> None:
    desk.put(values={"name": "theirs"})
    late = restored(desk, revision=1, base=1)
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    assert late.json["theirs"]["values"]["name"] == "theirs"
    assert late.json["base"]["values"]["name"] == "金桥路口"
    desk.post(values={"code": "A9"}, geometry=HERE)
    # the feature was not there yet, or the revision is not: nothing is deleted for that
    for number in (2, 0, -1, 9, 2**63):
        assert restored(desk, "A9", revision=number, base=3).json["code"] == "unknown_revision"
    assert desk.stop("A9")["base"] == 3
    assert restored(desk, "none", revision=1, base=3).json["code"] == "unknown_feature"
    assert faults(restored(desk, revision="1", base=3)) == [("revision", "wrong_type")]
    assert faults(restored(desk, revision=1, base=None)) == [("base", "wrong_type")]
    assert faults(restored(desk, revision=1, base=3, reason="")) == [("reason", "required")]
