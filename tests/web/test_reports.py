from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.datastructures import MultiDict

from geosvc.errors import StateError
from geosvc.reports.building import build
from geosvc.store.jobs import JobTable
from geosvc.store.scenarios import Outcome, ScenarioTable
from geosvc.web.app import create_app
from geosvc.web.reports import read_form
from geosvc.works import WORKS
from geosvc.workspace import Workspace
from tests.reports.county import prepared
from tests.web.persons import signed_in

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

HTML = {"Accept": "text/html"}
ASKED = {"period": "2024H1", "sections": ["siting"], "language": "zh"}
FORM = {"kind": "report", "period": "2024H1", "section": ["numbers", "notes"], "language": "en"}


class Desk:
    """A service with one report, and an editor in front of it."""

    def __init__(self, root: Path) -> None:
        self.folder = prepared(root)
        self.settings = self.folder.settings
        with closing(Workspace(self.settings)) as opened:
            self.built = build(opened, ASKED, author="li")
        self.app = create_app(self.settings)
        self.reader: FlaskClient = self.app.test_client()
        self.editor, person = signed_in(self.app, "editor")
        self.csrf = person.csrf or ""

    def post(self, **form: Any) -> TestResponse:  # noqa: ANN401 - texts and lists of them
        """Send a form as the editor."""
        return self.editor.post("/reports", data={"csrf": self.csrf, **form}, headers=HTML)

    def page(self, query: str = "") -> str:
        """The page as the editor sees it."""
        answer = self.editor.get(f"/reports{query}", headers=HTML)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def table(self) -> JobTable:
        """The jobs of the service."""
        return JobTable(self.settings.instance / "geosvc.sqlite")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_readers_find_and_download_what_is_published(desk: Desk) -> None:
    answer = desk.reader.get("/reports", headers=HTML)
    text = answer.get_data(as_text=True)
    assert "2024 年上半年报告" in text
    assert f"/s/{desk.built.id}/report.docx" in text
    assert "<fieldset" not in text
    file = desk.reader.get(f"/s/{desk.built.id}/report.docx")
    assert file.data == desk.built.report.content
    assert "wordprocessingml" in (file.mimetype or "")
    assert "站台" in desk.reader.get(f"/s/{desk.built.id}", headers=HTML).get_data(as_text=True)
    english = desk.reader.get("/reports?lang=en", headers=HTML).get_data(as_text=True)
    assert "Published reports" in english


def test_an_editor_asks_for_a_report_and_a_job_writes_it(desk: Desk) -> None:
    answer = desk.post(**FORM)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/reports?job=1"
    with desk.table() as table:
        job = table.job(1)
    assert (job.name, job.state) == ("report", "queued")
    asked = {"period": "2024H1", "sections": ["numbers", "notes"], "language": "en"}
    assert job.parameters == asked | {"author": "editor"}
    text = desk.page("?job=1")
    assert "正在生成报告" in text
    assert 'data-job="/jobs/1"' in text
    with closing(Workspace(desk.settings)) as opened, desk.table() as table:
        taken = table.claim()
        assert taken is not None
        result = WORKS["report"].run(opened, taken.parameters, lambda *_told: False)
        table.finish(taken.id, "done", result=result)
    text = desk.page("?job=1")
    assert "报告已生成。" in text
    assert f"/s/{result['id']}/report.docx" in text
    assert 'download="Report, first half of 2024.docx"' in text


def test_a_job_that_failed_says_why(desk: Desk) -> None:
    desk.post(kind="difference", since="1999-01-01", until="1999-06-30")
    with closing(Workspace(desk.settings)) as opened, desk.table() as table:
        taken = table.claim()
        assert taken is not None
        with pytest.raises(StateError) as caught:
            WORKS["report"].run(opened, taken.parameters, lambda *_told: False)
        issue = caught.value.issues[0]
        said = {"code": issue.code, "path": "", "found": issue.found, "expected": issue.expected}
        error = {"code": "state", "detail": "until", "issues": [said]}
        table.finish(taken.id, "failed", error=error)
    text = desk.page("?job=1")
    assert "报告没有生成。" in text
    assert "1999-06-30 时还没有任何数据" in text


def test_the_forms_offer_what_there_is(desk: Desk) -> None:
    text = desk.page()
    assert text.count('name="section"') == 7
    assert '<option value="2024H1">2024 年上半年</option>' in text
    assert 'type="date"' in text
    assert "只在本机有效" in text
    assert desk.editor.get("/reports?job=99", headers=HTML).status_code == 404


def test_the_scenario_of_the_siting_is_chosen(desk: Desk) -> None:
    assert 'name="scenario"' not in desk.page()
    outcome = Outcome({}, {"stopped": False}, {"wishes": {}, "chosen": None})
    with ScenarioTable(desk.settings.instance / "geosvc.sqlite") as table:
        for title in ("甲方案", "乙方案"):
            table.add(title, outcome, parameters={}, author="li")
    page = desk.page()
    assert page.index("最近保存的方案") < page.index("乙方案") < page.index("甲方案")
    desk.post(**FORM, scenario="1")
    with desk.table() as table:
        job = table.recent(limit=1)[0]
    assert job.parameters["scenario"] == 1
    answer = desk.post(**FORM, scenario="7")
    assert answer.status_code == 400
    assert "scenario" in answer.get_data(as_text=True)
    with desk.table() as table:
        assert table.recent(limit=1)[0].id == job.id


def test_others_may_not_ask(desk: Desk) -> None:
    assert desk.reader.post("/reports", data=FORM).status_code == 401
    viewer, person = signed_in(desk.app, "viewer")
    form = FORM | {"csrf": person.csrf or ""}
    assert viewer.post("/reports", data=form, headers=HTML).status_code == 403
    assert "<fieldset" not in viewer.get("/reports", headers=HTML).get_data(as_text=True)
    forged = desk.editor.post("/reports", data=FORM, headers=HTML)
    assert forged.status_code == 403


def test_the_public_profile_writes_none(desk: Desk) -> None:
    app = create_app(replace(desk.settings, profile="public"))
    editor, person = signed_in(app, "editor")
    text = editor.get("/reports", headers=HTML).get_data(as_text=True)
    assert "<fieldset" not in text
    # what was made from positions that the public does not see is not there
    assert desk.built.id not in text
    answer = editor.post("/reports", data=FORM | {"csrf": person.csrf or ""}, headers=HTML)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({}, "kind"),
        ({"kind": "novel"}, "kind"),
        ({"kind": "report", "period": "2024H1"}, "section"),
        ({"kind": "report", "period": "2024H1", "section": ["numbers", "gossip"]}, "section"),
        ({"kind": "report", "period": "soon", "section": ["numbers"]}, "period"),
        (FORM | {"scenario": "first"}, "scenario"),
        (FORM | {"scenario": "-1"}, "scenario"),
        ({"kind": "difference", "since": "2024-06-30", "until": "2024-06-30"}, "until"),
        ({"kind": "difference", "since": "x" * 500, "until": "2024-06-30"}, "since"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, form: dict[str, Any], named: str) -> None:
    answer = desk.post(**form)
    assert answer.status_code == 400
    with pytest.raises(StateError) as caught:
        read_form(MultiDict(form))
    assert caught.value.issues[0].path == named
    with desk.table() as table:
        assert table.recent(limit=9) == ()


def test_a_withdrawn_report_says_so(desk: Desk) -> None:
    url = f"/s/{desk.built.id}/withdraw"
    desk.editor.post(url, data={"csrf": desk.csrf, "reason": "数字有误"}, headers=HTML)
    text = desk.reader.get("/reports", headers=HTML).get_data(as_text=True)
    assert "数字有误" in text
    assert f"/s/{desk.built.id}/report.docx" not in text
