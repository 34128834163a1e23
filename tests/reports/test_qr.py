from __future__ import annotations

import io

import numpy as np
from matplotlib.image import imread

from geosvc.reports.qr import qr_png, qr_svg

ADDRESS = "https://gis.example.gov.cn/maps/overview"


def test_a_qr_code_has_its_quiet_zone() -> None:
    seen = imread(io.BytesIO(qr_png(ADDRESS, scale=4)))
    light = np.asarray(seen)
    assert light.shape[0] == light.shape[1]
    edge = 4 * 4
    assert light[:edge].min() == 1
    assert light[edge, edge : edge + 4].max() == 0


def test_a_qr_code_as_svg_has_no_style() -> None:
    text = qr_svg(ADDRESS)
    assert b"style" not in text
    assert qr_svg(ADDRESS) == text
    assert qr_svg(ADDRESS + "?z=9") != text
