from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from geosvc.web.hot import HotPath
from geosvc.workspace.published import Shelf
from tests.web.frozen import DRAWING, HOSTILE, PICTURE, Press, facts, parts
from tests.web.test_pages import Reader

if TYPE_CHECKING:
    from pathlib import Path

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path)


@pytest.fixture
def closed(tmp_path: Path) -> Press:
    return Press(tmp_path, anonymous=False)


def test_the_page_shows_what_was_frozen(press: Press) -> None:
    answer = press.get(press.url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    text = Reader(answer.get_data(as_text=True)).text
    shown = "违法一张图|数据截至 2024年6月30日|已冻结|半年报图 1|违法 126|占道|125|违法 r3|样例来源"
    more = "另有 2 条没有位置|模拟数据|还有 76 条"
    for part in (press.found.id[:12], *shown.split("|"), *more.split("|")):
        assert part in text, part
    english = Reader(press.get(f"{press.url}?lang=en").get_data(as_text=True)).text
    for part in ("Data as of 2024-06-30", "Violations 126", "Frozen", "Sample source", "Done"):
        assert part in english, part


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_the_list_is_reached_from_the_page_of_the_layers(press: Press, query: str) -> None:
    page = press.get(f"/layers{query}").get_data(as_text=True)
    assert f'href="/snapshots{query}"' in page
    assert press.get(f"/snapshots{query}").status_code == 200


def test_the_page_is_asked_for_each_time_with_its_tag(press: Press) -> None:
    answer = press.get(press.url)
    tag = answer.headers["ETag"]
    again = press.get(press.url, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    # what is written since changes no byte of it
    press.publish(131)
    assert press.get(press.url, If_None_Match=tag).status_code == 304
    head = press.client.head(press.url, headers={"Accept": "text/html"})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"]


def test_files_are_immutable(press: Press) -> None:
    for name, content, media in (
        ("figure.png", PICTURE, "image/png"),
        ("figure.svg", DRAWING, "image/svg+xml; charset=utf-8"),
    ):
        answer = press.get(f"{press.url}/{name}")
        assert answer.data == content
        assert answer.headers["Cache-Control"] == IMMUTABLE
        assert answer.headers["Content-Type"].split(";")[0] == media.split(";")[0]
        again = press.get(f"{press.url}/{name}", If_None_Match=answer.headers["ETag"])
        assert again.status_code == 304
        assert press.client.head(f"{press.url}/{name}").data == b""


def test_a_drawing_may_style_itself_and_nothing_else(press: Press) -> None:
    policy = press.get(f"{press.url}/figure.svg").headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script" not in policy
    assert "style-src 'unsafe-inline'" in policy
    page = press.get(press.url).headers["Content-Security-Policy"]
    assert "unsafe" not in page


def test_the_beginning_and_the_mark_lead_on(press: Press) -> None:
    for short in (press.found.id[:12], press.found.mark):
        answer = press.get(f"/s/{short}?lang=en")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"{press.url}?lang=en"
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/s/" + "0" * 64,
        "/s/0123456789ab",
        "/s/abc",
        "/s/..%2f..%2fgeosvc.sqlite",
        "/s/" + "0" * 64 + "/figure.png",
        "/s/" + "0" * 64 + "/status",
        "/s/{id}/nothing",
        "/s/{id}/..",
        "/s/{id}/%2e%2e%2fmanifests",
        "/s/{id}/FIGURE.PNG",
        "/s/{id}/figure.png%00",
        "/s/{id}0",
        "/s/{upper}",
        "/embed/s/" + "0" * 64,
        "/embed/s/{id}/nothing",
        "/s/{id}%0a",
    ],
)
def test_what_is_not_there_is_not_found(press: Press, path: str) -> None:
    asked = path.format(id=press.found.id, upper=press.found.id.upper())
    answer = press.get(asked)
    assert answer.status_code == 404
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_was_only_frozen_is_not_found(press: Press) -> None:
    made = press.shelf.freeze({}, {"kind": "map"})
    assert press.get(f"/s/{made}").status_code == 404


def test_the_status_names_a_newer_version_with_its_numbers(press: Press) -> None:
    said = press.client.get(f"{press.url}/status")
    assert said.headers["Cache-Control"] == "no-store"
    assert said.get_json()["state"] == "standing"
    later = press.publish(131)
    said = press.client.get(f"{press.url}/status").get_json()
    assert (said["state"], said["url"]) == ("newer", f"/s/{later.id}")
    assert said["numbers"] == [{"title": "违法", "before": "126", "now": "131"}]
    assert said["text"] == "已有新版：违法 126 → 131"
    english = press.client.get(f"{press.url}/status?lang=en").get_json()
    assert english["text"] == "There is a newer version: Violations 126 → 131"
    assert english["url"].endswith("?lang=en")
    assert press.client.get(f"/s/{later.id}/status").get_json()["state"] == "standing"


def test_a_newer_version_may_have_the_same_numbers(press: Press) -> None:
    press.publish(126, note="another caption")
    said = press.client.get(f"{press.url}/status").get_json()
    assert (said["state"], said["numbers"]) == ("newer", [])
    assert "数字没有变" in said["text"]


def test_a_withdrawn_one_is_gone_with_its_reason_everywhere(press: Press) -> None:
    tag = press.get(f"{press.url}/figure.png").headers["ETag"]
    hot = Client(HotPath(press.app))
    assert hot.get(f"{press.url}/figure.png").status_code == 200
    assert hot.get(press.url).status_code == 200
    press.shelf.withdraw(press.found.id, "数错了", "li")
    for path in (press.url, f"{press.url}/figure.png", f"/embed{press.url}",
                 f"/embed{press.url}/figure.png"):  # fmt: skip
        answer = press.get(path, If_None_Match=tag)
        assert answer.status_code == 410
        assert "数错了" in answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"
        assert hot.get(path).status_code == 410, "the hot path keeps nothing of it"
    said = press.client.get(f"{press.url}/status").get_json()
    assert (said["state"], said["reason"]) == ("withdrawn", "数错了")
    # the list still names it, and the same bytes of another snapshot are there
    assert "已撤回" in press.get("/snapshots").get_data(as_text=True)
    other = press.publish(131)
    assert press.get(f"/s/{other.id}/figure.png").data == PICTURE


def test_the_embed_is_a_picture_and_a_table(press: Press) -> None:
    press.client.set_cookie("geosvc_session", "anything")
    answer = press.get(f"/embed{press.url}")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    page = answer.get_data(as_text=True)
    assert re.findall(r'<img[^>]* src="([^"]+)"', page) == [f"/embed{press.url}/figure.png"]
    assert "违法 126" in Reader(page).text
    assert "Violations" not in page
    assert "<form" not in page
    loaded = press.get(f"/embed{press.url}/figure.png")
    assert loaded.headers["Access-Control-Allow-Origin"] == "*"
    assert loaded.headers["Cache-Control"] == IMMUTABLE


def test_a_closed_service_shows_nothing_to_nobody(closed: Press) -> None:
    for path in (closed.url, f"{closed.url}/figure.png", f"{closed.url}/status", "/snapshots"):
        assert closed.client.get(path).status_code == 401
    assert closed.client.get(f"/embed{closed.url}").status_code == 403
    assert closed.client.get(f"/embed{closed.url}/figure.png").status_code == 403
    headers = closed.as_program("viewer", "read")
    for path in (closed.url, f"{closed.url}/figure.png"):
        answer = closed.client.get(path, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("private")
        assert "Cookie" in answer.headers["Vary"]


def test_the_public_profile_has_only_what_was_made_for_it(tmp_path: Path) -> None:
    public = Press(tmp_path, profile="public")
    assert public.get(public.url).status_code == 200
    other = Shelf(replace(public.settings, profile="intranet"))
    inside = other.publish(parts(131), facts(131), author="li")
    assert public.get(f"/s/{inside.id}").status_code == 404
    assert public.get(f"/s/{inside.id}/figure.png").status_code == 404
    assert inside.id not in public.get("/snapshots").get_data(as_text=True)


def test_hostile_words_are_text(press: Press) -> None:
    title = {"zh": HOSTILE, "en": HOSTILE}
    counts = {"violations": {"title": title, "count": 1}}
    made = press.publish(7, title=HOSTILE, note=HOSTILE, alt=title, counts=counts)
    for path in (f"/s/{made.id}", f"/embed/s/{made.id}", "/snapshots"):
        page = press.get(path).get_data(as_text=True)
        assert "<img src=x" not in page
        assert "49" not in Reader(page).text.split("违法")[0]
        assert HOSTILE in Reader(page).text


def test_changed_bytes_are_not_given_out(press: Press) -> None:
    for path in press.shelf.folder.rglob("*"):
        if path.is_file() and path.read_bytes() == PICTURE:
            path.chmod(0o600)
            path.write_bytes(b"another picture")
    answer = press.get(f"{press.url}/figure.png")
    assert answer.status_code == 500
    assert "已损坏" in answer.get_data(as_text=True)
    assert press.get(press.url).status_code == 200


def test_the_list_says_what_stands(press: Press) -> None:
    page = press.get("/snapshots").get_data(as_text=True)
    assert "违法一张图" in page
    assert "有效" in page
    for found in press.shelf.list():
        press.shelf.withdraw(found.id, "x", "li")
    assert "有效" not in Reader(press.get("/snapshots").get_data(as_text=True)).text


def test_only_editors_are_offered_to_withdraw(press: Press) -> None:
    assert "/withdraw" not in press.get(press.url).get_data(as_text=True)
    client, csrf = press.as_person("editor")
    page = client.get(press.url, headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f'action="{press.url}/withdraw"' in page
    assert csrf in page
    viewer, _ = press.as_person("viewer")
    answer: Any = viewer.get(press.url, headers={"Accept": "text/html"})
    assert "/withdraw" not in answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]
