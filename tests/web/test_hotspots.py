from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from geosvc.errors import AnalysisError
from geosvc.store.jobs import JobTable
from geosvc.web.app import create_app
from geosvc.works import WORKS
from geosvc.workspace import Workspace, refresh_derived
from tests.web.hotspot_catalog import AFTER, NOT_OPEN, report, row, write_hotspots
from tests.web.persons import PASSWORD
from tests.web.test_pages import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from geosvc.store.jobs import State
    from tests.web.small import Folder

HOSTILE = "{{7*7}}</script><img src=x onerror=window.ran=1>"
FORM = {"radii_m": "200, 100", "alpha": "0.05", "draws": "999", "seed": "7"}


@dataclass
class Office:
    """An app of the catalog with hotspots, and people who ask it by tokens."""

    folder: Folder
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = create_app(self.folder.settings)
        self.client: FlaskClient = self.app.test_client()

    def read(self, url: str = "/hotspots") -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def ask(self, path: str, *, role: str = "editor", **more: Any) -> TestResponse:  # noqa: ANN401
        accounts = self.app.extensions["geosvc"].accounts
        if role not in {user.name for user in accounts.people.users()}:
            accounts.add(role, PASSWORD, role=role, actor="")
        scope = "read" if role == "viewer" else "read edit"
        token = accounts.make_token(role, "test", scope=scope, days=1, actor="")
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
        answer: TestResponse = self.client.open(path, headers=headers, **more)
        return answer

    def rerun(self, **form: str) -> int:
        answer = self.ask("/hotspots", method="POST", data={**FORM, **form})
        assert answer.status_code == 303
        return int(answer.headers["Location"].rsplit("/", maxsplit=1)[-1].split("?")[0])

    def table(self) -> JobTable:
        return JobTable(self.folder.settings.instance / "geosvc.sqlite")

    def work(self, job_id: int) -> None:
        """Do what the process of a job does, in this one."""
        workspace = Workspace(self.folder.settings)
        with self.table() as table:
            assert table.claim() is not None
            job = table.job(job_id)
            result = WORKS[job.name].run(workspace, job.parameters, lambda *_told: False)
            table.finish(job_id, "done", result=result)
        workspace.close()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Office]:
    def made(**given: Any) -> Office:  # noqa: ANN401 - of write_hotspots
        calls: list[dict[str, Any]] = []
        return Office(write_hotspots(tmp_path, monkeypatch, calls=calls, **given), calls)

    return made


def told(page: str) -> dict[str, Any]:
    found = re.search(r'id="geosvc_hotspots">(.*?)</script>', page)
    assert found is not None
    read: dict[str, Any] = orjson.loads(found[1])
    return read


def test_the_page_says_what_was_found(office: Callable[..., Office]) -> None:
    page = office().read()
    text = Reader(page).text
    assert "2 处路段的违法明显多于偶然。 第 1–2 名不可区分。" in text
    assert "999 次模拟中没有一次出现这样强的聚集" in text
    assert re.findall(r'data-key="(h\d)"', page) == ["h1", "h2", "h3"]
    assert "近 佳醇路、金桥路；沿路 200 米内；名次在第 1–2 名之间" in text
    assert "下一时段 2.3 倍" in text
    assert "按巡查次数算期望 8.0 次，p = 0.21" in text
    assert "选出的热点，比值偏高" in text
    assert "A7 离最近道路 81 米，超过 50 米" in text
    assert "学前路：0.42 公里，案件 A1、A2" in text
    assert '<div class="folium-map" id="map_hotspots"></div>' in page
    assert 'href="/hotspots" aria-current="page"' in page


def test_the_order_is_verdict_power_evidence_before_after_method(
    office: Callable[..., Office],
) -> None:
    text = Reader(office(after=AFTER).read("/hotspots?lang=en")).text
    heads = (
        "clearly exceed chance",
        "How strong a cluster would show",
        "Evidence",
        "Before and after: car-wash points",
        "Power first",
        "has opened yet",
        "Before and after: car-wash shops",
        "Treated streets 30 → 15",
        "Week by week",
        "How well it predicts",
        "What counts as surveyed",
        "How it is computed",
    )
    at = 0
    for head in heads:
        at = text.index(head, at)


def test_an_english_page_is_english_but_for_names(office: Callable[..., Office]) -> None:
    names = {"road_name": "Taibei Road", "cross_roads": "Second Road、Third Road"}
    said = report(exposure=report()["exposure"] | {"added": []}, roads=[])
    rows = [row(1, **names), row(2, "tentative", road_name="B", reason="unstable", is_stable=False)]
    text = Reader(
        office(rows=rows, said=said, after={"sites": NOT_OPEN}).read("/hotspots?lang=en")
    ).text
    assert not re.search(
        r"[\u3000-\u9fff\uff00-\uffef]", text.replace("中文", "").replace("，、", "")
    )
    assert "near Second Road, Third Road" in text


def test_the_charts_are_told_as_numbers_and_as_text(office: Callable[..., Office]) -> None:
    page = office(after=AFTER).read()
    charts = told(page)["charts"]
    assert set(charts) == {"power", "weekly", "score", "change_shops"}
    assert set(re.findall(r'data-chart="([a-z_]+)"', page)) == set(charts)
    assert charts["power"]["points"] == [[5.0, 0.06], [20.0, 0.65]]
    assert charts["weekly"]["weeks"][0] == ["2024-05-13", 12, 9]
    assert all(chart["label"] for chart in charts.values())
    text = Reader(page).text
    assert "20 倍：65%" in text
    assert "2024年5月13日" in text


def test_a_site_that_has_not_opened_says_so_after_its_power(office: Callable[..., Office]) -> None:
    page = office(after={"sites": NOT_OPEN}).read()
    text = Reader(page).text
    assert text.index("先看能力") < text.index("还没有启用")
    assert 'data-chart="change' not in page


def test_hostile_texts_stay_texts(office: Callable[..., Office]) -> None:
    dropped = [{"key": HOSTILE, "reason": "no_place", "distance_m": None}]
    events = {"total": 2, "used": 1, "dropped": dropped}
    page = office(rows=[row(1, road_name=HOSTILE)], said=report(events=events)).read()
    assert "<img" not in page
    assert Reader(page).text.count(HOSTILE) >= 3


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_the_page_holds_nothing_inline(office: Callable[..., Office], query: str) -> None:
    page = Reader(office(after=AFTER).read(f"/hotspots{query}"))
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if tag == "script" and attributes.get("type") != "application/json":
            assert str(attributes["src"]).startswith("/")


def test_a_reader_gets_the_same_page_again_by_its_tag(office: Callable[..., Office]) -> None:
    client = office().client
    first = client.get("/hotspots")
    again = client.get("/hotspots", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.headers["Cache-Control"], again.status_code) == ("no-cache", 304)


def test_a_result_that_is_behind_says_so(office: Callable[..., Office]) -> None:
    found = office()
    layer = found.folder.root / "layers/violation_hotspots.toml"
    found.folder.write(
        "layers/violation_hotspots.toml", layer.read_text("utf-8").replace("seed = 1", "seed = 2")
    )
    page = Office(found.folder).read()
    text = Reader(page).text
    assert "输入已变，下面是上一次的结果。" in text
    assert "明显多于偶然" in text
    assert told(page)["waiting"] == {"violation_hotspots": {"state": "stale", "revision": 1}}


def test_what_is_not_computed_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_frames: object, **_given: object) -> None:
        reason = "few_visits"
        raise AnalysisError(reason, visits=3, least=5)

    folder = write_hotspots(tmp_path, monkeypatch)
    for path in folder.settings.instance.glob("geosvc.sqlite*"):
        path.unlink()
    folder.prepare().close()
    page, health = Office(folder).read(), Office(folder).client.get("/healthz").get_json()
    assert "热点还没有算出来。" in Reader(page).text
    waiting = told(page)["waiting"]
    assert waiting["violation_hotspots"] == {"state": "pending", "revision": None}
    [same] = [item for item in health["layers"] if item["id"] == "violation_hotspots"]
    assert same | waiting["violation_hotspots"] == same, "else the page would load for ever"
    monkeypatch.setattr("geosvc.derive.run", refuse)
    refresh_derived(folder.settings)
    page = Office(folder).read()
    text = Reader(page).text
    assert "violation_hotspots" not in told(page)["waiting"], "nothing is to come"
    assert "现在不能判断哪里是热点。" in text
    assert "只有 3 次查处可用，热点至少要 5 次" in text
    assert "证据表" not in text


def test_only_editors_see_the_form(office: Callable[..., Office]) -> None:
    found = office()
    assert "换参数重算" not in found.read()
    assert "换参数重算" not in found.ask("/hotspots", role="viewer").get_data(as_text=True)
    answer = found.ask("/hotspots")
    page = answer.get_data(as_text=True)
    assert 'name="radii_m" value="100, 200"' in page
    assert "no-store" in answer.headers["Cache-Control"]
    assert found.ask("/hotspots", role="viewer", method="POST", data=FORM).status_code == 403


def test_a_rerun_is_a_job_that_is_done_once(office: Callable[..., Office]) -> None:
    found = office()
    first = found.rerun()
    assert first == found.rerun(radii_m="100，200")
    assert first != found.rerun(seed="8")
    with found.table() as table:
        assert table.job(first).parameters == {
            "layer": "violation_hotspots",
            "changes": {
                "parameters": {"radii_m": [100.0, 200.0], "alpha": 0.05, "draws": 999, "seed": 7},
                "first_day": "",
            },
        }


def test_a_waiting_rerun_shows_how_far_it_is(office: Callable[..., Office]) -> None:
    found = office()
    job_id = found.rerun()
    with found.table() as table:
        table.claim()
        table.advance(job_id, 0.4, "scan")
    page = found.ask(f"/hotspots/runs/{job_id}").get_data(as_text=True)
    assert 'value="40"' in page
    assert f'action="/jobs/{job_id}/cancel"' in page
    assert told(page)["run"]["state"] == "running"
    assert "证据表" not in page


def test_a_rerun_that_is_done_shows_its_result_as_not_published(
    office: Callable[..., Office],
) -> None:
    found = office()
    job_id = found.rerun(seed="9")
    found.work(job_id)
    assert found.calls[-1]["seed"] == 9
    page = found.ask(f"/hotspots/runs/{job_id}").get_data(as_text=True)
    assert f"换参数重算的结果（任务 {job_id}），不是发布的结果" in page
    assert "999 次，种子 9" in page
    module = re.search(r'src="(/maps/hotspots/[0-9a-f]+\.js)"', page)
    assert module is not None
    drawn = found.client.get(module[1]).get_data(as_text=True)
    url = re.search(r"/data/violation_hotspots/[0-9a-f]{12}\.json", drawn)
    assert url is not None
    assert url[0] not in found.client.get("/maps/hotspots").get_data(as_text=True)
    data = found.client.get(url[0]).get_json()
    assert data["keys"] == ["h1", "h2", "h3"]
    assert found.ask(f"/hotspots/runs/{job_id}", role="viewer").status_code == 403


@pytest.mark.parametrize(
    ("state", "said"),
    [("failed", "重算没有完成"), ("canceled", "重算已取消"), ("lost", "重算中断了")],
)
def test_a_rerun_that_ended_otherwise_says_why(
    office: Callable[..., Office],
    state: State,
    said: str,
) -> None:
    found = office()
    job_id = found.rerun()
    issue = {"code": "analysis.no_events", "path": "", "key": "", "row": None}
    error = {"code": "analysis", "detail": "", "issues": [issue | {"found": "{}", "expected": ""}]}
    with found.table() as table:
        table.claim()
        table.finish(job_id, state, error=error)
    text = Reader(found.ask(f"/hotspots/runs/{job_id}").get_data(as_text=True)).text
    assert said in text
    assert "没有违法事件。" in text
    assert "开始重算" in text


def test_a_result_of_another_layer_file_is_not_shown(office: Callable[..., Office]) -> None:
    found = office()
    job_id = found.rerun()
    with found.table() as table:
        table.claim()
        table.finish(job_id, "done", result={"report": {}, "features": [{"properties": {"x": 1}}]})
    page = found.ask(f"/hotspots/runs/{job_id}").get_data(as_text=True)
    assert "结果不能再显示" in page


def test_what_makes_no_sense_is_refused_field_by_field(office: Callable[..., Office]) -> None:
    form = FORM | {"radii_m": "5", "draws": "many", "until": "tomorrow"}
    answer = office().ask("/hotspots?lang=en", method="POST", data=form)
    text = Reader(answer.get_data(as_text=True)).text
    assert answer.status_code == 422
    assert "Radii (m, separated by commas): 5 is below the minimum 20" in text
    assert "Simulations: wrong type: many, expected integer" in text
    assert "To (later days are for checking): wrong type: tomorrow" in text


def test_another_job_is_no_rerun(office: Callable[..., Office]) -> None:
    found = office()
    with found.table() as table:
        other = table.enqueue("derive", {"layer": "x"}, cache_key="k", author="")
    assert found.ask(f"/hotspots/runs/{other.id}").status_code == 404
    assert found.ask("/hotspots/runs/999").status_code == 404


def test_the_public_sees_hotspots_and_reruns_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_hotspots(tmp_path, monkeypatch)
    found = Office(folder)
    found.app = create_app(replace(folder.settings, profile="public"))
    found.client = found.app.test_client()
    assert "明显多于偶然" in found.read()
    assert "换参数重算" not in found.ask("/hotspots").get_data(as_text=True)
    assert found.ask("/hotspots", method="POST", data=FORM).status_code == 403
    assert found.ask("/hotspots/runs/1").status_code == 403


def test_a_site_without_the_map_has_no_tab_and_no_page(client: FlaskClient) -> None:
    assert "/hotspots" not in client.get("/").get_data(as_text=True)
    assert client.get("/hotspots").status_code == 404
