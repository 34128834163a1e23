"""True values of personal fields, for those whose role sees them; each look is logged.

They leave by addresses of their own, which nothing keeps: what maps and tables load for everybody
holds masks.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
from flask import Blueprint, Response

from geosvc.errors import UnknownFeatureError
from geosvc.ingest.typed import to_type
from geosvc.web import auth
from geosvc.web.answers import disposition, make_answer
from geosvc.web.data import JSON, download_answer, rows_answer
from geosvc.web.keys import know_keys
from geosvc.web.problems import problem
from geosvc.web.roles import sees
from geosvc.web.service import service

if TYPE_CHECKING:
    from geosvc.catalog.model import Field, Layer
    from geosvc.web.answers import Answer

bp = Blueprint("personal", __name__)
bp.record(know_keys)


@bp.get("/layers/<layer_id>/personal/rows.json")
def rows(layer_id: str) -> Response:
    """Send all fields of a layer for a table, nothing masked."""
    layer = service().workspace.catalog.layer(layer_id)
    auth.log("personal_read", layer_id)
    return _never_kept(rows_answer(layer_id, _bare(layer)))


@bp.get("/layers/<layer_id>/personal/features/<feature_key:key>", merge_slashes=False)
def feature(layer_id: str, key: str) -> Response:
    """Send the true values of one feature, for the popup that shows its masks."""
    layer = service().workspace.catalog.layer(layer_id)
    if service().workspace.store.version(layer_id, key) is None:
        msg = f"{layer_id}/{key}"
        raise UnknownFeatureError(msg)
    body = {"layer": layer_id, "key": key, "values": true_values(layer, key)}
    return _never_kept(make_answer(orjson.dumps(body), JSON))


@bp.get("/layers/<layer_id>/personal.<any(geojson, csv, gpkg):ending>")
def download(layer_id: str, ending: str) -> Response:
    """Send a layer as a file, nothing masked."""
    layer = service().workspace.catalog.layer(layer_id)
    if layer.schema.geometry == "None" and ending != "csv":
        return problem(HTTPStatus.NOT_FOUND, "no_geometry")
    auth.log("personal_export", f"{layer_id}.{ending}")
    stem = f"{layer_id}_personal"
    return _never_kept(download_answer(layer, _bare(layer), ending, stem=stem))


def is_hidden(field: Field | None) -> bool:
    """Tell whether the sender of the present request sees only the mask of a field."""
    if field is None or field.privacy is None:
        return False
    person = auth.person()
    return person is None or not (auth.may("personal") and sees(person.role, field.privacy))


def true_values(layer: Layer, key: str) -> dict[str, Any]:
    """Return the personal values of a feature that the sender of the present request may see.

    The look is logged where the layer has a field that they may see.

    Parameters
    ----------
    layer
        The layer.
    key
        The feature.

    Returns
    -------
    values
        By field; a field without a value, or whose value was erased, is left out.
    """
    fields = [field for field in layer.schema.fields if field.privacy and not is_hidden(field)]
    if not fields:
        return {}
    auth.log("personal_read", f"{layer.id}/{key}")
    kept = service().workspace.store.personal(layer.id, keys=[key])
    texts = dict(zip(kept["field"], kept["value"], strict=True))
    return {
        field.name: _typed(field, texts[field.name])
        for field in fields
        if texts.get(field.name) is not None
    }


def unmasked(layer: Layer, frame: pd.DataFrame, values: pd.DataFrame, *, role: str) -> pd.DataFrame:
    """Put true values where a frame holds masks.

    Parameters
    ----------
    layer
        The layer.
    frame
        Its features; not changed.
    values
        Columns key, field and value, which is None where it was erased: a code then stands where
        the mask was, and stays.
    role
        Whose eyes: a field that names a higher role stays masked.

    Returns
    -------
    frame
        The same features and columns.
    """
    bare = frame.copy()
    for field in layer.schema.fields:
        if field.privacy is None or not sees(role, field.privacy):
            continue
        own = values[(values["field"] == field.name) & values["value"].notna()]
        kept = dict(zip(own["key"], own["value"], strict=True))
        column = frame[field.name].astype(object).tolist()
        bare[field.name] = pd.Series(
            [
                _typed(field, kept[str(key)]) if str(key) in kept else shown
                for key, shown in zip(frame.index, column, strict=True)
            ],
            index=frame.index,
            dtype=frame[field.name].dtype,
        )
    return bare


def _typed(field: Field, text: str) -> object:
    return tuple(text.split(";")) if field.type == "list" else to_type(text, field.type)


def _bare(layer: Layer) -> pd.DataFrame:
    workspace = service().workspace
    values = workspace.store.personal(layer.id)
    return unmasked(layer, workspace.frame(layer.id), values, role=auth.signed_in().role)


def _never_kept(answer: Answer) -> Response:
    headers = {"Cache-Control": "private, no-store"}
    if answer.filename:
        headers["Content-Disposition"] = disposition(answer.filename)
    return Response(answer.body, content_type=answer.media, headers=headers)
