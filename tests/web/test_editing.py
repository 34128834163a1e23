"""Features over HTTP: made, changed, deleted, put back; refused, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geosvc.store.jobs import JobTable
from geosvc.web.app import create_app
from geosvc.web.editing import LONGEST_REASON
from tests.web.small import DENSITY, need_plate, write_catalog

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.small import Folder

HERE = {"type": "Point", "coordinates": [121.105, 33.505]}
PHRASE = "blue heron 42 sings"


@dataclass
class Desk:
    """An app with a token for each role."""

    app: Flask
    tokens: dict[str, str]

    @property
    def path(self) -> Path:
        return Path(self.app.extensions["geosvc"].settings.instance) / "geosvc.sqlite"

    def ask(self, method: str, path: str, body: object = None, *, role: str = "editor") -> Any:  # noqa: ANN401 - an answer whose JSON is of any shape
        headers = {"Accept": "application/json"}
        if role:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        kept: dict[str, Any] = {} if body is None else {"json": body}
        return self.app.test_client().open(path, method=method, headers=headers, **kept)

    def stop(self, key: str = "A1", *, role: str = "editor") -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/layers/stops/features/{key}", role=role).json
        return found

    def put(self, key: str = "A1", *, role: str = "editor", **body: object) -> Any:  # noqa: ANN401 - see ask
        path = f"/layers/stops/features/{key}"
        return self.ask("PUT", path, {"base": 1, "reason": "why", **body}, role=role)

    def post(self, *, role: str = "editor", layer: str = "stops", **body: object) -> Any:  # noqa: ANN401 - see ask
        path = f"/layers/{layer}/features"
        return self.ask("POST", path, {"reason": "why", **body}, role=role)


def desk_of(app: Flask) -> Desk:
    accounts, tokens = app.extensions["geosvc"].accounts, {}
    for role in ("viewer", "editor", "enforcement", "administrator"):
        accounts.add(role, PHRASE, role=role, actor="")
        may = ["read", *(["edit"] if role != "viewer" else [])]
        may += ["personal"] if role in {"enforcement", "administrator"} else []
        tokens[role] = accounts.make_token(role, "test", scope=" ".join(may), days=2, actor="")
    return Desk(app, tokens)


@pytest.fixture
def desk(catalog_folder: Folder) -> Desk:
    catalog_folder.write("layers/density.toml", DENSITY)
    return desk_of(catalog_folder.app())


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An app that no test of this module changes."""
    return desk_of(write_catalog(tmp_path_factory.mktemp("tried")).app())


def faults(response: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - see Desk.ask
    assert response.status_code == 422, response.text
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    return [(item["field"], item["code"]) for item in response.json["faults"]]


def test_a_feature_is_sent_with_codes_and_the_revision_to_write_against(tried: Desk) -> None:
    found = tried.stop()
    values = {"code": "A1", "name": "金桥路口", "kind": "bay", "routes": ["1", "2"], "slots": 3}
    assert found["values"] == values | {"plate": "苏X·**234"}
    assert found["geometry"] == {"type": "Point", "coordinates": [121.1, 33.5]}
    assert (found["base"], found["revision"], found["author"]) == (1, 1, "系统")
    assert tried.ask("GET", "/layers/stops/features/none").json["code"] == "unknown_feature"
    assert tried.ask("GET", "/layers/none/features/A1").status_code == 404
    assert tried.ask("GET", "/layers/stops/history/none").status_code == 404


def test_a_feature_is_made_changed_deleted_and_put_back(desk: Desk) -> None:
    made = desk.post(values={"code": "A/9 ", "name": "新站", "slots": "２"}, geometry=HERE)
    assert (made.status_code, made.json["revision"], made.json["count"]) == (201, 2, 4)
    assert made.headers["Location"] == "/layers/stops/features/A%2F9%20"
    assert desk.ask("GET", made.headers["Location"]).json["values"]["slots"] == 2
    moved = {"type": "Point", "coordinates": [121.106, 33.505]}
    changed = desk.put("A/9 ", values={"name": None, "kind": "bay"}, geometry=moved, base=2)
    assert changed.json["revision"] == 3
    there = desk.stop("A/9 ")
    assert (there["values"]["name"], there["values"]["slots"]) == (None, 2)
    assert there["geometry"] == moved
    gone = desk.ask("DELETE", "/layers/stops/features/A/9 ", {"base": 3, "reason": "twice"})
    assert (gone.json["revision"], gone.json["count"]) == (4, 3)
    assert desk.ask("GET", "/layers/stops/features/A/9 ").status_code == 404
    back = desk.ask("POST", "/layers/stops/undo", {"base": 4, "reason": "not so"})
    assert back.json["revision"] == 5
    assert desk.stop("A/9 ")["values"]["kind"] == "bay"


def test_the_history_says_who_when_why_and_what(desk: Desk) -> None:
    desk.put(values={"name": "泰北路"}, reason="new sign")
    desk.put(geometry=HERE, base=2, reason="stood there", role="enforcement")
    desk.ask("DELETE", "/layers/stops/features/A1", {"base": 3, "reason": "gone"})
    rows = desk.ask("GET", "/layers/stops/history/A1").json["versions"]
    assert [row["revision"] for row in rows] == [4, 3, 2, 1]
    assert [row["author"] for row in rows] == ["editor", "enforcement", "editor", "系统"]
    assert [row["reason"] for row in rows] == ["gone", "stood there", "new sign", "导入数据文件"]
    assert [row["is_removed"] for row in rows] == [True, False, False, False]
    assert [row["is_first"] for row in rows] == [False, False, False, True]
    assert rows[2]["fields"] == [{"name": "name", "before": "金桥路口", "after": "泰北路"}]
    assert rows[1]["moved_m"] == pytest.approx(723, abs=5)
    assert rows[2]["moved_m"] is None


def test_each_write_is_logged_with_its_author_and_reason(desk: Desk) -> None:
    desk.put(values={"name": "泰北路"}, reason="new sign")
    [entry] = [
        item
        for item in desk.app.extensions["geosvc"].log_entries(before=None, limit=50)
        if item.action == "write" and item.actor == "editor"
    ]
    assert (entry.target, entry.detail["reason"], entry.address) == (
        "stops",
        "new sign",
        "127.0.0.1",
    )


def test_of_two_writes_against_one_revision_the_second_gets_both_versions(desk: Desk) -> None:
    desk.put(values={"name": "theirs"}, reason="first")
    late = desk.put(values={"name": "mine", "slots": 9}, geometry=HERE)
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    assert late.json["theirs"]["values"]["name"] == "theirs"
    assert (late.json["theirs"]["author"], late.json["theirs"]["reason"]) == ("editor", "first")
    assert late.json["base"]["values"]["name"] == "金桥路口"
    assert late.json["yours"] == {"values": {"name": "mine", "slots": 9}, "geometry": HERE}
    assert desk.stop()["values"]["name"] == "theirs"
    on_top = desk.put(values={"slots": 9}, base=late.json["theirs"]["revision"])
    assert on_top.status_code == 200
    now = desk.stop()["values"]
    assert (now["name"], now["slots"]) == ("theirs", 9)


def test_a_feature_that_is_gone_or_there_already_is_a_conflict_too(desk: Desk) -> None:
    there = desk.post(values={"code": "A2"}, geometry=HERE)
    assert (there.status_code, there.json["theirs"]["values"]["name"]) == (409, "=1+1")
    desk.ask("DELETE", "/layers/stops/features/A1", {"base": 1, "reason": "gone"})
    late = desk.put(values={"name": "mine"})
    assert (late.status_code, late.json["theirs"]) == (409, None)
    assert late.json["base"]["values"]["name"] == "金桥路口"
    undone = desk.ask("POST", "/layers/stops/undo", {"base": 1, "reason": "why"})
    assert (undone.status_code, undone.json["theirs"]) == (409, None)


def test_an_import_is_not_undone(tried: Desk) -> None:
    response = tried.ask("POST", "/layers/stops/undo", {"base": 1, "reason": "why"})
    assert faults(response) == [("base", "import_stays")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"values": {"kind": "q"}}, [("kind", "not_in_domain")]),
        ({"values": {"slots": "many"}}, [("slots", "wrong_type")]),
        ({"values": {"slots": {"a": [1]}}}, [("slots", "wrong_type")]),
        ({"values": {"nothing": 1}}, [("nothing", "unknown_field")]),
        ({"values": {"code": "A7"}}, [("code", "not_allowed")]),
        ({"values": []}, [("values", "wrong_type")]),
        ({"base": None}, [("base", "wrong_type")]),
        ({"base": True}, [("base", "wrong_type")]),
        ({"reason": " "}, [("reason", "required")]),
        ({"reason": 7}, [("reason", "required")]),
        ({"reason": "x" * (LONGEST_REASON + 1)}, [("reason", "length")]),
        ({"reason": "a\u0000b"}, [("reason", "length")]),
        ({"geometry": "POINT (1 2)"}, [("geometry", "wrong_type")]),
        ({"geometry": {"type": "Point", "coordinates": ["a"]}}, [("geometry", "wrong_type")]),
        ({"geometry": {"type": "Point", "coordinates": [1e9, 2]}}, [("geometry", "not_degrees")]),
        ({"geometry": {"type": "Point", "coordinates": [80, 30]}}, [("geometry", "outside")]),
        ({"geometry": {"type": "Point", "coordinates": []}}, [("geometry", "null_geometry")]),
    ],
)
def test_what_does_not_fit_is_said_by_field(
    tried: Desk, body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    response = tried.put(**{"values": {"name": "x"}, **body})
    assert faults(response) == expected
    assert all(item["message"] for item in response.json["faults"])
    assert tried.stop()["base"] == 1


def test_a_new_feature_has_a_key_and_a_place(tried: Desk) -> None:
    expected = [("code", "required"), ("geometry", "null_geometry")]
    assert sorted(faults(tried.post(values={"name": "x"}))) == expected
    line = {"type": "LineString", "coordinates": [[121.1, 33.5], [121.2, 33.5]]}
    wrong = tried.post(values={"code": "x"}, geometry=line)
    assert faults(wrong) == [("geometry", "wrong_geometry")]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": NaN}', b"[" * 5000])
def test_a_body_that_is_no_object_is_refused(tried: Desk, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {tried.tokens['editor']}", "Accept": "application/json"}
    response = tried.app.test_client().post(
        "/layers/stops/features", data=body, headers=headers, content_type="application/json"
    )
    assert faults(response) == [("", "wrong_type")]


def test_the_words_of_a_fault_follow_the_reader(tried: Desk) -> None:
    body = {"base": 1, "reason": "why", "values": {"slots": "x"}}
    response = tried.ask("PUT", "/layers/stops/features/A1?lang=en", body)
    assert response.json["faults"][0]["message"] == "wrong type: x, expected integer"


def test_a_derived_layer_is_nobody_s_to_edit(desk: Desk) -> None:
    for method, path in (
        ("GET", "/layers/density/edit"),
        ("POST", "/layers/density/features"),
        ("PUT", "/layers/density/features/a"),
        ("DELETE", "/layers/density/features/a"),
        ("POST", "/layers/density/restore/a"),
        ("POST", "/layers/density/undo"),
    ):
        body: object = None if method == "GET" else {}
        response = desk.ask(method, path, body, role="administrator")
        assert faults(response) == [("", "not_editable")]


def test_who_may_only_read_writes_nothing(tried: Desk) -> None:
    writes = [("POST", ""), ("PUT", "/A1"), ("DELETE", "/A1")]
    for role, status in (("viewer", 403), ("", 401)):
        for method, end in writes:
            response = tried.ask(method, f"/layers/stops/features{end}", {}, role=role)
            assert response.status_code == status
        assert tried.ask("POST", "/layers/stops/undo", {}, role=role).status_code == status
        assert tried.ask("GET", "/layers/stops/edit", role=role).status_code == status
        assert tried.ask("POST", "/layers/stops/restore/A1", {}, role=role).status_code == status
        path = "/layers/stops/history/A1"
        assert tried.ask("GET", path, role=role).status_code == status
        assert tried.stop(role=role)["values"]["plate"] == "苏X·**234"


def test_a_session_writes_with_its_secret_only(tried: Desk) -> None:
    accounts = tried.app.extensions["geosvc"].accounts
    cookie = accounts.sign_in("editor", PHRASE, address="")
    csrf = accounts.by_cookie(cookie).csrf
    client = tried.app.test_client()
    client.set_cookie("geosvc_session", cookie)
    codes = []
    for given_ in ("", "wrong", csrf):
        response: Any = client.put(
            "/layers/stops/features/A1",
            json={"base": 1, "reason": "", "values": {}},
            headers={"X-CSRF-Token": given_, "Accept": "application/json"},
        )
        codes.append((response.status_code, response.json["code"]))
    assert codes == [(403, "forged_form"), (403, "forged_form"), (422, "edit")]


def test_a_personal_value_is_seen_and_changed_by_those_who_may(desk: Desk) -> None:
    assert desk.stop(role="enforcement")["values"]["plate"] == "苏XA1234"
    # what an editor sends for it changes nothing, be it the mask or another value
    for base, plate in ((1, "苏X·**234"), (2, "苏XZ0000"), (3, None)):
        body = {"plate": plate, "name": f"n{base}"}
        assert desk.put(values=body, base=base).status_code == 200
    assert desk.stop(role="enforcement")["values"]["plate"] == "苏XA1234"
    assert desk.put(values={"plate": "苏XC9999"}, base=4, role="enforcement").status_code == 200
    assert desk.stop()["values"]["plate"] == "苏X·**999"
    rows = desk.ask("GET", "/layers/stops/history/A1", role="enforcement").text
    assert "苏XC9999" not in rows
    late = desk.put(values={"name": "x"}, base=1)
    assert "苏XC9999" not in late.text
    logged = desk.app.extensions["geosvc"].log_entries(before=None, limit=50)
    assert {item.target for item in logged if item.action == "personal_read"} == {"stops/A1"}


def test_a_new_personal_value_is_not_an_editor_s_to_give(desk: Desk) -> None:
    values: dict[str, object] = {"code": "A9", "plate": "苏XD1111"}
    for given_ in (values, values | {"plate": []}, values | {"plate": {}}):
        assert faults(desk.post(values=given_, geometry=HERE)) == [("plate", "not_yours")]
    assert desk.post(values=values, geometry=HERE, role="enforcement").status_code == 201
    assert desk.stop("A9")["values"]["plate"] == "苏X·**111"


def test_a_personal_value_that_a_feature_needs_is_written_unseen(catalog_folder: Folder) -> None:
    need_plate(catalog_folder)
    desk = desk_of(catalog_folder.app())
    assert faults(desk.post(values={"code": "A9"}, geometry=HERE)) == [("plate", "required")]
    made = desk.post(values={"code": "A9", "plate": "苏XD1111"}, geometry=HERE)
    assert made.status_code == 201
    assert "苏XD1111" not in made.text
    assert desk.stop("A9")["values"]["plate"] == "苏X·**111"
    assert desk.stop("A9", role="enforcement")["values"]["plate"] == "苏XD1111"
    # from then on it is not theirs to change
    assert desk.put("A9", values={"plate": "苏XE2222", "slots": 1}, base=2).status_code == 200
    assert desk.stop("A9", role="enforcement")["values"]["plate"] == "苏XD1111"


def test_what_depends_on_the_layer_is_asked_for(desk: Desk) -> None:
    desk.put(geometry=HERE)
    with JobTable(desk.path) as table:
        jobs = table.recent(limit=5)
    assert [(job.name, job.parameters, job.author) for job in jobs] == [
        ("derive", {"layer": "density"}, "editor")
    ]


def test_the_public_profile_writes_nothing(catalog_folder: Folder) -> None:
    catalog_folder.prepare()
    desk = desk_of(create_app(replace(catalog_folder.settings, profile="public")))
    assert desk.put(values={"name": "x"}).status_code == 403
    assert desk.ask("GET", "/layers/stops/features/A1", role="administrator").status_code == 403
    page = desk.ask("GET", "/layers/stops", role="administrator")
    assert "/layers/stops/edit" not in page.text


def test_people_get_a_page_where_they_ask_for_one(tried: Desk) -> None:
    headers = {"Authorization": f"Bearer {tried.tokens['editor']}", "Accept": "text/html"}
    client = tried.app.test_client()
    response = client.put("/layers/stops/features/A1", json={}, headers=headers)
    assert (response.status_code, response.mimetype) == (422, "text/html")


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.dictionaries(st.sampled_from(["code", "name", "routes", "slots", "x"]), _JSON),
    geometry=_JSON | st.fixed_dictionaries({"type": st.just("Point"), "coordinates": _JSON}),
)
def test_no_body_breaks_the_service(tried: Desk, values: object, geometry: object) -> None:
    # the base is ahead of the layer: what fits is a conflict, so that nothing is ever written
    response = tried.put(values=values, geometry=geometry, base=99)
    assert response.status_code in {409, 422}, response.text
    assert tried.post(values=values, geometry=geometry, reason="").status_code == 422
