from __future__ import annotations

import re

from data.sample_county.names import Names
from data.sample_county.plan import words


def test_names_are_given_once_and_in_the_same_order() -> None:
    first, second = Names("a"), Names("a")
    given = [first.take("road_heads", "路") for _ in range(100)]
    assert given == [second.take("road_heads", "路") for _ in range(100)]
    assert len(set(given)) == 100


def test_taken_names_are_left_out() -> None:
    names = Names("a", ["金桥路"])
    assert names.claim(["金桥路", "佳醇路"]) == "佳醇路"
    assert names.claim(["金桥路", "佳醇路"]) is None


def test_an_empty_list_makes_compounds() -> None:
    names, count = Names("a"), len(words("works_heads"))
    plain = [names.take("works_heads", "路") for _ in range(count)]
    assert all(name.removesuffix("路") in words("works_heads") for name in plain)
    assert re.fullmatch(r".+[东西南北]路", names.take("works_heads", "路"))


def test_villages_and_lanes_are_coined() -> None:
    names = Names("b")
    villages = [names.village() for _ in range(220)]
    assert len(set(villages)) == 220
    assert any("家" in name for name in villages)
    lanes = [names.lane() for _ in range(60)]
    assert all(name.endswith("巷") for name in lanes)
