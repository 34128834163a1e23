"""Keys of features in addresses: any text that people gave, slashes at either end included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import BaseConverter

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState


class FeatureKey(BaseConverter):
    """The last part of an address, whatever it holds; rules name it ``feature_key``."""

    # a key may hold what separates the parts of an address, and lines
    part_isolating = False
    regex = r"(?s:.+)"
    weight = 200


def know_keys(state: BlueprintSetupState) -> None:
    """Teach an app the converter; a blueprint records this before its rules.

    Examples
    --------
    >>> from flask import Blueprint, Flask
    >>> app, bp = Flask("a"), Blueprint("b", "b")
    >>> bp.record(know_keys)
    >>> app.register_blueprint(bp)
    >>> app.url_map.converters["feature_key"].__name__
    'FeatureKey'
    """
    state.app.url_map.converters["feature_key"] = FeatureKey
