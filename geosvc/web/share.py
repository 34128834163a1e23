"""What the share dialog hands out beside figures: Word, one file, QR codes, and the check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
from flask import Blueprint, Response, request

from geosvc.map_state import parse_state
from geosvc.reports.qr import qr_png, qr_svg
from geosvc.web.answers import make_answer
from geosvc.web.figure_query import figure_path, read_block, read_chapter, read_figure
from geosvc.web.figures import POLICY, send
from geosvc.web.links import absolute, state_path
from geosvc.web.loading import load_figures
from geosvc.web.publish_requests import WIDE
from geosvc.web.respond import respond
from geosvc.web.service import language, service

if TYPE_CHECKING:
    from geosvc.map_state import MapState
    from geosvc.web.answers import Answer

bp = Blueprint("share", __name__)
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class File:
    """A file that is sent as figures are."""

    content: bytes
    media_type: str


@bp.get("/figures/<map_id>.docx")
def word(map_id: str) -> Response:
    """Send a map as a block for Word; by default as wide as a column."""
    workspace = service().workspace
    pairs = list(request.args.items(multi=True))
    chapter = read_chapter(dict(pairs).get("chapter", ""))
    pairs = [(name, text) for name, text in pairs if name != "chapter"]
    asked = read_block(map_id, pairs, workspace.catalog)
    address = absolute(state_path(asked.state))
    author = workspace.catalog.site.title.of(language())
    name = f"docx {chapter} {address} {figure_path(asked)}@{workspace.map_tag(map_id)}"

    def made() -> File:
        # matplotlib comes with it
        from geosvc.reports.document import MEDIA_TYPE  # noqa: PLC0415
        from geosvc.reports.docx_block import block_of, document_of  # noqa: PLC0415

        block = block_of(workspace, asked, address=address)
        tongue = asked.state.language
        return File(document_of(block, tongue, author=author, chapter=chapter), MEDIA_TYPE)

    return _named(send(name, made), f"{map_id}.docx")


@bp.get("/maps/<map_id>.html")
def one_file(map_id: str) -> Response:
    """Send a map as a page that opens from a disk without a network."""
    workspace = service().workspace
    state = _state(map_id)
    address = absolute(state_path(state))
    load_figures()
    name = f"file {address}@{workspace.map_tag(map_id)} {service().assets.hash}"

    def made() -> Answer:
        from geosvc.reports.single_file import single_file  # noqa: PLC0415 - as above

        content = single_file(workspace, state, address=address)
        return make_answer(content, "text/html; charset=utf-8", filename=f"{map_id}.html")

    return respond(service().answers.remember(name, made, on_disk=False), offer=False)


@bp.get("/maps/<map_id>/qr.<any(svg, png):form>")
def qr(map_id: str, form: str) -> Response:
    """Send the address of a map in a state as a QR code."""
    address = absolute(state_path(_state(map_id)))
    content = qr_svg(address) if form == "svg" else qr_png(address)
    media = "image/svg+xml" if form == "svg" else "image/png"
    response = respond(make_answer(content, media), offer=False)
    if form == "svg":
        response.headers["Content-Security-Policy"] = POLICY
    return response


@bp.get("/maps/<map_id>/tally.json")
def tally(map_id: str) -> Response:
    """Say whether a map could be published on a paper: drawn, counted and said by layer."""
    workspace = service().workspace
    pairs = _pairs()
    if "paper" not in dict(pairs):
        pairs.append(("paper", WIDE))
    asked = read_figure(map_id, "png", pairs, workspace.catalog)

    def made() -> File:
        from geosvc.reports.tally import tally as told  # noqa: PLC0415 - as above

        found = told(workspace, asked)
        drawn, counted, said = found.totals
        numbers = {"agrees": found.agrees, "drawn": drawn, "counted": counted, "said": said}
        caption = found.caption.of(asked.state.language)
        return File(orjson.dumps({**numbers, "caption": caption}), _JSON)

    return send(f"tally {figure_path(asked)}@{workspace.map_tag(map_id)}", made)


def _state(map_id: str) -> MapState:
    return parse_state(map_id, _pairs(), service().workspace.catalog)


def _pairs() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))


def _named(response: Response, filename: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
