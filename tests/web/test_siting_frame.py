from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from geosvc.web import siting_frame
from geosvc.web.app import create_app
from tests.web.siting_catalog import Office, write_siting
from tests.web.test_pages import Reader

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(write_siting(tmp_path))


def test_without_the_map_there_is_no_page(office: Office, tmp_path: Path) -> None:
    (tmp_path / "layers/maps/siting.toml").unlink()
    office.app = create_app(office.settings)
    office.client = office.app.test_client()
    assert office.ask("/siting").status_code == 404


def test_a_run_on_its_way_has_its_progress_and_one_filled_button(office: Office) -> None:
    job_id = office.submit()
    page = office.page(job_id)
    assert page.count("button-main") == 1
    assert "停止，保留目前最好的" in Reader(page).text
    assert 'data-geosvc="trace"' in page
    assert '"is_open": true' in page
    assert "queued" in siting_frame.OPEN


def test_a_run_that_is_done_has_no_progress(office: Office) -> None:
    job_id = office.submit(draws="0")
    office.work()
    page = office.page(job_id)
    assert 'data-geosvc="progress"' not in page
    assert page.count("button-main") == 1, "to save it"


def test_a_fault_of_a_job_names_the_setting_in_words(office: Office) -> None:
    job_id = office.submit()
    found = json.dumps({"setting": "candidates.bays", "found": "x"})
    issue = {"code": "analysis.siting_setting", "path": "p", "key": "", "row": None}
    error = {"code": "analysis", "detail": "", "issues": [issue | {"found": found, "expected": ""}]}
    with office.table() as table:
        table.claim()
        table.finish(job_id, "failed", error=error)
    assert "选址设置 候选地块 · 车位字段 的值 x 不能用" in Reader(office.page(job_id)).text
    english = Reader(office.page(job_id, "?lang=en")).text
    assert "siting setting Candidate parcels · Field of the bays cannot" in english
