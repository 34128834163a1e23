from __future__ import annotations

import dataclasses
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import StoreError, StoreUnavailableError, UnknownJobError
from geosvc.store.jobs import STATES, Job, JobTable, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.store import Store
    from geosvc.store.jobs import State


@pytest.fixture
def table(store: Store, path: Path) -> Iterator[JobTable]:
    assert store.path == path
    with JobTable(path, timeout_s=0.2) as opened:
        yield opened


def put(table: JobTable, *, layer: str = "a", key: str = "k", reuse: bool = False) -> Job:
    return table.enqueue("derive", {"layer": layer}, cache_key=key, author="ann", reuse=reuse)


def taken(table: JobTable) -> Job:
    job = table.claim()
    assert job is not None
    return job


def test_a_job_is_what_the_table_holds(table: JobTable, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(job)")]
        (text,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'job'").fetchone()
    assert columns == [field.name for field in dataclasses.fields(Job)]
    assert all(f"'{state}'" in text for state in STATES)
    assert table.recent() == ()


def test_a_life(table: JobTable) -> None:
    job = put(table)
    assert (job.id, job.state, job.author, job.parameters) == (1, "queued", "ann", {"layer": "a"})
    assert job.started_at is None
    running = taken(table)
    assert (running.id, running.state) == (1, "running")
    assert running.heartbeat_at
    assert table.running() == (running,)
    further = table.advance(1, 0.4, "count")
    assert further is not None
    assert (further.progress, further.stage) == (0.4, "count")
    beat = table.beat(1)
    assert beat is not None
    assert beat.heartbeat_at != running.heartbeat_at
    done = table.finish(1, "done", result={"n": [1, "站"]})
    assert done is not None
    assert (done.state, done.progress, done.result, done.error) == (
        "done",
        1,
        {"n": [1, "站"]},
        None,
    )
    assert done.ended_at
    assert table.job(1) == done
    assert table.running() == ()


def test_jobs_are_taken_in_order_and_once(table: JobTable) -> None:
    ids = [put(table, layer=name, key=name).id for name in "abc"]
    assert [taken(table).id for _ in ids] == ids
    assert table.claim() is None


def test_many_takers_take_each_job_once(table: JobTable, path: Path) -> None:
    ids = {put(table, layer=str(at), key=str(at)).id for at in range(40)}
    found: list[int] = []

    def take() -> None:
        with JobTable(path) as own:
            while (job := own.claim()) is not None:
                found.append(job.id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(ids)


def test_a_job_that_waits_serves_all_who_ask_for_the_same(table: JobTable) -> None:
    first = put(table, key="old")
    again = put(table, key="new")
    assert (again.id, again.cache_key) == (first.id, "new"), "it will see the new inputs"
    assert put(table, layer="b", key="other").id != first.id


def test_a_job_that_runs_serves_those_who_ask_for_the_same_inputs(table: JobTable) -> None:
    first = put(table, key="old")
    taken(table)
    assert put(table, key="old").id == first.id
    later = put(table, key="new")
    assert later.id != first.id, "it may have read the old inputs"
    assert put(table, key="newer").id == later.id


def test_a_job_that_is_to_stop_serves_nobody(table: JobTable) -> None:
    first = put(table)
    taken(table)
    table.cancel(first.id)
    assert put(table).id != first.id


@pytest.mark.parametrize("reuse", [True, False])
def test_a_result_is_given_again_where_that_is_asked(table: JobTable, *, reuse: bool) -> None:
    first = put(table, key="k", reuse=reuse)
    taken(table)
    table.start(first.id, cache_key="moved")
    table.finish(first.id, "done", result=7)
    again = put(table, key="moved", reuse=reuse)
    assert (again.id == first.id) == reuse
    assert again.result == (7 if reuse else None)
    assert put(table, key="k", reuse=reuse).id != first.id


@pytest.mark.parametrize("state", ["failed", "canceled", "lost"])
def test_what_went_wrong_is_no_result(table: JobTable, state: State) -> None:
    first = put(table, reuse=True)
    taken(table)
    table.finish(first.id, state, error={"code": "x"})
    assert table.job(first.id).error == {"code": "x"}
    assert put(table, reuse=True).id != first.id


def test_nothing_can_be_said_of_a_job_that_has_ended(table: JobTable) -> None:
    job = put(table)
    assert table.beat(job.id) is None, "nor of one that waits"
    running = taken(table)
    lost = table.lose(running)
    assert lost is not None
    for said in (
        table.beat(job.id),
        table.advance(job.id, 1, "late"),
        table.start(job.id, cache_key="late"),
        table.finish(job.id, "done", result="late"),
        table.release(job.id),
        table.lose(running),
    ):
        assert said is None
    assert table.cancel(job.id) == lost == table.job(job.id)


def test_a_heart_that_has_beaten_is_not_lost(table: JobTable) -> None:
    put(table)
    running = taken(table)
    table.beat(running.id)
    assert table.lose(running) is None
    assert table.job(running.id).state == "running"


def test_one_that_waits_is_canceled_at_once(table: JobTable) -> None:
    job = table.cancel(put(table).id)
    assert (job.state, job.cancel_asked) == ("canceled", True)
    assert job.ended_at
    assert table.claim() is None


def test_one_that_runs_is_asked(table: JobTable) -> None:
    put(table)
    job = table.cancel(taken(table).id)
    assert (job.state, job.cancel_asked, job.ended_at) == ("running", True, None)


def test_a_released_job_waits_again(table: JobTable) -> None:
    put(table)
    job = taken(table)
    table.advance(job.id, 0.5, "half")
    back = table.release(job.id)
    assert back is not None
    assert (back.state, back.progress, back.stage, back.started_at) == ("queued", 0, "", None)
    again = taken(table)
    assert again.id == job.id
    table.cancel(again.id)
    stopped = table.release(again.id)
    assert stopped is not None
    assert stopped.state == "canceled"
    assert stopped.ended_at


def test_a_number_that_is_no_job(table: JobTable) -> None:
    for ask in (table.job, table.cancel):
        with pytest.raises(UnknownJobError):
            ask(9)


def test_the_last_tries_of_the_same_work(table: JobTable) -> None:
    for layer in ("a", "b", "a", "a"):
        put(table, layer=layer, key=layer)
        table.finish(taken(table).id, "lost")
    assert [job.id for job in table.tries("derive", {"layer": "a"}, since=0, limit=2)] == [4, 3]
    assert [job.id for job in table.tries("derive", {"layer": "a"}, since=3, limit=2)] == [4]
    assert table.tries("derive", {"layer": "c"}, since=0, limit=2) == ()


def test_old_jobs_are_removed_but_none_that_waits_or_runs(table: JobTable) -> None:
    for at in range(6):
        put(table, layer=str(at), key=str(at))
    taken(table)
    for _ in range(3):
        table.finish(taken(table).id, "done")
    assert table.prune(keep=3) == 2
    assert [job.id for job in table.recent()] == [6, 5, 4, 1]
    assert [job.id for job in table.recent(limit=1)] == [6]
    assert table.prune(keep=3) == 0
    for at in range(2):
        table.finish(taken(table).id, "done")
        assert put(table, layer=f"new {at}", key="new").id > 6, "no number is used twice"


def test_a_clock_that_goes_backward_ends_no_job_before_it_began(
    table: JobTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = put(table)
    monkeypatch.setattr("geosvc.store.jobs.instant", lambda: "1999-12-31T00:00:00.000000+00:00")
    started = taken(table)
    assert started.started_at == job.queued_at
    ended = table.finish(job.id, "done")
    assert ended is not None
    assert ended.ended_at == job.queued_at


@pytest.mark.parametrize(("given", "kept"), [(-1.0, 0), (2.0, 1), (float("inf"), 1)])
def test_progress_lies_between_0_and_1(table: JobTable, given: float, kept: float) -> None:
    put(table)
    job = table.advance(taken(table).id, given, "")
    assert job is not None
    assert job.progress == kept


def test_a_file_that_is_held_is_unavailable_and_nothing_is_changed(
    table: JobTable, path: Path
) -> None:
    job = put(table)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for write in (table.claim, lambda: table.cancel(job.id), lambda: put(table, key="x")):
            with pytest.raises(StoreUnavailableError):
                write()
        assert table.recent() == (job,), "reading goes on"
    assert taken(table).id == job.id


def test_a_file_that_is_absent_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError), JobTable(tmp_path / "none.sqlite") as table:
        table.recent()


def test_what_is_no_json_is_refused(table: JobTable) -> None:
    with pytest.raises(ValueError, match="JSON"):
        table.enqueue("a", {"x": float("nan")}, cache_key="", author="")
    with pytest.raises(TypeError, match="JSON"):
        table.enqueue("a", {"x": object()}, cache_key="", author="")
    with pytest.raises(StoreError):
        table.enqueue("a", {"x": "\ud800"}, cache_key="", author="")
    assert table.recent() == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_equal_values_have_equal_texts(value: dict[str, object]) -> None:
    turned = dict(reversed(list(value.items())))
    assert canonical(turned) == canonical(value)
