"""Names of streets, lanes and villages, each handed out once, in a fixed random order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.sample_county.chance import share, stream
from data.sample_county.plan import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

COINED_SHARE = 0.24  # villages with a coined name; the others are named after a family
FAMILY_SHARE = 0.45  # of these, the ones with 家 in the name
FAMILY_LANES = 0.35


class Names:
    """Hands out each name once.

    Parameters
    ----------
    key
        Names the random stream.
    used
        Names that are taken already.
    """

    def __init__(self, key: str, used: Iterable[str] = ()) -> None:
        self.rng: np.random.Generator = stream("names-" + key)
        self.used: set[str] = set(used)
        self._queues: dict[tuple[str, str], list[str]] = {}

    def claim(self, tries: Iterable[str]) -> str | None:
        """Take the first of ``tries`` that is free; None if none is."""
        name = next((name for name in tries if name not in self.used), None)
        if name is not None:
            self.used.add(name)
        return name

    def take(self, pool: str, tail: str = "") -> str:
        """Take the next free word of a word list with its tail; compounds come last."""
        if (pool, tail) not in self._queues:
            heads = words(pool)
            self._queues[pool, tail] = [heads[index] for index in self.rng.permutation(len(heads))]
        queue = self._queues[pool, tail]
        while queue:
            name = self.claim([queue.pop() + tail])
            if name is not None:
                return name
        return self._compound(words(pool), tail)

    def _compound(self, heads: tuple[str, ...], tail: str) -> str:
        while True:
            head = heads[int(self.rng.integers(len(heads)))]
            part = ("东", "西", "南", "北")[int(self.rng.integers(4))]
            name = self.claim([head + part + tail])
            if name is not None:
                return name

    def village(self) -> str:
        """Coin a village name such as 陈家舍 or 鹤桥."""
        while True:
            name = self.claim([self._village()])
            if name is not None:
                return name

    def _village(self) -> str:
        if share(self.rng, COINED_SHARE):
            return self._pick("village_heads")
        family = "家" if share(self.rng, FAMILY_SHARE) else ""
        return self._pick("surnames") + family + self._pick("village_tails")

    def _pick(self, pool: str) -> str:
        heads = words(pool)
        return heads[int(self.rng.integers(len(heads)))]

    def lane(self) -> str:
        """Coin the name of an old-town lane such as 打铁巷 or 秦家巷."""
        if share(self.rng, FAMILY_LANES):
            return self.take("surnames", "家巷")
        return self.take("lane_heads", "巷")
