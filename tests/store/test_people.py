from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import StoreError, UserError
from geosvc.store import Store
from geosvc.store.lockout import Backoff, Mark
from geosvc.store.people import People, User

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2024, 6, 30, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
RULE = Backoff(3, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24))
ACCOUNT = Mark("account", "a", RULE)
PAIR = Mark("pair", "a b", RULE)
ADDRESS = Mark("address", "1.2.3.4", Backoff(30, MINUTE, HOUR, HOUR))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = Store(tmp_path / "geosvc.sqlite")
    store.migrate()
    store.close()
    return store.path


@pytest.fixture
def people(path: Path) -> People:
    return People(path)


@pytest.fixture
def user(people: People) -> User:
    return people.add("lihong", role="editor", password_hash="x", now=NOW)  # noqa: S106 - no password


def begin(people: People, user: User, key: str = "k", *, hours: int = 12) -> None:
    span = (NOW, NOW + hours * HOUR)
    people.open_session(user, key=key, csrf="c", address="1.2.3.4", span=span)


def test_a_user_is_found_in_any_case(people: People, user: User) -> None:
    assert people.user("LiHong") == user
    assert (user.role, user.disabled_at, user.created_at) == ("editor", None, NOW.isoformat())
    assert people.find("nobody") is None


def test_a_name_is_taken_once(people: People, user: User) -> None:
    with pytest.raises(UserError) as caught:
        people.add("LIHONG", role="viewer", password_hash="y", now=NOW)  # noqa: S106 - no password
    assert caught.value.issues[0].code == "user_exists"
    assert people.users() == (user,)


def test_a_role_that_does_not_exist_is_refused(people: People) -> None:
    with pytest.raises(StoreError):
        people.add("a", role="king", password_hash="x", now=NOW)  # noqa: S106 - no password
    assert people.users() == ()


def test_users_are_listed_by_name(people: People) -> None:
    for name in ("b", "a", "李红"):
        people.add(name, role="viewer", password_hash="x", now=NOW)  # noqa: S106 - no password
    assert [item.name for item in people.users()] == ["a", "b", "李红"]


def test_an_unknown_user_is_an_error(people: People) -> None:
    with pytest.raises(UserError) as caught:
        people.user("nobody")
    assert caught.value.issues[0].code == "no_such_user"


def test_a_session_is_found_until_it_ends(people: People, user: User) -> None:
    begin(people, user)
    found = people.session("k", now=NOW, idle=HOUR)
    assert found is not None
    assert (found.user, found.csrf) == (user, "c")
    assert people.session("other", now=NOW, idle=HOUR) is None
    people.end_session("k")
    assert people.session("k", now=NOW, idle=HOUR) is None


def test_a_session_nobody_uses_ends(people: People, user: User) -> None:
    begin(people, user)
    assert people.session("k", now=NOW + 59 * MINUTE, idle=HOUR)
    assert people.session("k", now=NOW + 118 * MINUTE, idle=HOUR)
    assert people.session("k", now=NOW + 178 * MINUTE, idle=HOUR) is None


def test_a_session_in_use_ends_too(people: People, user: User) -> None:
    begin(people, user, hours=2)
    for minutes in range(0, 120, 10):
        assert people.session("k", now=NOW + minutes * MINUTE, idle=HOUR)
    assert people.session("k", now=NOW + 2 * HOUR, idle=HOUR) is None


def test_a_clock_that_goes_backward_lengthens_no_session(people: People, user: User) -> None:
    begin(people, user)
    assert people.session("k", now=NOW - MINUTE, idle=HOUR)
    assert people.session("k", now=NOW - 365 * 24 * HOUR, idle=HOUR) is None


def test_use_is_written_down_once_a_minute(people: People, user: User) -> None:
    begin(people, user)
    before = people.data_version()
    people.session("k", now=NOW + timedelta(seconds=59), idle=HOUR)
    assert people.data_version() == before
    people.session("k", now=NOW + MINUTE, idle=HOUR)
    assert people.data_version() != before


def test_ended_sessions_are_swept_by_the_next(people: People, user: User) -> None:
    begin(people, user, "old", hours=1)
    late = NOW + 2 * HOUR
    people.open_session(user, key="new", csrf="c", address="", span=(late, late + HOUR))
    with people.reading() as opened:
        assert opened.execute("SELECT hash FROM session").fetchall() == [("new",)]


def test_a_disabled_user_is_out_at_once(people: People, user: User) -> None:
    begin(people, user)
    people.add_token(user, "t", key="tk", scope="read", span=(NOW, NOW + HOUR))
    people.disable(user, now=NOW)
    assert people.user("lihong").disabled_at
    assert people.session("k", now=NOW, idle=HOUR) is None
    assert people.token("tk", now=NOW) is None
    people.enable(user)
    assert people.session("k", now=NOW, idle=HOUR) is None
    assert people.token("tk", now=NOW)


def test_another_password_ends_the_other_sessions(people: People, user: User) -> None:
    begin(people, user, "here")
    begin(people, user, "there")
    people.set_password(user, "y", keep="here")
    assert people.session("here", now=NOW, idle=HOUR)
    assert people.session("there", now=NOW, idle=HOUR) is None
    people.improve_hash(user, "z")
    assert people.session("here", now=NOW, idle=HOUR)
    assert people.user("lihong").password_hash == "z"  # noqa: S105 - no password


def test_another_role_holds_from_the_next_look(people: People, user: User) -> None:
    begin(people, user)
    people.set_role(user, "viewer")
    found = people.session("k", now=NOW, idle=HOUR)
    assert found
    assert found.user.role == "viewer"


def test_a_token_is_good_until_it_expires_or_is_revoked(people: People, user: User) -> None:
    people.add_token(user, "gis", key="tk", scope="read edit", span=(NOW, NOW + HOUR))
    found = people.token("tk", now=NOW)
    assert found is not None
    assert (found[0], found[1].scope) == (user, "read edit")
    assert people.token("tk", now=NOW + HOUR) is None
    assert people.token("tk", now=NOW - HOUR) is None
    (kept,) = people.tokens(user)
    assert kept.used_at == NOW.isoformat()
    assert people.revoke_token(user, kept.id, now=NOW).revoked_at
    assert people.token("tk", now=NOW) is None


def test_only_ones_own_token_can_be_revoked(people: People, user: User) -> None:
    people.add_token(user, "gis", key="tk", scope="read", span=(NOW, NOW + HOUR))
    other = people.add("b", role="viewer", password_hash="x", now=NOW)  # noqa: S106 - no password
    (token,) = people.tokens(user)
    with pytest.raises(UserError):
        people.revoke_token(other, token.id, now=NOW)
    assert people.token("tk", now=NOW)


def test_who_succeeds_is_forgiven_and_known(people: People) -> None:
    marks = (PAIR, ADDRESS, ACCOUNT)
    for _ in range(3):
        assert not people.is_known(PAIR, now=NOW)
        people.attempt(marks, now=NOW)
    assert people.wait(marks, now=NOW) == people.locked(ACCOUNT, now=NOW) == timedelta(0, 30)
    people.succeed(marks, pair=PAIR, now=NOW)
    assert people.is_known(PAIR, now=NOW)
    assert people.wait(marks, now=NOW) == timedelta(0)
    assert [people.failures(mark, now=NOW)[0] for mark in marks] == [0, 2, 0]


def test_an_account_is_released_from_outside(people: People) -> None:
    for _ in range(3):
        people.attempt([PAIR, ADDRESS], now=NOW)
    people.release(ACCOUNT)
    assert people.locked(ACCOUNT, now=NOW) == timedelta(0)
    assert [people.failures(mark, now=NOW)[0] for mark in (PAIR, ADDRESS)] == [0, 3]


def test_who_may_read_goes_on_where_nothing_can_be_written(
    people: People, user: User, path: Path
) -> None:
    begin(people, user)
    people.add_token(user, "t", key="tk", scope="read", span=(NOW, NOW + HOUR))
    later, hasty = NOW + 10 * MINUTE, People(path, timeout_s=0.1)
    with people.writing():
        assert hasty.session("k", now=later, idle=HOUR)
        assert hasty.token("tk", now=later)
    (kept,) = hasty.tokens(user)
    assert kept.used_at is None
    hasty.close()


def test_tries_at_once_are_all_counted(path: Path) -> None:
    passed: list[bool] = []

    def attempt() -> None:
        own = People(path)
        passed.extend(not own.attempt([ACCOUNT], now=NOW) for _ in range(5))
        own.close()

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 30
    assert sum(passed) == 3


def test_a_second_process_sees_the_same(path: Path, people: People, user: User) -> None:
    begin(people, user)
    other = People(path)
    assert other.session("k", now=NOW, idle=HOUR)
    other.close()
    assert other.users() == (user,)


def test_a_reset_password_ends_sessions_and_tokens(people: People, user: User) -> None:
    begin(people, user)
    people.add_token(user, "t", key="tk", scope="read", span=(NOW, NOW + HOUR))
    people.reset_password(user, "y", now=NOW)
    assert people.user("lihong").password_hash == "y"  # noqa: S105 - no password
    assert people.session("k", now=NOW, idle=HOUR) is None
    assert people.token("tk", now=NOW) is None
    people.reset_password(user, "z", now=NOW + MINUTE)
    (kept,) = people.tokens(user)
    assert kept.revoked_at == NOW.isoformat(), "it was revoked then"


def test_the_last_administrator_stays(people: People, user: User) -> None:
    one, two = (
        people.add(name, role="administrator", password_hash="x", now=NOW)  # noqa: S106 - no password
        for name in ("one", "two")
    )
    people.disable(user, now=NOW)
    people.disable(two, now=NOW)
    people.set_role(two, "viewer")
    for turn_out in (
        partial(people.disable, one, now=NOW),
        partial(people.set_role, one, "viewer"),
    ):
        with pytest.raises(UserError) as caught:
            turn_out()
        assert [issue.code for issue in caught.value.issues] == ["last_administrator"]
    people.set_role(one, "administrator")
    assert (people.user("one").role, people.user("one").disabled_at) == ("administrator", None)
    people.set_role(two, "administrator")
    with pytest.raises(UserError):
        people.disable(one, now=NOW)
    people.enable(two)
    people.set_role(one, "viewer")
    assert people.user("one").role == "viewer"


def test_two_administrators_who_turn_each_other_out_at_once_leave_one(
    path: Path, people: People
) -> None:
    pair = [
        people.add(name, role="administrator", password_hash="x", now=NOW)  # noqa: S106 - no password
        for name in ("one", "two")
    ]
    start, refused = threading.Barrier(2), []

    def turn_out(other: User, *, demote: bool) -> None:
        own = People(path)
        own.users()
        start.wait()
        try:
            if demote:
                own.set_role(other, "viewer")
            else:
                own.disable(other, now=NOW)
        except UserError as error:
            refused.append(error.issues[0].code)
        own.close()

    threads = [
        threading.Thread(target=turn_out, args=(other,), kwargs={"demote": other is pair[0]})
        for other in pair
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_administrator"]
    left = [item for item in people.users() if item.role == "administrator"]
    assert len([item for item in left if item.disabled_at is None]) == 1
