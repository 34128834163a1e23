"""What a page loads of a layer of many points: positions, columns, pages of records, one place."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, request

from geosvc.maps.build import point_data
from geosvc.tiles.points import (
    encode_point_column,
    encode_point_page,
    is_many,
    point_order,
    point_place,
)
from geosvc.web.answers import IMMUTABLE, make_answer
from geosvc.web.problems import problem
from geosvc.web.respond import respond
from geosvc.web.service import service

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

bp = Blueprint("points", __name__)
JSON = "application/json"
BINARY = "application/octet-stream"
_ORDERS_KEPT = 4


@bp.get("/data/<layer_id>/<tag>.bin")
def positions(layer_id: str, tag: str) -> Response:
    """Send where the points are and their classes."""
    return _of(layer_id, tag, "", lambda: point_data(service().workspace, layer_id), media=BINARY)


@bp.get("/data/<layer_id>/<tag>/fields/<name>.bin")
def column(layer_id: str, tag: str, name: str) -> Response:
    """Send one column; a personal one is not there, nor one whose values name the features."""
    field = service().workspace.catalog.layer(layer_id).schema.field(name)
    if field is None or field.privacy is not None:
        return problem(HTTPStatus.NOT_FOUND, "not_found")
    return _of(
        layer_id,
        tag,
        f"fields/{name}",
        lambda: encode_point_column(field, _frame(layer_id), _order(layer_id, tag)),
        media=BINARY,
    )


@bp.get("/data/<layer_id>/<tag>/pages/<int:number>.json")
def page(layer_id: str, tag: str, number: int) -> Response:
    """Send a page of records."""
    layer = service().workspace.catalog.layer(layer_id)

    def make() -> bytes | None:
        frame, order = _frame(layer_id), _order(layer_id, tag)
        return encode_point_page(layer, frame, order, number=number)

    return _of(layer_id, tag, f"pages/{number}", make, media=JSON)


@bp.get("/data/<layer_id>/<tag>/place.json")
def place(layer_id: str, tag: str) -> Response:
    """Send the number of the row of a key."""
    key = request.args.get("key", "")

    def make() -> bytes | None:
        found = point_place(_frame(layer_id), _order(layer_id, tag), key=key)
        return None if found is None else orjson.dumps({"row": found})

    return _of(layer_id, tag, f"place?{key}", make, media=JSON, offer=False)


def _of(
    layer_id: str,
    tag: str,
    part: str,
    make: Callable[[], bytes | None],
    *,
    media: str,
    offer: bool = True,
) -> Response:
    """Send a part of the layer as it is at present, or as an open page still knows it."""
    url = f"/data/{layer_id}/{tag}.bin {part}"
    workspace, answers = service().workspace, service().answers
    found = answers.get(url)
    if found is None:
        is_now = workspace.tag(layer_id) == tag
        if not is_now or not is_many(workspace.catalog.layer(layer_id), _count(layer_id)):
            return problem(HTTPStatus.NOT_FOUND, "stale_address")
        body = make()
        if body is None:
            return problem(HTTPStatus.NOT_FOUND, "not_found")
        answer = make_answer(body, media, cache=IMMUTABLE)
        # pages are many, small and quickly made
        found = answers.remember(url, lambda: answer, on_disk=media == BINARY)
    return respond(found, offer=offer)


def _count(layer_id: str) -> int:
    return service().workspace.status(layer_id).count or 0


def _frame(layer_id: str) -> pd.DataFrame:
    return service().workspace.frame(layer_id)


@lru_cache(maxsize=_ORDERS_KEPT)
def _order(layer_id: str, tag: str) -> npt.NDArray[np.intp]:  # noqa: ARG001 - names the revision
    return point_order(_frame(layer_id))
