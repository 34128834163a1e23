from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from geosvc.web import siting_page
from geosvc.web.siting_runs import read_form
from geosvc.workspace import Workspace
from geosvc.workspace.siting import read_wishes
from tests.web.siting_catalog import FORM, write_siting

if TYPE_CHECKING:
    from pathlib import Path


def test_the_form_says_again_what_it_was_told(tmp_path: Path) -> None:
    with closing(Workspace(write_siting(tmp_path).settings)) as workspace:
        more = {"weight.shops": "0", "weight.violations.lane": "3", "sewer": "on", "budget": "12.5"}
        wishes = read_wishes(workspace, read_form({**FORM, **more}, workspace))
        form = siting_page.form(workspace, wishes, "en")
        again = {row["name"]: row["weight"] for kind in form["kinds"] for row in kind["rows"]}
        given = {**FORM, **form["given"], **again, "sewer": "on"}
        assert read_wishes(workspace, read_form(given, workspace)) == wishes
        assert form["has_sewer"] is True
        assert form["existing"] == "Keep the 1 existing sites (14 bays)"
        assert "Synthetic" in siting_page.asked(wishes, workspace, "en")[-1]
        assert siting_page.form(workspace, None, "zh")["given"]["objective"] == "median"
