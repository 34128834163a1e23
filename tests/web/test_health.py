from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from geosvc import __version__
from geosvc.jobs import LOST_S, PULSE
from tests.web.small import DENSITY, write_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient


def layers(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in body["layers"]}


def test_each_layer_says_its_state(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    body = answer.get_json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["version"] == __version__
    assert body["status"] == "degraded"
    found = layers(body)
    assert set(found) == {"area", "roads", "stops", "fleet", "broken"}
    assert found["stops"]["count"] == 3
    assert found["stops"]["expected"] == 4
    assert found["stops"]["revision"] == 1
    assert found["stops"]["refused"] == 1
    assert found["stops"]["issues"] == ["data/stops.csv:row 4: code: not_unique"]
    assert found["broken"]["state"] == "unavailable"


def test_a_sound_catalog_is_ok(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    (tmp_path / "layers/broken.toml").unlink()
    (tmp_path / "layers/maps/overview.toml").unlink()
    rows = (tmp_path / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("A3,重复", "A4,重复"))
    body = folder.app().test_client().get("/healthz").get_json()
    assert body["status"] == "ok", body
    assert {item["state"] for item in body["layers"]} == {"ok"}


def test_no_layer_at_all_is_ok(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    for path in (tmp_path / "layers").rglob("*.toml"):
        path.unlink()
    client = folder.app().test_client()
    assert client.get("/healthz").get_json()["layers"] == []
    assert client.get("/").status_code == 200
    assert client.get("/layers").status_code == 200
    assert client.get("/maps/all").status_code == 200


def test_a_layer_that_is_being_computed_is_well(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    folder.write("layers/density.toml", DENSITY)
    found = layers(folder.app().test_client().get("/healthz").get_json())
    assert found["density"]["state"] == "pending"


def test_a_missed_count_is_not_well(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    (tmp_path / "layers/broken.toml").unlink()
    (tmp_path / "layers/maps/overview.toml").unlink()
    body = folder.app().test_client().get("/healthz").get_json()
    assert body["status"] == "degraded"
    assert {item["state"] for item in body["layers"]} == {"ok"}
    warned = {item["id"]: item["warning"] for item in body["layers"]}
    assert warned == {"area": None, "roads": None, "fleet": None, "stops": "count_missed"}


def test_anybody_sees_whether_jobs_are_run(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    (tmp_path / "layers/broken.toml").unlink()
    (tmp_path / "layers/maps/overview.toml").unlink()
    rows = (tmp_path / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows.replace("A3,重复", "A4,重复"))
    client, pulse = folder.app().test_client(), folder.settings.instance / PULSE
    told = []
    for age_s in (None, 0.0, 2 * LOST_S):
        if age_s is not None:
            pulse.touch()
            at = pulse.stat().st_mtime - age_s
            os.utime(pulse, (at, at))
        body = client.get("/healthz").get_json()
        told.append((body["runner"], body["status"]))
    assert told == [("absent", "ok"), ("running", "ok"), ("stopped", "degraded")]
