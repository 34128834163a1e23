from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from geosvc.__main__ import main
from geosvc.reports.publish import Made
from geosvc.web import snapshot_commands
from geosvc.workspace.published import Shelf
from tests.web.frozen import Press, facts, parts
from tests.web.test_faults import NAMESPACE, SMALL_DISK, needs_namespaces

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geosvc.workspace import Workspace

FILL = """
import sys
from pathlib import Path
from geosvc.errors import StoreUnavailableError
from geosvc.settings import Settings
from geosvc.snapshots import Part
from geosvc.workspace.published import Shelf
from tests.web.frozen import facts, parts
from tests.web.test_faults import fill

settings = Settings(instance=Path(sys.argv[1]))
shelf = Shelf(settings)
before = shelf.list()
ballast = settings.instance / "ballast"
refused = 0
for left in range(0, 400_000, 20_000):
    fill(ballast)
    with ballast.open("r+b") as file:
        file.truncate(max(ballast.stat().st_size - left, 0))
    count = left // 20_000 + 2
    big = parts(count) | {"figure.pdf": Part(bytes([count]) * 90_000, "application/pdf")}
    try:
        shelf.publish(big, facts(count), author="li")
    except StoreUnavailableError:
        refused += 1
        assert not list((shelf.folder / "incoming").iterdir())
    ballast.unlink()
    assert shelf.verify_all() == ()
    assert all(shelf.read(found.id, "figure.png") for found in shelf.list())
print(refused, len(shelf.list()) - len(before))
"""


@pytest.fixture
def press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Press:
    made = Press(tmp_path)
    monkeypatch.setenv("GEOSVC_LAYERS", str(made.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(made.settings.instance))
    return made


def run(*words: str) -> int:
    return main(["snapshot", *words])


def test_the_list(press: Press, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--lang", "zh") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{press.found.id}\t地图\t2024年6月30日\t")
    assert line.endswith("\tli\t有效\t违法一张图")


def test_verify_says_what_is_wrong(press: Press, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", "--lang", "en") == 0
    assert "1 snapshots verified, no faults" in capsys.readouterr().err
    assert run("verify", press.found.id[:12], "--lang", "en") == 0
    entry = press.shelf.manifest(press.found.id).parts["data.geojson"].sha256
    path = press.shelf.folder / "objects" / entry[:2] / entry[2:]
    path.chmod(0o600)
    path.write_bytes(b"{}")
    capsys.readouterr()
    for words in (["verify"], ["verify", press.found.id]):
        assert run(*words, "--lang", "en") == 1
        said = capsys.readouterr().out
        assert f"objects/{entry[:2]}/{entry[2:]}" in said
        assert "changed or is damaged" in said


def test_an_unknown_one_is_said(press: Press, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["verify", "0" * 64], ["withdraw", "0" * 12, "x"]):
        assert run(*words, "--lang", "en") == 1
        assert "No snapshot has this id" in capsys.readouterr().err
    assert press.get(press.url).status_code == 200


def test_withdraw(press: Press, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("withdraw", press.found.id[:12], "数错了", "--lang", "zh") == 0
    assert f"已撤回 {press.found.id}，理由：数错了" in capsys.readouterr().err
    assert press.get(press.url).status_code == 410
    assert press.shelf.status(press.found.id)[0].withdrawn_by == "geosvc snapshot"


def test_publish(
    press: Press, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []

    def made_of(_workspace: Workspace, given: Mapping[str, str]) -> Made:
        seen.append(dict(given))
        return Made(parts(7), facts(7))

    monkeypatch.setattr(snapshot_commands, "made_of", made_of)
    words = ["publish", "map", "overview", "--query", "z=12", "--title", "题", "--lang", "en"]
    assert run(*words) == 0
    said = json.loads(capsys.readouterr().out)
    assert press.get(said["url"]).status_code == 200
    assert seen == [
        {"kind": "map", "map": "overview", "query": "z=12", "title": "题", "lang": "en"}
    ]


def test_publish_refuses_what_does_not_agree(
    press: Press, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = ["--paper", "pixels", "--width", "300", "--height", "200", "--dpi", "150"]
    words = ["publish", "map", "overview", *tiny, "--caption", "共 99 起", "--lang", "zh"]
    assert run(*words) == 1
    assert "99" in capsys.readouterr().out
    assert len(press.shelf.list()) == 1


def test_a_backup_takes_the_files_along_and_brings_them_back(press: Press, tmp_path: Path) -> None:
    backup = tmp_path / "kept" / "backup.sqlite"
    backup.parent.mkdir()
    assert main(["backup", str(backup)]) == 0
    later = press.publish(131)
    press.shelf.withdraw(press.found.id, "数错了", "li")
    shutil.rmtree(press.shelf.folder)
    assert main(["restore", str(backup)]) == 0
    assert press.shelf.ids() == (press.found.id,)
    assert press.shelf.status(press.found.id)[0].withdrawn_reason == "数错了"
    # what was published after the backup and whose files are lost is said
    assert [fault.path for fault in press.shelf.verify_all()] == [f"manifests/{later.id}.json"]
    assert press.publish(131).id == later.id
    assert press.shelf.verify_all() == ()
    assert main(["backup", str(backup)]) == 0
    assert len(list((backup.parent / "backup.sqlite.snapshots" / "manifests").iterdir())) == 2


def test_a_new_instance_gets_all_of_a_backup(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["backup", str(tmp_path / "backup.sqlite")]) == 0
    monkeypatch.setenv("GEOSVC_INSTANCE", str(tmp_path / "new"))
    assert main(["restore", str(tmp_path / "backup.sqlite")]) == 0
    settings = press.settings.__class__(instance=tmp_path / "new")
    shelf = Shelf(settings)
    assert shelf.standing(press.found.id).author == "li"
    assert shelf.verify_all() == ()


@needs_namespaces
def test_a_full_disk_leaves_nothing_half_made(press: Press, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [*NAMESPACE, "sh", "-c", SMALL_DISK, str(disk), str(press.settings.instance)]
    done = subprocess.run(  # noqa: S603 - our own
        [*command, sys.executable, "-c", FILL, str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    refused, made = map(int, done.stdout.split())
    assert refused > 0
    assert made > 0
    assert refused + made == 20
