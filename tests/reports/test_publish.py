from __future__ import annotations

import hashlib
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zlib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from geosvc import messages
from geosvc.catalog.model import Text
from geosvc.errors import FigureError, PublishError
from geosvc.figures import FigureRequest, draw
from geosvc.map_state import Filter, MapState
from geosvc.reports import publish
from geosvc.reports.publish import LONGEST, Made, Words, make
from geosvc.snapshots import Manifest, Named, manifest_bytes
from geosvc.store import Change
from geosvc.web.public import PublicView
from geosvc.workspace import Editor, Workspace
from tests.web.small import STOP_ROWS, Folder, write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.catalog.model import Language

STATE = MapState("overview", layers=("area", "roads", "stops"))
SMALL = FigureRequest(STATE, paper="pixels", width_px=400, height_px=300, dpi=150)
NAMES = {
    "figure.png",
    "figure.svg",
    "figure.pdf",
    "data.geojson",
    "table.json",
    "style.json",
    "numbers.json",
    "caption.json",
}
PLATES = ("苏XA1234", "苏XB5678")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made = write_catalog(tmp_path_factory.mktemp("catalog"))
    # 2 of the 4 rows are refused by the checks of the catalog: these are sound
    rows = STOP_ROWS.splitlines()
    made.write("data/stops.csv", "\n".join([*rows[:3], "A4,新站,bay,,2,,121.12,33.52", ""]))
    made.prepare().close()
    return made


@pytest.fixture(scope="module")
def workspace(folder: Folder) -> Iterator[Workspace]:
    with closing(Workspace(folder.settings)) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(workspace: Workspace) -> Made:
    return make(workspace, SMALL, Words("站点", "共 3 个站"), kind="map")


def read(made: Made, name: str) -> Any:  # noqa: ANN401 - a JSON value
    return json.loads(made.parts[name].content)


def everything(made: Made) -> bytes:
    """All published bytes, packed ones unpacked as well."""
    named = {
        name: Named(hashlib.sha256(part.content).hexdigest(), len(part.content), part.media_type)
        for name, part in made.parts.items()
    }
    found = [manifest_bytes(Manifest(named, made.facts))]
    for part in made.parts.values():
        found.append(part.content)
        for packed in re.findall(rb"stream\r?\n(.*?)endstream", part.content, re.DOTALL):
            try:
                found.append(zlib.decompress(packed.strip()))
            except zlib.error:
                found.append(packed)
    return b"\0".join(found)


def test_the_parts_and_their_kinds(made: Made) -> None:
    assert set(made.parts) == NAMES
    assert made.parts["figure.png"].content.startswith(b"\x89PNG")
    assert made.parts["figure.pdf"].content.startswith(b"%PDF")
    assert made.parts["figure.svg"].content.lstrip().startswith(b"<?xml")
    assert {part.media_type for part in made.parts.values()} == {
        "image/png",
        "image/svg+xml",
        "application/pdf",
        "application/geo+json",
        "application/json",
    }


def test_drawn_counted_and_said_are_one(made: Made, workspace: Workspace) -> None:
    counts = draw(workspace, SMALL).counts
    assert counts["stops"] == 3
    rows = read(made, "data.geojson")["features"]
    assert [row["layer"] for row in rows] == ["stops"] * 3
    (table,) = read(made, "table.json")
    assert table["count"] == len(table["rows"]) == sum(item["count"] for item in table["classes"])
    assert read(made, "numbers.json")["stops"]["count"] == 3
    assert made.facts["counts"] == {
        "stops": {"title": {"zh": "公交站", "en": "Bus stops"}, "count": 3}
    }
    assert made.facts["total"] == 3
    assert made.facts["caption"]["zh"].startswith("公交站 3（港湾式 2，直线式 1")
    assert made.facts["caption"]["en"].startswith("Bus stops 3 (Bay 2, Curbside 1")
    assert read(made, "caption.json") == {
        "title": "站点",
        "counted": made.facts["caption"],
        "note": "共 3 个站",
    }


def test_the_facts_say_what_was_asked_of_which_data(made: Made) -> None:
    facts = made.facts
    assert (facts["kind"], facts["language"], facts["as_of"]) == ("map", "zh", "2024-06-30")
    assert facts["revisions"] == {"stops": 1}
    assert facts["synthetic"] is True
    assert facts["sources"] == {"zh": ["样例来源"], "en": ["Sample source"]}
    assert facts["parameters"]["query"] == "layers=area,roads,stops"
    assert facts["parameters"]["width_px"] == 400
    assert "站点" not in facts["subject"]
    assert re.fullmatch(r"[0-9a-f]{12}", facts["mark"])
    text = json.dumps(facts)
    assert not re.search(r"20\d\d-\d\d-\d\dT", text), "no moment is part of it"


def test_the_mark_stands_in_the_picture(made: Made, workspace: Workspace) -> None:
    asked = replace(SMALL, title="站点", snapshot=made.facts["mark"])
    picture = made.parts["figure.png"].content
    assert draw(workspace, asked).content == picture
    assert draw(workspace, replace(asked, snapshot="0" * 12)).content != picture


def test_the_same_question_has_the_same_bytes(made: Made, workspace: Workspace) -> None:
    again = make(workspace, SMALL, Words("站点", "共 3 个站"), kind="map")
    assert again.facts == made.facts
    assert again.parts == made.parts


def test_other_words_change_the_mark_and_not_the_data(made: Made, workspace: Workspace) -> None:
    other = make(workspace, SMALL, Words("Stops"), kind="map")
    assert other.facts["mark"] != made.facts["mark"]
    assert other.facts["subject"] == made.facts["subject"], "a later one is its new version"
    for name in ("data.geojson", "table.json", "style.json", "numbers.json"):
        assert other.parts[name] == made.parts[name]
    assert make(workspace, SMALL, Words()).facts["title"] == "总览"


def test_a_filter_leaves_out_what_it_says(workspace: Workspace) -> None:
    state = replace(STATE, filters=(Filter("stops", "kind", ("curb",)),))
    found = make(workspace, replace(SMALL, state=state), Words("", "1 个"))
    assert found.facts["total"] == 1
    assert found.facts["caption"]["zh"].endswith("；筛选：类型 = 直线式")
    assert found.facts["caption"]["en"].endswith("; Filter: Kind = Curbside")
    assert "（筛选：类型 = 直线式）" in found.facts["alt"]["zh"]
    assert [row["id"] for row in read(found, "data.geojson")["features"]] == ["A2"]
    with pytest.raises(PublishError):
        make(workspace, replace(SMALL, state=state), Words("", "3 个"))


def test_what_lies_outside_is_said(workspace: Workspace) -> None:
    state = replace(STATE, center=(121.1, 33.5), zoom=17.0)
    found = make(workspace, replace(SMALL, state=state), Words())
    assert found.facts["total"] == 1
    assert "公交站另有 2 条在图幅之外" in found.facts["caption"]["zh"]
    assert "Bus stops: 2 more lie outside" in found.facts["caption"]["en"]
    assert read(found, "numbers.json")["stops"]["outside"] == 2


def test_nothing_to_draw_is_refused(workspace: Workspace) -> None:
    state = replace(STATE, filters=(Filter("stops", "slots", low="9"),))
    with pytest.raises(PublishError) as error:
        make(workspace, replace(SMALL, state=state), Words())
    assert error.value.issues[0].code == "nothing_drawn"


def test_a_map_of_ground_alone_counts_its_ground(workspace: Workspace) -> None:
    found = make(workspace, replace(SMALL, state=MapState("roads")), Words())
    assert found.facts["total"] == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (Words("a" * (LONGEST["title"] + 1)), "length"),
        (Words("", "a" * (LONGEST["caption"] + 1)), "length"),
        (Words("a\x00b"), "not_printable"),
        (Words("a\nb"), "not_printable"),
        (Words("", "a\u202eb"), "not_printable"),
        (Words("共 4 个站"), "not_counted"),
        (Words("", "1 + 1 = 3"), "not_sum"),
    ],
)
def test_words_that_will_not_do_are_refused(workspace: Workspace, words: Words, code: str) -> None:
    with pytest.raises(PublishError) as error:
        make(workspace, SMALL, words)
    assert error.value.issues[0].code == code


def test_a_hostile_caption_is_only_text(workspace: Workspace) -> None:
    hostile = "{{7*7}}</script><img src=x onerror=alert(1)>$x^2$"
    found = make(workspace, SMALL, Words(hostile, hostile))
    assert found.facts["title"] == found.facts["note"] == hostile
    assert b"<img" not in found.parts["figure.svg"].content


def test_a_request_without_a_figure_is_refused(workspace: Workspace) -> None:
    with pytest.raises(FigureError):
        make(workspace, replace(SMALL, width_px=None), Words())


@pytest.mark.parametrize("wrong", [{"stops": 2}, {"stops": 4}])
def test_a_caption_with_another_count_is_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, int]
) -> None:
    said = f"公交站 {wrong['stops']}", f"Bus stops {wrong['stops']}"
    monkeypatch.setattr(publish, "caption_of", lambda *_found: Text(*said))
    with pytest.raises(PublishError) as error:
        make(workspace, SMALL, Words())
    assert error.value.issues[0].found == f"3 / 3 / {wrong['stops']}"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_caption_is_read_as_it_was_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    seen: list[dict[str, int]] = []
    real = publish.spoken

    def spoken(*given: Any) -> dict[str, int]:  # noqa: ANN401 - as it takes them
        seen.append(real(*given))
        return seen[-1]

    monkeypatch.setattr(publish, "spoken", spoken)
    state = replace(STATE, language=language)
    make(workspace, replace(SMALL, state=state), Words())
    assert seen == [{"stops": 3}, {"stops": 3}]


def test_no_personal_value_is_in_any_byte(folder: Folder, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(folder.root, root)
    copy = Folder(root)
    labelled = (
        (root / "layers" / "stops.toml").read_text().replace('"name"\n[popup]', '"plate"\n[popup]')
    )
    assert 'label = "plate"' in labelled
    copy.write("layers/stops.toml", labelled)
    copy.prepare().close()
    with closing(Workspace(copy.settings)) as opened:
        true = set(opened.store.personal("stops")["value"])
        assert set(PLATES) <= true
        content = everything(make(opened, SMALL, Words()))
    for plate in PLATES:
        for text in (plate, plate[1:], plate[2:]):
            for coding in ("utf-8", "utf-16-be", "utf-16-le"):
                assert text.encode(coding) not in content
    assert "苏".encode() in content, "the masks are there"


def test_the_public_profile_publishes_rounded_places_and_no_mask(folder: Folder) -> None:
    with closing(Workspace(replace(folder.settings, profile="public"))) as opened:
        found = make(PublicView(opened.pinned()), SMALL, Words())
    rows = read(found, "data.geojson")["features"]
    assert all("plate" not in row["properties"] for row in rows)
    assert all(round(part, 4) == part for row in rows for part in row["geometry"]["coordinates"])


def test_a_moved_layer_makes_another_snapshot(folder: Folder, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(folder.root, root)
    copy = Folder(root)
    with closing(Workspace(copy.settings)) as opened:
        before = make(opened, SMALL, Words())
        Editor(opened).replace("stops", "A1", {"kind": "curb"}, base=1, change=Change("wu", ""))
        opened.refresh()
        after = make(opened, SMALL, Words())
    assert after.facts["revisions"] == {"stops": 2}
    assert after.facts["mark"] != before.facts["mark"]
    assert after.facts["subject"] == before.facts["subject"]
    assert after.parts["style.json"] == before.parts["style.json"]
    assert after.parts["numbers.json"] != before.parts["numbers.json"]


@pytest.mark.parametrize(
    "request_",
    [
        replace(SMALL, width_px=160, height_px=400),
        replace(SMALL, paper="column", width_px=None, height_px=None),
        replace(SMALL, paper="a4", width_px=None, height_px=None),
    ],
    ids=["tiny", "column", "a4"],
)
def test_the_longest_title_is_drawn_and_kept_whole(
    workspace: Workspace, request_: FigureRequest
) -> None:
    title = "题" * LONGEST["title"]
    made = make(workspace, request_, Words(title))
    assert made.facts["title"] == title
    assert title in made.facts["alt"]["zh"]
    width, height = made.facts["size_mm"]
    assert min(width, height) > 9
    assert made.parts["figure.png"].content.startswith(b"\x89PNG")


def test_a_hostile_caption_is_a_text_in_every_part(workspace: Workspace) -> None:
    hostile = '<script>alert(1)</script>{{7*7}}"&]]>\u202e'
    made = make(workspace, SMALL, Words(title=hostile.removesuffix("\u202e"), caption=""))
    svg = made.parts["figure.svg"].content
    ET.fromstring(svg)  # noqa: S314 - our own file
    assert b"<script" not in svg
    assert json.loads(made.parts["caption.json"].content)["title"] == hostile[:-1]
    # what turns the direction of a line cannot be printed
    with pytest.raises(PublishError):
        make(workspace, SMALL, Words(title=hostile))
