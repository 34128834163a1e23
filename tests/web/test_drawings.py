"""Figures are drawn once, one at a time, and a flood of them takes neither threads nor the disk."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, NoReturn

import pytest

from geosvc.errors import OverloadError
from geosvc.web import passwords
from geosvc.web.answers import Answer, make_answer
from geosvc.web.drawings import PATIENCE_S, WAITING, Drawings
from geosvc.web.server import THREADS

if TYPE_CHECKING:
    from pathlib import Path


def drawn(body: bytes = b"figure") -> Answer:
    return make_answer(body, "image/png")


def never() -> NoReturn:
    pytest.fail("it was drawn again")


class Slow:
    """A drawing that takes until it is told to end."""

    def __init__(self) -> None:
        self.begun, self.end = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self) -> Answer:
        self.times += 1
        self.begun.set()
        assert self.end.wait(30)
        return drawn()


def test_a_figure_is_drawn_once_in_all_processes(tmp_path: Path) -> None:
    first = Drawings(tmp_path / "figures", edition="1")
    assert first.answer("a", drawn).body == b"figure"
    assert first.answer("a", never).body == b"figure"
    other_process = Drawings(tmp_path / "figures", edition="1")
    assert other_process.answer("a", never).body == b"figure"
    assert (
        Drawings(tmp_path / "figures", edition="2").answer("a", lambda: drawn(b"new")).body
        == b"new"
    )


def test_who_asks_for_the_same_meanwhile_gets_that_drawing(tmp_path: Path) -> None:
    drawings, slow = Drawings(tmp_path), Slow()
    with ThreadPoolExecutor(WAITING + 1) as pool:
        asked = [pool.submit(drawings.answer, "a", slow) for _ in range(WAITING + 1)]
        assert slow.begun.wait(30)
        slow.end.set()
        assert {found.result().body for found in asked} == {b"figure"}
    assert slow.times == 1


def test_more_than_a_few_do_not_wait(tmp_path: Path) -> None:
    drawings, slow = Drawings(tmp_path), Slow()
    drawings.answer("known", drawn)
    many = WAITING + 2
    with ThreadPoolExecutor(many) as pool:
        asked = [pool.submit(drawings.answer, str(number), slow) for number in range(many)]
        refused, _ = wait(asked, timeout=30, return_when=FIRST_COMPLETED)
        assert [type(found.exception()) for found in refused] == [OverloadError]
        # what is there needs no turn
        assert drawings.answer("known", never).body == b"figure"
        slow.end.set()
        bodies = [found.result().body for found in asked if found not in refused]
    assert bodies == [b"figure"] * (many - 1)
    assert slow.times == many - 1
    assert drawings.answer("later", drawn).body == b"figure"


def test_patience_ends(tmp_path: Path) -> None:
    drawings, slow = Drawings(tmp_path, patience_s=0.01), Slow()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(drawings.answer, "a", slow)
        assert slow.begun.wait(30)
        with pytest.raises(OverloadError):
            drawings.answer("b", never)
        slow.end.set()
        assert asked.result().body == b"figure"


def test_a_drawing_that_fails_gives_its_turn_back(tmp_path: Path) -> None:
    drawings = Drawings(tmp_path)

    def fail() -> NoReturn:
        raise ZeroDivisionError

    for _ in range(WAITING + 2):
        with pytest.raises(ZeroDivisionError):
            drawings.answer("a", fail)
    assert drawings.answer("a", drawn).body == b"figure"


def test_what_is_published_waits_for_the_same_turn(tmp_path: Path) -> None:
    drawings = Drawings(tmp_path, patience_s=0.01)
    drawings.answer("known", drawn)
    with drawings.turn():
        with pytest.raises(OverloadError), drawings.turn():
            never()
        with pytest.raises(OverloadError):
            drawings.answer("other", never)
        # who only reads what is there waits for nobody
        assert drawings.answer("known", never).body == b"figure"
    with drawings.turn():
        pass


def test_the_files_stay_within_their_bound(tmp_path: Path) -> None:
    drawings = Drawings(tmp_path, file_bytes=50_000)
    for number in range(20):
        drawings.answer(str(number), lambda: drawn(bytes(10_000)))
        assert sum(item.stat().st_size for item in tmp_path.iterdir()) <= 50_000
    assert any(tmp_path.iterdir())


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    part = tmp_path / "0f.1-2.part"
    part.write_bytes(b"half")
    Drawings(tmp_path, file_bytes=0).answer("a", drawn)
    assert part.exists()


def test_a_full_disk_keeps_nothing_and_answers(tmp_path: Path) -> None:
    # a file where the folder should be is as good as no room
    taken = tmp_path / "figures"
    taken.write_text("")
    assert Drawings(taken).answer("a", drawn).body == b"figure"
    assert taken.read_text() == ""


def test_drawings_and_passwords_together_leave_threads_to_readers() -> None:
    busy = passwords.AT_ONCE + passwords.WAITING + 1 + WAITING
    assert busy + 2 <= THREADS
    assert PATIENCE_S < 60
