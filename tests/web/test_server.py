from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geosvc.jobs import PULSE
from geosvc.web import server
from tests.web.small import DENSITY, Folder, write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environ_of(folder: Folder) -> dict[str, str]:
    return os.environ | {
        "GEOSVC_LAYERS": str(folder.settings.layers),
        "GEOSVC_INSTANCE": str(folder.settings.instance),
        "LC_ALL": "C.UTF-8",
    }


def ask(port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            if ask(port, "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the service did not start")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = write_catalog(tmp_path)
    made.write("layers/density.toml", DENSITY)
    return made


@pytest.fixture(params=["granian", "waitress"])
def running(
    folder: Folder, request: pytest.FixtureRequest
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A service as its own process, under each of the two servers."""
    port = free_port()
    without = "import sys; sys.modules['granian.server'] = None;" * (request.param == "waitress")
    program = f"{without} from geosvc.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", f"import sys; {program}", "serve", "--port", str(port)]
    if request.param == "granian":
        command = [sys.executable, "-m", "geosvc", "serve", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=PROJECT, env=environ_of(folder), stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(port, process)
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stderr:
            process.stderr.close()


def test_it_serves_logs_and_stops_when_told(
    running: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = running
    status, page = ask(port, "/maps/overview?token=secret")
    assert status == 200
    assert b"map_overview" in page
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    written = process.stderr.read()
    assert process.wait(timeout=30) == 0
    lines = written.splitlines()
    assert "[1/4] " in lines[0]
    assert f"Ready: http://127.0.0.1:{port}" in lines
    requests = [json.loads(line) for line in lines if line.startswith("{")]
    assert {"/healthz", "/maps/overview"} <= {line["path"] for line in requests}
    assert "secret" not in written
    assert "Traceback" not in written
    with pytest.raises(OSError, match="refused"):
        ask(port, "/healthz")


def state_of(port: int, layer_id: str) -> str:
    found = json.loads(ask(port, "/healthz")[1])["layers"]
    return str(next(item["state"] for item in found if item["id"] == layer_id))


def revision_of(port: int, layer_id: str) -> int | None:
    found = json.loads(ask(port, "/healthz")[1])["layers"]
    numbers = {item["id"]: item["revision"] for item in found}
    number: int | None = numbers[layer_id]
    return number


def test_derived_layers_follow_while_it_serves(
    running: tuple[subprocess.Popen[str], int], folder: Folder
) -> None:
    _, port = running
    for _ in range(600):
        if state_of(port, "density") == "ok":
            break
        time.sleep(0.1)
    status, body = ask(port, "/layers/density.geojson")
    assert status == 200
    assert json.loads(body)["features"]
    # another process writes
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("121.11,33.51", "121.105,33.5"))
    folder.prepare()
    for _ in range(600):
        if (state_of(port, "density"), revision_of(port, "density")) == ("ok", 2):
            return
        time.sleep(0.1)
    pytest.fail("it was not computed anew")


def runner_of(process: subprocess.Popen[str]) -> int | None:
    """The process that runs jobs: the only child that was started afresh and is no tracker."""
    listed = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [number for item in listed for number in item.read_text().split()]
    for number in children:
        try:
            words = Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8")
        except OSError:
            continue
        if "spawn_main" in words:
            return int(number)
    return None


def wait_until(holds: Callable[[], bool]) -> None:
    # seldom: nobody reads the log meanwhile, and its pipe holds a few hundred lines
    for _ in range(120):
        if holds():
            return
        time.sleep(0.5)
    pytest.fail("it did not happen")


def told(port: int) -> tuple[str, str, int | None]:
    """What one look says of the runner, and of the layer that it computes."""
    body = json.loads(ask(port, "/healthz")[1])
    [density] = [item for item in body["layers"] if item["id"] == "density"]
    return body["runner"], density["state"], density["revision"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no list of children")
def test_a_runner_that_is_killed_is_started_again(
    running: tuple[subprocess.Popen[str], int], folder: Folder
) -> None:
    process, port = running
    wait_until(lambda: told(port) == ("running", "ok", 1))
    first = runner_of(process)
    assert first is not None
    (folder.settings.instance / PULSE).unlink()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: runner_of(process) not in {None, first} and told(port)[0] == "running")
    # and it does its work
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("121.11,33.51", "121.105,33.5"))
    folder.prepare()
    wait_until(lambda: told(port) == ("running", "ok", 2))


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_nothing_stays_of_a_service_that_is_killed(folder: Folder) -> None:
    port = free_port()
    command = [sys.executable, "-m", "geosvc", "serve", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=PROJECT, env=environ_of(folder), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr:
        wait_for(port, process)
        process.kill()
        process.wait(timeout=30)
        # the pipe ends when the last process that holds it has ended
        process.stderr.read()
    with pytest.raises(OSError, match="refused"):
        ask(port, "/healthz")


def test_a_taken_port_is_told() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(OSError, match="in use"):
            server.check_port("127.0.0.1", holder.getsockname()[1])
    assert server.check_port("127.0.0.1", free_port()) == "127.0.0.1"


def test_a_name_becomes_an_address() -> None:
    assert server.check_port("localhost", free_port()) in {"127.0.0.1", "::1"}


@pytest.mark.parametrize("host", ["a..b", "x" * 300])
def test_a_name_of_nothing_is_told(host: str) -> None:
    with pytest.raises(OSError, match=r"."):
        server.check_port(host, free_port())


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(OSError, match=r".+"):
        server.check_port("192.0.2.1", free_port())


def test_a_port_of_ipv6_is_tried_as_such() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with socket.socket(socket.AF_INET6) as holder:
        try:
            holder.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 address of its own")
        holder.listen()
        with pytest.raises(OSError, match="in use"):
            server.check_port("::1", holder.getsockname()[1])
