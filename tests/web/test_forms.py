from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.errors import (
    BusyError,
    GeosvcError,
    Issue,
    LockedOutError,
    UserError,
    WrongPasswordError,
)
from geosvc.web.forms import form_page, go, said

if TYPE_CHECKING:
    from flask import Flask

CONTEXT = {"csrf": "c", "next": "/", "name": "<b>", "anonymous": True}


def test_a_page_with_a_form_is_never_kept(app: Flask) -> None:
    with app.test_request_context("/signin?lang=en"):
        answer = form_page("signin.html", CONTEXT, path="/signin")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert 'lang="en"' in answer.get_data(as_text=True)
    assert 'role="alert"' not in answer.get_data(as_text=True)
    assert 'value="&lt;b&gt;"' in answer.get_data(as_text=True)


def test_what_was_wrong_gives_the_status_and_the_sentence(app: Flask) -> None:
    with app.test_request_context("/signin"):
        answer = form_page(
            "signin.html", CONTEXT, path="/signin", failure=LockedOutError(wait_s=61)
        )
    assert answer.status_code == 429
    assert "2 分钟" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (None, None),
        (WrongPasswordError(left=2), "用户名或密码不对。还可再试 2 次，之后需要等待。"),
        (WrongPasswordError(left=0), "用户名或密码不对。再试之前需要等待。"),
        (LockedOutError(wait_s=1), "错误次数太多，请在 1 分钟后再试。"),
        (UserError("x", issues=[Issue("user_exists", "x")]), "已有这个账号"),
        (UserError("x", issues=[Issue("bad_role", "x", found="{role}")]), "没有角色 {role}"),
        (UserError("x"), "账号或令牌不能这样设置。"),
    ],
)
def test_errors_as_forms_say_them(
    app: Flask, error: GeosvcError | None, sentence: str | None
) -> None:
    with app.test_request_context("/"):
        assert said(error) == sentence


def test_where_nobody_is_to_blame_the_error_says_so_itself(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert "few seconds" in (said(BusyError()) or "")


def test_readers_go_on_in_their_language(app: Flask) -> None:
    for url, path in (("/", "/account"), ("/?lang=en", "/account?lang=en")):
        with app.test_request_context(url):
            answer = go("/account")
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
        assert answer.headers["Cache-Control"] == "no-store"
    with app.test_request_context("/?lang=en"):
        assert go("/a?b=c", as_it_is=True).headers["Location"] == "/a?b=c"
