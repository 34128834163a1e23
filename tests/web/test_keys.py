from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound

from geosvc.web.keys import know_keys


def app_of() -> Flask:
    """An app with keys below two names, one of which is a part of keys too."""
    app, bp = Flask("test"), Blueprint("test", "test")
    bp.record(know_keys)
    for name in ("features", "history"):
        rule = f"/layers/<layer>/{name}/<feature_key:key>"
        bp.add_url_rule(rule, name, lambda layer, key: f"{layer} {key}", merge_slashes=False)
    app.register_blueprint(bp)
    return app


APP = app_of()


@given(key=st.text(min_size=1), name=st.sampled_from(["features", "history"]))
def test_what_is_built_of_a_key_is_read_back(key: str, name: str) -> None:
    urls = APP.url_map.bind("test.example")
    endpoint, values = urls.match(f"/layers/a/{name}/{key}")
    assert (endpoint, values) == (f"test.{name}", {"layer": "a", "key": key})


@pytest.mark.parametrize("key", ["a/history", "/history/", "features/a/history/b", "\n", " "])
def test_a_key_may_look_like_an_address(key: str) -> None:
    urls = APP.url_map.bind("test.example")
    assert urls.match(f"/layers/a/features/{key}")[1]["key"] == key


def test_there_is_no_empty_key() -> None:
    with pytest.raises(NotFound):
        APP.url_map.bind("test.example").match("/layers/a/features/")
