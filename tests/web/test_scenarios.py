from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.store import Change
from geosvc.store.jobs import JobTable
from geosvc.web.app import create_app
from geosvc.works import WORKS
from geosvc.workspace import Editor, Workspace
from tests.web.kept import Office, asked, keep
from tests.web.test_pages import Reader

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "{{7*7}}</script><img src=x onerror=window.ran=1>"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def place(office: Office) -> str:
    return f"/siting/scenarios/{office.kept.id}"


def rename_stop(office: Office) -> None:
    with closing(Workspace(office.settings)) as workspace:
        editor = Editor(workspace)
        editor.replace("stops", "A1", {"name": "新名"}, base=1, change=Change("wu", ""))


def actions(office: Office) -> list[str]:
    with closing(Workspace(office.settings)) as workspace:
        found = [entry.action for entry in workspace.store.log_entries(limit=20)]
    return [action for action in found if action.startswith("scenario_")]


def told(page: str) -> dict[str, Any]:
    found = re.search(r'id="geosvc_siting">(.*?)</script>', page)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def job_of(answer_to: str) -> int:
    found = re.search(r"job=(\d+)", answer_to)
    assert found is not None
    return int(found[1])


def test_the_list_says_what_each_does(office: Office) -> None:
    page = office.read("/siting/scenarios")
    text = Reader(page).text
    assert "新增 2 处，平均距离" in text
    assert "已证明最优" in text
    assert "第 1 次计算" in text
    assert "数据已变" not in text
    assert "并排比较" not in re.sub(r"<th.*?</th>", "", page), "there is nothing to compare with"
    assert "No scenario" not in Reader(office.read("/siting/scenarios?lang=en")).text


def test_an_empty_list_says_so(office: Office) -> None:
    with office.table() as table:
        table.delete(office.kept.id, author="li")
    assert "还没有保存的方案" in Reader(office.read("/siting/scenarios")).text


def test_one_shows_verdict_sites_curve_and_basis(office: Office) -> None:
    text = Reader(office.read(place(office))).text
    for part in ("两处", "已证明最优", "A2 =1+1", "现状", "公交站 r1", "道路 r1", "模拟数据"):
        assert part in text
    assert "需求 1 · 图层公交站" in text
    assert "demand[0]" not in text
    assert "重算" not in text, "readers have no buttons"


def test_one_has_the_map_the_curve_and_the_plans_of_its_run(office: Office) -> None:
    drawn = told(office.read(place(office)))
    assert [site["key"] for site in drawn["answer"]["sites"]] == ["A1", "A2", "A3"]
    assert drawn["answer"]["chosen"] == "c2"
    assert [point["id"] for point in drawn["answer"]["curve"]["points"]] == ["c1", "c2"]
    page = office.read(place(office))
    assert 'data-geosvc="curve"' in page
    assert page.count('data-view="') == 4, "three rows of the curve, one plan beside"
    assert 'class="folium-map"' in page


def test_editors_ask_it_why_not_and_readers_are_not_offered_to(office: Office) -> None:
    assert told(office.read(place(office)))["why"] is None
    assert 'data-geosvc="why"' not in office.read(place(office))
    assert told(office.ask(place(office)).get_data(as_text=True))["why"] == f"{place(office)}/why"
    asked = {"place": "A3", "list": "curve", "row": 2}
    answer = office.ask(f"{place(office)}/why", method="POST", json=asked)
    url = answer.get_json()["url"]
    with JobTable(office.settings.instance / "geosvc.sqlite") as table:
        job = table.claim()
        assert job is not None
        with closing(Workspace(office.settings)) as workspace:
            result = WORKS[job.name].run(workspace, job.parameters, lambda *_told: False)
        table.finish(job.id, "done", result=result)
    found = office.ask(url).get_json()
    assert found["state"] == "done"
    assert "可以建，但没有选上" in "".join(found["said"])
    wrong = office.ask(f"{place(office)}/why", method="POST", json={"place": "A9"})
    assert wrong.status_code == 422


def test_editors_have_buttons_and_a_reason_to_write(office: Office) -> None:
    page = office.ask(place(office)).get_data(as_text=True)
    for verb in ("rerun", "copy", "delete", "rename", "write"):
        assert f'action="{place(office)}/{verb}"' in page
    assert 'value="选址方案“两处”，第 1 次计算"' in page


def test_a_page_is_never_kept_and_holds_nothing_inline(office: Office) -> None:
    with office.table() as table:
        table.rename(office.kept.id, HOSTILE)
    for url in ("/siting/scenarios", place(office)):
        answer = office.ask(url)
        assert "no-store" in answer.headers["Cache-Control"]
        page = answer.get_data(as_text=True)
        assert "<img" not in page
        assert HOSTILE in Reader(page).text
        for tag, attributes in Reader(page).tags:
            assert "style" not in attributes
            is_data = attributes.get("type") == "application/json"
            assert tag != "script" or is_data or str(attributes["src"]).startswith("/")


def test_a_run_is_kept_with_its_question(office: Office) -> None:
    with JobTable(office.settings.instance / "geosvc.sqlite") as table:
        job = table.enqueue("siting", {"wishes": {}}, cache_key="k", author="li")
        assert office.post("/siting/scenarios", job=str(job.id), title="早了").status_code == 404
        table.claim()
        table.finish(job.id, "done", result=office.document)
    answer = office.post("/siting/scenarios", job=str(job.id), title="  四 处 ")
    assert answer.headers["Location"].endswith("/siting/scenarios/2")
    with office.table() as kept:
        made, document = kept.result(2)
    assert (made.title, made.author) == ("四 处", "editor")
    assert made.parameters == {"wishes": office.document["wishes"]}
    assert document == office.document
    assert actions(office) == ["scenario_saved"]


@pytest.mark.parametrize("title", ["", "  ", "长" * 81, "a\u202eb", "a\nb"])
def test_a_title_that_will_not_do_is_refused(office: Office, title: str) -> None:
    answer = office.post(f"{place(office)}/rename", title=title)
    assert answer.status_code == 422
    assert "方案名称" in answer.get_data(as_text=True)
    assert "两处" in office.read("/siting/scenarios")


def test_no_job_is_no_scenario(office: Office) -> None:
    assert office.post("/siting/scenarios", title="x").status_code == 404
    assert office.post("/siting/scenarios", title="x", job="one").status_code == 404


def test_it_is_renamed_copied_deleted_and_brought_back(office: Office) -> None:
    assert office.post(f"{place(office)}/rename", title="三处").status_code == 303
    copied = office.post(f"{place(office)}/copy?lang=en").headers["Location"]
    assert copied.endswith("/siting/scenarios/2?lang=en")
    assert office.post(f"{place(office)}/delete").headers["Location"] == "/siting/scenarios"
    page = office.read("/siting/scenarios")
    assert "三处 (copy)" in page
    assert f'href="{place(office)}"' not in page
    assert office.client.get(place(office)).status_code == 404
    gone = office.ask("/siting/scenarios").get_data(as_text=True)
    assert f'action="{place(office)}/restore"' in gone
    assert office.post(f"{place(office)}/restore").status_code == 303
    assert "三处" in office.read(place(office))
    assert actions(office) == [
        "scenario_restored",
        "scenario_deleted",
        "scenario_saved",
        "scenario_renamed",
    ]


def test_a_long_title_is_copied_within_its_bound(office: Office) -> None:
    with office.table() as table:
        table.rename(office.kept.id, "长" * 80)
    office.post(f"{place(office)}/copy")
    with office.table() as table:
        assert len(table.scenario(2).title) == 80


def test_two_are_compared(office: Office) -> None:
    keep(office.settings, asked(office.settings, added=1, exclude=["A1"]), "一处")
    assert "勾选两个方案" in office.read("/siting/scenarios")
    page = office.read("/siting/scenarios/compare?s=1&s=2")
    text = Reader(page).text
    for part in ("两处", "一处", "A2 =1+1", "A1 金桥路口", "不要的地块", "–A1"):
        assert part in text
    assert "/siting/scenarios/compare?s=1&amp;s=2&amp;lang=en" in page
    office.post(f"{place(office)}/copy")
    assert "设置相同" in Reader(office.read("/siting/scenarios/compare?s=1&s=3")).text


@pytest.mark.parametrize("query", ["", "?s=1", "?s=1&s=1", "?s=1&s=2&s=3", "?s=x&s=y"])
def test_to_compare_takes_two(office: Office, query: str) -> None:
    answer = office.client.get(f"/siting/scenarios/compare{query}")
    assert answer.status_code == 422
    assert office.client.get("/siting/scenarios/compare?s=1&s=9").status_code == 404


def test_one_whose_data_have_moved_says_so_and_is_computed_anew(office: Office) -> None:
    rename_stop(office)
    assert "数据已变" in Reader(office.read("/siting/scenarios")).text
    assert (
        "这些图层在计算之后变了，结果按变之前的数据：公交站"
        in Reader(office.read(place(office))).text
    )
    place_of_job = office.post(f"{place(office)}/rerun").headers["Location"]
    job_id = job_of(place_of_job)
    page = office.ask(place_of_job).get_data(as_text=True)
    assert "正在重算" in page
    assert told(page)["run"]["url"] == f"/jobs/{job_id}"
    with JobTable(office.settings.instance / "geosvc.sqlite") as table:
        job = table.claim()
        assert job is not None
        with closing(Workspace(office.settings)) as workspace:
            result = WORKS[job.name].run(workspace, job.parameters, lambda *_told: False)
        table.finish(job.id, "done", result=result)
    assert result == {"scenario": office.kept.id, "run": 2}
    text = Reader(office.ask(place_of_job).get_data(as_text=True)).text
    assert "重算完成" in text
    assert "第 2 次计算：editor" in text
    assert "A1 新名" in text
    assert "这些图层在计算之后变了" not in text


def test_two_who_ask_for_it_at_once_get_one_job(office: Office) -> None:
    jobs = {job_of(office.post(f"{place(office)}/rerun").headers["Location"]) for _ in range(2)}
    assert len(jobs) == 1


def test_why_it_was_not_computed_anew_is_said(office: Office) -> None:
    where = office.post(f"{place(office)}/rerun?lang=en").headers["Location"]
    issue = {"code": "analysis.no_events", "path": "", "key": "", "row": None}
    error = {"code": "analysis", "detail": "", "issues": [issue | {"found": "{}", "expected": ""}]}
    with JobTable(office.settings.instance / "geosvc.sqlite") as table:
        table.claim()
        table.finish(job_of(where), "failed", error=error)
    text = Reader(office.ask(where).get_data(as_text=True)).text
    assert "The computation failed" in text
    assert "below is still the last result" in text


def test_another_job_says_nothing_here(office: Office) -> None:
    with JobTable(office.settings.instance / "geosvc.sqlite") as table:
        job = table.enqueue("derive", {"layer": "x"}, cache_key="d", author="li")
    for number in (job.id, 99):
        page = office.ask(f"{place(office)}?job={number}").get_data(as_text=True)
        assert "重算完成" not in page
        assert "正在重算" not in page
    where = office.post(f"{place(office)}/rerun").headers["Location"]
    assert "正在重算" not in office.read(where), "jobs are for editors"


def test_it_is_written_to_the_layer_as_one_revision(office: Office) -> None:
    answer = office.post(f"{place(office)}/write", reason="会议定的")
    assert answer.headers["Location"] == "/layers/chosen_sites"
    with closing(Workspace(office.settings)) as workspace:
        status = workspace.status("chosen_sites")
        assert (status.revision, status.count) == (2, 2)
        assert (status.author, status.reason) == ("editor", "会议定的")
        assert workspace.store.log_entries(limit=1)[0].action == "write"
    assert "A2" in office.read("/layers/chosen_sites")
    assert office.post(f"{place(office)}/write", reason="").status_code == 422


def test_without_the_layer_there_is_no_button(office: Office) -> None:
    (office.folder.root / "layers/chosen_sites.toml").unlink()
    office.app = create_app(office.settings)
    office.client = office.app.test_client()
    assert f"{place(office)}/write" not in office.ask(place(office)).get_data(as_text=True)
    assert office.post(f"{place(office)}/write", reason="x").status_code == 404


def test_only_editors_write(office: Office) -> None:
    for verb in ("rename", "copy", "delete", "restore", "rerun", "write", "why"):
        url = f"{place(office)}/{verb}"
        assert office.ask(url, role="viewer", method="POST").status_code == 403
        assert office.client.post(url).status_code == 401
    assert office.ask(place(office), role="viewer").status_code == 200


def test_the_public_profile_shows_nothing(office: Office) -> None:
    public = create_app(replace(office.settings, profile="public")).test_client()
    for url in ("/siting/scenarios", place(office), "/siting/scenarios/compare?s=1&s=2"):
        assert public.get(url).status_code == 403


def test_an_english_page_is_english_but_for_names(office: Office) -> None:
    with office.table() as table:
        table.rename(office.kept.id, "Two sites")
    text = Reader(office.ask(f"{place(office)}?lang=en").get_data(as_text=True)).text
    names = ("金桥路口", "中文")
    for name in names:
        text = text.replace(name, "")
    text = text[: text.index('{"answer"')] + text[text.rindex("}}") :]
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text.replace("，、", ""))
