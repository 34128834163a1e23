"""What can be done to single features, and the versions that it leaves, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Values: TypeAlias = Mapping[str, Any]
Personal: TypeAlias = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Create:
    """A new feature.

    ``values`` has a typed value for each field (a field left out has none), the mask where a field
    is personal; ``personal`` the true texts of those. ``geometry`` is in OGC:CRS84.
    """

    values: Values
    geometry: BaseGeometry | None = None
    personal: Personal = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Replace:
    """A feature as it is to be from now on.

    ``values`` are all its values, as in `Create`. Where ``geometry`` is None the place stays, with
    its coordinates as received. ``personal`` names only the fields that change; a text of None
    takes the value away. ``base_revision`` is the layer's revision that the writer has seen.
    """

    key: str
    values: Values
    geometry: BaseGeometry | None = None
    base_revision: int | None = None
    personal: Personal = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Delete:
    """A feature that is to be there no longer; its versions stay in the history."""

    key: str
    base_revision: int | None = None


Edit: TypeAlias = Create | Replace | Delete


@dataclass(frozen=True, slots=True)
class Version:
    """A feature as it was from one revision of its layer until another.

    ``number`` is the revision that brought it (``at``, ``author`` and ``reason`` are that one's),
    ``until`` the one that ended it, None where it stands. ``properties`` are the typed values that
    it has, masked where personal. A removed feature has a version too, without any of this.
    """

    key: str
    number: int
    until: int | None
    at: str
    author: str
    reason: str
    properties: Values
    geometry: BaseGeometry | None
    source_datum: str
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """How a feature differs between two revisions.

    ``moved_m`` is the distance of points, of other shapes the largest distance from a point of one
    to the other (Hausdorff), in meters; None where the place is the same.
    """

    key: str
    fields: tuple[FieldChange, ...]
    moved_m: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a layer differs between two revisions: keys that came and went, and what changed."""

    before: int
    after: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[FeatureChange, ...] = ()
