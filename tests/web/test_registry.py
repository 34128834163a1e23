from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import LockedOutError, UserError, WrongPasswordError
from geosvc.settings import Settings
from geosvc.store import Store
from geosvc.web import one_time
from geosvc.web.accounts import Accounts
from geosvc.web.registry import tidy

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "北港 to 金桥 22"
HERE = "1.2.3.4"


class World:
    """Accounts with a clock that stands until it is moved."""

    def __init__(self, instance: Path) -> None:
        self.store = Store(instance / "geosvc.sqlite")
        self.store.migrate()
        self.now = datetime(2024, 6, 30, 8, tzinfo=UTC)
        settings = Settings(instance=instance)
        self.accounts = Accounts(settings, self.store.log, now=lambda: self.now)

    def actions(self) -> list[tuple[str, str, str]]:
        return [(item.action, item.actor, item.target) for item in self.store.log_entries()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_names_have_one_spelling() -> None:
    assert tidy("  Ｌｉ红 ") == "Li红"
    assert tidy("\ud800") == "?"


def test_a_user_is_invited_signs_in_and_may_do_nothing_but_change_the_password(
    world: World,
) -> None:
    user, password = world.accounts.invite("zhao", role="administrator", actor="a", address=HERE)
    assert (user.name, user.role) == ("zhao", "administrator")
    person = world.accounts.by_cookie(world.accounts.sign_in("zhao", password, address=HERE))
    assert person is not None
    assert person.must_change
    assert person.rights == {"own"}
    with pytest.raises(UserError):
        world.accounts.change_own_password(person, password, password, address=HERE)
    world.accounts.change_own_password(person, password, GOOD, address=HERE)
    cookie = world.accounts.sign_in("zhao", GOOD, address=HERE)
    person = world.accounts.by_cookie(cookie)
    assert person is not None
    assert not person.must_change
    assert "accounts" in person.rights
    assert ("user_added", "a", "zhao") in world.actions()
    with pytest.raises(WrongPasswordError):
        world.accounts.sign_in("zhao", password, address=HERE)


def test_a_one_time_password_ends_after_a_week(world: World) -> None:
    _, password = world.accounts.invite("zhao", role="viewer", actor="a")
    world.now += one_time.LIFE
    with pytest.raises(WrongPasswordError):
        world.accounts.sign_in("zhao", password, address=HERE)
    again = world.accounts.renew_password("zhao", actor="a")
    assert world.accounts.sign_in("zhao", again, address=HERE)


def test_a_new_password_ends_sessions_and_the_old_password(world: World) -> None:
    world.accounts.add("zhao", GOOD, role="viewer", actor="a")
    cookie = world.accounts.sign_in("zhao", GOOD, address=HERE)
    world.accounts.renew_password("ZHAO", actor="a", address=HERE)
    assert world.accounts.by_cookie(cookie) is None
    with pytest.raises(WrongPasswordError):
        world.accounts.sign_in("zhao", GOOD, address=HERE)
    assert ("password_reset", "a", "zhao") in world.actions()
    assert not any(GOOD in str(item) for item in world.store.log_entries())


def test_who_is_locked_out_is_let_in_again(world: World) -> None:
    world.accounts.add("zhao", GOOD, role="viewer", actor="a")
    for _ in range(5):
        with pytest.raises(WrongPasswordError):
            world.accounts.sign_in("zhao", "wrong wrong", address=HERE)
    with pytest.raises(LockedOutError):
        world.accounts.sign_in("zhao", GOOD, address=HERE)
    world.accounts.unlock("zhao", actor="a", address=HERE)
    assert world.accounts.locked_for(world.accounts.people.user("zhao")) == timedelta(0)
    assert world.accounts.sign_in("zhao", GOOD, address=HERE)
    assert ("user_unlocked", "a", "zhao") in world.actions()


@pytest.mark.parametrize("name", ["", " ", "-", "a b", "<b>", "x" * 41, "zhao"])
def test_nobody_is_invited_whose_name_will_not_do(world: World, name: str) -> None:
    world.accounts.add("zhao", GOOD, role="viewer", actor="a")
    with pytest.raises(UserError):
        world.accounts.invite(name, role="viewer", actor="a")
    with pytest.raises(UserError):
        world.accounts.invite("new", role="king", actor="a")
    assert [user.name for user in world.accounts.people.users()] == ["zhao"]


def test_nobody_is_no_user(world: World) -> None:
    with pytest.raises(UserError):
        world.accounts.renew_password("nobody", actor="a")
    with pytest.raises(UserError):
        world.accounts.unlock("nobody", actor="a")


def test_a_token_has_the_rights_of_role_and_scope_and_never_those_over_accounts(
    world: World,
) -> None:
    world.accounts.add("admin", GOOD, role="administrator", actor="a")
    text = world.accounts.make_token("admin", "gis", scope="read administer", days=1, actor="a")
    person = world.accounts.by_token(text)
    assert person is not None
    assert person.rights == {"read", "administer"}
    with pytest.raises(UserError):
        world.accounts.make_token("admin", "gis", scope="accounts", days=1, actor="a")
    number = world.accounts.people.tokens(world.accounts.people.user("admin"))[0].id
    world.accounts.revoke_token("admin", number, actor="a")
    assert world.accounts.by_token(text) is None
