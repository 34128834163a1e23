from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.web.answers import Answer, make_answer
from geosvc.web.service import Service, code_edition, language, service
from tests.web.persons import bearer, signed_in
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask


def test_a_request_sees_one_moment(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    app = folder.app()
    with app.test_request_context("/"):
        before = service().workspace
        folder.write("data/stops.csv", "code,lon,lat\nA1,121.1,33.5\n")
        folder.prepare()
        assert service().workspace is before
        assert service().workspace.status("stops").count == 3
    with app.test_request_context("/"):
        assert service().workspace.status("stops").count == 1


def test_a_moment_lasts_until_something_moves(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare()
    shared = Service(folder.settings)
    first = shared.now()
    assert shared.now() is first
    folder.write("data/stops.csv", "code,lon,lat\nA1,121.1,33.5\n")
    folder.prepare()
    assert shared.now().version != first.version


def test_an_answer_of_a_moment_is_made_once(app: Flask) -> None:
    made: list[int] = []

    def make() -> Answer:
        made.append(1)
        return make_answer(b"x", "text/plain")

    for query in ("", "?z=1", "?lang=en", "?lang=en&z=2"):
        with app.test_request_context(f"/once{query}"):
            service().moving(make)
    assert len(made) == 2


def test_what_a_token_may_not_do_is_not_offered_to_it(app: Flask) -> None:
    client, person = signed_in(app, "editor")
    less = bearer(app, "editor", "read")
    rights = [dict[str, str](), less]
    for headers in (*rights, *rights):
        shown = client.get("/layers/stops", headers=headers).text
        assert f"<bdi>{person.name}</bdi><span" in shown
        assert ("/layers/stops/edit" in shown) is (headers is not less)


def test_the_edition_is_the_same_in_every_process() -> None:
    assert code_edition() == code_edition.__wrapped__()
    assert len(code_edition()) == 12


@pytest.mark.parametrize(
    ("query", "tongue"),
    [("", "zh"), ("?lang=en", "en"), ("?lang=xx", "zh"), ("?lang=EN", "zh"), ("?lang=", "zh")],
)
def test_the_language_is_asked_for_in_the_address(app: Flask, query: str, tongue: str) -> None:
    with app.test_request_context(f"/{query}"):
        assert language() == tongue
