from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.web.small import write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

STOPS_MAP = """
title = { zh = "公交站点", en = "Bus stops" }
layers = ["stops"]
"""


def page(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/help{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ("使用帮助", "规划人员", "决策人员", "写报告的人", "只用键盘", "没有候车亭")),
        ("?lang=en", ("Help", "For planners", "For deciders", "For writers", "without a shelter")),
    ],
)
def test_help_is_there_for_the_three_kinds_of_reader(
    client: FlaskClient, query: str, words: tuple[str, ...]
) -> None:
    text = page(client, query)
    assert all(word in text for word in words)
    assert len(re.findall("<article", text)) == 6
    assert "help." not in re.sub(r"<(link|script)[^>]*>", "", text)


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    assert 'href="/help"' in client.get("/").get_data(as_text=True)
    assert 'href="/help?lang=en"' in client.get("/layers?lang=en").get_data(as_text=True)
    assert 'href="/help" aria-current="page"' in page(client)


def test_a_map_that_is_there_has_a_picture_with_words_and_a_way_in(client: FlaskClient) -> None:
    text = page(client, "?lang=en")
    # the small catalog has the overview only
    pictures = re.findall(r'<img src="([^"]+)"[^>]*alt="([^"]*)"', text)
    assert [(url.split("?")[0], bool(alt)) for url, alt in pictures] == [
        ("/figures/overview.png", True)
    ]
    assert 'href="/maps/overview?lang=en"' in text
    for url, _ in pictures:
        assert client.get(url.replace("&amp;", "&")).status_code == 200


def test_the_example_asks_for_what_is_there(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("layers/maps/stops.toml", STOPS_MAP)
    text = page(folder.app().test_client())
    # this catalog has no stops in town: the map is shown as it is
    assert 'href="/maps/stops"' in text
    assert "f.urban_stops" not in text
