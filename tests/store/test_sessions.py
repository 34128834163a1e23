from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geosvc.store import Store
from geosvc.store.people import People, User
from geosvc.store.sessions import end_others, sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2024, 6, 30, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    store = Store(tmp_path / "geosvc.sqlite")
    store.migrate()
    store.close()
    made = People(store.path)
    for name in ("li", "wu"):
        made.add(name, role="viewer", password_hash="x", now=NOW)  # noqa: S106 - no password
    yield made
    made.close()


def begin(people: People, user: User, key: str, *, at: datetime = NOW, hours: int = 12) -> None:
    people.open_session(user, key=key, csrf="c", address=f"at {key}", span=(at, at + hours * HOUR))


def keys(people: People, name: str, now: datetime = NOW) -> list[str]:
    return [item.key for item in sign_ins(people, people.user(name), now=now, idle=HOUR)]


def test_the_last_used_comes_first(people: People) -> None:
    li = people.user("li")
    begin(people, li, "a", at=NOW - HOUR / 2)
    begin(people, li, "b")
    begin(people, people.user("wu"), "c")
    assert keys(people, "li") == ["b", "a"]
    found = sign_ins(people, li, now=NOW, idle=HOUR)[0]
    assert (found.address, found.created_at) == ("at b", NOW.isoformat())
    assert "b" not in repr(found).split("address")[0]


def test_what_has_ended_is_not_shown(people: People) -> None:
    li = people.user("li")
    begin(people, li, "short", at=NOW - HOUR / 2, hours=1)
    begin(people, li, "idle", at=NOW - 2 * HOUR)
    assert keys(people, "li") == ["short"]
    assert keys(people, "li", NOW + HOUR) == []


def test_all_but_one_end_and_only_ones_own(people: People) -> None:
    li, wu = people.user("li"), people.user("wu")
    for key in "abc":
        begin(people, li, key)
    begin(people, wu, "d")
    assert end_others(people, li, keep="b") == 2
    assert keys(people, "li") == ["b"]
    assert keys(people, "wu") == ["d"]
    assert end_others(people, li, keep="b") == 0


def test_nobody_may_have_signed_in(people: People) -> None:
    assert keys(people, "li") == []
    assert end_others(people, people.user("li"), keep="") == 0
