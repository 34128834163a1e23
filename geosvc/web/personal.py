"""True values of personal fields, for those whose role sees them; each look is logged."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pandas as pd
from flask import Blueprint, Response

from geosvc.ingest.typed import to_type
from geosvc.web import auth
from geosvc.web.data import download_answer, rows_answer
from geosvc.web.problems import problem
from geosvc.web.roles import sees
from geosvc.web.service import service

if TYPE_CHECKING:
    from geosvc.catalog.model import Field, Layer
    from geosvc.web.answers import Answer

bp = Blueprint("personal", __name__)


@bp.get("/layers/<layer_id>/personal/rows.json")
def rows(layer_id: str) -> Response:
    """Send all fields of a layer for a table, nothing masked."""
    layer = service().workspace.catalog.layer(layer_id)
    auth.log("personal_read", layer_id)
    return _never_kept(rows_answer(layer_id, _bare(layer)))


@bp.get("/layers/<layer_id>/personal.<any(geojson, csv, gpkg):ending>")
def download(layer_id: str, ending: str) -> Response:
    """Send a layer as a file, nothing masked."""
    layer = service().workspace.catalog.layer(layer_id)
    if layer.schema.geometry == "None" and ending != "csv":
        return problem(HTTPStatus.NOT_FOUND, "no_geometry")
    auth.log("personal_export", f"{layer_id}.{ending}")
    stem = f"{layer_id}_personal"
    return _never_kept(download_answer(layer, _bare(layer), ending, stem=stem))


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
        headers["Content-Disposition"] = f'attachment; filename="{answer.filename}"'
    return Response(answer.body, content_type=answer.media, headers=headers)
