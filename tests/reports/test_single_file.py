from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.errors import StateError, UnknownMapError
from geosvc.map_state import Filter, MapState, parse_state
from geosvc.reports.single_file import StateView, single_file
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geosvc.workspace import Workspace

ADDRESS = "https://gis.example.gov.cn/maps/overview"
BAYS = Filter("stops", "kind", ("bay",))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with closing(write_catalog(tmp_path_factory.mktemp("catalog")).prepare()) as opened:
        yield opened


def written(workspace: Workspace, state: MapState) -> str:
    return single_file(workspace, state, address=ADDRESS).decode()


def block(page: str, name: str) -> Any:  # noqa: ANN401 - a JSON value
    found = re.search(
        rf'<script type="application/json" id="geosvc_{name}">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(found[1]) if found else None


def policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_nothing_is_asked_of_any_host(workspace: Workspace) -> None:
    page = written(workspace, MapState("overview"))
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?/""", page)
    assert "connect-src" not in policy(page)
    assert policy(page).startswith("default-src 'none'")


def test_the_policy_names_all_that_runs_and_nothing_unsafe(workspace: Workspace) -> None:
    page = written(workspace, MapState("overview"))
    said = policy(page)
    assert "unsafe" not in said
    inline = re.findall(r'<script(?: type="(?:importmap|module)")?>(.*?)</script>', page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(inline) == 2
    assert len(styles) > 3
    for text in (*inline, *styles):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in said
    assert not re.search(r"<[^>]+ (?:style|on[a-z]+)=", page.partition("<script")[0])


def test_the_file_holds_what_is_shown_and_no_more(workspace: Workspace) -> None:
    page = written(workspace, MapState("overview", layers=("stops",), filters=(BAYS,)))
    assert block(page, "data_stops")["count"] == 1
    assert block(page, "data_area") is None
    (entry,) = block(page, "manifest")["layers"]
    assert (entry["count"], entry["visible"], entry["warning"]) == (1, True, None)
    assert "筛选：类型 = 港湾式" in page


def test_the_view_is_kept(workspace: Workspace) -> None:
    query = [("z", "14.5"), ("c", "121.1,33.5"), ("layers", "stops")]
    state = parse_state("overview", query, workspace.catalog)
    assert block(written(workspace, state), "view") == "z=14.5&c=121.10000,33.50000"
    assert block(written(workspace, MapState("overview")), "view") is None


def test_words_stand_around_the_map(workspace: Workspace) -> None:
    page = written(workspace, MapState("overview"))
    for said in ("<title>总览</title>", "总览</h1>", "2024 年 6 月 30 日", "模拟数据", ADDRESS):
        assert said in page, said
    english = written(workspace, MapState("overview", "en"))
    assert "Data of 2024-06-30, not updated since the download" in english


def test_no_true_personal_value_is_inside(workspace: Workspace) -> None:
    page = written(workspace, MapState("overview"))
    for plate in ("苏XA1234", "苏XB5678"):
        assert plate not in page
        assert json.dumps(plate)[1:-1] not in page


def test_equal_states_are_equal_bytes(workspace: Workspace) -> None:
    assert len({single_file(workspace, MapState("overview")) for _ in range(2)}) == 1


def test_hostile_titles_stay_text(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    text = "</title><script>window.ran=1</script>{{7*7}}"
    path = tmp_path / "layers/maps/overview.toml"
    folder.write("layers/maps/overview.toml", path.read_text("utf-8").replace("总览", text))
    with closing(folder.prepare()) as opened:
        page = written(opened, MapState("overview"))
    assert "<script>window" not in page
    assert page.count("<script") == page.count("</script>")
    assert f"{html.escape(text)}</h1>" in page


def test_what_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(UnknownMapError):
        single_file(workspace, MapState("atlantis"))
    with pytest.raises(StateError):
        parse_state("overview", [("f.stops.plate", "x")], workspace.catalog)


def test_a_view_changes_nothing_of_the_workspace(workspace: Workspace) -> None:
    pinned = workspace.pinned()
    view = StateView(pinned, MapState("overview", layers=("stops",), filters=(BAYS,)))
    assert len(view.frame("stops")) == view.status("stops").count == 1
    assert len(pinned.frame("stops")) == pinned.status("stops").count == 3
    assert view.catalog.map("overview").layers == ("stops",)
    assert len(pinned.catalog.map("overview").layers) > 1
