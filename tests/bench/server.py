"""What a request costs the running service: CPU of all its processes, as the system counts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Service:
    """A service process of its own, with its workers."""

    process: subprocess.Popen[bytes]
    port: int
    start_s: float

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> Iterator[int]:
        """Its process and all processes below it."""
        todo = [self.process.pid]
        while todo:
            pid = todo.pop()
            yield pid
            for task in Path(f"/proc/{pid}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]

    def cpu_s(self) -> float:
        """CPU seconds that all its processes have used so far."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_A_SECOND

    def worker_rss_mb(self) -> float:
        """Resident memory of its largest process."""
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.processes()]
        return max(pages) * PAGE_BYTES / 2**20

    def cpu_ms_a_request(self, path: str, *, requests: int = 3000, encoding: str = "br") -> float:
        """CPU milliseconds of the whole service for one request of ``path``, kept alive."""
        connection = HTTPConnection("127.0.0.1", self.port)
        headers = {"Accept-Encoding": encoding}
        for count in (50, requests):
            before = self.cpu_s()
            for _ in range(count):
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    msg = f"{path} answered {answer.status}"
                    raise RuntimeError(msg)
        return (self.cpu_s() - before) / requests * 1000

    def get(self, path: str) -> bytes:
        """One answer as it is without compression."""
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path)
        return connection.getresponse().read()

    def stop(self) -> None:
        """Ask it to stop and wait."""
        self.process.terminate()
        self.process.wait(timeout=30)


def start(instance: Path, *, layers: Path | None = None, workers: int = 1) -> Service:
    """Start a service on a free port and wait until it is healthy."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "geosvc", "serve", "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - the arguments are our own
        [*command, "--workers", str(workers)],
        cwd=PROJECT,
        env=os.environ
        | {"GEOSVC_INSTANCE": str(instance), "GEOSVC_LAYERS": str(layers or PROJECT / "layers")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return Service(process, port, time.perf_counter() - started)
        except OSError:
            time.sleep(0.05)
    msg = f"the service stopped with code {process.returncode}"
    raise RuntimeError(msg)
