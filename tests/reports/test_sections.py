from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import PublishError
from geosvc.reports import figures, sections
from geosvc.reports.document import save
from geosvc.reports.layer_changes import HOTSPOTS
from geosvc.scorecard import Scorecard, scorecard
from geosvc.workspace import Workspace
from tests.reports.county import Press, a_book, prepared
from tests.reports.word_files import paragraphs, tables
from tests.web.hotspot_catalog import AFTER, write_hotspots
from tests.web.kept import asked, keep, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geosvc.catalog.model import Language
    from geosvc.reports.book import Book
    from geosvc.workspace.status import State
    from tests.web.small import Folder


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    with closing(Workspace(folder.settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "DPI", 150)
        folder = write_hotspots(tmp_path_factory.mktemp("hot"), patch, after=AFTER)
        with closing(Workspace(folder.settings)) as opened:
            yield opened


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = write_folder(tmp_path_factory.mktemp("office"))
    keep(folder.settings, asked(folder.settings), "两处点位 {{7*7}}<b>")
    return folder


def written(
    workspace: Workspace,
    write: Callable[[Book, Scorecard], None],
    *,
    language: Language = "zh",
    keep: Press | None = None,
) -> bytes:
    """What a section writes, as a file."""
    book = a_book(workspace, keep or Press(), language)
    write(book, scorecard(workspace))
    return save(book.document)


def said(content: bytes) -> str:
    """All of the text outside of tables."""
    return "\n".join(text for _, text in paragraphs(content))


def test_numbers_have_their_definitions_and_the_overdue_their_units(county: Workspace) -> None:
    content = written(county, sections.write_numbers)
    numbers, late = tables(content)
    assert numbers[0] == ["指标", "数值", "分项", "统计口径", "版本"]
    assert numbers[1] == ["站台", "5 个", "港湾式 2、直线式 2、未填 1", "定义", "r1"]
    found = scorecard(county).overdue
    assert found is not None
    assert [row[0] for row in late[1:]] == [task.task for task in found.tasks]
    assert "市公交公司" in {row[2] for row in late[1:]}
    assert f"其中 {len(found.tasks)} 项已过完成时限" in said(content)
    assert "均由图层逐条数出" in said(content)


def test_a_catalog_without_a_scorecard_says_so(office: Folder) -> None:
    with closing(Workspace(office.settings)) as opened:
        assert "还没有成绩单" in said(written(opened, sections.write_numbers))
        assert "本期没有可以上图的数字" in said(written(opened, sections.write_maps))


def test_a_map_that_shows_other_features_than_counted_is_refused(
    county: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DPI", 150)
    monkeypatch.setattr(sections, "rows_counted", lambda _made: 4)
    press = Press()
    with pytest.raises(PublishError) as caught:
        written(county, sections.write_maps, keep=press)
    assert caught.value.issues[0].code == "not_agreed"
    assert caught.value.issues[0].found == "4 / 5"
    assert press.made == {}


def test_numbers_of_the_same_features_share_a_map(
    county: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DPI", 150)
    press = Press()
    content = written(county, sections.write_maps, keep=press)
    states = {
        (item.state.map_id, item.state.query())
        for item in scorecard(county).numbers
        if item.state is not None
    }
    assert len(press.made) == len(states) < len(scorecard(county).numbers)
    captions = [text for style, text in paragraphs(content) if style == "Caption"]
    assert captions[0].startswith("图 1  站台 5")
    english = Press()
    written(county, sections.write_maps, language="en", keep=english)
    assert {made.facts["language"] for made in english.made.values()} == {"en"}


def test_hotspots_say_verdict_power_and_evidence(hot: Workspace) -> None:
    content = written(hot, sections.write_hotspots)
    text = said(content)
    assert text.index("2 处路段的违法明显多于偶然。") < text.index("凭现有的 84 次查处")
    evidence, notes = tables(content)
    assert evidence[1][:4] == ["1", "泰北路", "显著", "12"]
    assert evidence[3][0] == "–"
    assert notes[1][2].startswith("近 佳醇路、金桥路；沿路 200 米内")
    assert "采用 122 起，共 126 起。" in text
    english = written(hot, sections.write_hotspots, language="en")
    assert tables(english)[0][1][2] == "Significant"


def test_hotspots_that_are_not_there_are_said(county: Workspace, hot: Workspace) -> None:
    assert "没有热点图层" in said(written(county, sections.write_hotspots))
    status = hot.status(HOTSPOTS)
    said_of: dict[State, str] = {"pending": "热点还没有算出来", "unavailable": "现在不能判断"}
    for state, words in said_of.items():
        view = hot.pinned()
        changed = {HOTSPOTS: replace(status, state=state)}
        view.moment = replace(view.moment, statuses={**view.moment.statuses, **changed})
        assert words in said(written(view, sections.write_hotspots))


def test_before_and_after_begin_with_their_power(county: Workspace, hot: Workspace) -> None:
    assert "没有整治前后比较的图层" in said(written(county, sections.write_before_after))
    found = paragraphs(written(hot, sections.write_before_after))
    heads = [text for style, text in found if style == "Heading2"]
    assert heads == ["整治前后：集中洗车点", "整治前后：洗车店"]
    bodies = [text for style, text in found if style == "BodyText"]
    assert bodies[0].startswith("先看能力")
    assert "结论：尚未启用。新的集中洗车点还没有启用" in bodies[0]
    assert any("结论：有变化。" in body for body in bodies)


def test_the_last_scenario_is_told(office: Folder, county: Workspace) -> None:
    assert "还没有保存选址方案。" in said(written(county, sections.write_siting))
    press = Press()
    with closing(Workspace(office.settings)) as opened:
        content = written(opened, sections.write_siting, keep=press)
        assert "“两处点位 {{7*7}}<b>”" in said(content)
        assert "新增 2 处" in said(content)
        sites, curve = tables(content)
        assert sites[0][0] == "地块编号"
        assert len(curve) > 2
        [made] = press.made.values()
        assert made.facts["title"] == "选址方案 1"
        english = written(opened, sections.write_siting, language="en")
        assert "The latest saved scenario is" in said(english)
    public = replace(office.settings, profile="public")
    with closing(Workspace(public)) as opened:
        assert "还没有保存选址方案。" in said(written(opened, sections.write_siting))


def test_a_scenario_whose_layers_moved_says_so(
    office: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "moved_layers", lambda _view, _scenario: ("stops", "gone"))
    with closing(Workspace(office.settings)) as opened:
        assert "图层已有变动（公交站）" in said(written(opened, sections.write_siting))


def test_a_period_before_all_history_says_so(county: Workspace) -> None:
    text = said(written(county, sections.write_changes_of))
    assert "本期的数据历史不在本系统中" in text


def test_notes_name_layers_seeds_and_addresses(hot: Workspace) -> None:
    content = written(hot, sections.write_notes)
    layers, method = tables(content)
    assert layers[0] == ["图层", "来源", "数据日期", "版本", "记录数", "接收基准", "许可"]
    stops = next(row for row in layers if row[0] == "公交站")
    assert stops[1:4] == ["样例来源", "2024年6月30日", "r1"]
    assert ["模拟", "999 次，种子 1"] in method
    assert "只在本机有效" in said(content)
    view = hot.pinned()
    view.settings = replace(view.settings, base_url="https://maps.example.cn")
    assert "只在本机有效" not in said(written(view, sections.write_notes))
