from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreUnavailableError
from geosvc.store import Store
from geosvc.store.logbook import Chain, Logbook, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "geosvc.sqlite")
    made.migrate()
    made.log("sign_in", actor="LiHong", address="1.2.3.4", target="LiHong")
    made.log("write", actor="wu", target="stops", detail={"added": 1})
    made.log("user_disabled", actor="admin", target="lihong")
    made.log("export", actor="wu", target="stops.csv")
    yield made
    made.close()


def numbers(store: Store, wanted: Wanted, *, before: int | None = None) -> list[int]:
    with Logbook(store.path) as book:
        return [entry.id for entry in book.entries(wanted, before=before)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(person="wu"), [4, 2]),
        (Wanted(person="lihong"), [3, 1]),
        (Wanted(person="nobody"), []),
        (Wanted(person="%"), []),
        (Wanted(person="' OR 1=1 --"), []),
        (Wanted(actions=("export", "write")), [4, 2]),
        (Wanted(actions=("unheard",)), []),
        (Wanted(person="wu", actions=("write",)), [2]),
        (Wanted(since="2000-01-01T00:00:00+00:00"), [4, 3, 2, 1]),
        (Wanted(since="2999-01-01T00:00:00+00:00"), []),
        (Wanted(until="2999-01-01T00:00:00+00:00"), [4, 3, 2, 1]),
        (Wanted(until="2000-01-01T00:00:00+00:00"), []),
    ],
)
def test_a_part_of_the_log(store: Store, wanted: Wanted, found: list[int]) -> None:
    assert numbers(store, wanted) == found


def test_since_is_included_and_until_is_not(store: Store) -> None:
    (first, *_) = reversed(store.log_entries())
    assert 1 in numbers(store, Wanted(since=first.at))
    assert 1 not in numbers(store, Wanted(until=first.at))


def test_entries_are_those_of_the_store(store: Store) -> None:
    with Logbook(store.path) as book:
        assert book.entries(Wanted()) == store.log_entries()
        assert book.entries(Wanted(), limit=1) == store.log_entries(limit=1)
    assert numbers(store, Wanted(), before=3) == [2, 1]
    assert numbers(store, Wanted(), before=1) == []


def tamper(store: Store, number: int) -> None:
    with store.writing() as opened:
        opened.execute("UPDATE log SET target = 'else' WHERE id = ?", (number,))


def test_a_chain_that_holds(store: Store) -> None:
    with Logbook(store.path) as book:
        assert book.chain(last=100) == Chain(4, 4, None)
        assert book.chain(last=4) == Chain(4, 4, None)
        assert book.chain(last=3) == Chain(4, 3, None)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_chain_that_was_tampered_with(store: Store, number: int) -> None:
    tamper(store, number)
    with Logbook(store.path) as book:
        assert book.chain(last=100).broken_at == number
        assert book.chain(last=2).broken_at == (number if number > 2 else None)


def test_an_end_that_was_cut_off_is_noticed_by_a_short_walk_too(store: Store) -> None:
    with store.writing() as opened:
        opened.execute("DELETE FROM log WHERE id = 4")
    with Logbook(store.path) as book:
        assert book.chain(last=1) == Chain(3, 1, 4)


def test_a_gap_is_noticed(store: Store) -> None:
    with store.writing() as opened:
        opened.execute("DELETE FROM log WHERE id = 3")
    with Logbook(store.path) as book:
        assert book.chain(last=2).broken_at == 3


def test_a_log_that_is_empty(tmp_path: Path) -> None:
    made = Store(tmp_path / "geosvc.sqlite")
    made.migrate()
    with Logbook(made.path) as book:
        assert book.entries(Wanted()) == ()
        assert book.chain(last=10) == Chain(0, 0, None)


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError), Logbook(tmp_path / "none.sqlite") as book:
        book.entries(Wanted())
