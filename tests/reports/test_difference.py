from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.reports import difference as module
from geosvc.reports.difference import difference, write_changes
from geosvc.reports.document import save
from geosvc.reports.layer_changes import Changes, Hotspot, LayerChanges, Row
from geosvc.workspace import Workspace
from tests.reports.county import PLATES, Press, a_book, prepared
from tests.reports.test_layer_changes import TOMORROW, dated, edit
from tests.reports.word_files import everything, paragraphs, tables
from tests.scorecard.county import STOPS
from tests.web.hotspot_catalog import write_hotspots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING = Changes("2024-03-31", "2024-06-30", (), None, None, (), "")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    folder.write("layers/stops.toml", STOPS.replace("expected_count = 5\n", ""))
    folder.prepare().close()
    edit(folder)
    for name in ("stops", "cases"):
        dated(folder, name, "2024-03-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00")
    with closing(Workspace(folder.settings)) as opened:
        yield opened


def test_counts_and_features_are_listed(workspace: Workspace) -> None:
    made = difference(workspace, "2024-03-31", TOMORROW, snapshots=Press())
    counted, added, removed, changed = tables(made.content)
    stops = next(row for row in counted if row[0] == "站台")
    assert stops == ["站台", "r1 → r2", "5", "5", "1", "1", "2"]
    area = next(row for row in counted if row[0] == "范围")
    assert area == ["范围", "– → r1", "–", "1", "–", "–", "–"]
    assert added == [["编号", "名称"], ["A6", "新站"]]
    assert removed[1] == ["A4", "市场"]
    assert changed[1] == ["A1", "金桥路口", "类型：港湾式 → 直线式"]
    assert changed[2][2].startswith("位置移动 9")
    text = "\n".join(text for _, text in paragraphs(made.content))
    assert "新增 1 条，移除 1 条，修改 2 条" in text
    assert "另有 2 个图层在前一时刻之后才入库" in text
    assert made.facts["caption"]["zh"] == "新增 1 条，移除 1 条，修改 2 条"
    assert made.facts["kind"] == "difference"
    assert made.facts["revisions"]["stops"] == 2
    assert len(made.snapshots) == 1


def test_the_title_says_the_days(workspace: Workspace) -> None:
    made = difference(workspace, "2024-03-31", TOMORROW, snapshots=Press())
    said = [text for _, text in paragraphs(made.content)][:3]
    assert said[0] == "数据变动报告"
    assert "2024年3月31日至2999年12月31日" in said
    assert made.facts["title"] == "2024年3月31日至2999年12月31日数据变动报告"
    instant = "2024-03-31T12:00:00+08:00"
    exact = difference(workspace, instant, TOMORROW, language="en", snapshots=Press())
    assert exact.facts["title"] == f"Changes from {instant} to 2999-12-31"


def test_the_same_moments_are_the_same_bytes(workspace: Workspace) -> None:
    pair = [difference(workspace, "2024-03-31", TOMORROW, snapshots=Press()) for _ in range(2)]
    assert pair[0].content == pair[1].content
    body = everything(pair[0].content) + repr(pair[0].facts).encode()
    assert not [plate for plate in PLATES if plate.encode() in body]


def test_long_lists_are_cut_and_say_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    rows = tuple(Row(f"K{number}", "名" * 60) for number in range(5))
    layer = workspace.catalog.layer("stops")
    found = replace(NOTHING, layers=(LayerChanges(layer, 1, 2, (0, 5), added=rows),))
    book = a_book(workspace, Press())
    write_changes(book, found)
    content = save(book.document)
    assert tables(content)[1][1:] == [["K0", "名" * 40 + "…"], ["K1", "名" * 40 + "…"]]
    assert "另有 3 条未列出" in {text for _, text in paragraphs(content)}


def test_hotspots_new_and_gone_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    with closing(Workspace(folder.settings)) as opened:
        book = a_book(opened, Press())
        new, gone = (Hotspot("泰北路", 1, 12),), (Hotspot("金桥路", None, 7),)
        write_changes(
            book, replace(NOTHING, new=new, gone=gone, stayed=(Hotspot("佳醇路", 2, 9),) * 3)
        )
        content = save(book.document)
        rows = tables(content)[-1]
        assert rows[1:] == [["新出现", "1", "泰北路", "12"], ["不再出现", "–", "金桥路", "7"]]
        text = "\n".join(text for _, text in paragraphs(content))
        assert "新出现 1 处，不再出现 1 处，两个时刻都有的 3 处。" in text
        unknown = a_book(opened, Press(), "en")
        write_changes(unknown, NOTHING)
        said = "\n".join(text for _, text in paragraphs(save(unknown.document)))
        assert "not computed at both moments" in said
