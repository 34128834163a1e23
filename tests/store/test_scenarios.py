from __future__ import annotations

import dataclasses
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.errors import StoreUnavailableError, UnknownScenarioError
from geosvc.store import Store
from geosvc.store.scenarios import Outcome, Scenario, ScenarioTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIRST = Outcome({"roads": {"revision": 1}}, {"value": 742.0}, {"sites": ["书院街"], "n": [1, None]})
SECOND = Outcome({"roads": {"revision": 2}}, {"value": 700.0}, {"sites": []})
ASKED = {"objective": "median", "added": 3}


@pytest.fixture
def table(store: Store, path: Path) -> Iterator[ScenarioTable]:
    assert store.path == path
    with ScenarioTable(path, timeout_s=0.2) as opened:
        yield opened


def put(table: ScenarioTable, title: str = "三处") -> Scenario:
    return table.add(title, FIRST, parameters=ASKED, author="ann")


def test_a_scenario_is_what_the_table_holds(table: ScenarioTable, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(scenario)")}
    assert columns == {field.name for field in dataclasses.fields(Scenario)} | {"result"}
    assert table.scenarios() == ()


def test_what_is_kept_is_given_again(table: ScenarioTable) -> None:
    made = put(table)
    assert (made.id, made.title, made.author, made.run, made.run_by) == (1, "三处", "ann", 1, "ann")
    assert made.created_at == made.run_at
    assert (made.parameters, made.inputs, made.facts) == (ASKED, FIRST.inputs, FIRST.facts)
    assert made.deleted_at is None
    assert table.result(1) == (made, FIRST.result)
    assert table.scenario(1) == made
    assert table.scenarios() == (made,)


def test_a_later_run_takes_the_place_of_the_one_before(table: ScenarioTable) -> None:
    made = put(table)
    again = table.renew(made.id, SECOND, author="bob")
    assert (again.run, again.run_by, again.author) == (2, "bob", "ann")
    assert again.run_at > made.run_at
    assert again.parameters == made.parameters
    assert table.result(made.id) == (again, SECOND.result)


def test_a_copy_goes_its_own_way(table: ScenarioTable) -> None:
    made = put(table)
    copied = table.copy(made.id, "三处（副本）", author="bob")
    table.renew(made.id, SECOND, author="ann")
    assert (copied.id, copied.author, copied.run_by, copied.run) == (2, "bob", "ann", 1)
    assert table.result(copied.id)[1] == FIRST.result
    table.delete(made.id, author="ann")
    assert table.scenario(copied.id) == copied


def test_a_title_is_any_text(table: ScenarioTable) -> None:
    hostile = "'); DROP TABLE scenario; -- {{7*7}} 𠮷"
    made = put(table)
    assert table.rename(made.id, hostile).title == hostile
    assert [item.title for item in table.scenarios()] == [hostile]


def test_what_was_deleted_can_be_brought_back(table: ScenarioTable) -> None:
    made, other = put(table), put(table, "五处")
    gone = table.delete(made.id, author="bob")
    assert gone.deleted_by == "bob"
    assert gone.deleted_at
    assert table.scenarios() == (other,)
    assert table.scenarios(deleted=True) == (gone,)
    assert table.restore(made.id) == made == table.scenario(made.id)
    assert table.restore(made.id) == made
    assert table.scenarios(deleted=True) == ()


def test_numbers_are_never_given_twice(table: ScenarioTable, path: Path) -> None:
    put(table)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM scenario")
    assert put(table).id == 2


CALLS: dict[str, Callable[[ScenarioTable, int], object]] = {
    "renew": lambda table, number: table.renew(number, SECOND, author="x"),
    "rename": lambda table, number: table.rename(number, "x"),
    "copy": lambda table, number: table.copy(number, "x", author="x"),
    "delete": lambda table, number: table.delete(number, author="x"),
    "scenario": lambda table, number: table.scenario(number),
    "result": lambda table, number: table.result(number),
}


@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_there_is_an_error(table: ScenarioTable, call: str) -> None:
    gone = put(table)
    table.delete(gone.id, author="ann")
    for number in (gone.id, 99, -1):
        with pytest.raises(UnknownScenarioError, match=str(number)):
            CALLS[call](table, number)
    with pytest.raises(UnknownScenarioError):
        table.restore(99)
    assert [item.title for item in table.scenarios(deleted=True)] == [gone.title]


@pytest.mark.parametrize("result", [float("nan"), float("inf"), {1, 2}])
def test_what_is_no_json_is_refused_whole(table: ScenarioTable, result: Any) -> None:  # noqa: ANN401
    with pytest.raises((TypeError, ValueError)):
        table.add("x", dataclasses.replace(FIRST, result=result), parameters={}, author="ann")
    assert table.scenarios() == ()


def test_the_last_changed_comes_first_and_not_too_many(table: ScenarioTable) -> None:
    first, second, third = (put(table, name) for name in "abc")
    table.renew(first.id, SECOND, author="ann")
    assert [item.id for item in table.scenarios()] == [first.id, third.id, second.id]
    assert len(table.scenarios(limit=2)) == 2


def test_two_who_renew_at_once_are_both_counted(table: ScenarioTable, path: Path) -> None:
    made = put(table)

    def again() -> None:
        with ScenarioTable(path) as own:
            for _ in range(5):
                own.renew(made.id, SECOND, author="x")

    threads = [threading.Thread(target=again) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert table.scenario(made.id).run == 16


def test_a_writer_who_must_wait_too_long_changes_nothing(table: ScenarioTable, path: Path) -> None:
    made = put(table)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            table.rename(made.id, "x")
        assert table.scenario(made.id) == made


def test_scenarios_outlive_a_backup(store: Store, table: ScenarioTable, tmp_path: Path) -> None:
    made = put(table)
    store.backup(tmp_path / "kept.sqlite")
    with ScenarioTable(tmp_path / "kept.sqlite") as kept:
        assert kept.result(made.id) == (made, FIRST.result)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(result=JSON)
def test_every_result_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    result: Any,  # noqa: ANN401 - JSON
) -> None:
    path = tmp_path_factory.mktemp("store") / "geosvc.sqlite"
    Store(path).migrate()
    with ScenarioTable(path) as table:
        made = table.add("x", Outcome({}, {}, result), parameters={}, author="")
        assert table.result(made.id)[1] == result
