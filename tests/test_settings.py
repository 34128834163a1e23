"""The environment becomes settings once."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import pytest

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
    names = ("LAYERS", "INSTANCE", "DATA_ROOTS", "EMBED_ORIGINS")
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


@pytest.mark.parametrize(
    "given", ["https://a.example,https://b.example", " a , b ", "a\n b", ",a,"]
)
def test_origins_may_be_joined_by_spaces_or_commas(given: str) -> None:
    origins = read_settings({"GEOSVC_EMBED_ORIGINS": given}).embed_origins
    assert origins == tuple(given.replace(",", " ").split())
    assert not any("," in origin for origin in origins)
