"""Coordinates of any known datum as a place on the map."""

from __future__ import annotations

import math
from typing import Final

import orjson
import shapely
from flask import Blueprint, Response, request

from geosvc.crs import parse_datum, to_crs84
from geosvc.errors import CrsError, StateError
from geosvc.map_state.faults import number, refuse
from geosvc.maps.manifest import DIGITS, PUBLIC_DIGITS
from geosvc.web.answers import make_answer
from geosvc.web.respond import respond
from geosvc.web.service import service

bp = Blueprint("coordinates", __name__)
NAMES: Final = ("x", "y", "datum")
"""The parameters: x (east, longitude), y (north, latitude), and their datum or ``EPSG:<code>``."""
SHIFTED: Final = ("GCJ-02", "BD-09", "BD-09MC")
"""What the public profile does not turn back."""
_LARGEST: Final = 1e9


@bp.get("/coordinates.json")
def place() -> Response:
    """Send the longitude and latitude (CGCS2000) of coordinates."""
    given = dict(request.args.items())
    for name in given.keys() - set(NAMES) - {"lang"}:
        refuse("unknown_key", name, name, ", ".join(NAMES))
    x, y = (number(name, given.get(name, ""), -_LARGEST, _LARGEST) for name in ("x", "y"))
    lon, lat = lon_lat(x, y, given.get("datum", "CGCS2000"), profile=service().settings.profile)
    answer = make_answer(orjson.dumps({"lon": lon, "lat": lat}), "application/json")
    return respond(answer, offer=False)


def lon_lat(x: float, y: float, datum: str, *, profile: str) -> tuple[float, float]:
    """Return where coordinates lie, in degrees.

    Parameters
    ----------
    x, y
        East or longitude, north or latitude.
    datum
        A name that `geosvc.crs.parse_datum` knows.
    profile
        In ``public`` nothing is brought back from GCJ-02 or BD-09, and 4 decimals are kept.

    Raises
    ------
    StateError
        If the datum is unknown or closed, or the place lies outside it or the map.

    Examples
    --------
    >>> lon_lat(500000, 3708000, "EPSG:4549", profile="intranet")
    (120.0, 33.498174)
    >>> lon_lat(121.1, 33.5, "GCJ-02", profile="public")
    Traceback (most recent call last):
    geosvc.errors.StateError: datum
    """
    try:
        found = parse_datum(datum)
        if profile == "public" and found.name in SHIFTED:
            refuse("not_allowed", "datum", found.name, "WGS84, CGCS2000, EPSG:…")
        point = to_crs84(shapely.points([[x, y]]), found)[0]
    except CrsError as error:
        raise StateError(NAMES[2], issues=error.issues) from error
    is_on_map = abs(point.x) <= 180 and abs(point.y) <= 85  # noqa: PLR2004 - degrees of a map
    if not (math.isfinite(point.x) and math.isfinite(point.y) and is_on_map):
        refuse("off_datum", "x, y", f"{x:.10g}, {y:.10g}", found.name)
    digits = PUBLIC_DIGITS if profile == "public" else DIGITS
    return round(point.x, digits), round(point.y, digits)
