from __future__ import annotations

from datetime import UTC, datetime, timedelta

from geosvc.web import one_time, passwords

NOW = datetime(2024, 6, 30, 8, tzinfo=UTC)


def test_no_two_are_the_same_and_each_would_do_as_a_password() -> None:
    made = {one_time.make() for _ in range(200)}
    assert len(made) == 200
    for text in made:
        passwords.check_password(text, name="lihong")
        assert not set(text) & set("0Oo1Il")


def test_a_mark_is_read_until_it_is_over() -> None:
    kept = one_time.mark("$argon2id$v=19$x y", now=NOW)
    last = NOW + one_time.LIFE - timedelta(seconds=1)
    assert one_time.is_marked(kept)
    assert one_time.usable(kept, now=last) == "$argon2id$v=19$x y"
    assert one_time.usable(kept, now=NOW + one_time.LIFE) is None


def test_a_hash_of_ones_own_choice_has_none() -> None:
    hashed = passwords.hash_password("北港 to 金桥 22")
    assert not one_time.is_marked(hashed)
    assert one_time.usable(hashed, now=NOW) == hashed
