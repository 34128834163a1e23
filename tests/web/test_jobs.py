from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from geosvc import messages
from geosvc.store.jobs import JobTable
from geosvc.works import WORKS
from tests.web.persons import signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from geosvc.web.service import Service
    from tests.web.small import Folder

ROUTES = (("GET", "/jobs"), ("GET", "/jobs/1"), ("POST", "/jobs/1/cancel"))
PASSWORD = "a long way to 北港码头"  # noqa: S105 - of a person who does not exist


@dataclass(frozen=True)
class Office:
    """An app with its jobs, and people who ask it by tokens."""

    client: Any
    service: Service
    table: JobTable

    def ask(self, method: str, path: str, *, role: str = "editor") -> TestResponse:
        accounts = self.service.accounts
        if role not in {user.name for user in accounts.people.users()}:
            accounts.add(role, PASSWORD, role=role, actor="")
        scope = "read" if role == "viewer" else "read edit"
        token = accounts.make_token(role, "jobs", scope=scope, days=1, actor="")
        headers = {"Authorization": f"Bearer {token}"}
        answer: TestResponse = self.client.open(path, method=method, headers=headers)
        return answer


@pytest.fixture
def office(catalog_folder: Folder) -> Iterator[Office]:
    app = catalog_folder.app()
    service: Service = app.extensions["geosvc"]
    with JobTable(catalog_folder.settings.instance / "geosvc.sqlite") as table:
        yield Office(app.test_client(), service, table)


def put(office: Office, key: str = "k") -> int:
    parameters = {"layer": "{{7*7}}<站>", "key": key}
    return office.table.enqueue("derive", parameters, cache_key=key, author="ann").id


def test_there_may_be_no_jobs(office: Office) -> None:
    answer = office.ask("GET", "/jobs")
    assert answer.status_code == 200
    assert answer.get_json() == {"jobs": []}
    assert "no-store" in answer.headers["Cache-Control"]


def test_jobs_are_listed_the_newest_first_without_results(office: Office) -> None:
    put(office)
    office.table.claim()
    office.table.finish(1, "done", result={"n": 1})
    put(office, "other")
    jobs = office.ask("GET", "/jobs").get_json()["jobs"]
    assert [(job["id"], job["state"], job["url"]) for job in jobs] == [
        (2, "queued", "/jobs/2"),
        (1, "done", "/jobs/1"),
    ]
    assert all("result" not in job and "cache_key" not in job for job in jobs)


def test_progress_is_polled(office: Office) -> None:
    put(office)
    office.table.claim()
    office.table.advance(1, 0.25, "count")
    answer = office.ask("GET", "/jobs/1")
    job = answer.get_json()
    assert (job["state"], job["progress"], job["stage"]) == ("running", 0.25, "count")
    assert job["parameters"]["layer"] == "{{7*7}}<站>"
    assert answer.mimetype == "application/json"
    office.table.finish(1, "done", result={"n": 1})
    job = office.ask("GET", "/jobs/1").get_json()
    assert (job["state"], job["progress"], job["result"]) == ("done", 1, {"n": 1})


def test_a_job_is_canceled_and_that_is_logged(office: Office) -> None:
    put(office)
    office.table.claim()
    job = office.ask("POST", "/jobs/1/cancel").get_json()
    assert (job["state"], job["cancel_asked"]) == ("running", True)
    beat = office.table.beat(1)
    assert beat is not None
    assert beat.cancel_asked, "the runner sees it"
    [entry] = [
        entry
        for entry in office.service.log_entries(before=None, limit=9)
        if entry.action == "job_canceled"
    ]
    assert (entry.actor, entry.target) == ("editor", "1")


def test_one_that_waits_is_canceled_at_once(office: Office) -> None:
    put(office)
    assert office.ask("POST", "/jobs/1/cancel").get_json()["state"] == "canceled"
    assert office.table.claim() is None


def test_one_that_is_done_stays_done_and_nothing_is_logged(office: Office) -> None:
    put(office)
    office.table.claim()
    office.table.finish(1, "done", result=7)
    assert office.ask("POST", "/jobs/1/cancel").get_json()["state"] == "done"
    actions = {entry.action for entry in office.service.log_entries(before=None, limit=9)}
    assert "job_canceled" not in actions


@pytest.mark.parametrize("number", ["9", "0", "9223372036854775807"])
def test_a_number_that_is_no_job(office: Office, number: str) -> None:
    for method, path in (("GET", f"/jobs/{number}"), ("POST", f"/jobs/{number}/cancel")):
        answer = office.ask(method, path)
        assert answer.status_code == 404
        assert answer.get_json()["code"] == "unknown_job"


@pytest.mark.parametrize("number", ["-1", "x", "1.0", "9223372036854775808", "9" * 400, "%00"])
def test_what_is_no_number_is_no_page(office: Office, number: str) -> None:
    assert office.ask("GET", f"/jobs/{number}").status_code == 404


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_editors_and_above_may_ask(office: Office, method: str, path: str) -> None:
    put(office)
    assert office.client.open(path, method=method).status_code == 401
    assert office.ask(method, path, role="viewer").status_code == 403
    assert office.table.job(1).state == "queued"
    for role in ("editor", "enforcement", "administrator"):
        assert office.ask(method, path, role=role).status_code == 200


def test_reading_cancels_nothing(office: Office) -> None:
    put(office)
    assert office.ask("GET", "/jobs/1/cancel").status_code == 405
    assert office.table.job(1).state == "queued"


def browse(office: Office, role: str) -> tuple[Any, str]:
    """A browser in which somebody has signed in, and the secret of their forms."""
    client, person = signed_in(office.client.application, role)
    return client, person.csrf or ""


def test_people_get_a_page(office: Office, browser_headers: dict[str, str]) -> None:
    put(office)
    client, csrf = browse(office, "editor")
    for language, state in (("zh", "排队中"), ("en", "waiting")):
        answer = client.get("/jobs", query_string={"lang": language}, headers=browser_headers)
        assert answer.mimetype == "text/html"
        assert "Accept" in answer.headers["Vary"]
        assert "no-store" in answer.headers["Cache-Control"]
        assert f">{state}<" in answer.text
        assert "&lt;站&gt;" in answer.text
        assert "<站>" not in answer.text
        assert csrf in answer.text
    assert client.get("/jobs").mimetype == "application/json"
    stranger = office.client.get("/jobs", headers=browser_headers)
    assert stranger.headers["Location"].startswith("/signin")


def test_a_page_may_have_no_jobs(office: Office, browser_headers: dict[str, str]) -> None:
    client, _ = browse(office, "editor")
    page = client.get("/jobs", headers=browser_headers).text
    assert messages.text("pages.jobs_page.none", "zh") in page
    assert "<tr data-job" not in page


def test_a_form_cancels_and_leads_back(office: Office, browser_headers: dict[str, str]) -> None:
    put(office)
    client, csrf = browse(office, "editor")
    refused = client.post("/jobs/1/cancel", data={"csrf": "x"}, headers=browser_headers)
    assert refused.status_code == 403
    assert office.table.job(1).state == "queued"
    answer = client.post("/jobs/1/cancel?lang=en", data={"csrf": csrf}, headers=browser_headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs?lang=en")
    assert office.table.job(1).state == "canceled"


def words(office: Office, number: int = 1) -> dict[str, Any]:
    [found] = [job for job in office.ask("GET", "/jobs").get_json()["jobs"] if job["id"] == number]
    said: dict[str, Any] = found["words"]
    return said


def test_words_follow_the_state(office: Office) -> None:
    office.table.enqueue("derive", {"layer": "stops"}, cache_key="k", author="")
    said = words(office)
    assert (said["work"], said["about"], said["author"]) == ("重算图层", "公交站", "系统")
    assert (said["percent"], said["may_cancel"], said["started"]) == (None, True, None)
    office.table.claim()
    office.table.advance(1, 0.256, "count")
    assert (words(office)["percent"], words(office)["tone"]) == (26, "info")
    office.ask("POST", "/jobs/1/cancel")
    said = words(office)
    assert (said["state"], said["may_cancel"]) == ("正在取消", False)
    office.table.finish(1, "canceled", error={"code": "ended", "detail": "-15", "issues": []})
    said = words(office)
    assert (said["state"], said["trouble"], said["percent"]) == ("已取消", "", None)
    assert re.fullmatch(r"\d{4}年\d+月\d+日 \d\d:\d\d", said["ended"])


def test_words_say_why_a_job_failed(office: Office) -> None:
    put(office)
    office.table.claim()
    issue = {"code": "bad_parameter", "path": "layers/a.toml", "key": "k", "row": None}
    issue |= {"found": "-3", "expected": "> 0"}
    office.table.finish(1, "failed", error={"code": "method", "detail": "", "issues": [issue]})
    title = messages.text("errors.method.title", "zh")
    assert words(office)["trouble"] == f"{title}\nlayers/a.toml:k: 参数 -3 不能用，应为 > 0"
    put(office, "other")
    office.table.claim()
    office.table.finish(2, "lost", error={"code": "ended", "detail": "-9", "issues": []})
    assert words(office, 2)["trouble"] == "进程已退出，退出码 -9"


def test_work_that_this_version_does_not_know_is_shown_by_its_name(office: Office) -> None:
    office.table.enqueue("mystery", {"n": 1}, cache_key="k", author="ann")
    assert (words(office)["work"], words(office)["about"]) == ("mystery", '{"n":1}')
    office.table.enqueue("retention", {}, cache_key="r", author="")
    assert words(office, 2)["about"] == ""


def test_every_work_has_a_name() -> None:
    assert set(WORKS) == set(messages.table("job_work", "zh"))
