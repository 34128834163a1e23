from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from geosvc import messages
from geosvc.store import Entry
from geosvc.web.log_words import KINDS, actor_text, sentence

SOURCES = Path(__file__).resolve().parents[2] / "geosvc"
CALL = re.compile(r'''(?:\.log|_write|Act)\(\s*"([a-z_]+)"''')


def entry(action: str, target: str = "", *, actor: str = "li", **detail: Any) -> Entry:  # noqa: ANN401 - JSON
    return Entry(7, "2024-06-30T08:00:00+00:00", actor, "1.2.3.4", action, target, detail, "h")


def title(layer_id: str) -> str:
    return {"stops": "公交站"}.get(layer_id, layer_id)


def said(action: str, target: str = "", *, actor: str = "li", **detail: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    made = entry(action, target, actor=actor, **detail)
    return sentence(made, "zh", title=title), sentence(made, "en", title=title)


@pytest.mark.parametrize(
    ("made", "chinese", "english"),
    [
        (
            entry("write", "stops", revision=3, reason="edit", added=2, changed=1200, removed=0),
            "修改图层“公交站”：新增 2、改动 1,200（修订 3；人工编辑）",
            "changed the layer 公交站: 2 added, 1,200 changed (revision 3; Edited)",
        ),
        (
            entry("write", "stops", revision=4, reason="{target}", added=0),
            "修改图层“公交站”：要素没有变化（修订 4；{target}）",
            "changed the layer 公交站: no feature moved (revision 4; {target})",
        ),
        (entry("export", "stops.gpkg"), "下载图层“公交站”（GeoPackage）", None),
        (entry("personal_export", "gone.csv"), "下载图层“gone”的个人信息（CSV）", None),
        (entry("personal_read", "stops"), "查看图层“公交站”的个人信息", None),
        (entry("personal_read", "stops/a.b/c"), "查看图层“公交站”中 a.b/c 的个人信息", None),
        (entry("sign_in_failed", failures=2, locked_s=0), "登录失败（第 2 次）", None),
        (
            entry("sign_in_failed", failures=6, locked_s=61),
            "登录失败（第 6 次），须等待 2 分钟",
            "failed to sign in (failure 6) and has to wait 2 min",
        ),
        (entry("password_changed", "li"), "修改了自己的密码", "changed their own password"),
        (entry("password_changed", "wu"), "重设账号 wu 的密码", None),
        (entry("user_added", "wu", role="editor"), "新建账号 wu，角色：编辑", None),
        (entry("purge", counts={"a": 2, "b": 3}), "按规定删除了 5 条个人信息", None),
        (entry("job_canceled", "9", work="derive"), "取消任务 9（重算图层）", None),
        (
            entry("token_made", "wu", token="gis", scope="read edit"),  # noqa: S106 - its name
            "为账号 wu 生成令牌“gis”，可以：查看地图与数据、修改数据、运行计算",
            None,
        ),
    ],
)
def test_sentences(made: Entry, chinese: str, english: str | None) -> None:
    assert sentence(made, "zh", title=title) == chinese
    if english is not None:
        assert sentence(made, "en", title=title) == english


def test_a_code_without_a_sentence_is_shown_as_it_stands() -> None:
    for text in said("strange", "<i>x", n="{{7*7}}"):
        assert text == "strange <i>x n = {{7*7}}"
    assert said("strange") == ("strange", "strange")


@pytest.mark.parametrize("detail", [{}, {"added": "x"}, {"counts": 3}, {"failures": None}])
def test_what_is_missing_or_odd_harms_no_sentence(detail: dict[str, Any]) -> None:
    for action in {action for kind in KINDS.values() for action in kind}:
        for text in said(action, "stops", **detail):
            assert text


def test_who_did_it() -> None:
    assert actor_text(entry("write"), "zh") == "li"
    assert actor_text(entry("write", actor=""), "zh") == "系统"
    assert actor_text(entry("sign_in_failed", actor=""), "zh") == "不明身份者"
    assert actor_text(entry("sign_in_failed", actor=""), "en") == "Somebody unknown"


def written() -> set[str]:
    """The actions that the sources log."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")]
    found = {action for text in texts for action in CALL.findall(text)}
    return found | {"user_enabled", "user_disabled", "log_pruned"}


def test_every_action_that_is_logged_has_a_sentence_and_a_kind() -> None:
    actions = written()
    assert {"sign_in", "write", "purge", "export", "backup", "user_unlocked"} <= actions
    assert {action for action in actions if not messages.has(f"log.{action}")} == set()
    assert actions - {action for kind in KINDS.values() for action in kind} == set()


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == set(messages.table("log_kind", "zh"))
