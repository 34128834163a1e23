"""Features as rows of a feature table, and the digest that tells whether one has changed."""

from __future__ import annotations

import dataclasses
import itertools
import operator
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import pandas as pd
import shapely

from geosvc.store.frames import assemble, conform, typed_column, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from geosvc.store.records import Features, Shape

_MODULUS: Final = 2**256

BATCH: Final = 10_000
"""How many features are written out at a time: a layer of any size needs the memory of these."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The features of one revision, sorted by key.

    ``frame`` holds their values; they are written out as SQLite takes them only by batches.
    ``bounds`` is n x 4 (min x, min y, max x, max y in degrees), n x 0 without geometry.
    ``digests`` are the features' own, ``digest`` that of all.
    """

    shape: Shape
    frame: pd.DataFrame
    keys: tuple[str, ...]
    raw_geom: list[bytes | None]
    source_datum: str
    extra: list[str | None]
    bounds: NDArray[np.float64]
    digests: list[bytes]
    digest: str

    @classmethod
    def of(cls, features: Features | pd.DataFrame, shape: Shape) -> Rows:
        """Make the rows of checked features, or of a plain frame.

        Raises
        ------
        StoreError
            If the frame does not fit ``shape``.
        """
        given = features if isinstance(features, pd.DataFrame) else features.frame
        frame = conform(given, shape)
        keys = tuple(frame.index)
        bounds = np.empty((len(keys), 0))
        if shape.has_geometry:
            bounds = shapely.bounds(np.asarray(frame.geometry.array, dtype=object))
        raw_geom: list[bytes | None] = [None] * len(keys)
        extra: list[str | None] = [None] * len(keys)
        source_datum = ""
        if not isinstance(features, pd.DataFrame):
            source_datum = features.source_datum
            raw_geom = _aligned(features.raw, keys)
            extra = [_extra_text(item) for item in _aligned(features.extra, keys)]
        undigested = cls(shape, frame, keys, raw_geom, source_datum, extra, bounds, [], "")
        digests = list(undigested._digests())
        digest = layer_digest(shape, zip(keys, digests, strict=True))
        return dataclasses.replace(undigested, digests=digests, digest=digest)

    def taken(self, places: NDArray[np.intp], number: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows at places as a feature table takes them, without id and key.

        They are revision, digest, WKB, raw WKB, datum, extra columns, and the values by field.
        """
        given = places.tolist()
        columns = (
            [number] * len(given),
            [self.digests[at] for at in given],
            self.geom(places),
            [self.raw_geom[at] for at in given],
            [self.source_datum] * len(given),
            [self.extra[at] for at in given],
            *self._values(places),
        )
        return zip(*columns, strict=True)

    def geom(self, places: NDArray[np.intp]) -> list[bytes | None]:
        """Return the WKB of the features at places, None without geometry."""
        if not self.shape.has_geometry:
            return [None] * len(places)
        shapes = np.asarray(self.frame.geometry.array, dtype=object)[places]
        return list(shapely.to_wkb(shapes, byte_order=1, flavor="iso"))

    def _values(self, places: NDArray[np.intp]) -> list[list[Any]]:
        return [values_of(self.frame[name].take(places), kind) for name, kind in self.shape.fields]

    def _digests(self) -> Iterator[bytes]:
        for places in batches(np.arange(len(self.keys))):
            whole = slice(int(places[0]), int(places[-1]) + 1)
            parts = zip(self.geom(places), self.raw_geom[whole], self.extra[whole], strict=True)
            yield from feature_digests(self.shape, self._values(places), parts, self.source_datum)


def batches(given: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Cut an array into pieces of at most `BATCH`.

    >>> [len(piece) for piece in batches(np.arange(25_000))]
    [10000, 10000, 5000]
    >>> list(batches(np.arange(0)))
    []
    """
    return (given[start : start + BATCH] for start in range(0, len(given), BATCH))


def frame_of(rows: Sequence[tuple[Any, ...]], shape: Shape) -> pd.DataFrame:
    """Make the frame of rows (key, WKB, field values …) that are sorted by key."""
    columns = {
        name: typed_column([row[at] for row in rows], kind)
        for at, (name, kind) in enumerate(shape.fields, start=2)
    }
    geometry = None
    if shape.has_geometry:
        wkb = np.empty(len(rows), dtype=object)
        wkb[:] = [row[1] for row in rows]
        geometry = shapely.from_wkb(wkb)
    return assemble([row[0] for row in rows], columns, geometry, shape)


def _aligned(column: pd.Series[Any] | None, keys: Sequence[str]) -> list[Any]:
    if column is None:
        return [None] * len(keys)
    named = [str(key) for key in column.index]
    if len(named) == len(keys) and all(map(operator.eq, named, keys)):
        return list(column)
    known = dict(zip(named, column, strict=True))
    return [known.get(key) for key in keys]


def _extra_text(extra: dict[str, Any] | None) -> str | None:
    if not extra:
        return None
    options = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(extra, default=str, option=options).decode()


def feature_digests(
    shape: Shape,
    values: Sequence[Sequence[Any]],
    parts: Iterable[tuple[bytes | None, bytes | None, str | None]],
    datum: str,
) -> Iterator[bytes]:
    """Hash features: ``values`` are columns, ``parts`` their WKB, raw WKB and extra columns."""
    # sorted by name and without nulls: neither a new order of fields nor a new, still empty one
    # changes a feature; repr tells 1, 1.0, True and "1" apart and writes floats exactly
    order = sorted(range(len(shape.fields)), key=lambda at: shape.fields[at][0])
    names = [shape.fields[at][0] for at in order]
    rows = zip(*(values[at] for at in order), strict=True)
    # a layer without fields still has parts
    for row, (geom, raw, extra) in zip(rows if names else itertools.repeat(()), parts):  # noqa: B905 - repeat() has no end
        pairs = [item for item in zip(names, row, strict=True) if item[1] is not None]
        text = repr((pairs, geom, raw, datum if raw is not None else "", extra))
        yield blake2b(text.encode(), digest_size=16).digest()


def layer_digest(shape: Shape, features: Iterable[tuple[str, bytes]]) -> str:
    """Hash a layer: its shape, and the key and digest of each feature in any order.

    >>> from geosvc.store.records import Shape
    >>> shape = Shape("None", "id", ())
    >>> moved_digest(layer_digest(shape, []), added=[("a", b"1")]) == layer_digest(
    ...     shape, [("a", b"1")]
    ... )
    True
    >>> len(layer_digest(shape, []))
    64
    """
    whole = int.from_bytes(sha256(shape.text.encode()).digest())
    return _sum_text(whole + sum(_term(*feature) for feature in features))


def moved_digest(
    digest: str,
    *,
    added: Iterable[tuple[str, bytes]] = (),
    removed: Iterable[tuple[str, bytes]] = (),
) -> str:
    """Return a layer's digest after some features came and others went.

    It is a sum, so that an edit of one feature costs the same in a layer of any size.
    """
    gained = sum(_term(*feature) for feature in added)
    return _sum_text(int(digest, 16) + gained - sum(_term(*feature) for feature in removed))


def _term(key: str, digest: bytes) -> int:
    # two hashes one after the other: no key can run over into its digest
    named = sha256(key.encode(errors="surrogatepass")).digest()
    return int.from_bytes(sha256(named + digest).digest())


def _sum_text(number: int) -> str:
    return f"{number % _MODULUS:064x}"
