from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import SettingsError
from geosvc.web.app import create_app
from tests.web.small import write_catalog

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

PROJECT = Path(__file__).resolve().parents[2]
# every address, its body hashed, as one process answers them
CRAWL = """
import hashlib, re, sys
from geosvc.web.app import create_app
client = create_app().test_client()
waiting = ["/", "/?lang=en", "/layers", "/layers?lang=en", "/favicon.ico"]
waiting += [f"/{kind}/{name}" for kind in ("maps", "embed") for name in ("overview", "roads")]
waiting += [f"/layers/stops{end}" for end in (".csv", ".geojson", ".gpkg", "/rows.json")]
seen = set()
while waiting:
    url = waiting.pop()
    if url in seen:
        continue
    seen.add(url)
    answer = client.get(url)
    tag = answer.headers.get("ETag")
    print(url, answer.status_code, tag, hashlib.sha256(answer.data).hexdigest())
    if answer.mimetype != "application/problem+json":
        text = answer.get_data().decode("utf-8", "replace")
        waiting += re.findall(r'"(/(?:maps|embed|layers|data|static)[^"\\s\\\\$]*)"', text)
"""


def crawled(environ: dict[str, str]) -> list[str]:
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", CRAWL],
        cwd=PROJECT,
        env=os.environ | environ,
        capture_output=True,
        check=True,
        text=True,
    )
    return sorted(run.stdout.splitlines())


def test_two_processes_give_the_same_bytes_for_every_address(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare()
    environ = {
        "GEOSVC_LAYERS": str(folder.settings.layers),
        "GEOSVC_INSTANCE": str(folder.settings.instance),
    }
    first = crawled(environ | {"PYTHONHASHSEED": "1"})
    for item in (folder.settings.instance / "answers").iterdir():
        item.unlink()
    second = crawled(environ | {"PYTHONHASHSEED": "2"})
    assert first == second
    assert len(first) > 40
    assert all(line.split()[1] == "200" for line in first if "/broken" not in line)


def test_settings_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_catalog(tmp_path)
    folder.prepare()
    monkeypatch.setenv("GEOSVC_LAYERS", str(folder.settings.layers))
    monkeypatch.setenv("GEOSVC_INSTANCE", str(folder.settings.instance))
    assert create_app().test_client().get("/layers/stops").status_code == 200


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for url in ("/", "/healthz", "/nowhere", "/layers/stops.csv", "/favicon.ico"):
        headers = client.get(url).headers
        assert headers["X-Content-Type-Options"] == "nosniff", url
        assert "default-src 'none'" in headers["Content-Security-Policy"], url
        assert "Set-Cookie" not in headers, url


def test_an_address_either_reads_or_writes(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"OPTIONS"}
        assert methods in ({"GET", "HEAD"}, {"POST"}, {"PUT"}, {"DELETE"}), rule


def test_an_app_needs_no_import_of_the_command_line(app: Flask) -> None:
    assert app.secret_key is None


@pytest.mark.parametrize("url", ["/maps/overview/", "//maps/overview", "/maps//overview"])
def test_other_spellings_lead_nowhere_else(client: FlaskClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code in {404, 308}
    assert not answer.headers.get("Location", "").startswith("//")


def test_an_origin_that_is_none_makes_no_app(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        write_catalog(tmp_path).app(embed_origins=("https://a.example;script-src",))
