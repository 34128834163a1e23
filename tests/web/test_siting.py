from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from geosvc.errors import AnalysisError
from tests.web.siting_catalog import FORM, HOSTILE, Office, at, write_siting
from tests.web.test_pages import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store.jobs import State
    from tests.web.small import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return write_siting(tmp_path)


@pytest.fixture
def office(folder: Folder) -> Office:
    return Office(folder)


def told(page: str) -> dict[str, Any]:
    found = re.search(r'id="geosvc_siting">(.*?)</script>', page)
    assert found is not None
    read: dict[str, Any] = orjson.loads(found[1])
    return read


def test_readers_see_no_form_and_editors_do(office: Office) -> None:
    page = office.client.get("/siting").get_data(as_text=True)
    assert "<form" not in page
    assert 'href="/siting" aria-current="page"' in page
    page = office.ask("/siting").get_data(as_text=True)
    assert page.count('name="weight.violations.') == 2
    assert 'name="parcel.CP5"' in page
    assert "示例规则" in page
    assert len(told(page)["form"]["parcels"]) == 3


def test_a_question_is_answered_on_a_page_of_its_own(office: Office) -> None:
    job_id = office.submit()
    waiting = office.page(job_id)
    assert "data-view" not in waiting
    assert told(waiting)["run"]["state"] == "queued"
    office.work()
    page = office.page(job_id)
    text = Reader(page).text
    assert "新增 1 处，平均距离从" in text
    assert "已证明最优" in text
    assert "压在“古城”上。（来源：示例规则）" in text
    assert "关停的店每天 80 辆，现有 14 个车位" in text
    drawn = told(page)["answer"]
    assert [drawn["sites"][site]["key"] for site in drawn["plans"]["c1"]] == ["CW1", "CP5"]
    assert set(drawn["served"]["c1"]) == {0, 2}
    assert "New sites: 1" in Reader(office.page(job_id, "?lang=en")).text


def test_no_text_of_a_feature_is_markup_or_code(office: Office) -> None:
    job_id = office.submit()
    office.work()
    for page in (office.page(job_id), office.ask("/siting").get_data(as_text=True)):
        assert "<img src=x" not in page
        assert "49" not in Reader(page).text
        assert HOSTILE in Reader(page).text


def test_why_not_here(office: Office) -> None:
    job_id = office.submit()
    path = f"/siting/runs/{job_id}/why"
    early = office.ask(path, method="POST", json={"place": "CP8", "list": "curve", "row": 1})
    assert early.status_code == 404
    office.work()
    for place, part in (("CP8", "古城"), (at(3), "学前路"), ("CP5", "就在方案里")):
        asked = {"place": place, "list": "curve", "row": 1}
        answer = office.ask(path, method="POST", json=asked)
        url = answer.get_json()["url"]
        assert office.ask(url).get_json() == {"state": "queued", "said": []}
        office.work()
        found = office.ask(url).get_json()
        assert found["state"] == "done"
        assert part in "".join(found["said"])


@pytest.mark.parametrize(
    "asked",
    [
        None,
        [],
        {},
        {"place": "CP0", "list": "curve", "row": 1},
        {"place": "CP5", "list": "curve", "row": 99},
        {"place": "CP5", "list": "curve", "row": True},
        {"place": [1, "2"], "list": "curve", "row": 1},
        {"place": [181, 2], "list": "curve", "row": 1},
        {"place": [1], "list": "curve", "row": 1},
        {"place": {"a": 1}, "list": "plans", "row": 0},
    ],
)
def test_a_place_that_is_none_is_refused(office: Office, asked: object) -> None:
    job_id = office.submit()
    office.work()
    answer = office.ask(f"/siting/runs/{job_id}/why", method="POST", json=asked)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"added": "many"}, "最多新增"),
        ({"weight.relocated": "-1"}, "权重"),
        ({"areas": "121.1,33.5; 121.2"}, "排除区坐标"),
        ({"objective": "best"}, "objective"),
        ({"objective": "capacitated"}, "washes_per_bay_day"),
        ({"parcel.CP5": "keep", "parcel.CP8": "x", "service_distance_m": "0"}, "服务半径"),
    ],
)
def test_wishes_that_make_no_sense_are_refused_with_their_name(
    office: Office, form: dict[str, str], said: str
) -> None:
    answer = office.ask("/siting", method="POST", data={**FORM, **form})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_no_plan_is_said_with_its_reason(office: Office) -> None:
    job_id = office.submit(added="3", sewer="on")
    office.work()
    text = Reader(office.page(job_id)).text
    assert "可用候选只有 1 个，要新增 3 处：还差 2 个" in text


def test_a_form_starts_as_an_earlier_run_did(office: Office) -> None:
    form = {"areas": "121.11,33.49; 121.12,33.49; 121.12,33.52", "parcel.CP5": "keep"}
    job_id = office.submit(added="2", **form, **{"weight.relocated": "2.5"})
    page = office.ask(f"/siting?from={job_id}").get_data(as_text=True)
    assert re.search(r'name="added"[^>]*value="2"', page)
    assert re.search(r'name="weight.relocated"[^>]*value="2.5"', page)
    assert re.search(r'name="weight.violations.lane"[^>]*value="1"', page)
    assert form["areas"] in page
    assert re.search(r'name="parcel.CP5".*?value="keep" selected', page)
    assert office.ask("/siting?from=99").status_code == 404


@pytest.mark.parametrize(
    ("state", "said"),
    [("failed", "没有算出结果"), ("canceled", "已取消"), ("lost", "中断了")],
)
def test_a_run_without_an_answer_says_so(office: Office, state: State, said: str) -> None:
    job_id = office.submit()
    error = AnalysisError("siting_setting", setting="demand[0].by", found="x")
    issues = [{"code": error.issues[0].code, "path": "", "key": "", "row": None}]
    issues[0] |= {"found": error.issues[0].found, "expected": ""}
    with office.table() as table:
        table.claim()
        trouble = {"code": "analysis", "detail": "", "issues": issues}
        table.finish(job_id, state, error=trouble if state == "failed" else None)
    text = Reader(office.page(job_id)).text
    assert said in text
    assert ("选址设置 需求 1 · 分类字段 的值 x 不能用" in text) == (state == "failed")


def test_a_run_that_is_stopping_says_so(office: Office) -> None:
    job_id = office.submit()
    with office.table() as table:
        table.claim()
        table.advance(job_id, 0.2, "curve", trace=[[1.0, "curve", 9.0, 7.0]])
        table.cancel(job_id)
    page = office.page(job_id)
    assert "正在停止" in page
    assert told(page)["run"]["trace"] == [[1.0, "curve", 9.0, 7.0]]


def test_other_jobs_are_no_runs(office: Office) -> None:
    assert office.ask("/siting/runs/99").status_code == 404
    job_id = office.submit()
    assert office.ask(f"/siting/why/{job_id}").status_code == 404


def test_the_public_profile_has_no_runs(office: Office, folder: Folder) -> None:
    job_id = office.submit()
    public = Office(folder, profile="public")
    assert "<form" not in public.ask("/siting").get_data(as_text=True)
    assert public.ask(f"/siting/runs/{job_id}").status_code == 403
    assert public.ask("/siting", method="POST", data=FORM).status_code == 403
