"""What every test may ask for: the shared data, a prepared sample county, a running service."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parent.parent

settings.register_profile("quick", deadline=None, max_examples=20, derandomize=True)
settings.register_profile(
    "thorough", deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real and reference data beside the checkout, which a lone clone lacks."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder does not lie beside this checkout")
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, TimeoutError):
        return False
    finally:
        connection.close()


def _wait_until_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        if _is_healthy(port):
            return
        time.sleep(0.1)
    pytest.fail(f"the service did not start: exit code {process.poll()}")


@contextmanager
def running(environ: dict[str, str], *, workers: int = 1) -> Iterator[str]:
    """Run the real service as its own process and give its address."""
    port = _free_port()
    command = [sys.executable, "-m", "geosvc", "serve", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - the arguments are our own
        [*command, "--workers", str(workers)],
        cwd=PROJECT,
        env=os.environ | environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def serve() -> Callable[..., object]:
    """Start a service with its own catalog: ``with serve({"GEOSVC_LAYERS": …}) as url``."""
    return running


@pytest.fixture(scope="session")
def prepared_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder of the sample county, imported and derived once for all processes."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    made, making = folder / "county", folder / "county.making"
    try:
        making.mkdir()
    except FileExistsError:
        # another process is at it
        for _ in range(3000):
            if made.exists():
                return made
            time.sleep(0.1)
        pytest.fail("the sample county was not prepared")
    command = [sys.executable, "-m", "geosvc", "import"]
    environ = os.environ | {"GEOSVC_INSTANCE": str(making / "instance")}
    subprocess.run(command, cwd=PROJECT, env=environ, check=True, capture_output=True)  # noqa: S603 - our own
    (making / "instance").rename(made)
    return made


@pytest.fixture(scope="session")
def new_county(
    tmp_path_factory: pytest.TempPathFactory, prepared_county: Path
) -> Callable[[], Path]:
    """Give an instance folder of the sample county that nobody else has."""

    def new() -> Path:
        folder = tmp_path_factory.mktemp("county") / "instance"
        shutil.copytree(prepared_county, folder)
        return folder

    return new


@pytest.fixture(scope="session")
def service(new_county: Callable[[], Path]) -> Iterator[str]:
    """The address of a service that shows the sample county."""
    with running({"GEOSVC_INSTANCE": str(new_county())}) as url:
        yield url
