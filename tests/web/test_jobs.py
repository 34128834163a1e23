from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.store.jobs import JobTable

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
