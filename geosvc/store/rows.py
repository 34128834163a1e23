"""Features as rows of a feature table, and the digest that tells whether one has changed."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Rows:
    """The features of one revision, sorted by key, column by column.

    ``values`` holds one list a field of ``shape``. ``bounds`` is n x 4 (min x, min y, max x, max y
    in degrees), n x 0 without geometry. ``digests`` are the features' own, ``digest`` that of all.
    """

    shape: Shape
    frame: pd.DataFrame
    keys: tuple[str, ...]
    values: tuple[list[Any], ...]
    geom: list[bytes | None]
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
        values = tuple(values_of(frame[name], kind) for name, kind in shape.fields)
        shapes = np.asarray(frame.geometry.array, dtype=object) if shape.has_geometry else None
        geom = _wkb(shapes, len(keys))
        bounds = np.empty((len(keys), 0)) if shapes is None else shapely.bounds(shapes)
        raw_geom: list[bytes | None] = [None] * len(keys)
        extra: list[str | None] = [None] * len(keys)
        source_datum = ""
        if not isinstance(features, pd.DataFrame):
            source_datum = features.source_datum
            raw_geom = _aligned(features.raw, keys)
            extra = [_extra_text(item) for item in _aligned(features.extra, keys)]
        parts = zip(geom, raw_geom, extra, strict=True)
        digests = list(feature_digests(shape, values, parts, source_datum))
        return cls(
            shape, frame, keys, values, geom, raw_geom, source_datum, extra, bounds, digests,
            layer_digest(shape, zip(keys, digests, strict=True)),
        )  # fmt: skip

    def row(self, at: int, number: int) -> tuple[Any, ...]:
        """Return row ``at`` as a feature table takes it, without its id."""
        return (
            self.keys[at], number, self.digests[at], self.geom[at], self.raw_geom[at],
            self.source_datum, self.extra[at], *(column[at] for column in self.values),
        )  # fmt: skip


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


def _wkb(shapes: NDArray[np.object_] | None, count: int) -> list[bytes | None]:
    if shapes is None:
        return [None] * count
    return list(shapely.to_wkb(shapes, byte_order=1, flavor="iso"))


def _aligned(column: pd.Series[Any] | None, keys: Sequence[str]) -> list[Any]:
    if column is None:
        return [None] * len(keys)
    known = dict(zip(map(str, column.index), column, strict=True))
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
    columns = [values[at] for at in order]
    for number, (geom, raw, extra) in enumerate(parts):
        pairs = [
            (name, column[number])
            for name, column in zip(names, columns, strict=True)
            if column[number] is not None
        ]
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
