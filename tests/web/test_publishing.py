from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.errors import PublishError
from geosvc.reports.publish import Made
from geosvc.store import Store
from geosvc.web import publishing
from geosvc.web.service import EXTENSION
from tests.web.frozen import Press, facts, parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geosvc.workspace import Workspace

PATH = "/snapshots"
MAP = {"kind": "map", "map": "overview", "query": "layers=stops"}
TINY = {"paper": "pixels", "width": "300", "height": "200", "dpi": "150"}


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What was asked to be made; it is made by hand, because drawing takes a second."""
    seen: list[dict[str, str]] = []

    def made_of(_workspace: Workspace, given: Mapping[str, str]) -> Made:
        seen.append(dict(given))
        if given.get("title") == "wrong":
            raise PublishError(given["title"])
        return Made(parts(), facts(title=given.get("title", "")))

    monkeypatch.setattr(publishing, "made_of", made_of)
    return seen


def logged(press: Press) -> list[tuple[str, str, Any]]:
    store = Store(press.settings.instance / "geosvc.sqlite")
    found = [entry for entry in store.log_entries(limit=50) if entry.action.startswith("snapshot")]
    store.close()
    return [(entry.action, entry.actor, entry.detail) for entry in found]


def test_json_is_answered_with_json(press: Press, asked: list[dict[str, str]]) -> None:
    answer = press.client.post(
        PATH, json=MAP | {"title": "站点", "landscape": True}, headers=press.as_program()
    )
    assert answer.status_code == 201
    said = answer.get_json()
    assert said["url"] == f"/s/{said['id']}"
    assert said["embed"] == f"/embed/s/{said['id']}"
    assert said["state"] == "standing"
    assert press.get(said["url"]).status_code == 200
    assert asked == [MAP | {"title": "站点", "landscape": "1"}]
    action, actor, detail = logged(press)[0]
    assert (action, actor, detail["title"]) == ("snapshot_publish", "editor", "站点")


def test_while_another_figure_is_drawn_it_waits_its_turn(
    press: Press, asked: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, headers = press.client, press.as_program()
    drawings = client.application.extensions[EXTENSION].drawings
    monkeypatch.setattr(drawings, "_patience_s", 0.01)
    with drawings.turn():
        answer = client.post(PATH, json=MAP, headers=headers)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert asked == []
    assert client.post(PATH, json=MAP, headers=headers).status_code == 201


def test_a_form_leads_to_the_page(press: Press, asked: list[dict[str, str]]) -> None:
    client, csrf = press.as_person("editor")
    answer = client.post(f"{PATH}?lang=en", data=MAP | {"csrf": csrf, "title": "x"})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("?lang=en")
    assert client.get(answer.headers["Location"]).status_code == 200
    assert len(asked) == 1


@pytest.mark.parametrize("csrf", ["", "x"])
def test_a_forged_form_publishes_nothing(
    press: Press, asked: list[dict[str, str]], csrf: str
) -> None:
    client, _ = press.as_person("editor")
    assert client.post(PATH, data=MAP | {"csrf": csrf}).status_code == 403
    assert client.post(PATH, json=MAP, headers={"X-CSRF-Token": csrf}).status_code == 403
    assert client.post(f"{press.url}/withdraw", data={"reason": "x"}).status_code == 403
    assert asked == []
    assert len(press.shelf.list()) == 1


def test_readers_publish_and_withdraw_nothing(press: Press, asked: list[dict[str, str]]) -> None:
    headers = press.as_program("viewer", "read")
    assert press.client.post(PATH, json=MAP, headers=headers).status_code == 403
    assert press.client.post(PATH, json=MAP).status_code == 401
    answer = press.client.post(f"{press.url}/withdraw", json={"reason": "x"}, headers=headers)
    assert answer.status_code == 403
    assert asked == []
    assert press.get(press.url).status_code == 200


def test_what_is_refused_leaves_nothing(press: Press, asked: list[dict[str, str]]) -> None:
    bodies: list[object] = [{"title": "wrong"}, [], "x", 1]
    for body in bodies:
        answer = press.client.post(PATH, json=body, headers=press.as_program())
        assert answer.status_code == 422
        assert answer.get_json()["code"] == "publish"
    assert len(press.shelf.list()) == 1
    assert len(asked) == 1


def test_a_full_disk_is_said_and_publishes_nothing(
    press: Press, asked: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = press.settings.instance / "snapshots"
    before = (logged(press), {path for path in folder.rglob("*") if path.is_file()})
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        answer = press.client.post(PATH, json=MAP, headers=press.as_program())
    assert answer.status_code == 503
    assert answer.get_json()["detail"]
    assert "No space" not in answer.get_data(as_text=True)
    assert asked
    assert (logged(press), {path for path in folder.rglob("*") if path.is_file()}) == before
    # nothing half-made stands in the way of the next attempt
    again = press.client.post(PATH, json=MAP, headers=press.as_program())
    assert again.status_code == 201


def test_two_people_who_freeze_the_same_thing_are_both_recorded(
    press: Press, asked: list[dict[str, str]]
) -> None:
    ids = [
        press.client.post(PATH, json=MAP, headers=press.as_program(role)).get_json()["id"]
        for role in ("editor", "administrator")
    ]
    assert ids[0] == ids[1]
    found = press.shelf.standing(ids[0])
    assert (found.times, found.author, found.last_author) == (2, "editor", "administrator")
    assert len(asked) == 2
    page = press.get(f"/s/{ids[0]}").get_data(as_text=True)
    assert "共发布 2 次" in page


def test_a_withdrawal_is_told_and_logged(press: Press) -> None:
    client, csrf = press.as_person("administrator")
    data = {"csrf": csrf, "reason": "数错了"}
    answer = client.post(f"{press.url}/withdraw", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
    assert press.get(press.url).status_code == 410
    assert logged(press)[0][:2] == ("snapshot_withdraw", "administrator")
    assert logged(press)[0][2]["reason"] == "数错了"
    again = press.client.post(
        f"{press.url}/withdraw", json={"reason": "x"}, headers=press.as_program()
    )
    assert again.get_json()["state"] == "withdrawn"
    assert press.shelf.status(press.found.id)[0].withdrawn_reason == "数错了"


@pytest.mark.parametrize("reason", ["", "  ", "a" * 501, "a\nb", "a\u202eb"])
def test_a_withdrawal_needs_a_reason(press: Press, reason: str) -> None:
    answer = press.client.post(
        f"{press.url}/withdraw", json={"reason": reason}, headers=press.as_program()
    )
    assert answer.status_code == 422
    assert press.get(press.url).status_code == 200


def test_what_was_withdrawn_is_not_published_again(
    press: Press, asked: list[dict[str, str]]
) -> None:
    made = press.client.post(PATH, json=MAP, headers=press.as_program()).get_json()
    press.shelf.withdraw(made["id"], "数错了", "li")
    answer = press.client.post(PATH, json=MAP, headers=press.as_program())
    assert answer.status_code == 410
    assert len(asked) == 2


def test_an_unknown_one_cannot_be_withdrawn(press: Press) -> None:
    answer = press.client.post(
        f"/s/{'0' * 64}/withdraw", json={"reason": "x"}, headers=press.as_program()
    )
    assert answer.status_code == 404


def test_who_sees_plates_publishes_masks(press: Press) -> None:
    """The whole way, with a real picture."""
    headers = press.as_program("enforcement", "read edit personal")
    answer = press.client.post(PATH, json=MAP | TINY, headers=headers)
    assert answer.status_code == 201, answer.get_json()
    shelf, made = press.shelf, answer.get_json()["id"]
    parts_ = shelf.manifest(made).parts
    content = b"".join(shelf.read(made, name).content for name in parts_)
    for plate in ("XA1234", "XB5678"):
        assert plate.encode() not in content
    assert press.get(f"/s/{made}").status_code == 200
    assert shelf.verify_all() == ()


def test_the_log_has_sentences(press: Press) -> None:
    press.shelf.withdraw(press.found.id, "数错了", "li")
    client, _ = press.as_person("administrator")
    page = client.get("/log", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f"撤回快照“违法一张图”（编号 {press.found.id[:12]}），理由：数错了" in page
    assert f"发布快照“违法一张图”（编号 {press.found.id[:12]}）" in page
