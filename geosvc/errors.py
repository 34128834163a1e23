"""The tree of errors, and the fault that most of them carry.

* GeosvcError
  + SettingsError
  + CatalogError
    - UnknownLayerError
    - UnknownMapError
  + CrsError
  + SourceError
  + StoreError
    - StoreVersionError
    - StoreUnavailableError
    - UnknownRevisionError
    - DamagedSnapshotError
  + StateError
  + ConflictError
  + EditError
  + LayerUnavailableError
  + UnknownFeatureError
  + UnknownJobError
  + UnknownScenarioError
  + UnknownSnapshotError
  + WithdrawnError
  + PublishError
  + MethodError
  + AnalysisError
  + FigureError
  + OverloadError
  + UnsafeTextError
  + AssetError
  + BasemapError
  + AccessError
    - SignInNeededError
    - ForbiddenError
    - ForgedFormError
    - WrongPasswordError
    - LockedOutError
    - BusyError
  + UserError

Errors carry codes and values. The sentences that people read stand in ``geosvc/messages``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault in a file that a person wrote.

    ``code`` is the key of its sentence in ``geosvc/messages`` (table ``issues``). ``key`` is the
    dotted key of a layer file, or the field of a row; ``row`` counts the file's records from 1,
    without a header; ``found`` and ``expected`` are values, not sentences.
    """

    code: str
    path: str
    key: str = ""
    row: int | None = None
    found: str = ""
    expected: str = ""

    @property
    def place(self) -> str:
        """Where the fault is, as ``path:key`` or ``path:row N: field``.

        >>> Issue("required", "data/stops.csv", key="stop_code", row=3).place
        'data/stops.csv:row 3: stop_code'
        >>> Issue("unreadable", "data/stops.csv").place
        'data/stops.csv'
        """
        if self.row is None:
            return f"{self.path}:{self.key}" if self.key else self.path
        return f"{self.path}:row {self.row}" + (f": {self.key}" if self.key else "")


class GeosvcError(Exception):
    """The root of all errors raised on purpose; ``code`` names its sentence in the messages."""

    code = "error"

    def __init__(self, detail: str = "", *, issues: Sequence[Issue] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.issues = tuple(issues)


class SettingsError(GeosvcError):
    """A setting has a value that the service cannot use."""

    code = "settings"


class CatalogError(GeosvcError):
    """A layer or map file has faults; they stand in ``issues``."""

    code = "catalog"


class UnknownLayerError(CatalogError):
    """No layer file has this id."""

    code = "unknown_layer"


class UnknownMapError(CatalogError):
    """No map file has this id."""

    code = "unknown_map"


class CrsError(GeosvcError):
    """A coordinate system is unknown, or PROJ cannot transform it without a guess."""

    code = "crs"


class SourceError(GeosvcError):
    """A source file cannot be read as a whole; what is wrong stands in ``issues``."""

    code = "source"


class StoreError(GeosvcError):
    """The store refused a read or a write."""

    code = "store"


class StoreVersionError(StoreError):
    """The store was written by a newer version of the service."""

    code = "store_version"


class StoreUnavailableError(StoreError):
    """The store cannot be opened or written now (read-only folder, full disk, locked file)."""

    code = "store_unavailable"


class UnknownRevisionError(StoreError):
    """A layer has no such revision, or none was there yet at that time."""

    code = "unknown_revision"


class DamagedSnapshotError(StoreError):
    """A file of a snapshot is not what was frozen, so it is not given out."""

    code = "damaged_snapshot"


class StateError(GeosvcError):
    """An address asks for a view that cannot be shown; ``issues`` name the parameter."""

    code = "state"


class ConflictError(GeosvcError):
    """A write was made against a version that somebody has since replaced; nothing was written.

    ``theirs`` is the version that stands now, ``base`` the one that the write was made against and
    ``yours`` the edit itself; None where there is none. Personal values are masked in all three.
    """

    code = "conflict"

    def __init__(
        self,
        detail: str = "",
        *,
        issues: Sequence[Issue] = (),
        theirs: object = None,
        yours: object = None,
        base: object = None,
    ) -> None:
        super().__init__(detail, issues=issues)
        self.theirs = theirs
        self.yours = yours
        self.base = base


class EditError(GeosvcError):
    """An edit does not fit its layer; what is wrong stands in ``issues``."""

    code = "edit"


class LayerUnavailableError(GeosvcError):
    """A layer has faults or is not computed yet, so it has nothing to show."""

    code = "layer_unavailable"


class UnknownFeatureError(GeosvcError):
    """A layer has no feature with this key."""

    code = "unknown_feature"


class UnknownJobError(GeosvcError):
    """No job has this number."""

    code = "unknown_job"


class UnknownScenarioError(GeosvcError):
    """No scenario has this number, or it was deleted."""

    code = "unknown_scenario"


class UnknownSnapshotError(GeosvcError):
    """No snapshot has this id, or it has no such part."""

    code = "unknown_snapshot"


class WithdrawnError(GeosvcError):
    """A snapshot was withdrawn; the issue says why."""

    code = "withdrawn"


class PublishError(GeosvcError):
    """Nothing was published: what is drawn, counted and said does not agree, see ``issues``."""

    code = "publish"


class MethodError(GeosvcError):
    """A derived layer names a method or a parameter that does not exist."""

    code = "method"


class AnalysisError(GeosvcError):
    """The data do not allow an answer (too few events, nothing surveyed); no fault of the program.

    Parameters
    ----------
    reason
        The key of the sentence below ``analysis`` in the messages.
    issues
        Single features that are to be shown, such as events that lie beside every street.
    **numbers
        What the sentence says in its places.

    Examples
    --------
    >>> error = AnalysisError("few_visits", visits=3, least=5)
    >>> error.reason, error.numbers
    ('few_visits', {'visits': 3, 'least': 5})
    >>> error.issues[0].code, error.issues[0].found
    ('analysis.few_visits', '{"visits": 3, "least": 5}')
    >>> AnalysisError("no_events").numbers
    {}
    """

    code = "analysis"

    def __init__(
        self, reason: str, /, *, issues: Sequence[Issue] = (), **numbers: float | str
    ) -> None:
        # the sentence goes where issues go: to the layer's state, the job, the page, the terminal
        said = Issue(f"analysis.{reason}", "", found=json.dumps(numbers, ensure_ascii=False))
        super().__init__(reason, issues=(said, *issues))
        self.reason = reason
        self.numbers = numbers


class FigureError(GeosvcError):
    """A figure cannot be drawn as asked, or a file that it needs is missing.

    Parameters
    ----------
    reason
        The key of the sentence below ``figure_error`` in the messages.
    issues
        Faults that explain it.
    **numbers
        What the sentence says in its places.

    Examples
    --------
    >>> error = FigureError("scale", found=1, low=5000, high=200_000)
    >>> error.reason, error.numbers["found"], error.issues[0].code
    ('scale', 1, 'figure_error.scale')
    >>> FigureError("missing_font").numbers
    {}
    """

    code = "figure"

    def __init__(
        self, reason: str, /, *, issues: Sequence[Issue] = (), **numbers: float | str
    ) -> None:
        said = Issue(f"figure_error.{reason}", "", found=json.dumps(numbers, ensure_ascii=False))
        super().__init__(reason, issues=(said, *issues))
        self.reason = reason
        self.numbers = numbers


class OverloadError(GeosvcError):
    """Too many figures are asked for at once; later there is a turn."""

    code = "overload"


class UnsafeTextError(GeosvcError):
    """No id, number or address of our own was about to enter a Folium object."""

    code = "unsafe_text"


class AssetError(GeosvcError):
    """A page needs a file that is not vendored."""

    code = "asset"


class BasemapError(GeosvcError):
    """A basemap cannot be read or made; ``reason`` is a key below ``basemap_error``.

    >>> BasemapError("ground.pmtiles", reason="missing").issues[0].code
    'basemap_error.missing'
    """

    code = "basemap"

    def __init__(
        self, name: str, /, *, reason: str = "truncated", issues: Sequence[Issue] = ()
    ) -> None:
        said = Issue(f"basemap_error.{reason}", "", found=json.dumps({"file": name}))
        super().__init__(name, issues=(said, *issues))
        self.reason = reason


class AccessError(GeosvcError):
    """A request was refused for who sent it, or how."""

    code = "access"


class SignInNeededError(AccessError):
    """Only people who have signed in may do this."""

    code = "sign_in_needed"


class ForbiddenError(AccessError):
    """The role, or the scope of the token, does not allow this."""

    code = "forbidden"


class ForgedFormError(AccessError):
    """A form came without the secret of the page that it should come from."""

    code = "forged_form"


class WrongPasswordError(AccessError):
    """No such user, or another password; ``left`` tries remain before a wait."""

    code = "wrong_password"

    def __init__(self, detail: str = "", *, issues: Sequence[Issue] = (), left: int = 0) -> None:
        super().__init__(detail, issues=issues)
        self.left = left


class LockedOutError(AccessError):
    """Too many wrong passwords: the next try is heard after ``wait_s`` seconds."""

    code = "locked_out"

    def __init__(self, detail: str = "", *, issues: Sequence[Issue] = (), wait_s: int = 0) -> None:
        super().__init__(detail, issues=issues)
        self.wait_s = wait_s


class BusyError(AccessError):
    """Too many passwords are being checked at once."""

    code = "busy"


class UserError(GeosvcError):
    """A user or a token cannot be made or changed so; ``issues`` say why."""

    code = "user"
