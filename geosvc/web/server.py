"""The process that serves: the parent prepares, workers answer, a runner runs jobs.

The runner is started afresh; granian starts workers as the system does (a fork on Linux). Workers
read their settings from the environment, as the parent did.
"""

from __future__ import annotations

import signal
import socket
import sys
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from geosvc.jobs import serve_jobs
from geosvc.processes import PATIENCE_S, KeptGoing
from geosvc.web.answers import AnswerCache
from geosvc.web.public import check_public
from geosvc.web.secret import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import SpawnProcess

    from geosvc.settings import Settings
    from geosvc.workspace import Workspace

THREADS = 20
"""Threads a worker: Python runs one at a time, but ten may wait for passwords, six for figures."""


def check_port(host: str, port: int) -> str:
    """Make sure that an address can be listened on.

    Parameters
    ----------
    host
        The address, or a name that stands for one.
    port
        The port.

    Returns
    -------
    address
        The address in numbers, as granian wants it; of a name with several an IPv4 one.

    Raises
    ------
    OSError
        If it cannot, with the system's own error number.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(0, str(error)) from error
    family, *_, address = min(found, key=lambda item: item[0] != socket.AF_INET)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            # a port that a stopped service has just left is free; on Windows the option means more
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    return str(address[0])


def serve(
    workspace: Workspace, *, host: str, port: int, workers: int, ready: Callable[[], None]
) -> None:
    """Serve until the process is told to stop.

    Parameters
    ----------
    workspace
        The prepared workspace; its settings are those of the environment.
    host, port
        Where to listen.
    workers
        How many processes answer.
    ready
        Called when the service starts to listen.

    Raises
    ------
    SettingsError
        If the public profile may not show what the layers hold.
    """
    if workspace.settings.profile == "public":
        check_public(workspace)
    read_secret(workspace.settings.instance)
    for folder in ("answers", "cache/figures"):
        AnswerCache(workspace.settings.instance / folder).prune()
    try:
        run = _granian(host, port, workers)
    except ImportError:
        run = _waitress(host, port)
    runner = KeptGoing(partial(_start_runner, workspace.settings))
    # an open SQLite file must not go through a fork
    workspace.close()
    ready()
    try:
        run()
    finally:
        # it stops its jobs first
        runner.end(patience_s=3 * PATIENCE_S)


def _start_runner(settings: Settings) -> SpawnProcess:
    # no thread: workers are forked, and what a thread holds at that moment is held for ever
    runner = get_context("spawn").Process(target=serve_jobs, args=(settings,))
    runner.start()
    return runner


def _granian(host: str, port: int, workers: int) -> Callable[[], Any]:
    from granian.constants import Interfaces  # noqa: PLC0415 - absent where it has no wheel
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    server = Server(
        "geosvc.web.hot:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        factory=True,
        websockets=False,
        # its warnings are of the number of threads, which is meant
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    )
    return server.serve


def _waitress(host: str, port: int) -> Callable[[], Any]:
    import waitress  # noqa: PLC0415 - only where granian is absent

    from geosvc.web.hot import application  # noqa: PLC0415 - only workers need Flask and Folium

    server = waitress.create_server(application(), host=host, port=port, threads=THREADS)

    def stop(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    def run() -> None:
        signal.signal(signal.SIGTERM, stop)
        server.run()

    return run
