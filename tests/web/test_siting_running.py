"""Sitings that are really solved by the runner: stopped in the middle, two at once, and killed."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from geosvc import jobs
from tests.conftest import running
from tests.slow_work import is_alive, serving, until
from tests.slow_work import running as stepping
from tests.web.living import Line, environ_of, hire
from tests.web.siting_catalog import FORM, Office, hard_layers, write_siting
from tests.web.test_pages import Reader
from tests.web.test_running import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store.jobs import Job

LONG = {
    "objective": "capacitated",
    "single_source": "on",
    "washes_per_bay_day": "40",
    "reach_m": "9000",
    "added": "8",
    **{f"parcel.CP{number}": "keep" for number in range(7)},
    "draws": "0",
    "time_limit_s": "600",
}
"""A question that takes its ten minutes."""


def submit(line: Line, **form: str) -> int:
    sent = urlencode({**FORM, **form}).encode()
    kind = "application/x-www-form-urlencoded"
    status, headers, body = line.raw("POST", "/siting", sent, Content_Type=kind)
    assert status == 303, body.decode()
    return int(headers["Location"].rsplit("/", maxsplit=1)[-1])


def has_value(line: Line, job_id: int) -> bool:
    job = line.read(f"/jobs/{job_id}")
    assert job["state"] in {"queued", "running"}, job
    return any(value is not None and bound for _, _, value, bound in job["trace"])


def page_of(line: Line, job_id: int) -> str:
    status, _, body = line.raw("GET", f"/siting/runs/{job_id}", Accept="text/html")
    assert status == 200
    return body.decode()


def test_two_solve_at_once_and_each_stops_with_the_best_so_far_and_its_gap(tmp_path: Path) -> None:
    folder = write_siting(tmp_path, hard_layers())
    with running(environ_of(folder), workers=2) as url, ExitStack() as stack:
        lines = [
            stack.enter_context(Line(url, hire(folder, role, "read", "edit")))
            for role in ("editor", "administrator")
        ]
        ids = [submit(line, **LONG, seed=str(at)) for at, line in enumerate(lines)]
        assert len(set(ids)) == 2
        for line, job_id in zip(lines, ids, strict=True):
            wait_until(lambda line=line, job_id=job_id: has_value(line, job_id))  # type: ignore[misc]
        assert [
            line.read(f"/jobs/{at}")["author"] for line, at in zip(lines, ids, strict=True)
        ] == [
            "editor",
            "administrator",
        ]
        for line, job_id in zip(lines, ids, strict=True):
            line.ask("POST", f"/jobs/{job_id}/cancel", {})
        for line, job_id in zip(lines, ids, strict=True):
            wait_until(
                lambda line=line, job_id=job_id: (  # type: ignore[misc]
                    line.read(f"/jobs/{job_id}")["state"] not in {"queued", "running"}
                )
            )
            assert line.read(f"/jobs/{job_id}")["state"] == "done"
            text = Reader(page_of(line, job_id)).text
            assert "计算中途停止，这是当时最好的方案。" in text
            assert re.search(r"离最优最多 \d", text)
            assert "平均距离" in text


def ended(office: Office, job_id: int) -> Job:
    with office.table() as table:
        return table.job(job_id)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_killed_runner_loses_the_run_says_so_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LOST_S", 1.5)
    office = Office(write_siting(tmp_path, hard_layers()))
    kept = office.submit(draws="0")
    office.work()
    office.ask("/siting/scenarios", method="POST", data={"job": str(kept), "title": "一处"})
    job_id = office.submit(**LONG)
    with serving(office.settings) as process:
        until(lambda: ended(office, job_id).trace != [])
        solver = worker_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
    until(lambda: not is_alive(solver))
    assert "正在计算" in Reader(office.page(job_id)).text, "nobody has said otherwise"
    with stepping(office.settings) as runner:
        until(lambda: ended(office, job_id).state == "lost", runner)
    page = office.page(job_id)
    assert f"任务 {job_id} 中断了，请重新开始。" in Reader(page).text
    assert f'href="/siting?from={job_id}"' in page, "the question is not lost"
    assert "was lost; please start again" in Reader(office.page(job_id, "?lang=en")).text
    assert "新增 1 处" in Reader(office.page(kept)).text
    assert office.ask("/siting/scenarios/1").status_code == 200
    form = office.ask(f"/siting?from={job_id}").get_data(as_text=True)
    assert re.search(r'name="reach_m"[^>]*value="9000"', form)
    again = office.submit(**LONG)
    assert again != job_id, "a run that was lost is no answer"


def worker_of(runner: int) -> int:
    """The process in which the runner solves: the last of those that came of it."""
    # it comes after the tracker of resources, and after the server that forks it where there is one
    return max(descendants(runner))


def descendants(process: int) -> list[int]:
    """All processes that came of one and still run."""
    found: list[int] = []
    for task in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208 - names of threads
        with open(f"/proc/{process}/task/{task}/children", encoding="ascii") as file:  # noqa: PTH123
            found += map(int, file.read().split())
    return found + [one for child in found for one in descendants(child)]
