"""What the form of a feature shows, and to whom."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import g

from geosvc.errors import UnknownFeatureError
from geosvc.web.accounts import Person
from geosvc.web.feature_form import feature, history, is_hidden, map_of, page_of
from geosvc.web.roles import rights_of
from geosvc.web.service import Service, service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from geosvc.catalog.model import Layer
    from tests.web.small import Folder


@contextmanager
def asking(
    app: Flask, role: str, *, scope: str | None = None, path: str = "/"
) -> Iterator[Service]:
    """Be in a request of somebody of a role."""
    with app.test_request_context(path):
        g.person = Person("li", role, rights_of(role, scope=scope), "secret") if role else None
        yield service()


def stops(shared: Service) -> Layer:
    return shared.workspace.catalog.layer("stops")


@pytest.mark.parametrize(
    ("role", "scope", "hidden"),
    [
        ("", None, True),
        ("viewer", None, True),
        ("editor", None, True),
        ("enforcement", None, False),
        ("enforcement", "read edit", True),
        ("administrator", None, False),
    ],
)
def test_a_personal_field_is_hidden_by_role_and_scope(
    app: Flask, role: str, scope: str | None, *, hidden: bool
) -> None:
    with asking(app, role, scope=scope) as shared:
        layer = stops(shared)
        assert is_hidden(layer.schema.field("plate")) is hidden
        assert is_hidden(layer.schema.field("name")) is False
        shown = feature(layer, "A1")["values"]["plate"]
    assert shown == ("苏X·**234" if hidden else "苏XA1234")


def test_no_field_is_not_hidden(app: Flask) -> None:
    with asking(app, ""):
        assert is_hidden(None) is False


def test_a_feature_that_is_not_there(app: Flask) -> None:
    with asking(app, "editor") as shared:
        with pytest.raises(UnknownFeatureError):
            feature(stops(shared), "none")
        with pytest.raises(UnknownFeatureError):
            history("stops", "none")


def test_the_first_version_of_a_feature_has_no_change(app: Flask) -> None:
    with asking(app, "editor", path="/?lang=en"):
        [only] = history("stops", "A1")
    assert (only["is_first"], only["fields"], only["moved_m"]) == (True, [], None)
    assert (only["author"], only["reason"]) == ("The service", "The data file was imported")


def test_the_map_is_the_layer_alone_upon_the_ground(app: Flask) -> None:
    with asking(app, "editor") as shared:
        view, map_id = map_of(shared.workspace, stops(shared))
        roads, _ = map_of(shared.workspace, shared.workspace.catalog.layer("roads"))
        assert map_id not in shared.workspace.catalog.maps
    assert view.catalog.map(map_id).layers == ("area", "roads", "stops")
    assert view.catalog.map(map_id).fit == "stops"
    assert roads.catalog.map("edit_roads").layers == ("area", "roads")


def told(app: Flask, layer_id: str, role: str = "editor") -> dict[str, Any]:
    with asking(app, role, path="/?lang=en") as shared:
        found: dict[str, Any] = page_of(shared.workspace.catalog.layer(layer_id))["edit"]
    return found


def test_the_page_says_what_the_form_needs(app: Flask) -> None:
    edit = told(app, "stops")
    assert (edit["geometry"], edit["key"], edit["csrf"]) == ("point", "code", "secret")
    fields = {item["name"]: item for item in edit["fields"]}
    assert [item["code"] for item in fields["kind"]["labels"]] == ["bay", "curb"]
    assert (fields["slots"]["unit"], fields["slots"]["type"]) == ("slots", "integer")
    assert (fields["code"]["required"], fields["name"]["required"]) == (True, False)
    assert (fields["plate"]["hidden"], fields["plate"]["masked"]) == (True, True)
    assert edit["may_create"]
    assert edit["last"]["number"] == 1
    assert edit["last"]["may_undo"] is False
    assert edit["words"]["save"] == "Save"


def test_a_table_has_a_page_without_a_map(app: Flask) -> None:
    with asking(app, "editor") as shared:
        context = page_of(shared.workspace.catalog.layer("fleet"))
    assert context["map_div"] is None
    assert context["edit"]["geometry"] == "none"
    assert told(app, "roads")["geometry"] == "line"


def test_who_may_not_see_a_required_field_makes_no_feature(catalog_folder: Folder) -> None:
    text = (catalog_folder.root / "layers" / "stops.toml").read_text(encoding="utf-8")
    personal = 'privacy = "enforcement"'
    needed = f"{personal}\nconstraints = {{ required = true }}"
    catalog_folder.write("layers/stops.toml", text.replace(personal, needed))
    app = catalog_folder.app()
    assert told(app, "stops")["may_create"] is False
    assert told(app, "stops", "enforcement")["may_create"] is True
