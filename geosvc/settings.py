"""What the service was told by its environment, read once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that holds ``layers/``, ``data/`` and ``static/`` of a checkout."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process.

    ``layers`` is the folder of layer files; source paths in them are relative to its parent and
    may leave it only into ``data_roots``. ``instance`` holds all state made at run time.
    ``embed_origins`` are the sites that may frame ``/embed/`` pages; ``*`` is any.
    """

    layers: Path = PROJECT / "layers"
    instance: Path = PROJECT / "instance"
    data_roots: tuple[Path, ...] = ()
    embed_origins: tuple[str, ...] = ("*",)
    static: Path = PROJECT / "static"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the names ``GEOSVC_…`` of an environment: layers, instance, data roots, embed origins.

    Parameters
    ----------
    environ
        The environment; by default that of the process. ``GEOSVC_DATA_ROOTS`` joins folders by the
        system's path separator, ``GEOSVC_EMBED_ORIGINS`` joins origins by spaces or commas.

    Returns
    -------
    settings
        Absolute paths; defaults where a name is absent or empty.

    Examples
    --------
    >>> read_settings({"GEOSVC_EMBED_ORIGINS": "https://a.example https://b.example"}).embed_origins
    ('https://a.example', 'https://b.example')
    >>> read_settings({}).embed_origins
    ('*',)
    """
    given = os.environ if environ is None else environ
    default = Settings()
    roots = [part for part in given.get("GEOSVC_DATA_ROOTS", "").split(os.pathsep) if part]
    return Settings(
        layers=_folder(given.get("GEOSVC_LAYERS", ""), default.layers),
        instance=_folder(given.get("GEOSVC_INSTANCE", ""), default.instance),
        data_roots=tuple(Path(part).resolve() for part in roots),
        embed_origins=tuple(given.get("GEOSVC_EMBED_ORIGINS", "").replace(",", " ").split())
        or ("*",),
    )


def _folder(text: str, default: Path) -> Path:
    return Path(text).resolve() if text else default
