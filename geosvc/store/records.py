"""What goes into the store and what it answers, as frozen values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geosvc.catalog.model import Schema
    from geosvc.errors import Issue

Note: TypeAlias = str | float | bool | None


class Features(Protocol):
    """Checked rows on their way into the store (`geosvc.ingest` makes them from a source).

    ``frame`` holds masks where a field is personal; the true values stand in ``personal`` (columns
    ``key``, ``field``, ``value``). ``raw`` are the geometries as received.
    """

    @property
    def frame(self) -> pd.DataFrame:
        """The features by key: declared fields, and ``geometry`` in OGC:CRS84."""

    @property
    def extra(self) -> pd.Series[Any] | None:
        """Undeclared columns as one dict a feature, by key."""

    @property
    def raw(self) -> pd.Series[Any] | None:
        """Geometry before conversion as WKB, by key; None where nothing was converted."""

    @property
    def source_datum(self) -> str:
        """The datum of ``raw``."""

    @property
    def personal(self) -> pd.DataFrame:
        """True values of personal fields."""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Rows that were refused, and remarks."""

    @property
    def total_rows(self) -> int:
        """Rows of the source, refused ones included."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes a layer, why, and from which file.

    ``fingerprint`` stands for everything besides the file that the features depend on: a later
    import with the same hash and fingerprint can be left out. ``notes`` are numbers and codes about
    the features as a whole, such as how many events a method could not place. ``address`` is where
    a request came from; only the log keeps it.
    """

    author: str
    reason: str
    source_path: str = ""
    source_sha256: str = ""
    fingerprint: str = ""
    notes: Mapping[str, Note] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """The current revision of a layer.

    ``number`` counts the layer's revisions from 1; ``digest`` identifies the features themselves,
    so that equal features have equal digests in every instance. ``shape`` are their columns.
    """

    layer: int
    name: str
    number: int
    revision_id: int
    digest: str
    count: int
    source_sha256: str
    fingerprint: str
    edited: bool
    at: str
    author: str
    reason: str
    notes: Mapping[str, Note]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Report:
    """What the last import of a layer said.

    ``usable`` is False where the source failed as a whole; features of an earlier revision may
    still be there.
    """

    usable: bool = True
    total_rows: int = 0
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a feature table: fields with their types, geometry and key."""

    geometry: str
    primary_key: str
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, schema: Schema) -> Shape:
        """Take what matters at rest from a layer's schema."""
        fields = tuple((item.name, item.type) for item in schema.fields)
        return cls(schema.geometry, schema.primary_key, fields)

    @classmethod
    def parse(cls, text: str) -> Shape:
        """Read what `text` wrote.

        >>> Shape.parse(Shape("None", "id", (("id", "string"),)).text).primary_key
        'id'
        >>> Shape.parse(Shape("None", "", ()).text).fields
        ()
        """
        given = json.loads(text)
        fields = tuple((name, kind) for name, kind in given["fields"])
        return cls(given["geometry"], given["primary_key"], fields)

    @property
    def text(self) -> str:
        """The shape as JSON."""
        return json.dumps(
            {"geometry": self.geometry, "primary_key": self.primary_key, "fields": self.fields},
            ensure_ascii=False,
        )

    @property
    def has_geometry(self) -> bool:
        """Whether features have a place."""
        return self.geometry != "None"
