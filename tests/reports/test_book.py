from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import WithdrawnError
from geosvc.reports.book import Book, quiet
from geosvc.reports.document import new_document, save
from geosvc.reports.publish import Made
from geosvc.snapshots import Part
from geosvc.workspace import Workspace
from tests.reports.county import Press, a_book, prepared
from tests.reports.test_document import a_picture
from tests.reports.word_files import paragraphs, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geosvc.catalog.model import Language


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    with closing(Workspace(folder.settings)) as opened:
        yield opened


def made(title: str = "违法", counted: str = "违法 126 起") -> Made:
    facts = {
        "title": title,
        "caption": {"zh": counted, "en": "Cases 126"},
        "alt": {"zh": "地图", "en": "Map"},
        "size_mm": [156.0, 78.0],
    }
    return Made({"figure.png": Part(a_picture(), "image/png")}, facts)


def test_a_figure_is_published_and_leads_to_its_snapshot(workspace: Workspace) -> None:
    press = Press()
    book = a_book(workspace, press)
    book.workspace.settings = replace(workspace.settings, base_url="https://maps.example.cn")
    book.figure(made())
    [(title, found)] = book.frozen
    assert (title, [found]) == ("违法", list(press.made))
    assert [text for _, text in paragraphs(save(book.document))] == [
        "图 1  违法 126 起",
        f"快照 {found[:12]}  https://maps.example.cn/s/{found[:12]}",
    ]


def test_a_caption_names_the_figure_where_its_layers_do_not(workspace: Workspace) -> None:
    book = a_book(workspace, Press())
    book.figure(made("分布", "违法 126 起"))
    assert paragraphs(save(book.document))[0] == ("Caption", "图 1  分布：违法 126 起")


def test_what_was_withdrawn_is_not_shown_again(workspace: Workspace) -> None:
    def gone(_made: Made) -> str:
        msg = "abc"
        raise WithdrawnError(msg)

    book = Book(new_document("zh"), workspace.pinned(), "zh", gone)
    book.figure(made())
    assert book.frozen == []
    assert not book.document.inline_shapes
    assert paragraphs(save(book.document)) == [("Note", "“违法”的快照已撤回，不再引用。")]


def test_empty_texts_and_tables_leave_nothing(workspace: Workspace) -> None:
    book = a_book(workspace, Press())
    book.text()
    book.text("", "")
    book.table("空", ["a"], [], (1,))
    content = save(book.document)
    assert paragraphs(content) == []
    assert tables(content) == []
    assert quiet(0.5, "maps") is False


def test_sentences_follow_each_other_as_the_language_wants(workspace: Workspace) -> None:
    joined_of: dict[Language, str] = {"zh": "甲。乙。", "en": "甲。 乙。"}
    for language, joined in joined_of.items():
        book = a_book(workspace, Press(), language)
        book.text("甲。", "", "乙。")
        assert paragraphs(save(book.document)) == [("BodyText", joined)]


def test_a_table_has_its_caption_above_and_its_note_below(workspace: Workspace) -> None:
    book = a_book(workspace, Press())
    book.table("数字", ["甲"], [["1"]], (1,), note="来源")
    content = save(book.document)
    assert [style for style, _ in paragraphs(content)] == ["Caption", "Note"]
    assert tables(content) == [[["甲"], ["1"]]]
