from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.web import siting_page
from geosvc.web.siting_runs import read_form
from geosvc.workspace import Workspace
from geosvc.workspace.siting import ask, read_wishes
from tests.web.siting_catalog import FORM, write_siting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("siting")
    with closing(Workspace(write_siting(folder).settings)) as opened:
        yield opened


def asked(workspace: Workspace, **form: str) -> dict[str, Any]:
    return read_wishes(workspace, read_form({**FORM, "draws": "0", **form}, workspace))


def test_the_head_says_what_was_asked(workspace: Workspace) -> None:
    wishes = asked(workspace, **{"depots.taxi": "121.1,33.5"})
    said = siting_page.asked(wishes, workspace, "en")
    assert "Synthetic" in said[-1]
    assert "Taxis at depots" in said[-1]
    assert "radius 1,500 m" in said


def test_the_method_calls_layers_and_values_by_their_titles(workspace: Workspace) -> None:
    document = ask(workspace, asked(workspace))
    rows = dict(siting_page.method(document, "zh", workspace.catalog))
    assert "占道违法 (路边)：2 个" in rows["需求"]
    assert "lane" not in rows["需求"]
    assert dict(siting_page.method(document, "zh"))["需求"].count("(lane)") == 1
    assert "roads r1" in rows["数据修订"]


def test_what_the_script_draws_has_words_for_each_mark(workspace: Workspace) -> None:
    document = ask(workspace, asked(workspace))
    drawn = siting_page.drawn(document, siting_page.answer(document, "zh"), "zh")
    assert drawn["plans"][drawn["chosen"]]
    assert len(drawn["served"][drawn["chosen"]]) == len(drawn["demand"]["lon"])
    assert all(siting_page.words("en").values())
