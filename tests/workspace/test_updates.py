from __future__ import annotations

import sqlite3
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from geosvc import derive
from geosvc.errors import AnalysisError, StoreUnavailableError
from geosvc.ingest.source import read_source
from geosvc.messages import render_issue
from geosvc.workspace import prepare
from tests.workspace.folder import BOUNDARY, DENSITY, STOPS

if TYPE_CHECKING:
    from tests.workspace.conftest import County


def test_a_first_start_imports_everything(county: County) -> None:
    told: list[tuple[str, int, int]] = []
    workspace = prepare(
        county.settings, progress=lambda name, done, total: told.append((name, done, total))
    )
    counts = {
        name: workspace.status(name).count for name in ("boundary", "roads", "stops", "fleet")
    }
    assert counts == {"boundary": 1, "roads": 1, "stops": 3, "fleet": 1}
    assert all(workspace.status(name).state == "ok" for name in counts)
    assert workspace.status("density").state == "pending"
    names = [name for name, _, _ in told]
    assert set(names) == {"", *counts}
    assert names.index("boundary") < names.index("stops"), "stops are checked against it"
    assert [done for _, done, _ in told] == [0, 1, 2, 3, 4]
    assert told[-1] == ("", 4, 4)
    if sys.platform != "win32":
        assert stat.S_IMODE(county.settings.instance.stat().st_mode) == 0o700


def test_a_second_start_reads_no_source(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    county.prepare()
    county.derive()

    def never(*_given: object, **_named: object) -> None:
        pytest.fail("read again")

    monkeypatch.setattr("geosvc.workspace.updates.read_source", never)
    monkeypatch.setattr("geosvc.derive.run", never)
    workspace = county.prepare()
    assert county.derive() == []
    assert {workspace.status(name).revision for name in workspace.layer_ids} == {1}


def test_a_source_that_moved_is_a_new_revision_by_key(county: County) -> None:
    county.prepare()
    county.write_table(["s3,,121.102,33.5", "s2,泰北路南,121.102,33.5", "s4,新站,121.103,33.5"])
    workspace = county.prepare()
    status = workspace.status("stops")
    assert (status.revision, status.count, status.state) == (2, 3, "ok")
    assert workspace.frame("stops").index.tolist() == ["s2", "s3", "s4"]
    path = county.settings.instance / "geosvc.sqlite"
    with sqlite3.connect(path) as connection:
        query = "SELECT added, changed, removed, reason, source_path FROM revision WHERE number = 2"
        assert connection.execute(query).fetchall() == [(1, 1, 1, "import", "data/stops.csv")]
    connection.close()


def test_a_source_that_only_looks_different_is_no_revision(county: County) -> None:
    county.prepare()
    county.write_table(["s2,泰北路,121.102,33.50", "s3,,121.102,33.5", "s1,宝塔,121.1010,33.5"])
    status = county.prepare().status("stops")
    assert (status.revision, status.state) == (1, "ok")


def test_a_layer_file_that_gained_a_field_brings_it(county: County) -> None:
    county.prepare()
    hint = '[[schema.fields]]\nname = "hint"\n@title\n[style]'
    county.write_layer("stops", STOPS.replace("[style]", hint))
    workspace = county.prepare()
    assert workspace.status("stops").revision == 2
    assert workspace.frame("stops")["hint"].tolist() == [None, None, None]


def test_refused_rows_are_told_and_the_others_served(county: County) -> None:
    county.write_table(["s1,a,121.1,33.5", "s1,b,121.1,33.5", "s2,c,99,33.5", "s3,d,121.1,33.5"])
    status = county.prepare().status("stops")
    assert status.state == "ok"
    assert status.count + status.refused == 4
    assert {issue.code for issue in status.issues} >= {"outside", "not_unique"}
    assert all(issue.path == "data/stops.csv" for issue in status.issues)
    again = county.prepare().status("stops")
    assert again == status, "the next start knows of them without reading the file"


def test_a_source_that_is_gone_leaves_what_was_there(county: County) -> None:
    county.prepare()
    (county.folder / "data" / "stops.csv").unlink()
    workspace = county.prepare()
    status = workspace.status("stops")
    assert (status.state, status.count, status.issues[0].code) == ("stale", 3, "missing_file")
    assert len(workspace.frame("stops")) == 3
    county.write_table(["s1,宝塔,121.101,33.5"])
    assert county.prepare().status("stops").state == "ok"


def test_a_source_that_comes_back_as_it_was_is_ok_again(county: County) -> None:
    county.prepare()
    path = county.folder / "data" / "stops.csv"
    kept = path.read_bytes()
    path.unlink()
    county.prepare()
    path.write_bytes(kept)
    status = county.prepare().status("stops")
    assert (status.state, status.revision, status.issues) == ("ok", 1, ())


def test_a_source_that_was_never_there_is_unavailable_and_others_are_served(
    county: County,
) -> None:
    (county.folder / "data" / "boundary.geojson").unlink()
    workspace = county.prepare()
    states = {name: workspace.status(name).state for name in workspace.layer_ids}
    assert states["boundary"] == "unavailable"
    assert states["stops"] == "unavailable", "it cannot be checked without its boundary"
    assert workspace.status("stops").issues[0].found == "boundary"
    assert states["roads"] == states["fleet"] == "ok"


def test_features_are_checked_anew_when_the_layer_around_them_moved(county: County) -> None:
    county.prepare()
    ring = [[100.0, 30.0], [100.1, 30.0], [100.1, 30.1], [100.0, 30.0]]
    county.write_geojson("boundary", {"type": "Polygon", "coordinates": [ring]}, code="320000")
    status = county.prepare().status("stops")
    assert (status.count, status.refused, status.revision) == (0, 3, 2)


def test_an_edited_layer_keeps_its_features_and_tells(county: County) -> None:
    county.prepare()
    path = county.settings.instance / "geosvc.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE layer SET edited = 1 WHERE name = 'stops'")
    connection.close()
    kept = (county.folder / "data" / "stops.csv").read_bytes()
    county.write_table(["s9,neu,121.1,33.5"])
    for _ in range(2):
        status = county.prepare().status("stops")
        assert (status.state, status.count, status.revision) == ("ok", 3, 1)
        assert [issue.code for issue in status.issues] == ["source_moved"]
    (county.folder / "data" / "stops.csv").write_bytes(kept)
    assert county.prepare().status("stops").issues == ()


def test_a_reader_that_breaks_takes_one_layer_with_it(
    county: County, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(layer: object, **named: object) -> object:
        if getattr(layer, "id", "") == "roads":
            msg = "not foreseen"
            raise RuntimeError(msg)
        return read_source(layer, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("geosvc.workspace.updates.read_source", breaks)
    workspace = county.prepare()
    [issue] = workspace.status("roads").issues
    assert (issue.code, issue.found) == ("failed", "RuntimeError: not foreseen")
    assert workspace.status("stops").state == "ok"
    assert "not foreseen" in caplog.text


def test_a_store_that_cannot_be_written_stops_the_start(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object, **_named: object) -> None:
        msg = "disk full"
        raise StoreUnavailableError(msg)

    monkeypatch.setattr("geosvc.store.Store.put", fails)
    with pytest.raises(StoreUnavailableError):
        county.prepare()


def test_derived_layers_follow_their_inputs(county: County) -> None:
    assert county.derive() == [], "nothing to compute from"
    county.prepare()
    assert county.derive() == ["density"]
    assert county.derive() == []
    county.write_table(["s1,宝塔,121.101,33.5", "s5,远,121.101,33.55"])
    workspace = county.prepare()
    assert workspace.status("density").state == "stale"
    assert workspace.frame("density")["cases"].sum() == 3, "the last result is shown meanwhile"
    assert county.derive() == ["density"]
    assert workspace.refresh()
    status = workspace.status("density")
    assert (status.state, status.revision) == ("ok", 2)
    assert status.notes["unlocated"] == 1
    assert workspace.frame("density")["cases"].sum() == 1
    assert status.synthetic, "as its stops are"


def test_a_derived_layer_follows_its_parameters(county: County) -> None:
    county.prepare()
    county.derive()
    county.write_layer("density", DENSITY.replace("lixel_m = 100", "lixel_m = 40"))
    assert county.derive() == ["density"]


def test_a_method_that_fails_says_so_and_is_tried_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(events: object, streets: object, *, lixel_m: float) -> None:
        msg = f"{events is streets}, {lixel_m:g}"
        raise ValueError(msg)

    county.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(derive, "METHODS", {"street_density": fail})
        assert county.derive() == []
    status = county.prepare().status("density")
    assert (status.state, status.issues[0].code) == ("unavailable", "failed")
    assert status.issues[0].found == "ValueError: False, 100"
    assert county.derive() == ["density"]


def test_data_without_an_answer_leave_their_reason_with_the_layer(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(events: object, streets: object, *, lixel_m: float) -> None:
        reason = "few_visits"
        raise AnalysisError(reason, visits=int(events is streets), least=int(lixel_m))

    county.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(derive, "METHODS", {"street_density": refuse})
        assert county.derive() == []
    status = county.prepare().status("density")
    assert status.state == "unavailable"
    [issue] = status.issues
    assert issue.place == "layers/density.toml"
    assert render_issue(issue, "en").startswith("layers/density.toml: Only 0 visits")
    assert "100" in render_issue(issue, "zh")


def test_no_layers_are_no_fault(county: County) -> None:
    for path in county.settings.layers.rglob("*.toml"):
        path.unlink()
    assert county.prepare().layer_ids == ()
    assert county.derive() == []


def test_layers_whose_files_are_gone_are_kept_but_not_served(county: County) -> None:
    county.prepare()
    (county.settings.layers / "fleet.toml").unlink()
    assert "fleet" not in county.prepare().layer_ids
    assert county.prepare().store.state("fleet") is not None


def test_a_layer_that_names_a_broken_one_waits_for_it(county: County) -> None:
    county.prepare()
    county.write_layer("boundary", "wrong = 1\n" + BOUNDARY)
    workspace = county.prepare()
    assert workspace.status("boundary").state == "unavailable"
    assert workspace.status("stops").state == "ok", "it was checked when there was a boundary"
    county.write_table(["s1,宝塔,121.101,33.5"])
    status = county.prepare().status("stops")
    assert (status.state, status.count, status.issues[0].code) == ("stale", 3, "layer_needed")
    county.write_layer("boundary", BOUNDARY)
    status = county.prepare().status("stops")
    assert (status.state, status.count, status.issues) == ("ok", 1, ())


PRIVATE = STOPS.replace('name = "name"\n@title', 'name = "name"\n@title\nprivacy = "editor"')


def test_a_field_that_becomes_personal_leaves_a_layer_that_nobody_edited(county: County) -> None:
    county.prepare()
    county.write_table(["s1,王五,121.101,33.5", "s2,泰北路,121.102,33.5", "s3,,121.102,33.5"])
    county.prepare()
    answers = county.settings.instance / "answers"
    answers.mkdir()
    (answers / "kept").write_text("王五", encoding="utf-8")
    county.write_layer("stops", PRIVATE)
    workspace = county.prepare()
    assert workspace.frame("stops")["name"].tolist() == ["***", "***", None]
    told = [item.properties["name"] for item in workspace.store.history("stops", "s1")]
    assert told == ["***", "***", "***"]
    for number in (1, 2, 3):
        shown = workspace.store.frame("stops", number=number)["name"].tolist()
        assert shown == ["***", "***", None]
    workspace.close()
    files = [item for item in county.settings.instance.rglob("*") if item.is_file()]
    # the one table of personal values has what is true now, and nothing has what was
    assert not [item for item in files if "宝塔".encode() in item.read_bytes()]
    assert [item.name for item in files if "王五".encode() in item.read_bytes()] == [
        "geosvc.sqlite"
    ]


def test_a_column_that_is_declared_personal_leaves_what_was_undeclared(county: County) -> None:
    rows = ["code,name,lon,lat,owner", "s1,宝塔,121.101,33.5,王五"]
    (county.folder / "data" / "stops.csv").write_text("\n".join(rows), encoding="utf-8")
    county.prepare()
    field = '[[schema.fields]]\nname = "owner"\n@title\nprivacy = "editor"\n[style]'
    county.write_layer("stops", STOPS.replace("[style]", field))
    workspace = county.prepare()
    assert workspace.store.personal("stops")["value"].tolist() == ["王五"]
    with sqlite3.connect(workspace.store.path) as connection:
        found = connection.execute("SELECT extra FROM feature_history").fetchall()
    connection.close()
    assert found == [("{}",)]


def test_a_source_that_fails_shows_no_value_that_became_personal(county: County) -> None:
    county.prepare()
    county.write_layer("stops", PRIVATE)
    (county.folder / "data" / "stops.csv").unlink()
    workspace = county.prepare()
    assert workspace.status("stops").state == "stale"
    assert workspace.frame("stops")["name"].tolist() == ["***", "***", None]


def test_a_coordinate_of_a_personal_column_is_not_quoted(county: County) -> None:
    field = '[[schema.fields]]\nname = "lon"\n@title\nprivacy = "editor"\n[style]'
    county.write_layer("stops", STOPS.replace("[style]", field))
    county.write_table(["s1,宝塔,王五,33.5", "s2,,121.102,33.5"])
    found = [(issue.key, issue.found) for issue in county.prepare().status("stops").issues]
    assert set(found) == {("lon", "***")}
