"""A service that really runs, its command line, and readers and writers over real HTTP."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from geosvc.store import Store
from geosvc.web.accounts import Accounts
from tests.web.test_server import free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import ExitStack
    from email.message import Message
    from types import TracebackType

    from tests.web.small import Folder

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "北港 to 金桥 22"  # noqa: S105 - of people who do not exist


class Line:
    """One connection to the service, kept alive, of somebody with a token, a session or nothing.

    Parameters
    ----------
    url
        The service's address.
    token
        An API token, if any.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self._wire = HTTPConnection(url.removeprefix("http://"), timeout=30)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.close()

    def raw(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Message, bytes]:
        """Ask, and return the status, the headers and the body."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            answer = self._answer(method, path, body, self.headers | more)
        except ConnectionError:
            # the server may close a kept line between two requests: every browser asks again
            self._wire.close()
            answer = self._answer(method, path, body, self.headers | more)
        return answer.status, answer.headers, answer.read()

    def _answer(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> HTTPResponse:
        self._wire.request(method, path, body=body, headers=headers)
        return self._wire.getresponse()

    @property
    def worker(self) -> int:
        """The process at the other end, while the line is kept (Linux)."""
        assert self._wire.sock is not None
        here, there = (
            end[1] for end in (self._wire.sock.getsockname(), self._wire.sock.getpeername())
        )
        for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            _, own, other, *_, inode = row.split()[:10]
            if (own[-4:], other[-4:]) == (f"{there:04X}", f"{here:04X}"):
                return _holder(f"socket:[{inode}]")
        pytest.fail("nobody holds the other end")

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send and receive JSON."""
        sent = None if body is None else json.dumps(body).encode()
        status, _, found = self.raw(method, path, sent, Content_Type="application/json")
        return status, json.loads(found)

    def read(self, path: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """Return what is at a path."""
        status, found = self.ask("GET", path)
        assert status == 200, (path, found)
        return found

    def put(
        self, key: str, base: int, values: Mapping[str, object], *, reason: str = "why"
    ) -> tuple[int, Any]:
        """Change a stop."""
        path = f"/layers/stops/features/{key}"
        return self.ask("PUT", path, {"base": base, "reason": reason, "values": values})

    def sign_in(self, name: str) -> None:
        """Sign in with the password, as the form of the page does."""
        _, headers, page = self.raw("GET", "/signin")
        csrf = re.search(r'name="csrf"[^>]*value="([^"]+)"', page.decode())
        assert csrf is not None
        form = f"csrf={csrf[1]}&name={name}&password={PASSWORD.replace(' ', '+')}".encode()
        kind = "application/x-www-form-urlencoded"
        cookie = headers["Set-Cookie"].partition(";")[0]
        status, headers, _ = self.raw("POST", "/signin", form, Content_Type=kind, Cookie=cookie)
        assert status == 303
        session = re.search(r"geosvc_session=[^;]+", str(headers))
        assert session is not None
        self.headers["Cookie"] = session[0]
        self.headers["X-CSRF-Token"] = str(self.read("/me.json")["csrf"])


def _holder(name: str) -> int:
    """Return the process that has a file open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        # files and processes come and go
        with suppress(OSError):
            if str(link.readlink()) == name:
                return int(link.parts[2])
    pytest.fail(f"nobody holds {name}")


def lines_to_each(stack: ExitStack, url: str, token: str = "", *, workers: int) -> list[Line]:
    """Open a line to each worker of the service; the system chooses who takes a new one."""
    found: dict[int, Line] = {}
    for _ in range(200):
        line = stack.enter_context(Line(url, token))
        line.read("/me.json")
        found.setdefault(line.worker, line)
        if len(found) == workers:
            return list(found.values())
    pytest.fail(f"only {len(found)} workers answer")


def environ_of(folder: Folder) -> dict[str, str]:
    """What tells the service and the command line where a catalog is."""
    return {
        "GEOSVC_LAYERS": str(folder.settings.layers),
        "GEOSVC_INSTANCE": str(folder.settings.instance),
        "LC_ALL": "C.UTF-8",
    }


def command(folder: Folder, *words: str, stdin: str = "") -> str:
    """Run ``geosvc …`` as its own process; return what it says."""
    done = subprocess.run(  # noqa: S603 - the arguments are our own
        [sys.executable, "-m", "geosvc", *words],
        cwd=PROJECT,
        env=os.environ | environ_of(folder),
        input=stdin.encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def hire(folder: Folder, role: str, *scope: str) -> str:
    """Make a user named like a role; return a token of the scope. Quicker than two commands."""
    with closing(Store(folder.settings.instance / "geosvc.sqlite")) as store:
        accounts = Accounts(folder.settings, store.log)
        with closing(accounts.people):
            accounts.add(role, PASSWORD, role=role, actor="test")
            return accounts.make_token(role, "test", scope=" ".join(scope), days=1, actor="test")


@contextmanager
def overheard(folder: Folder, log: Path) -> Iterator[str]:
    """Run the service with all that it writes to its output kept in a file."""
    with confined(folder, log) as (url, _):
        yield url


@contextmanager
def confined(folder: Folder, log: Path, *within: str) -> Iterator[tuple[str, int]]:
    """Run the service by a command that confines it; give its address and its process."""
    port = free_port()
    words = ["serve", "--port", str(port), "--workers", "2"]
    with log.open("wb") as kept:
        process = subprocess.Popen(  # noqa: S603 - the arguments are our own
            [*within, sys.executable, "-m", "geosvc", *words],
            cwd=PROJECT,
            env=os.environ | environ_of(folder),
            stdout=kept,
            stderr=kept,
            text=True,
        )
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)
