from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from geosvc.__main__ import main
from geosvc.errors import StoreVersionError
from geosvc.store import Change, Store
from geosvc.store.jobs import JobTable
from geosvc.workspace import Editor, Workspace
from tests.online_site import SHIFTED
from tests.web.small import DENSITY, Folder, write_catalog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    made = write_catalog(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return made


@pytest.fixture
def sound(folder: Folder) -> Folder:
    """The catalog without its faults."""
    (folder.root / "layers/broken.toml").unlink()
    (folder.root / "layers/maps/overview.toml").unlink()
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("A3,重复", "A4,重复"))
    return folder


@pytest.mark.usefixtures("folder")
def test_check_prints_every_fault_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert any(line.startswith("layers/broken.toml:colour: ") for line in lines)
    assert any(line.startswith("data/stops.csv:row 4: code: ") for line in lines)
    assert printed.err.strip() == f"{len(lines)} faults"


@pytest.mark.usefixtures("sound")
def test_check_of_a_sound_catalog_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "No faults: 4 layers, 1 maps, 10 features\n"


def test_check_and_serve_name_a_base_map_that_the_public_may_not_see(
    sound: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = (sound.root / "layers/site.toml").read_text("utf-8")
    sound.write("layers/site.toml", site + SHIFTED)
    assert main(["check"]) == 0
    monkeypatch.setenv("GEOSVC_PROFILE", "public")
    capsys.readouterr()
    said = (
        "layers/site.toml:base[0].datum: to be shown to the public, a base map cannot be in "
        "GCJ-02; one of: CGCS2000, WGS84"
    )
    assert main(["check"]) == 1
    assert capsys.readouterr().out.splitlines() == [said]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert main(["serve", "--port", str(port)]) == 1
    assert said in capsys.readouterr().out.splitlines()


def test_check_stores_nothing(sound: Folder) -> None:
    assert main(["check"]) == 0
    assert not sound.settings.instance.exists()


@pytest.mark.usefixtures("folder")
def test_check_speaks_chinese_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--lang", "zh"]) == 1
    assert "没有键 colour" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_the_language_is_that_of_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    main(["check"])
    assert "没有键 colour" in capsys.readouterr().out


def test_an_unreadable_source_is_a_fault(sound: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    sound.write("data/roads.geojson", "no json")
    assert main(["check"]) == 1
    assert "data/roads.geojson" in capsys.readouterr().out


def test_a_layer_that_another_is_checked_against_may_be_missing(
    sound: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    sound.write("data/area.geojson", "no json")
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert "data/area.geojson" in out
    assert "layers/stops.toml" in out


def test_a_missing_folder_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOSVC_LAYERS", str(tmp_path / "nowhere"))
    assert main(["check"]) == 1
    assert "nowhere" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_import_shows_progress_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("[1/4] ")
    assert lines[3].startswith("[4/4] ")
    assert lines[-1] == "Imported 5 layers, 9 features"


@pytest.fixture
def edited(sound: Folder) -> Folder:
    """The sound catalog, of which A1 was renamed by hand before its file asked for more."""
    assert main(["import"]) == 0
    workspace = Workspace(sound.settings)
    Editor(workspace).replace("stops", "A1", {"name": "新名"}, base=1, change=Change("li", ""))
    workspace.close()
    field = '[[schema.fields]]\nname = "owner"\ntitle = { zh = "业主", en = "Owner" }\n'
    field += "constraints = { required = true }\n[style]"
    path = sound.root / "layers/stops.toml"
    sound.write("layers/stops.toml", path.read_text(encoding="utf-8").replace("[style]", field))
    rows = (sound.root / "data/stops.csv").read_text(encoding="utf-8").splitlines()
    lines = [f"{row},{'owner' if at == 0 else 'x'}" for at, row in enumerate(rows)]
    sound.write("data/stops.csv", "\n".join(lines))
    return sound


@pytest.mark.usefixtures("edited")
def test_check_names_edits_that_do_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("layers/stops.toml:schema: ")
    assert lines[0].endswith("geosvc import --replace stops")
    assert lines[1].startswith("stops/A1:owner: ")


def test_import_replaces_edits_only_where_it_is_asked(
    edited: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    def name() -> object:
        workspace = Workspace(edited.settings)
        found = workspace.frame("stops").loc["A1", "name"]
        workspace.close()
        return found

    assert main(["import"]) == 0
    assert name() == "新名"
    assert main(["import", "--replace", "nowhere"]) == 1
    assert main(["import", "--replace", "stops"]) == 0
    assert name() != "新名"
    capsys.readouterr()
    assert main(["check"]) == 0


def test_a_file_that_cannot_be_used_replaces_nothing(
    edited: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    (edited.root / "data/stops.csv").unlink()
    assert main(["import", "--replace", "stops"]) == 1
    assert "data/stops.csv" in capsys.readouterr().out
    stored = Store(edited.settings.instance / "geosvc.sqlite").state("stops")
    assert stored is not None
    assert stored.edited


@pytest.mark.usefixtures("folder")
def test_a_taken_port_is_told_before_anything_is_imported(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    assert f"127.0.0.1:{port} is taken" in capsys.readouterr().err
    assert not folder.settings.instance.exists()


@pytest.mark.usefixtures("folder")
def test_an_address_that_is_not_here_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "192.0.2.1"]) == 1
    assert "Cannot listen on 192.0.2.1:8000" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "８０", ""])
def test_a_port_is_a_number_in_range(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", f"--port={port}"])
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "-1", "x"])
def test_workers_are_at_least_one(workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", f"--workers={workers}"])
    assert "--workers" in capsys.readouterr().err


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert "usage: geosvc" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_an_error_is_a_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        detail = "version 9"
        raise StoreVersionError(detail)

    monkeypatch.setattr("geosvc.__main__.prepare", fail)
    assert main(["import"]) == 1
    error = capsys.readouterr().err
    assert "A newer version of the service wrote this store" in error
    assert "Traceback" not in error


def test_a_read_only_place_is_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = folder.root / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("GEOSVC_INSTANCE", str(blocked / "below"))
    assert main(["import"]) == 1
    assert "The folder is read-only" in capsys.readouterr().err


def test_import_computes_derived_layers(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.write("layers/density.toml", DENSITY)
    assert main(["import"]) == 0
    assert "Computed: density" in capsys.readouterr().err
    assert main(["check"]) == 1


def test_a_fault_of_a_method_is_a_fault(sound: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    sound.write("layers/density.toml", DENSITY.replace("street_density", "guess"))
    assert main(["check"]) == 1
    assert "layers/density.toml:derivation.method" in capsys.readouterr().out


def test_jobs_are_listed_and_canceled(sound: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs"]) == 0
    assert capsys.readouterr().err == "No jobs\n"
    assert not sound.settings.instance.exists()
    sound.prepare()
    assert main(["jobs"]) == 0
    assert capsys.readouterr().err == "No jobs\n"
    with JobTable(sound.settings.instance / "geosvc.sqlite") as table:
        for name in ("a", "b", "c"):
            table.enqueue("derive", {"layer": name}, cache_key=name, author="ann")
        table.claim()
        table.advance(1, 0.25, "")
        table.claim()
        table.finish(2, "lost", error={"code": "ended", "detail": "-9"})
        assert main(["jobs", "--last", "9"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines] == ["3", "2", "1"]
        assert "waiting 0 %" in lines[0]
        assert "lost" in lines[1]
        assert lines[1].endswith("ann: its process ended with -9")
        assert 'running 25 %  derive {"layer":"a"}' in lines[2]
        assert main(["jobs", "--cancel", "3"]) == 0
        assert "canceled" in capsys.readouterr().out
        assert table.job(3).state == "canceled"
        table.finish(1, "failed", error={"code": "method", "detail": "a"})
        assert main(["jobs", "--last", "3", "--lang", "zh"]) == 0
        assert "失败" in capsys.readouterr().out
    assert main(["jobs", "--cancel", "9"]) == 1
    assert "No job has this number" in capsys.readouterr().err


def test_a_store_is_backed_up_restored_and_verified(
    sound: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = sound.prepare()
    target = sound.settings.instance.parent / "copy.sqlite"
    assert main(["backup", str(target)]) == 0
    assert "Backup: " in capsys.readouterr().err
    before = workspace.store.state("stops")
    with workspace.store.writing() as opened:
        opened.execute("UPDATE revision SET digest = 'f' || substr(digest, 2)")
        opened.execute("UPDATE log SET actor = 'somebody' WHERE id = 1")
    assert main(["verify"]) == 1
    assert "geosvc.sqlite: the log was changed or cut at entry 1" in capsys.readouterr().out
    last = workspace.store.last_verification()
    assert last is not None
    assert "log_damaged" in [issue.code for issue in last.issues]
    assert main(["restore", str(target)]) == 0
    assert "Restored from" in capsys.readouterr().err
    assert workspace.store.state("stops") == before
    assert main(["verify"]) == 0
    assert capsys.readouterr().err == "The store is sound\n"
    last = workspace.store.last_verification()
    assert last is not None
    assert last.issues == ()
    assert main(["restore", str(sound.settings.layers)]) == 1


def test_old_personal_values_are_counted_and_erased(
    sound: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    sound.prepare()
    assert main(["purge", "--dry-run"]) == 0
    assert "nothing was erased" in capsys.readouterr().err
    assert main(["purge"]) == 0
    assert "Erased 0 personal values kept for more than 730 days" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_import_says_what_cannot_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("layers/broken.toml:colour: there is no key") for line in lines)


def test_a_source_that_is_missing_is_told_where_it_is_named(
    sound: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    (sound.root / "data/fleet.csv").unlink()
    fault = "layers/fleet.toml:source.path: there is no file data/fleet.csv"
    assert main(["check"]) == 1
    assert capsys.readouterr().out.splitlines() == [fault]
    assert main(["import", "--lang", "en"]) == 0
    assert fault in capsys.readouterr().err.splitlines()


def test_no_layers_folder_is_told(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOSVC_LAYERS", str(folder.root / "none"))
    main(["import"])
    assert "there is no file none" in capsys.readouterr().err


def test_an_origin_that_is_none_is_told_before_anything_is_imported(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOSVC_EMBED_ORIGINS", "https://a.example;script-src")
    assert main(["serve"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "A setting has a value that cannot be used.",
        "https://a.example;script-src",
    ]
    assert not folder.settings.instance.exists()
