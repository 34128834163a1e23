from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.snapshots import Manifest, Named
from geosvc.store.snapshots import Published
from geosvc.web import snapshot_words
from tests.web.frozen import facts, layer

if TYPE_CHECKING:
    from geosvc.catalog.model import Language

ID = "ab" * 32
FOUND = Published(
    ID,
    "0123456789ab",
    "map",
    "map:all",
    {"title": "违法", "as_of": "2024-06-30"},
    None,
    None,
    None,
    1,
    1,
    "2026-01-02T03:04:05+00:00",
    "li",
    "2026-01-02T03:04:05+00:00",
    "li",
)


def gone(found: Published) -> Published:
    values = {name: getattr(found, name) for name in found.__slots__}
    return Published(**values | {"withdrawn_at": "2026-01-03", "withdrawn_reason": "数错了"})


def test_what_a_page_says() -> None:
    said = snapshot_words.about(FOUND, facts(), "en")
    assert (said["short"], said["url"], said["kind"]) == (ID[:12], f"/s/{ID}", "Map")
    assert (said["as_of"], said["caption"], said["again"]) == ("2024-06-30", "Violations 126", "")
    assert said["size"] == (2100, 2970)
    assert said["revisions"] == ["Violations r3"]
    assert said["live_url"] == "/maps/overview?z=12"
    bare = facts()
    for name in ("note", "alt", "size_mm", "as_of"):
        del bare[name]
    said = snapshot_words.about(FOUND, bare, "zh")
    assert (said["note"], said["alt"], said["size"], said["as_of"]) == ("", "违法 126", None, None)


@pytest.mark.parametrize(
    ("own", "tongue", "said"),
    [("zh", "zh", ""), ("zh", "en", "frozen in Chinese"), ("en", "zh", "冻结时用的是英文")],
)
def test_words_in_the_other_language_are_announced(own: str, tongue: Language, said: str) -> None:
    found = snapshot_words.about(FOUND, facts() | {"language": own}, tongue)["other_language"]
    assert said in found
    assert bool(found) == bool(said)
    bare = {name: value for name, value in facts().items() if name != "language"}
    assert snapshot_words.about(FOUND, bare, tongue)["other_language"] == ""


def test_a_row_of_the_list() -> None:
    row = snapshot_words.entry(FOUND, "zh")
    assert (row["kind"], row["as_of"], row["state"]) == ("地图", "2024年6月30日", "standing")
    row = snapshot_words.entry(gone(FOUND), "en")
    assert (row["state_text"], row["reason"]) == ("Withdrawn", "数错了")


def test_files_have_names_and_sizes_pictures_first() -> None:
    names = ("table.json", "figure.png", "other.bin")
    parts = {
        name: Named("0" * 64, size, "x/y")
        for name, size in zip(names, (1, 5000, 2048), strict=True)
    }
    rows = snapshot_words.downloads(Manifest(parts, {}), "zh")
    assert [(row["label"], row["size"]) for row in rows] == [
        ("图 PNG", "5 KB"),
        ("other BIN", "2 KB"),
        ("表 JSON", "1 KB"),
    ]


def test_tables_are_cut_and_say_so() -> None:
    (section,) = snapshot_words.sections(json.dumps([layer(60)]).encode(), "zh")
    assert (section["title"], section["count"], section["unit"]) == ("违法", "60", "")
    assert section["classes"] == [
        {"label": "占道", "count": "59"},
        {"label": "占盲道", "count": "1"},
    ]
    assert section["notes"] == ["另有 2 条没有位置，未画出"]
    assert section["heads"] == ["编号", "状态"]
    assert [row[1] for row in section["rows"][:4]] == ["已办", "–", "是", "2.5"]
    assert (len(section["rows"]), section["left"]) == (50, "还有 10 条，见下载的文件")
    (whole,) = snapshot_words.sections(json.dumps([layer(50)]).encode(), "en")
    assert whole["left"] == ""
    assert snapshot_words.sections(b"[]", "en") == []


def test_a_single_class_is_not_said_twice() -> None:
    one = layer(3)
    one["classes"] = one["classes"][:1]
    one["rows"][0][1] = ["ok", "ok"]
    (section,) = snapshot_words.sections(json.dumps([one]).encode(), "en")
    assert section["classes"] == []
    assert section["rows"][0][1] == "Done, Done"


def counted(**counts: int) -> dict[str, Any]:
    return {
        "counts": {
            name: {"title": {"zh": name, "en": name}, "count": n} for name, n in counts.items()
        }
    }


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (counted(a=126), counted(a=131), "a 126 → 131"),
        (counted(a=1), counted(a=1, b=2), "b – → 2"),
        (counted(a=1, b=1905), counted(a=1), "b 1,905 → –"),
        (counted(a=1, b=2), counted(a=3, b=4), "a 1 → 3, b 2 → 4"),
    ],
)
def test_what_has_changed(before: dict[str, Any], now: dict[str, Any], text: str) -> None:
    rows = snapshot_words.change(before, now, "en")
    assert snapshot_words.newer_text(rows, "en") == f"There is a newer version: {text}"
    assert snapshot_words.newer_text([], "zh") == "已有新版，数字没有变"


def test_where_it_is_shown_as_it_is_now() -> None:
    assert snapshot_words.live_url({"parameters": {"period": "2024H1"}}) == "/scorecard"
    assert snapshot_words.live_url({"parameters": {"map": "all"}}) == "/maps/all"


def test_layers_are_said_by_their_titles_and_titles_in_the_language_of_the_reader() -> None:
    facts = {
        "title": "报告",
        "titles": {"zh": "报告", "en": "Report"},
        "counts": {"stops": {"title": {"zh": "站", "en": "Stops"}, "count": 1}},
        "layers": {"roads": {"zh": "道路", "en": "Roads"}},
        "revisions": {"roads": 2, "stops": 1, "gone": None},
    }
    assert snapshot_words.title_of(facts, "en") == "Report"
    said = snapshot_words._revisions(facts, "zh")  # noqa: SLF001 - what `about` lists
    assert said == ["gone r0", "道路 r2", "站 r1"]
