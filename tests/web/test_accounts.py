from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher

from geosvc.errors import BusyError, LockedOutError, UserError, WrongPasswordError
from geosvc.settings import Settings
from geosvc.store import Store
from geosvc.web import passwords
from geosvc.web.accounts import BY_ACCOUNT, BY_ADDRESS, BY_PAIR, IDLE, LIFE, Accounts, Person

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "北港 to 金桥 22"
OTHER = "泰北路 at seven 7"
HERE = "1.2.3.4"


class World:
    """Accounts with a clock that stands until it is moved."""

    def __init__(self, instance: Path) -> None:
        self.store = Store(instance / "geosvc.sqlite")
        self.store.migrate()
        self.now = datetime(2024, 6, 30, 8, tzinfo=UTC)
        settings = Settings(instance=instance)
        self.accounts = Accounts(settings, self.store.log, now=lambda: self.now)
        self.accounts.add("lihong", GOOD, role="editor", actor="test")

    def sign_in(self, name: str = "lihong", password: str = GOOD, address: str = HERE) -> str:
        return self.accounts.sign_in(name, password, address=address)

    def person(self) -> Person:
        found = self.accounts.by_cookie(self.sign_in())
        assert found is not None
        return found

    def log(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        return [
            (entry.action, entry.actor, entry.target, dict(entry.detail))
            for entry in reversed(self.store.log_entries())
        ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def fail(world: World, times: int, name: str = "lihong", address: str = HERE) -> list[int]:
    """Try wrong passwords; what remains of each, negative where it had to wait."""
    left = []
    for _ in range(times):
        try:
            world.sign_in(name, "wrong wrong", address)
        except WrongPasswordError as error:
            left.append(error.left)
        except LockedOutError as error:
            left.append(-error.wait_s)
    return left


def test_signing_in_opens_a_session(world: World) -> None:
    found = world.person()
    assert (found.name, found.role) == ("lihong", "editor")
    assert found.rights == {"read", "own", "edit"}
    assert found.csrf
    assert "csrf" not in repr(found)


def test_a_name_is_the_same_in_any_form(world: World) -> None:
    assert world.sign_in(" LiHong ")
    assert world.sign_in("ｌｉｈｏｎｇ")


def test_the_store_holds_no_cookie_no_token_and_no_password(world: World, tmp_path: Path) -> None:
    cookie = world.sign_in()
    token = world.accounts.make_token("lihong", "gis", scope="read", days=1, actor="test")
    world.store.close()
    world.accounts.people.close()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (cookie, token, GOOD):
        assert secret.encode() not in held


@pytest.mark.parametrize("name", ["lihong", "nobody", "", "x" * 10_000, "\ud800", "a\0b"])
def test_a_wrong_password_says_no_more_than_that(world: World, name: str) -> None:
    assert fail(world, 1, name) == [4]


def test_nobody_is_as_slow_as_somebody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def is_password(hashed: str | None, password: str) -> bool:
        asked.append(hashed)
        return not password

    monkeypatch.setattr(passwords, "is_password", is_password)
    fail(world, 1, "nobody")
    assert asked == [None]


def test_a_disabled_user_looks_like_nobody(world: World) -> None:
    cookie = world.sign_in()
    world.accounts.set_enabled("lihong", enabled=False, actor="test")
    assert world.accounts.by_cookie(cookie) is None
    with pytest.raises(WrongPasswordError):
        world.sign_in()
    world.accounts.set_enabled("lihong", enabled=True, actor="test")
    assert world.sign_in()


def test_wrong_passwords_lead_to_waits_that_double(world: World) -> None:
    assert fail(world, 7) == [4, 3, 2, 1, 0, -30, -30]
    with pytest.raises(LockedOutError):
        world.sign_in()
    world.now += timedelta(seconds=30)
    assert fail(world, 2) == [0, -60]
    world.now += timedelta(seconds=60)
    assert world.sign_in()
    assert fail(world, 1) == [4]


def test_a_thousand_wrong_passwords_are_hardly_any_tries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def is_password(_hashed: str | None, password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(passwords, "is_password", is_password)
    for number in range(1000):
        fail(world, 1, address=f"10.0.{number // 250}.{number % 250}")
    assert len(hashed) == BY_ACCOUNT.free
    entries = [entry for entry in world.log() if entry[0] == "sign_in_failed"]
    assert len(entries) == BY_ACCOUNT.free


def test_an_address_that_tries_many_names_waits(world: World) -> None:
    tries = [fail(world, 1, f"name{number}")[0] for number in range(BY_ADDRESS.free + 3)]
    assert tries[: BY_ADDRESS.free] == [4] * BY_ADDRESS.free
    assert all(left < 0 for left in tries[BY_ADDRESS.free :])
    with pytest.raises(LockedOutError):
        world.sign_in()
    assert world.sign_in(address="5.6.7.8")


def attack(world: World, *, times: int = 1000) -> list[int]:
    """Wrong passwords of a stranger, each from another address."""
    return [
        fail(world, 1, address=f"10.0.{number // 250}.{number % 250}")[0] for number in range(times)
    ]


def test_nobody_locks_a_stranger_out_of_where_they_work(world: World) -> None:
    assert world.sign_in(address=HERE)
    assert attack(world)[-1] < 0
    with pytest.raises(LockedOutError) as caught:
        world.sign_in(address="5.6.7.8")
    assert caught.value.wait_s == BY_ACCOUNT.first.total_seconds()
    # where they signed in before they have all their tries
    assert fail(world, 2) == [4, 3]
    assert world.sign_in(address=HERE)
    with pytest.raises(LockedOutError):
        world.sign_in(address="5.6.7.8")


def test_nobody_locks_a_stranger_s_account_for_long(world: World) -> None:
    for _ in range(20):
        attack(world, times=BY_ACCOUNT.free + 5)
        world.now += BY_ACCOUNT.longest
    assert attack(world)[-1] >= -BY_ACCOUNT.longest.total_seconds()
    assert world.accounts.locked_for(world.accounts.people.user("lihong"))
    world.now += BY_ACCOUNT.longest
    assert world.sign_in(address="5.6.7.8")


def test_one_address_is_locked_out_of_one_account(world: World) -> None:
    world.accounts.add("wangfang", OTHER, role="viewer", actor="test")
    assert fail(world, 6)[-1] == -30
    assert world.sign_in(address="5.6.7.8")
    assert world.sign_in("wangfang", OTHER)
    with pytest.raises(LockedOutError):
        world.sign_in()


def test_who_has_to_wait_takes_no_place_in_the_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(world, BY_PAIR.free)
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.0)
    with passwords.slot(), passwords.slot():
        assert fail(world, 1) == [-30]
        with pytest.raises(BusyError):
            world.sign_in(address="5.6.7.8")


def test_an_office_that_signs_in_is_not_locked_out(world: World) -> None:
    for _ in range(2 * BY_ADDRESS.free):
        assert world.sign_in()


def test_a_session_ends_unused_and_used(world: World) -> None:
    cookie = world.sign_in()
    world.now += IDLE
    assert world.accounts.by_cookie(cookie) is None
    cookie = world.sign_in()
    for _ in range(LIFE // (IDLE / 2) - 1):
        world.now += IDLE / 2
        assert world.accounts.by_cookie(cookie)
    world.now += IDLE / 2
    assert world.accounts.by_cookie(cookie) is None


def test_a_session_that_was_ended_cannot_be_replayed(world: World) -> None:
    cookie = world.sign_in()
    found = world.accounts.by_cookie(cookie)
    assert found
    world.accounts.sign_out(found, address=HERE)
    assert world.accounts.by_cookie(cookie) is None
    for forged in ("", cookie[:-1], cookie + "x", found.session):
        assert world.accounts.by_cookie(forged) is None


def test_sessions_of_another_secret_are_refused(world: World, tmp_path: Path) -> None:
    cookie = world.sign_in()
    (tmp_path / "secret").unlink()
    again = Accounts(Settings(instance=tmp_path), world.store.log, now=lambda: world.now)
    assert again.by_cookie(cookie) is None
    assert again.sign_in("lihong", GOOD, address=HERE)


def test_a_token_has_what_its_scope_and_role_allow(world: World) -> None:
    text = world.accounts.make_token("lihong", "gis", scope="edit read", days=90, actor="test")
    found = world.accounts.by_token(text)
    assert found
    assert found.rights == {"read", "edit"}
    assert found.csrf is None
    world.accounts.set_role("lihong", "viewer", actor="test")
    found = world.accounts.by_token(text)
    assert found
    assert found.rights == {"read"}


def test_an_expired_or_revoked_token_is_refused(world: World) -> None:
    make = world.accounts.make_token
    first = make("lihong", "a", scope="read", days=1, actor="test")
    world.now += timedelta(days=1)
    assert world.accounts.by_token(first) is None
    second = make("lihong", "b", scope="read", days=1, actor="test")
    (token, _) = world.accounts.people.tokens(world.accounts.people.user("lihong"))
    world.accounts.revoke_token("lihong", token.id, actor="test")
    for text in (first, second, "", "geosvc_"):
        assert world.accounts.by_token(text) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scope": ""}, "bad_scope"),
        ({"scope": "own"}, "bad_scope"),
        ({"scope": "read administer"}, "bad_scope"),
        ({"scope": "personal"}, "bad_scope"),
        ({"days": 0}, "bad_days"),
        ({"days": 367}, "bad_days"),
        ({"label": ""}, "bad_name"),
        ({"label": "x" * 41}, "bad_name"),
        ({"name": "nobody"}, "no_such_user"),
    ],
)
def test_a_token_that_would_be_too_much_is_not_made(
    world: World, change: dict[str, Any], code: str
) -> None:
    given: dict[str, Any] = {"name": "lihong", "label": "a", "scope": "read", "days": 1} | change
    with pytest.raises(UserError) as caught:
        world.accounts.make_token(given.pop("name"), given.pop("label"), **given, actor="test")
    assert caught.value.issues[0].code == code


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        ("", "viewer", "bad_name"),
        ("a b", "viewer", "bad_name"),
        ("-a", "viewer", "bad_name"),
        ("a\n", "king", "bad_role"),
        ("x" * 41, "viewer", "bad_name"),
        ("a<b>", "viewer", "bad_name"),
        ("LIHONG", "viewer", "user_exists"),
    ],
)
def test_a_user_who_will_not_do_is_not_made(world: World, name: str, role: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        world.accounts.add(name, OTHER, role=role, actor="test")
    assert caught.value.issues[0].code == code
    assert len(world.accounts.people.users()) == 1


@pytest.mark.parametrize("name", ["李红", "li.hong-2", "a_b"])
def test_names_of_people_are_taken(world: World, name: str) -> None:
    assert world.accounts.add(name, OTHER, role="viewer", actor="test").name == name


def test_a_password_set_by_an_administrator_ends_sessions_and_waits(world: World) -> None:
    cookie = world.sign_in()
    fail(world, 6)
    user = world.accounts.people.user("lihong")
    assert world.accounts.locked_for(user) == timedelta(seconds=30)
    world.accounts.set_password("lihong", OTHER, actor="test")
    assert world.accounts.locked_for(user) == timedelta(0)
    assert world.accounts.by_cookie(cookie) is None
    assert world.sign_in(password=OTHER)
    with pytest.raises(WrongPasswordError):
        world.sign_in()


def test_ones_own_password_is_changed_with_the_old_one(world: World) -> None:
    elsewhere, person = world.sign_in(), world.person()
    change = world.accounts.change_own_password
    with pytest.raises(WrongPasswordError):
        change(person, "wrong", OTHER, address=HERE)
    with pytest.raises(UserError):
        change(person, GOOD, "short", address=HERE)
    change(person, GOOD, OTHER, address=HERE)
    assert world.accounts.by_cookie(elsewhere) is None
    assert world.accounts.people.session(person.session, now=world.now, idle=IDLE)
    assert world.sign_in(password=OTHER)


def test_the_old_password_cannot_be_guessed_there(world: World) -> None:
    person = world.person()
    for _ in range(BY_PAIR.free):
        with pytest.raises(WrongPasswordError):
            world.accounts.change_own_password(person, "wrong", OTHER, address=HERE)
    with pytest.raises(LockedOutError):
        world.accounts.change_own_password(person, GOOD, OTHER, address=HERE)


def test_a_hash_of_weaker_times_is_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.accounts.people.user("lihong").password_hash
    world.sign_in()
    assert world.accounts.people.user("lihong").password_hash == before
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", stronger)
    world.sign_in()
    assert "m=16,t=2" in world.accounts.people.user("lihong").password_hash
    assert world.sign_in()


def test_a_try_that_was_not_heard_is_not_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.0)
    with passwords.slot(), passwords.slot():
        for _ in range(20):
            with pytest.raises(BusyError):
                world.sign_in(password="wrong wrong")  # noqa: S106 - a wrong one
    assert world.sign_in()


def test_what_people_do_is_logged(world: World) -> None:
    person = world.person()
    fail(world, 1)
    fail(world, 1, GOOD)
    world.accounts.sign_out(person, address=HERE)
    world.accounts.make_token("lihong", "gis", scope="read", days=1, actor="lihong")
    assert world.log() == [
        ("user_added", "test", "lihong", {"role": "editor"}),
        ("sign_in", "lihong", "lihong", {}),
        ("sign_in_failed", "lihong", "lihong", {"failures": 1, "locked_s": 0}),
        ("sign_in_failed", "", "", {"failures": 1, "locked_s": 0}),
        ("sign_out", "lihong", "lihong", {}),
        ("token_made", "lihong", "lihong", {"token": "gis", "scope": "read"}),
    ]
    assert world.store.verify() == ()
