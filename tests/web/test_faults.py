"""A disk that is full, a folder that nothing can be written to: the service goes on and says so."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geosvc import messages
from tests.web.living import PASSWORD, PROJECT, Line, confined, environ_of, hire, lines_to_each
from tests.web.small import write_catalog
from tests.web.test_running import state, wait_until
from tests.web.test_server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.small import Folder

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = 'mount -t tmpfs -o size=16m,mode=0700 none "$0"'
SMALL_DISK = f'{_MOUNT} && cp -a "$1/." "$0" && shift && exec "$@"'
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
READS = ("/", "/layers/stops", "/layers/stops.csv", "/maps/overview", "/layers/stops/rows.json")
BLOCK = 4096


def _is_namespaced() -> bool:
    if sys.platform != "linux" or not shutil.which("unshare"):
        return False
    words = [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own


needs_namespaces = pytest.mark.skipif(not _is_namespaced(), reason="no mounts of one's own here")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A catalog whose instance has an editor."""
    made = write_catalog(tmp_path)
    made.prepare().close()
    return made


@pytest.fixture
def token(folder: Folder) -> str:
    return hire(folder, "editor", "read", "edit")


def fill(path: Path) -> None:
    """Write a file until the disk has no block left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(BLOCK))
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - nothing else ends the loop


def hold_refused(status: int, answer: Any) -> None:  # noqa: ANN401 - JSON of any shape
    """A refusal for want of a place to write, with a sentence."""
    assert (status, answer["code"]) == (503, "store_unavailable"), answer
    assert answer["detail"] == messages.text("errors.store_unavailable.detail", "zh")


def hold_reading(url: str, name: str) -> None:
    """All pages are there for everybody, and show what was acknowledged last."""
    with Line(url) as line:
        for path in READS:
            assert line.raw("GET", path)[0] == 200, path
        assert line.read("/layers/stops/rows.json")["columns"]["name"]["values"][0] == name


def hold_sign_in_refused(url: str) -> None:
    """Signing in is a write too: it is refused with the same sentence."""
    with Line(url) as line:
        _, headers, page = line.raw("GET", "/signin")
        csrf = re.search(r'name="csrf"[^>]*value="([^"]+)"', page.decode())
        assert csrf is not None
        form = f"csrf={csrf[1]}&name=editor&password={PASSWORD.replace(' ', '+')}".encode()
        kind = "application/x-www-form-urlencoded"
        cookie = headers["Set-Cookie"].partition(";")[0]
        status, _, body = line.raw(
            "POST", "/signin", form, Content_Type=kind, Cookie=cookie, Accept="text/html"
        )
    assert status == 503
    assert messages.text("errors.store_unavailable.detail", "zh") in body.decode()


def write_until_refused(line: Line, revision: int) -> tuple[int, str]:
    """Write while the disk, or what is left in the journal, takes it; return the last that stood.

    The journal's own pages are used anew, so that a full disk takes a few more small edits.
    """
    last = ""
    for number in range(3000):
        name = f"第 {number} 次 " + "站" * 200
        status, answer = line.put("A1", revision, {"name": name})
        if status != 200:
            hold_refused(status, answer)
            return revision, last
        revision, last = answer["revision"], name
    pytest.fail("the disk is never full")


@needs_namespaces
def test_a_write_while_the_disk_is_full(folder: Folder, token: str, tmp_path: Path) -> None:
    instance, log = folder.settings.instance, tmp_path / "service.log"
    before = instance.rename(tmp_path / "before")
    instance.mkdir()
    within = (*NAMESPACE, "sh", "-c", SMALL_DISK, str(instance), str(before))
    with confined(folder, log, *within) as (url, process), Line(url, token) as line:
        disk = Path(f"/proc/{process}/root{instance}")
        assert (disk / "geosvc.sqlite").is_file()
        assert not list(instance.iterdir())
        assert line.put("A1", 1, {"name": "以前"})[1]["revision"] == 2
        fill(disk / "filler")
        revision, name = write_until_refused(line, 2)
        name = name or "以前"
        for _ in range(3):
            hold_refused(*line.put("A2", 1, {"name": "无处可写" * 500}))
        assert line.read("/layers/stops/features/A1")["revision"] == revision
        hold_reading(url, name)
        hold_sign_in_refused(url)
        hold_reading(url, name)
        (disk / "filler").unlink()
        status, answer = line.put("A1", revision, {"name": "又可以了"})
        assert (status, answer.get("revision")) == (200, revision + 1), answer
        hold_reading(url, "又可以了")
        with Line(url) as newcomer:
            newcomer.sign_in("editor")
        versions = line.read("/layers/stops/history/A1")["versions"]
        assert [item["revision"] for item in versions][:2] == [revision + 1, revision]
        # a copy from inside: all that was acknowledged is sound
        shutil.copytree(disk, tmp_path / "after", ignore=shutil.ignore_patterns("*.lock"))
    assert "Traceback" not in said_of_requests(log)
    shutil.rmtree(instance)
    (tmp_path / "after").rename(instance)
    assert run(folder, "verify").returncode == 0


def said_of_requests(log: Path) -> str:
    """What the service wrote, without the warnings that explain a missing file."""
    return "\n".join(
        line for line in log.read_text(encoding="utf-8").splitlines() if '"status": 500' in line
    )


def run(
    folder: Folder, *words: str, within: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command of the service, confined or not."""
    return subprocess.run(  # noqa: S603 - our own arguments
        [*within, sys.executable, "-m", "geosvc", *words],
        cwd=PROJECT,
        env=os.environ | environ_of(folder) | {"LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@needs_namespaces
@pytest.mark.parametrize("word", ["serve", "import"])
def test_nothing_starts_on_a_read_only_folder(folder: Folder, word: str) -> None:
    words = (word, "--port", str(free_port())) if word == "serve" else (word,)
    instance = folder.settings.instance
    before = {item: item.read_bytes() for item in instance.rglob("*") if item.is_file()}
    within = (*NAMESPACE, "sh", "-c", READ_ONLY, str(instance))
    done = run(folder, *words, within=within)
    assert done.returncode == 1
    assert messages.text("errors.store_unavailable.detail", "en") in done.stderr
    assert "Traceback" not in done.stderr
    assert {item: item.read_bytes() for item in before} == before
    assert run(folder, "import").returncode == 0


@pytest.fixture
def bare() -> tuple[str, ...]:
    """What takes from the superuser the right to write where nobody may."""
    if sys.platform != "linux":
        pytest.skip("processes are looked up in /proc")
    if os.geteuid():
        return ()
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


class Lock:
    """Takes the right to write a folder from its owner, and gives it back."""

    def __init__(self, folder: Path) -> None:
        self._modes = {item: item.stat().st_mode for item in (folder, *folder.rglob("*"))}

    def __enter__(self) -> None:
        for item in self._modes:
            item.chmod(0o500 if item.is_dir() else 0o400)

    def __exit__(self, *_given: object) -> None:
        for item, mode in self._modes.items():
            if item.exists():
                item.chmod(mode)


@pytest.fixture
def served(
    folder: Folder, token: str, tmp_path: Path, bare: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    with confined(folder, tmp_path / "service.log", *bare) as (url, _):
        yield url, token


def replace_workers(url: str) -> None:
    """Kill both workers; others, which open the files anew, take their places."""
    with ExitStack() as stack:
        old = {line.worker for line in lines_to_each(stack, url, workers=2)}
    for worker in old:
        os.kill(worker, signal.SIGKILL)

    def is_replaced() -> bool:
        try:
            with ExitStack() as stack:
                return not old & {line.worker for line in lines_to_each(stack, url, workers=2)}
        except OSError:
            return False

    wait_until(is_replaced)


def test_a_folder_that_becomes_read_only_under_the_service(
    folder: Folder, served: tuple[str, str]
) -> None:
    url, token = served
    with Line(url, token) as line:
        assert line.put("A1", 1, {"name": "以前"})[1]["revision"] == 2
    wait_until(lambda: state(url, "stops") == ("ok", 2))
    with Lock(folder.settings.instance):
        replace_workers(url)
        with ExitStack() as stack:
            for line in lines_to_each(stack, url, token, workers=2):
                hold_refused(*line.put("A1", 2, {"name": "无处可写"}))
                assert line.read("/layers/stops/features/A1")["values"]["name"] == "以前"
        hold_reading(url, "以前")
        hold_sign_in_refused(url)
    # each worker had opened the store while nobody could write it
    with ExitStack() as stack:
        for number, line in enumerate(lines_to_each(stack, url, token, workers=2), start=2):
            status, answer = line.put("A1", number, {"name": f"又可以了 {number}"})
            assert (status, answer.get("revision")) == (200, number + 1), answer
    with Line(url) as newcomer:
        newcomer.sign_in("editor")


def test_a_folder_that_may_be_written_again(
    folder: Folder, token: str, tmp_path: Path, bare: tuple[str, ...]
) -> None:
    with Lock(folder.settings.instance):
        done = run(folder, "import", within=bare)
        assert done.returncode == 1
        assert messages.text("errors.store_unavailable.detail", "en") in done.stderr
    with confined(folder, tmp_path / "service.log", *bare) as (url, _), Line(url, token) as line:
        assert line.put("A1", 1, {"name": "又可以了"})[1]["revision"] == 2
        hold_reading(url, "又可以了")
    assert run(folder, "verify").returncode == 0
