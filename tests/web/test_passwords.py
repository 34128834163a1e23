from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from geosvc.errors import BusyError, UserError
from geosvc.web import passwords
from geosvc.web.server import THREADS

GOOD = "北港 to 金桥 22"


def test_a_password_is_known_again() -> None:
    hashed = passwords.hash_password(GOOD)
    assert hashed.startswith("$argon2id$")
    assert passwords.is_password(hashed, GOOD)
    assert not passwords.is_password(hashed, GOOD + "2")
    assert passwords.hash_password(GOOD) != hashed


def test_nobody_has_no_password() -> None:
    assert not passwords.is_password(None, "")
    assert not passwords.is_password(None, GOOD)


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
def test_a_harmed_hash_lets_nobody_in(hashed: str) -> None:
    assert not passwords.is_password(hashed, GOOD)


def test_a_password_without_end_is_not_hashed() -> None:
    hashed = passwords.hash_password("x" * 10_000)
    assert not passwords.is_password(hashed, "x" * 10_000)


@pytest.mark.parametrize(
    "password",
    ["", "short1!", "aaaaaaaaaaaaaa", "abababababab", "my LiHong pass", "x1y2z3" * 40],
)
def test_what_is_guessed_soon_is_refused(password: str) -> None:
    with pytest.raises(UserError) as caught:
        passwords.check_password(password, name="lihong")
    (issue,) = caught.value.issues
    assert issue.code == "weak_password"
    assert password not in f"{issue} {caught.value}" or not password


@pytest.mark.parametrize("password", [GOOD, "correct horse", "一二三四五六七八九十"])
def test_what_is_not_is_taken(password: str) -> None:
    passwords.check_password(password, name="lihong")


def test_a_turn_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.0)
    with passwords.slot(), passwords.slot(), pytest.raises(BusyError), passwords.slot():
        pass
    with passwords.slot():
        pass


def test_those_who_wait_get_their_turn_and_one_too_many_is_refused_at_once() -> None:
    all_in, free = threading.Semaphore(0), threading.Event()
    most: list[int] = []
    inside: list[int] = []

    def hold(number: int) -> None:
        with passwords.slot():
            inside.append(number)
            most.append(len(inside))
            all_in.release()
            assert free.wait(60)
            inside.remove(number)

    places = passwords.AT_ONCE + passwords.WAITING
    assert places + 2 <= THREADS
    with ThreadPoolExecutor(places) as pool:
        held = [pool.submit(hold, number) for number in range(places)]
        for _ in range(passwords.AT_ONCE):
            assert all_in.acquire(timeout=60)
        # taking a place to find out whether one is free would turn away those who come
        while passwords._places._value:  # noqa: SLF001 - until all have queued
            time.sleep(0.01)
        try:
            with pytest.raises(BusyError), passwords.slot():
                pass
        finally:
            free.set()
        for item in held:
            item.result(timeout=60)
    assert len(most) == places
    assert max(most) == passwords.AT_ONCE


def test_the_parameters_are_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    strong = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", strong)
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(strong.hash(GOOD))
