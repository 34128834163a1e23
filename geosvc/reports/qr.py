"""Addresses as QR codes."""

from __future__ import annotations

import io
from typing import Any, Final

import segno

_QR_SCALE: Final = 8


def qr_png(address: str, *, scale: int = _QR_SCALE) -> bytes:
    """Return an address as a QR code, a PNG with its quiet zone.

    >>> qr_png("https://gis.example.gov.cn/maps/overview")[1:4]
    b'PNG'
    """
    content = io.BytesIO()
    _code(address).save(content, kind="png", scale=scale, border=4)
    return content.getvalue()


def qr_svg(address: str, *, scale: int = _QR_SCALE) -> bytes:
    """Return an address as a QR code, an SVG without a style of its own.

    >>> qr_svg("https://gis.example.gov.cn/maps/overview")[:4]
    b'<svg'
    """
    content = io.BytesIO()
    plain: dict[str, Any] = {"svgclass": None, "lineclass": None, "xmldecl": False}
    _code(address).save(content, kind="svg", scale=scale, border=4, light="#fff", **plain)
    return content.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")
