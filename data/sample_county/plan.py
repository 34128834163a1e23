"""The hand-drawn plan and the word lists, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from data.sample_county.frame import Floats

ADCODE = "329901"  # an administrative code that is meant not to be in use


@dataclass(frozen=True)
class Course:
    """A named line of the plan, its control points in metres, shape (n, 2)."""

    name: str
    points: Floats
    road_class: str = ""
    code: str = ""
    width_m: float = 0.0


@dataclass(frozen=True)
class Spot:
    """A named place of the plan in metres; ``kind`` and ``radius_m`` where it has them."""

    name: str
    x: float
    y: float
    kind: str = ""
    radius_m: float = 0.0


@dataclass(frozen=True)
class Township:
    """A township: name, the last three digits of its code, its seat in metres."""

    name: str
    suffix: str
    x: float
    y: float
    large: bool

    @property
    def code(self) -> str:
        """The nine-digit code."""
        return ADCODE + self.suffix

    @property
    def urban(self) -> bool:
        """True for a subdistrict of the county town."""
        return self.name.endswith("街道")


def _load(name: str) -> dict[str, Any]:
    with (Path(__file__).parent / name).open("rb") as file:
        return tomllib.load(file)


_PLAN = _load("plan.toml")
_WORDS = _load("words.toml")


def metres(points: list[list[float]]) -> Floats:
    """Turn control points in km into metres, shape (n, 2)."""
    return np.asarray(points, dtype=float) * 1000.0


def _metres(point: list[float]) -> tuple[float, float]:
    return point[0] * 1000.0, point[1] * 1000.0


@cache
def area(name: str) -> Floats:
    """Give a hand-drawn line such as ``outline`` or ``lake`` in metres."""
    return metres(_PLAN[name])


@cache
def courses(table: str) -> tuple[Course, ...]:
    """Give the named lines of a table such as ``rivers`` or ``streets``."""
    return tuple(
        Course(
            item.get("name", item.get("number", "")),
            metres(item["points"]),
            item.get("road_class", ""),
            item.get("code", ""),
            item.get("width_m", 0.0),
        )
        for item in _PLAN[table]
    )


@cache
def landmarks() -> tuple[Spot, ...]:
    """Give the town's landmarks with their kinds."""
    found = _PLAN["landmarks"].items()
    return tuple(Spot(name, x * 1000, y * 1000, kind) for name, (kind, x, y) in found)


@cache
def community_seeds() -> tuple[Spot, ...]:
    """Give the places that communities with given names grow from."""
    found = _PLAN["community_seeds"].items()
    return tuple(Spot(name, x * 1000, y * 1000) for name, (x, y) in found)


@cache
def marshes() -> tuple[Spot, ...]:
    """Give the marsh lakes with their mean radii."""
    return tuple(
        Spot(item["name"], *_metres(item["middle"]), kind="pond", radius_m=item["radius_m"])
        for item in _PLAN["marshes"]
    )


@cache
def townships() -> tuple[Township, ...]:
    """Give the thirteen townships, the two of the county town first."""
    return tuple(
        Township(
            item["name"],
            item["suffix"],
            *_metres(item["middle"]),
            large=item["large"],
        )
        for item in _PLAN["townships"]
    )


def seats() -> tuple[Township, ...]:
    """Give the eleven townships outside the county town."""
    return tuple(item for item in townships() if not item.urban)


def links() -> list[tuple[str, str]]:
    """Give the pairs of seats that a county road joins."""
    return [(one, two) for one, two in _PLAN["links"]]


def interchanges() -> list[tuple[str, str, str]]:
    """Give the expressway interchanges: name, first road, second road."""
    return [(item["name"], item["first"], item["second"]) for item in _PLAN["interchanges"]]


@cache
def words(name: str) -> tuple[str, ...]:
    """Give a word list."""
    return tuple(_WORDS[name].split())
