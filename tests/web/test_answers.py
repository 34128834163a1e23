from __future__ import annotations

import gzip
import hashlib
import threading
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geosvc.web.answers import IMMUTABLE, REVALIDATE, Answer, AnswerCache, make_answer, matches

if TYPE_CHECKING:
    from pathlib import Path

JSON = "application/json"
BODY = b'{"name": "stops"}' * 50


def small(number: int = 0) -> Answer:
    return make_answer(f"{number}".encode() * 100, "text/plain")


def test_a_body_is_compressed_once_in_both_ways() -> None:
    answer = make_answer(BODY, JSON)
    assert answer.brotli is not None
    assert answer.gzip is not None
    assert brotli.decompress(answer.brotli) == BODY
    assert gzip.decompress(answer.gzip) == BODY
    assert answer.size == len(BODY) + len(answer.brotli) + len(answer.gzip)


@given(st.binary(max_size=4000))
def test_the_same_body_makes_the_same_answer(body: bytes) -> None:
    first, second = make_answer(body, JSON), make_answer(body, JSON)
    assert first == second
    assert first.etag == hashlib.sha256(body).hexdigest()[:20]


@pytest.mark.parametrize("media", ["image/png", "application/geopackage+sqlite3"])
def test_what_is_packed_already_is_left(media: str) -> None:
    answer = make_answer(BODY, media)
    assert (answer.brotli, answer.gzip) == (None, None)


def test_what_does_not_shrink_is_left() -> None:
    noise = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(30))
    answer = make_answer(noise, "text/plain")
    assert answer.gzip is None
    assert answer.encoded("gzip") == ("", noise)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0,gzip;q=0", ""),
        ("identity", ""),
        ("", ""),
        ("brotli", ""),
    ],
)
def test_the_best_accepted_encoding_is_sent(accepted: str, encoding: str) -> None:
    assert make_answer(BODY, JSON).encoded(accepted)[0] == encoding


def test_each_encoding_has_its_own_strong_tag() -> None:
    answer = make_answer(BODY, JSON)
    tags = {dict(answer.headers(encoding))["ETag"] for encoding in ("", "br", "gzip")}
    assert len(tags) == 3
    assert all(tag.startswith('"') for tag in tags)


def test_headers_say_how_long_and_of_what() -> None:
    answer = make_answer(BODY, JSON, cache=IMMUTABLE, filename="stops.json")
    headers = dict(answer.headers("br"))
    assert headers["Cache-Control"] == IMMUTABLE
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Encoding"] == "br"
    assert headers["Content-Disposition"] == 'attachment; filename="stops.json"'
    named = dict(make_answer(BODY, JSON, filename='站";点.csv').headers(""))
    name = "%E7%AB%99%22%3B%E7%82%B9.csv"
    assert named["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    plain = dict(make_answer(BODY, JSON).headers(""))
    assert plain["Cache-Control"] == REVALIDATE
    assert "Content-Encoding" not in plain


@pytest.mark.parametrize(
    ("header", "fresh"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False)],
)
def test_a_reader_that_has_it_is_known(header: str, *, fresh: bool) -> None:
    assert matches(header, '"a"') is fresh


def test_an_answer_is_made_once(tmp_path: Path) -> None:
    cache, made = AnswerCache(tmp_path), []

    def make() -> Answer:
        made.append(1)
        return small()

    first = cache.remember("a", make, on_disk=False)
    assert cache.remember("a", make, on_disk=False) is first
    assert len(made) == 1
    assert list(tmp_path.iterdir()) == []


def test_workers_share_files(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    made = make_answer(BODY, JSON, cache=IMMUTABLE, filename="a.json")
    AnswerCache(folder).remember("a", lambda: made, on_disk=True)
    other = AnswerCache(folder)
    assert other.get("a") == made
    assert other.get("b") is None


def test_files_of_another_edition_are_not_taken(tmp_path: Path) -> None:
    AnswerCache(tmp_path, edition="1").remember("a", small, on_disk=True)
    assert AnswerCache(tmp_path, edition="2").get("a") is None
    assert AnswerCache(tmp_path, edition="1").get("a") == small()


def test_another_era_knows_nothing_of_the_one_before(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.begin("1")
    for on_disk in (True, False):
        cache.remember(f"a{on_disk}", small, on_disk=on_disk)
    cache.begin("1")
    assert cache.get("aTrue") == cache.get("aFalse") == small()
    cache.begin("2")
    assert cache.get("aTrue") is cache.get("aFalse") is None
    assert len(list(tmp_path.iterdir())) == 1


def test_an_answer_on_its_way_into_another_era_is_not_kept(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)

    def make() -> Answer:
        cache.begin("2")
        return small()

    assert cache.remember("a", make, on_disk=True) == small()
    assert cache.get("a") is None


def test_an_empty_body_and_a_bare_one_come_back(tmp_path: Path) -> None:
    for name, body in (("empty", b""), ("bare", b"x"), ("png", BODY)):
        made = make_answer(body, "image/png")
        AnswerCache(tmp_path).remember(name, lambda found=made: found, on_disk=True)  # type: ignore[misc]
        assert AnswerCache(tmp_path).get(name) == made


@pytest.mark.parametrize("harm", [b"", b"x", b"geosvc answer 1\n{}\n", b"geosvc answer 1\n[1]\n"])
def test_a_harmed_file_is_made_anew(tmp_path: Path, harm: bytes) -> None:
    AnswerCache(tmp_path).remember("a", small, on_disk=True)
    (path,) = tmp_path.iterdir()
    path.write_bytes(harm)
    cache = AnswerCache(tmp_path)
    assert cache.get("a") is None
    assert cache.remember("a", small, on_disk=True) == small()
    assert AnswerCache(tmp_path).get("a") == small()


def test_a_shortened_file_is_made_anew(tmp_path: Path) -> None:
    AnswerCache(tmp_path).remember("a", small, on_disk=True)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert AnswerCache(tmp_path).get("a") is None


@pytest.mark.parametrize("at", [-1, -40, -400])
def test_a_byte_that_flipped_is_noticed_in_every_encoding(tmp_path: Path, at: int) -> None:
    body = " ".join(map(str, range(500))).encode()
    AnswerCache(tmp_path).remember("a", lambda: make_answer(body, "text/plain"), on_disk=True)
    [path] = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    assert AnswerCache(tmp_path).get("a") is None


def test_a_file_of_another_name_is_not_taken(tmp_path: Path) -> None:
    AnswerCache(tmp_path).remember("a", small, on_disk=True)
    AnswerCache(tmp_path).remember("b", lambda: small(1), on_disk=True)
    first, second = sorted(tmp_path.iterdir())
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert AnswerCache(tmp_path).get("a") is None
    assert AnswerCache(tmp_path).get("b") is None


def test_a_folder_that_cannot_be_written_stops_no_answer(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert AnswerCache(blocked / "below").remember("a", small, on_disk=True) == small()


def test_memory_has_a_bound(tmp_path: Path) -> None:
    size = small().size
    cache = AnswerCache(tmp_path, memory_bytes=3 * size)
    for number in range(5):
        cache.remember(str(number), lambda n=number: small(n), on_disk=False)  # type: ignore[misc]
    assert cache.get("0") is None
    assert cache.get("4") == small(4)


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, memory_bytes=2 * small().size)
    for name in ("a", "b", "a", "c"):
        cache.remember(name, small, on_disk=False)
    assert cache.get("a")
    assert cache.get("b") is None


def test_pruning_keeps_the_newest_within_a_bound(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    for name in ("a", "b"):
        cache.remember(name, small, on_disk=True)
    (tmp_path / "x.part").write_bytes(b"half")
    sizes = [item.stat().st_size for item in tmp_path.iterdir() if item.suffix != ".part"]
    cache.prune(limit_bytes=max(sizes) + 4)
    assert len(list(tmp_path.iterdir())) == 1
    AnswerCache(tmp_path / "absent").prune()


def test_threads_may_ask_at_once(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    found: list[Answer] = []

    def ask() -> None:
        found.extend(
            cache.remember(str(number % 5), lambda n=number % 5: small(n), on_disk=True)  # type: ignore[misc]
            for number in range(40)
        )

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160
    assert not list(tmp_path.glob("*.part"))
