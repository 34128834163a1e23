from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from geosvc.web.logs import write_request

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, object]]:
    def written(**environ: str) -> dict[str, object]:
        write_request(dict(environ), status="200 OK", length=12, seconds=0.0012345)
        (only,) = capsys.readouterr().err.splitlines()
        found: dict[str, object] = json.loads(only)
        return found

    return written


def test_a_line_says_what_was_asked_and_answered(line: Callable[..., dict[str, object]]) -> None:
    found = line(REQUEST_METHOD="GET", PATH_INFO="/maps/all", QUERY_STRING="token=secret")
    assert str(found.pop("time")).endswith("+00:00")
    assert found == {
        "method": "GET",
        "path": "/maps/all",
        "status": 200,
        "bytes": 12,
        "ms": 1.234,
    }


@pytest.mark.parametrize("path", ["/a\nb", '/"x"', "/\x1b[31m", "/\u0085"])
def test_a_path_stays_within_its_line(line: Callable[..., dict[str, object]], path: str) -> None:
    shown = line(PATH_INFO=path.encode().decode("latin-1"))["path"]
    assert shown == path


def test_a_chinese_path_is_readable(line: Callable[..., dict[str, object]]) -> None:
    assert line(PATH_INFO="/站点".encode().decode("latin-1"))["path"] == "/站点"


def test_a_problem_has_its_number(line: Callable[..., dict[str, object]]) -> None:
    assert line(**{"geosvc.request_id": "0f"})["id"] == "0f"
