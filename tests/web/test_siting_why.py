from __future__ import annotations

from typing import Any

from geosvc.web.siting_why import sentences


def test_a_place_far_from_any_street() -> None:
    found: dict[str, Any] = {
        "code": "unplaced", "key": None, "name": "", "street": None, "access_m": None,
        "findings": [], "unchecked": [], "covers": [], "relieves": [], "forced": None,
        "loss": None, "loss_share": None, "unit": "weight_m",
    }  # fmt: skip
    assert sentences(found, "zh") == ["这一点 附近没有道路，到不了。"]
    assert sentences(found, "en") == ["No street is near this point."]
