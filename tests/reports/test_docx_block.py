from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import docx
import pytest
from docx.oxml.ns import qn
from matplotlib.image import imread

from geosvc.figures import FigureRequest
from geosvc.map_state import Filter, MapState
from geosvc.reports.document import new_document
from geosvc.reports.docx_block import (
    Block,
    Row,
    add_block,
    block_of,
    document_of,
)
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document

    from geosvc.workspace import Workspace

STATE = MapState("overview", layers=("area", "roads", "stops"))
COLUMN = FigureRequest(STATE, paper="column")
ADDRESS = "https://gis.example.gov.cn/maps/overview"
HOSTILE = "<w:p/>{{7*7}}\x00</w:t>"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with closing(write_catalog(tmp_path_factory.mktemp("catalog")).prepare()) as opened:
        yield opened


@pytest.fixture(scope="module")
def block(workspace: Workspace) -> Block:
    return block_of(workspace, COLUMN, address=ADDRESS)


def opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def texts(document: Document) -> str:
    return "\n".join(item.text or "" for item in document.element.body.iter(qn("w:t")))


def test_the_table_is_of_what_is_drawn(block: Block) -> None:
    assert block.rows[0] == Row("公交站", 3)
    classes = [row for row in block.rows if row.is_class]
    assert sum(row.count for row in classes) == 3
    assert {row.label for row in classes} >= {"港湾式", "直线式"}


def test_filters_change_picture_and_table_alike(workspace: Workspace, block: Block) -> None:
    state = replace(STATE, filters=(Filter("stops", "kind", ("bay",)),))
    few = block_of(workspace, replace(COLUMN, state=state))
    assert few.rows[0] == Row("公交站", 1)
    assert few.picture != block.picture
    assert few.address == ""


def test_the_picture_is_300_dpi_at_the_width_of_a_column(block: Block) -> None:
    assert block.width_mm == pytest.approx(80)
    assert imread(io.BytesIO(block.picture)).shape[1] == int(80 / 25.4 * 300)


def test_notes_say_source_datum_day_revision_and_that_it_is_invented(block: Block) -> None:
    notes = "\n".join(block.notes)
    for said in ("样例来源", "CGCS2000", "2024 年 6 月 30 日", "修订", "模拟数据"):
        assert said in notes


def test_title_of_the_map_or_of_the_writer(workspace: Workspace, block: Block) -> None:
    assert block.title == "总览"
    own = block_of(workspace, replace(COLUMN, title="站点分布"))
    assert own.title == "站点分布"
    # the caption has it, so the picture does not repeat it
    assert own.picture == block.picture
    assert "站点分布" in own.alt


def test_a_document_holds_all_of_it(block: Block) -> None:
    made = opened(document_of(block, "zh", author="某市", chapter=None))
    said = texts(made)
    for part in ("总览", "类别", "港湾式", "数据来源", "模拟数据", ADDRESS):
        assert part in said, part
    pictures = list(made.element.body.iter(qn("wp:inline")))
    assert len(pictures) == 2
    described = [item.find(qn("wp:docPr")).get("descr") for item in pictures]
    assert described == [block.alt, "在线地图的二维码"]
    fields = [item.text for item in made.element.body.iter(qn("w:instrText"))]
    assert fields == [r" SEQ 图 \* ARABIC "]
    # the head of the table is repeated where it runs on
    first = next(made.element.body.iter(qn("w:tr")))
    assert list(first.iter(qn("w:tblHeader")))


def test_the_notes_have_the_room_beside_the_code(block: Block) -> None:
    made = opened(document_of(block, "zh", author="某市", chapter=None))
    frame = made.tables[-1]
    widths = [round(column.width.mm) for column in frame.columns if column.width is not None]
    assert widths == [130, 26]


def test_a_chapter_makes_the_number_of_two_parts(block: Block) -> None:
    made = opened(document_of(block, "zh", author="某市", chapter=4))
    caption = next(item for item in made.paragraphs if item.style and item.style.name == "Caption")
    assert caption.text == "图 4-1  总览"


def test_english(workspace: Workspace) -> None:
    request = replace(COLUMN, state=replace(STATE, language="en"))
    block = block_of(workspace, request, address=ADDRESS)
    said = texts(opened(document_of(block, "en", author="County", chapter=None)))
    for part in ("Overview", "Category", "Bus stops", "Synthetic data", "Map online"):
        assert part in said, part


def test_equal_blocks_are_equal_bytes(workspace: Workspace, block: Block) -> None:
    again = block_of(workspace, COLUMN, address=ADDRESS)
    assert again == block
    files = {document_of(one, "zh", author="某市", chapter=1) for one in (block, again)}
    assert len(files) == 1


def test_two_blocks_stand_in_one_document(block: Block) -> None:
    document = new_document("zh", title="报告", author="某市")
    for _ in range(2):
        add_block(document, block, chapter=1)
    captions = [item.text for item in document.paragraphs if item.text.startswith("图 ")]
    assert captions == ["图 1-1  总览", "图 1-2  总览"]


def test_a_wide_figure_is_held_to_the_text(block: Block) -> None:
    made = opened(document_of(replace(block, width_mm=420.0), "zh", author="某市", chapter=None))
    (first, _) = made.inline_shapes
    assert round(first.width.mm) == 156


def test_an_empty_map_has_no_table(block: Block) -> None:
    bare = replace(block, rows=(), address="")
    made = opened(document_of(bare, "zh", author="某市", chapter=None))
    assert len(made.tables) == 1
    assert len(made.inline_shapes) == 1


def test_hostile_text_stays_text(block: Block) -> None:
    bad = replace(block, title=HOSTILE, alt=HOSTILE, rows=(Row(HOSTILE, 1),), notes=(HOSTILE,))
    said = texts(opened(document_of(bad, "zh", author=HOSTILE, chapter=None)))
    assert said.count("{{7*7}}") == 3
    assert "\x00" not in said
