"""The datum of a source: what its layer file declares, held against what the file itself says.

No file can say GCJ-02 or BD-09, so one that claims WGS84 or CGCS2000 may hold either; every other
disagreement is a fault. What a GeoJSON file says of its CRS is never looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geosvc.crs import Datum, datum_of, parse_datum, to_crs84
from geosvc.errors import CrsError, Issue, SourceError
from geosvc.ingest.records import file_fault

if TYPE_CHECKING:
    from pyproj import CRS

    from geosvc.catalog.model import Layer
    from geosvc.crs import Geometries

_PLAIN = frozenset({"WGS84", "CGCS2000"})
_SHIFTED = frozenset({"GCJ-02", "BD-09"})


def choose_datum(layer: Layer, crs: CRS | None) -> Datum:
    """Choose the datum of a layer's source.

    Parameters
    ----------
    layer
        A layer with a source; one without geometry needs no datum.
    crs
        What the file declares; None if it is silent, or not asked.

    Returns
    -------
    datum
        One that `geosvc.crs.to_crs84` knows, as declared by the layer file.

    Raises
    ------
    SourceError
        If the datum is unknown, cannot be transformed without a guess, or contradicts the file.
    """
    text = layer.source.datum if layer.source else ""
    if layer.schema.geometry == "None" and not text:
        return Datum("", is_geographic=False)
    try:
        declared = parse_datum(text)
    except CrsError as error:
        issues = [
            Issue(issue.code, layer.path, "source.datum", None, issue.found, issue.expected)
            for issue in error.issues
        ]
        raise SourceError(error.detail, issues=issues) from error
    _hold_agreement(layer, declared, crs)
    return declared


def keeps_raw(datum: Datum) -> bool:
    """Tell whether coordinates in CRS84 differ from those received, so that both are kept.

    Parameters
    ----------
    datum
        The source's datum.

    Returns
    -------
    keeps
        False for WGS84 and CGCS2000 degrees.

    Examples
    --------
    >>> keeps_raw(parse_datum("GCJ-02")), keeps_raw(parse_datum("EPSG:4490"))
    (True, False)
    """
    return datum.name not in _PLAIN


def convert(geometry: Geometries, datum: Datum, *, sound: list[int]) -> Geometries:
    """Bring the sound rows of a source to CRS84.

    Parameters
    ----------
    geometry
        Geometries or None in the source's datum, shape (n).
    datum
        Their datum.
    sound
        The rows to convert, counted from 0.

    Returns
    -------
    geometry
        Shape (n); None in all other rows.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> places = np.array([shapely.Point(1, 2), None], dtype=object)
    >>> convert(places, parse_datum("WGS84"), sound=[0])[0].wkt
    'POINT (1 2)'
    >>> convert(places[:0], parse_datum("WGS84"), sound=[]).tolist()
    []
    """
    converted = np.full(len(geometry), None, dtype=object)
    converted[sound] = to_crs84(geometry[sound], datum)
    return converted


def _hold_agreement(layer: Layer, declared: Datum, crs: CRS | None) -> None:
    if crs is None:
        return
    try:
        said = datum_of(crs).name
        known = True
    except CrsError as error:
        said = crs.name
        # a CRS without a code says nothing that could contradict; one that needs a choice does
        known = error.issues[0].code != "bad_datum"
    if known and not _agree(declared.name, said):
        raise file_fault(
            layer.path,
            "datum_contradicts",
            key="source.datum",
            found=said,
            expected=declared.name,
        )


def _agree(declared: str, said: str) -> bool:
    if declared in _PLAIN | _SHIFTED:
        return said in _PLAIN
    return declared in {said, "BD-09MC"} and said not in _PLAIN
