"""The process that serves: the parent prepares, workers answer, derived layers follow.

Nothing here forks: workers and the process of derived layers are started afresh, so that it runs on
Windows and macOS too. They read their settings from the environment, as the parent did.
"""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

from geosvc.settings import Settings, read_settings
from geosvc.web.answers import AnswerCache
from geosvc.web.app import create_app
from geosvc.web.hot import HotPath
from geosvc.workspace import refresh_derived

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 4
"""Threads a worker; answers are short, and Python runs one at a time."""


def application() -> HotPath:
    """Make the WSGI application of one worker from the environment."""
    return HotPath(create_app(read_settings()))


def check_port(host: str, port: int) -> None:
    """Make sure that an address can be listened on.

    Parameters
    ----------
    host
        The address.
    port
        The port.

    Raises
    ------
    OSError
        If it cannot, with the system's own error number.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            # a port that a stopped service has just left is free; on Windows the option means more
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def serve(
    settings: Settings, *, host: str, port: int, workers: int, ready: Callable[[], None]
) -> None:
    """Serve until the process is told to stop.

    Parameters
    ----------
    settings
        Those of the environment; the store must be prepared.
    host, port
        Where to listen.
    workers
        How many processes answer.
    ready
        Called when the service starts to listen.
    """
    AnswerCache(settings.instance / "answers").prune()
    deriving = multiprocessing.get_context("spawn").Process(
        target=_derive, args=(settings,), daemon=True
    )
    try:
        run = _granian(host, port, workers)
    except ImportError:
        run = _waitress(host, port)
    deriving.start()
    ready()
    try:
        run()
    finally:
        deriving.terminate()
        deriving.join()


def _derive(settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    refresh_derived(settings)


def _granian(host: str, port: int, workers: int) -> Callable[[], Any]:
    from granian.constants import Interfaces  # noqa: PLC0415 - absent where it has no wheel
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    server = Server(
        "geosvc.web.server:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    )
    return server.serve


def _waitress(host: str, port: int) -> Callable[[], Any]:
    import waitress  # noqa: PLC0415 - only where granian is absent

    server = waitress.create_server(application(), host=host, port=port, threads=THREADS)

    def stop(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    def run() -> None:
        signal.signal(signal.SIGTERM, stop)
        server.run()

    return run
