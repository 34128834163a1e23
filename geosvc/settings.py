"""What the service was told by its environment, read once."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from geosvc.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

Profile: TypeAlias = Literal["intranet", "public"]
PROJECT = Path(__file__).resolve().parent.parent
"""The folder that holds ``layers/``, ``data/`` and ``static/`` of a checkout."""
_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_SWITCH = {"1": True, "on": True, "true": True, "yes": True}
_SWITCH |= {"0": False, "off": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process.

    ``layers`` is the folder of layer files; source paths in them are relative to its parent and
    may leave it only into ``data_roots``. ``instance`` holds all state made at run time.
    ``embed_origins`` are the sites that may frame ``/embed/`` pages; ``*`` is any. Where
    ``anonymous`` is off, only people who have signed in see anything. The ``public`` profile shows
    no personal field, rounds positions and asks for map review numbers. ``trusted_proxies`` are the
    networks whose word about a client's address is taken. Personal values are kept for
    ``retention_days``. ``base_url`` is the address under which readers reach the service, without a
    slash at its end; empty while nobody has said it. ``base_token`` opens online base maps whose
    address asks for one; readers' browsers send it.
    """

    layers: Path = PROJECT / "layers"
    instance: Path = PROJECT / "instance"
    data_roots: tuple[Path, ...] = ()
    embed_origins: tuple[str, ...] = ("*",)
    static: Path = PROJECT / "static"
    anonymous: bool = True
    profile: Profile = "intranet"
    trusted_proxies: tuple[str, ...] = ()
    retention_days: int = 730
    base_url: str = ""
    base_token: str = field(default="", repr=False)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the names ``GEOSVC_…`` of an environment: those of the attributes of `Settings`.

    Parameters
    ----------
    environ
        The environment; by default that of the process. ``GEOSVC_DATA_ROOTS`` joins folders by the
        system's path separator, ``GEOSVC_EMBED_ORIGINS`` joins origins by spaces or commas and
        ``GEOSVC_TRUSTED_PROXIES`` joins addresses and networks by spaces. ``GEOSVC_ANONYMOUS`` is 1
        or 0. ``GEOSVC_BASE_URL`` is an address of http or https, ``GEOSVC_BASE_TOKEN`` letters,
        digits, ``-`` and ``_``.

    Returns
    -------
    settings
        Absolute paths; defaults where a name is absent or empty.

    Raises
    ------
    SettingsError
        If a value is none of those that its name takes; ``detail`` says which.

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
        anonymous=_switch(given.get("GEOSVC_ANONYMOUS", "")),
        profile=_profile(given.get("GEOSVC_PROFILE", "")),
        trusted_proxies=_networks(given.get("GEOSVC_TRUSTED_PROXIES", "")),
        retention_days=_days(given.get("GEOSVC_RETENTION_DAYS", ""), default.retention_days),
        base_url=_address(given.get("GEOSVC_BASE_URL", "")),
        base_token=_token(given.get("GEOSVC_BASE_TOKEN", "")),
    )


def _folder(text: str, default: Path) -> Path:
    return Path(text).resolve() if text else default


def _switch(text: str) -> bool:
    try:
        return _SWITCH[text.strip().lower() or "1"]
    except KeyError as error:
        msg = f"GEOSVC_ANONYMOUS={text}"
        raise SettingsError(msg) from error


def _profile(text: str) -> Profile:
    chosen = text.strip() or "intranet"
    if chosen not in {"intranet", "public"}:
        msg = f"GEOSVC_PROFILE={text}"
        raise SettingsError(msg)
    return cast("Profile", chosen)


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(item)) for item in text.split())
    except ValueError as error:
        msg = f"GEOSVC_TRUSTED_PROXIES={text}"
        raise SettingsError(msg) from error


def _days(text: str, default: int) -> int:
    if not text.strip():
        return default
    if not (text.strip().isascii() and text.strip().isdecimal() and int(text)):
        msg = f"GEOSVC_RETENTION_DAYS={text}"
        raise SettingsError(msg)
    return int(text)


def _address(text: str) -> str:
    address = text.strip().rstrip("/")
    if address and not _ADDRESS.fullmatch(address):
        msg = f"GEOSVC_BASE_URL={text}"
        raise SettingsError(msg)
    return address


def _token(text: str) -> str:
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        # a secret stays out of logs
        msg = "GEOSVC_BASE_TOKEN"
        raise SettingsError(msg)
    return token
