from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from docx.oxml import parse_xml

from geosvc.errors import PublishError, StateError, StoreUnavailableError
from geosvc.reports import figures
from geosvc.reports.outline import FILE, SECTIONS
from geosvc.reports.report import _WRITERS, check_card, made_of, report
from geosvc.scorecard import Scorecard, scorecard
from geosvc.workspace import Workspace
from tests.reports.county import PLATES, Press, prepared
from tests.reports.word_files import everything, fields, paragraphs, tables, unpacked, xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.reports.book import Report
    from geosvc.reports.publish import Made


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = prepared(tmp_path_factory.mktemp("county"))
    with closing(Workspace(folder.settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def card(workspace: Workspace) -> Scorecard:
    return scorecard(workspace, "2024H1")


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


@pytest.fixture(scope="module")
def whole(workspace: Workspace, press: Press) -> Iterator[Report]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "DPI", 150)
        yield report(workspace, "2024H1", snapshots=press)


def test_every_section_is_there_in_order(whole: Report) -> None:
    heads = [text for style, text in paragraphs(whole.content) if style == "Heading1"]
    assert heads == [
        "总体情况",
        "分布情况",
        "违法热点",
        "整治前后",
        "选址",
        "数据变动",
        "方法与数据说明",
    ]
    assert tuple(_WRITERS) == SECTIONS


def test_the_cover_says_what_it_is(whole: Report) -> None:
    first = [text for _, text in paragraphs(whole.content)][:5]
    assert first[0] == "2024 年上半年报告"
    assert "统计时段 2024年1月1日至2024年6月30日" in first
    assert "数据截至 2024年6月30日" in first
    assert "模拟数据，仅供演示" in first


def test_the_numbers_are_those_of_the_scorecard(whole: Report, card: Scorecard) -> None:
    rows = tables(whole.content)[0][1:]
    said = {row[0]: row[1] for row in rows}
    assert len(rows) == len(card.numbers)
    for number in card.numbers:
        assert said[number.title.zh] == f"{number.value:,.0f} {number.unit.zh}" or (
            # two numbers of the county have the same title
            [item.title.zh for item in card.numbers].count(number.title.zh) > 1
        )
    stops = next(row for row in rows if row[0] == "站台")
    assert stops[1] == "5 个"
    assert stops[2] == "港湾式 2、直线式 2、未填 1"
    assert whole.facts["counts"]["stops"]["count"] == 5
    assert whole.facts["caption"]["zh"].startswith("站台 5 个（港湾式 2、直线式 2、未填 1）")


def test_each_figure_is_a_snapshot_with_its_id_below(whole: Report, press: Press) -> None:
    content = whole.content
    assert list(whole.snapshots) == whole.facts["figures"]
    assert set(whole.snapshots) <= set(press.made)
    notes = " ".join(text for _, text in paragraphs(content))
    drawn = [name for name in whole.snapshots if "figure.png" in press.made[name].parts]
    assert drawn
    for name in whole.snapshots:
        assert f"快照 {name[:12]}" in notes
    codes = [code for code in fields(content) if code.startswith("SEQ 图")]
    shapes = [item for item in xml(content).iter() if str(item.tag).endswith("}docPr")]
    assert len(codes) == len(shapes) == len(drawn)
    assert [row[1] for row in tables(content)[-1][1:]] == list(whole.snapshots)


def test_pictures_are_the_published_ones(whole: Report, press: Press) -> None:
    made = [press.made[name] for name in whole.snapshots]
    pictures = {item.parts["figure.png"].content for item in made if "figure.png" in item.parts}
    body = everything(whole.content)
    assert all(picture in body for picture in pictures)


def test_no_personal_value_is_in_any_byte(whole: Report, press: Press) -> None:
    parts = {
        f"{name}/{part}": given.content
        for name, made in press.made.items()
        for part, given in made.parts.items()
    }
    body = everything(whole.content, parts) + repr(whole.facts).encode()
    for plate in PLATES:
        for coding in ("utf-8", "utf-16-le", "gb18030"):
            assert plate.encode(coding) not in body


def test_the_same_report_is_the_same_bytes(workspace: Workspace) -> None:
    pair = [
        report(workspace, "2024H1", sections=("numbers", "notes"), snapshots=Press())
        for _ in range(2)
    ]
    assert pair[0] == pair[1]
    english = report(workspace, "2024H1", sections=("numbers",), language="en", snapshots=Press())
    assert english.content != pair[0].content
    assert "Report, first half of 2024" in {text for _, text in paragraphs(english.content)}


def test_sections_are_chosen(workspace: Workspace) -> None:
    stages: list[tuple[float, str]] = []

    def told(share: float, stage: str) -> None:
        stages.append((share, stage))

    made = report(workspace, None, sections=("notes", "siting"), snapshots=Press(), progress=told)
    heads = [text for style, text in paragraphs(made.content) if style == "Heading1"]
    assert heads == ["选址", "方法与数据说明"]
    assert stages == [(0.0, "siting"), (0.5, "notes"), (1.0, "save")]
    assert made.facts["parameters"]["sections"] == ["siting", "notes"]


@pytest.mark.parametrize(
    ("period", "sections"), [("2019H1", SECTIONS), ("soon", SECTIONS), (None, ("no",)), (None, ())]
)
def test_what_makes_no_sense_is_refused(
    workspace: Workspace, period: str | None, sections: tuple[str, ...]
) -> None:
    with pytest.raises(StateError) as caught:
        report(workspace, period, sections=sections, snapshots=Press())
    assert caught.value.issues[0].expected


def test_numbers_that_do_not_agree_are_refused(card: Scorecard) -> None:
    check_card(card, "zh")
    stops = card.numbers[0]
    tampered = replace(stops, parts=(replace(stops.parts[0], value=3.0), *stops.parts[1:]))
    with pytest.raises(PublishError) as caught:
        check_card(replace(card, numbers=(tampered, *card.numbers[1:])), "zh")
    assert [(item.code, item.path) for item in caught.value.issues] == [("not_sum", "站台")]
    check_card(Scorecard(card.period, card.periods), "en")


def test_a_layer_that_is_not_there_refuses_its_number(tmp_path: Path) -> None:
    folder = prepared(tmp_path)
    folder.write("data/fleet.csv", "nonsense\n1\n")
    (folder.root / "instance").rename(folder.root / "before")
    folder.prepare().close()
    press = Press()
    with (
        closing(Workspace(folder.settings)) as opened,
        pytest.raises(PublishError) as caught,
    ):
        report(opened, None, snapshots=press)
    assert {item.code for item in caught.value.issues} == {"no_value"}
    assert press.made == {}


def test_a_full_disk_leaves_no_report(workspace: Workspace) -> None:
    def full(_made: Made) -> str:
        msg = "no space left on device"
        raise StoreUnavailableError(msg)

    with pytest.raises(StoreUnavailableError):
        report(workspace, None, sections=("numbers",), snapshots=full)


def test_a_report_is_a_snapshot_itself(whole: Report) -> None:
    made = made_of(whole)
    assert set(made.parts) == {FILE, "table.json"}
    [stops, *_] = json.loads(made.parts["table.json"].content)
    assert (stops["title"]["zh"], stops["count"], stops["unit"]["zh"]) == ("站台", 5, "个")
    assert made.parts[FILE].content == whole.content
    assert made.facts["kind"] == "report"
    assert made.facts["revisions"]["stops"] == 1
    assert made.facts["synthetic"] is True


def test_word_finds_nothing_to_repair(whole: Report) -> None:
    parts = unpacked(whole.content)
    kinds = parse_xml(parts["[Content_Types].xml"])
    endings = {item.get("Extension") for item in kinds if item.tag.endswith("Default")}
    named = {item.get("PartName") for item in kinds if item.tag.endswith("Override")}
    assert {name.removeprefix("/") for name in named} <= parts.keys()
    for name in parts.keys() - {"[Content_Types].xml"}:
        assert f"/{name}" in named or name.rpartition(".")[2] in endings
    links = parse_xml(parts["word/_rels/document.xml.rels"])
    targets = {item.get("Id"): item for item in links}
    assert len(targets) == len(links)
    inside = {item.get("Target") for item in links if item.get("TargetMode") != "External"}
    assert {f"word/{target}" for target in inside} <= parts.keys()
    body = parts["word/document.xml"].decode()
    assert set(re.findall(r'r:(?:id|embed|link)="([^"]+)"', body)) <= targets.keys()
    for pattern in (r'<wp:docPr id="(\d+)"', r'<w:bookmarkStart w:id="(\d+)"'):
        ids = re.findall(pattern, body)
        assert ids
        assert len(set(ids)) == len(ids)
    known = set(re.findall(r'w:styleId="([^"]+)"', parts["word/styles.xml"].decode()))
    assert set(re.findall(r'<w:(?:p|r|tbl)Style w:val="([^"]+)"', body)) <= known
