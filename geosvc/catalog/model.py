"""The words of layer and map files as frozen values.

Names follow Frictionless Table Schema where it has one (fields, constraints, missing values,
foreign keys). Every text that a person reads is a `Text` in two languages.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geosvc.errors import Issue

FieldType: TypeAlias = Literal[
    "string", "integer", "number", "boolean", "date", "datetime", "time", "list"
]
GeometryType: TypeAlias = Literal["Point", "LineString", "Polygon", "None"]
Language: TypeAlias = Literal["zh", "en"]
Tone: TypeAlias = Literal["ok", "warn", "bad", "info", "plain"]
Scalar: TypeAlias = str | float | bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese and English."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """Return the text in one language.

        >>> Text("站点", "Stops").of("en")
        'Stops'
        >>> Text("", "").of("zh")
        ''
        """
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Label:
    """What a code of a field means; ``tone`` colors it where it is shown as a status."""

    text: Text
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Constraints:
    """Bounds that each value of a field keeps (Frictionless ``constraints``)."""

    required: bool = False
    unique: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    enum: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a layer.

    ``labels`` maps each code of the field's domain to its words; where it is given, a value outside
    it is a fault. The code of a number is its decimal text, of a boolean ``true`` or ``false``.
    ``unit`` follows the value where it is shown. ``privacy`` names the role that sees the value;
    everybody else sees a mask.
    """

    name: str
    title: Text
    type: FieldType = "string"
    description: Text | None = None
    unit: Text | None = None
    constraints: Constraints = Constraints()
    labels: Mapping[str, Label] = dataclasses.field(default_factory=dict)
    privacy: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A rule: the named fields do not decrease from left to right where they have values."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """A rule: ``field`` has a value only where ``when`` is one of ``values``."""

    field: str
    when: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A rule: each value of ``field`` is a value of ``reference`` in ``layer``."""

    field: str
    layer: str
    reference: str


Rule: TypeAlias = Order | OnlyIf | ForeignKey


@dataclass(frozen=True, slots=True)
class Schema:
    """Fields, key, geometry and rules of a layer."""

    geometry: GeometryType
    primary_key: str
    fields: tuple[Field, ...]
    expected_count: int | None = None
    missing_values: tuple[str, ...] = ("",)
    rules: tuple[Rule, ...] = ()

    def field(self, name: str) -> Field | None:
        """Return the field of this name, or None."""
        return next((item for item in self.fields if item.name == name), None)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """The columns of a table that hold a point: ``x`` is east or longitude, ``y`` the other."""

    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Source:
    """The received file of a layer.

    ``path`` is absolute; ``shown_path`` is the path as the layer file gives it. ``datum`` is the
    canonical name that `geosvc.crs.parse_datum` gives, empty where there is no geometry. ``as_of``
    is the day that the data describes.
    """

    path: Path
    shown_path: str
    datum: str
    attribution: Text
    coordinates: Coordinates | None = None
    within: str | None = None
    synthetic: bool = False
    licence: str = ""
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """The method that makes a derived layer, its inputs (parameter to layer id) and parameters."""

    method: str
    inputs: Mapping[str, str]
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class By:
    """A style value chosen by a field: by its code (``values``) or by classes (``breaks``).

    With ``breaks`` b1 < b2 < … the classes are (-inf, b1), [b1, b2), …, [bn, inf), so there is one
    more entry in ``steps`` than there are breaks.
    """

    field: str
    values: Mapping[str, Scalar] = dataclasses.field(default_factory=dict)
    breaks: tuple[float, ...] = ()
    steps: tuple[Scalar, ...] = ()
    default: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is drawn; each of ``shape``, ``color``, … is one value or chosen `By` a field.

    ``kind`` is the shape of points (see `geosvc.catalog.parse.SHAPES`), or ``line``, or ``area``.
    Colors are roles of the palette (``static/css/tokens.css``, without the dashes) or ``#rrggbb``.
    All `By` values of one style name the same field, so that a legend has one row a class.
    """

    kind: str
    color: str | By
    shape: str | By | None = None
    casing: str | By | None = None
    size_px: float = 10.0
    width_px: float | By = 1.5
    min_zoom: float | By = 0.0
    opacity: float = 1.0
    fill_opacity: float = 0.0
    dash: tuple[float, ...] = ()
    scaled: bool = False
    label: str | None = None
    label_rank: int = 3
    unit: Text | None = None


@dataclass(frozen=True, slots=True)
class Popup:
    """The fields that a selected feature shows, by place."""

    title: str | None = None
    subtitle: str | None = None
    badges: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What of a layer can be searched for: the first field is the name that results show.

    With ``merge`` the features of one name are one result, as the pieces of a street.
    """

    fields: tuple[str, ...]
    merge: bool = False


@dataclass(frozen=True, slots=True)
class Time:
    """The fields that say when a feature was or holds."""

    start: str
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer file; exactly one of ``source`` and ``derivation`` is given."""

    id: str
    path: str
    title: Text
    schema: Schema
    style: Style
    description: Text = Text("", "")
    group: str = "other"
    order: int = 50
    visible: bool = True
    source: Source | None = None
    derivation: Derivation | None = None
    popup: Popup = Popup()
    search: Search | None = None
    time: Time | None = None
    fingerprint: str = ""

    @property
    def attribution(self) -> Text | None:
        """Whose data it is; a derived layer has its inputs' attributions instead."""
        return self.source.attribution if self.source else None


@dataclass(frozen=True, slots=True)
class MapFile:
    """One map file: which layers a map has, in drawing order from below, and what it shows first.

    ``visible`` are the layers that are switched on at first (default: those whose layer file says
    so). ``fit`` is the layer whose bounds the first view shows.
    """

    id: str
    path: str
    title: Text
    layers: tuple[str, ...]
    description: Text = Text("", "")
    order: int = 50
    visible: tuple[str, ...] | None = None
    fit: str | None = None
    highlights: tuple[str, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the layer tree, from ``layers/site.toml``."""

    id: str
    title: Text
    order: int = 50


@dataclass(frozen=True, slots=True)
class Base:
    """An online base map, from ``layers/site.toml``.

    ``url`` and ``labels`` (names, over it; empty where it has none of its own) are templates of
    tiles with ``{z}``, ``{x}``, ``{y}`` and perhaps ``{s}`` and ``{token}``. ``named`` says whether
    names are in the pictures; ``max_zoom`` is the closest zoom that has tiles. What is drawn over
    it is drawn in its ``datum``.
    """

    id: str
    title: Text
    url: str
    attribution: Text
    datum: str
    subdomains: tuple[str, ...] = ()
    labels: str = ""
    named: bool = True
    max_zoom: int = 18


@dataclass(frozen=True, slots=True)
class Site:
    """The name of the service, the headings of the layer tree and online base maps."""

    title: Text
    groups: tuple[Group, ...] = ()
    base: tuple[Base, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of the scorecard: what it counts, in which layers, and what its parts are.

    Without ``sum`` features are counted, with it the values of that field are added up. ``where``
    are the codes that a field may have. The parts are the codes of ``group``, else the layers where
    there are several; ``labels`` names parts (codes or layer ids) in other words than their own.
    ``map`` is the map that shows what was counted, ``icon`` a small picture beside the title.
    """

    id: str
    title: Text
    unit: Text
    definition: Text
    layers: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    sum: str | None = None
    group: str | None = None
    labels: Mapping[str, Text] = dataclasses.field(default_factory=dict)
    map: str | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class TaskFields:
    """Where the scorecard finds tasks: layers, and the fields that say who, what and until when."""

    definition: Text
    layers: tuple[str, ...]
    due: str
    progress: str
    unit: str
    task: str
    post: str | None = None
    map: str | None = None


@dataclass(frozen=True, slots=True)
class ScorecardFile:
    """What ``layers/scorecard.toml`` says; ``broken`` are faults with other files, by number id.

    The tasks' faults stand under ``""``.
    """

    path: str
    numbers: tuple[Measure, ...] = ()
    overdue: TaskFields | None = None
    broken: Mapping[str, tuple[Issue, ...]] = dataclasses.field(default_factory=dict)
    fingerprint: str = ""
