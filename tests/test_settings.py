"""The environment becomes settings once."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import pytest

from geosvc.errors import SettingsError
from geosvc.settings import PROJECT, Settings, read_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_environment_gives_the_checkout() -> None:
    settings = read_settings({})
    assert settings == Settings()
    assert settings.layers == PROJECT / "layers"
    assert settings.instance == PROJECT / "instance"
    assert settings.static == PROJECT / "static"
    assert settings.data_roots == ()
    assert settings.embed_origins == ("*",)


def test_empty_values_are_as_good_as_none() -> None:
    names = ["LAYERS", "INSTANCE", "DATA_ROOTS", "EMBED_ORIGINS", "ANONYMOUS", "PROFILE"]
    names += ["TRUSTED_PROXIES", "RETENTION_DAYS", "BASE_URL", "BASE_TOKEN"]
    assert read_settings({f"GEOSVC_{name}": "" for name in names}) == Settings()


def test_folders_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({"GEOSVC_LAYERS": "mine", "GEOSVC_INSTANCE": "state"})
    assert settings.layers == tmp_path.resolve() / "mine"
    assert settings.instance == tmp_path.resolve() / "state"


def test_data_roots_are_joined_as_the_system_joins_paths(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    settings = read_settings({"GEOSVC_DATA_ROOTS": f"{first}{os.pathsep}{os.pathsep}{second}"})
    assert settings.data_roots == (first.resolve(), second.resolve())


def test_the_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOSVC_INSTANCE", str(tmp_path))
    monkeypatch.setenv("GEOSVC_EMBED_ORIGINS", "  https://a.example   https://b.example ")
    settings = read_settings()
    assert settings.instance == tmp_path.resolve()
    assert settings.embed_origins == ("https://a.example", "https://b.example")


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().layers = PROJECT  # type: ignore[misc]


def test_reading_is_open_and_the_profile_is_that_of_an_intranet() -> None:
    settings = read_settings({})
    assert settings.anonymous
    assert settings.profile == "intranet"
    assert settings.trusted_proxies == ()
    assert settings.retention_days == 730


@pytest.mark.parametrize(
    ("text", "anonymous"),
    [("0", False), ("off", False), ("No", False), (" false ", False), ("1", True), ("ON", True)],
)
def test_anonymous_reading_is_a_switch(text: str, *, anonymous: bool) -> None:
    assert read_settings({"GEOSVC_ANONYMOUS": text}).anonymous is anonymous


def test_the_other_settings_of_people() -> None:
    settings = read_settings(
        {
            "GEOSVC_PROFILE": "public",
            "GEOSVC_TRUSTED_PROXIES": "10.0.0.0/8  127.0.0.1 ::1",
            "GEOSVC_RETENTION_DAYS": "90",
        }
    )
    assert settings.profile == "public"
    assert settings.trusted_proxies == ("10.0.0.0/8", "127.0.0.1/32", "::1/128")
    assert settings.retention_days == 90


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ANONYMOUS", "maybe"),
        ("ANONYMOUS", "2"),
        ("PROFILE", "Public"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "-1"),
        ("RETENTION_DAYS", "two years"),
        ("RETENTION_DAYS", "٣"),
        ("BASE_URL", "gis.example.gov.cn"),
        ("BASE_URL", "ftp://gis.example.gov.cn"),
        ("BASE_URL", "https://gis.example.gov.cn/maps"),
        ("BASE_URL", "https://gis.example.gov.cn?x"),
        ("BASE_URL", "https://li@gis.example.gov.cn"),
        ("BASE_URL", "https://站点.example"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_service(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({f"GEOSVC_{name}": text})
    assert caught.value.detail == f"GEOSVC_{name}={text}"


@pytest.mark.parametrize(
    "given", ["https://a.example,https://b.example", " a , b ", "a\n b", ",a,"]
)
def test_origins_may_be_joined_by_spaces_or_commas(given: str) -> None:
    origins = read_settings({"GEOSVC_EMBED_ORIGINS": given}).embed_origins
    assert origins == tuple(given.replace(",", " ").split())
    assert not any("," in origin for origin in origins)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://gis.example.gov.cn/", "https://gis.example.gov.cn"),
        (" http://10.0.0.1:8000 ", "http://10.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("", ""),
    ],
)
def test_the_address_of_readers_ends_without_a_slash(text: str, address: str) -> None:
    assert read_settings({"GEOSVC_BASE_URL": text}).base_url == address


def test_the_token_of_base_maps_stays_out_of_what_is_printed() -> None:
    given = "0f1e_2d-3c"
    settings = read_settings({"GEOSVC_BASE_TOKEN": f" {given} "})
    assert settings.base_token == given
    assert given not in repr(settings)


@pytest.mark.parametrize("text", ["a b", "a&b", "a/../b", "密钥", "{s}"])
def test_a_token_that_would_change_an_address_stops_the_service(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"GEOSVC_BASE_TOKEN": text})
    assert caught.value.detail == "GEOSVC_BASE_TOKEN"
