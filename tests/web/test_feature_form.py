"""What the form of a feature shows, and to whom."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import g

from geosvc.errors import UnknownFeatureError
from geosvc.web.accounts import Person
from geosvc.web.feature_form import feature, history, map_of, page_of
from geosvc.web.roles import rights_of
from geosvc.web.service import Service, service
from tests.web.small import need_plate

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


@pytest.mark.parametrize(("role", "shown"), [("editor", "苏X·**234"), ("enforcement", "苏XA1234")])
def test_a_personal_value_is_shown_by_role(app: Flask, role: str, shown: str) -> None:
    with asking(app, role) as shared:
        assert feature(stops(shared), "A1")["values"]["plate"] == shown
        assert feature(stops(shared), "A3")["values"]["plate"] is None


def test_a_feature_that_is_not_there(app: Flask) -> None:
    with asking(app, "editor") as shared:
        with pytest.raises(UnknownFeatureError):
            feature(stops(shared), "none")
        with pytest.raises(UnknownFeatureError):
            history("stops", "none")


def test_the_first_version_of_a_feature_has_no_change(app: Flask) -> None:
    with asking(app, "editor", path="/?lang=en"):
        found = history("stops", "A1")
    [only] = found["versions"]
    assert (found["base"], found["next"], only["may_restore"]) == (1, None, False)
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
    assert edit["history"] == "/layers/stops/history"
    assert edit["restore"] == "/layers/stops/restore"
    assert edit["last"]["number"] == 1
    assert edit["last"]["may_undo"] is False
    assert edit["words"]["save"] == "Save"


def test_a_table_has_a_page_without_a_map(app: Flask) -> None:
    with asking(app, "editor") as shared:
        context = page_of(shared.workspace.catalog.layer("fleet"))
    assert context["map_div"] is None
    assert context["edit"]["geometry"] == "none"
    assert told(app, "roads")["geometry"] == "line"


def test_a_required_personal_field_is_hidden_and_required(catalog_folder: Folder) -> None:
    need_plate(catalog_folder)
    app = catalog_folder.app()
    for role, hidden in (("editor", True), ("enforcement", False)):
        [plate] = [item for item in told(app, "stops", role)["fields"] if item["name"] == "plate"]
        assert (plate["hidden"], plate["required"], plate["masked"]) == (hidden, True, True)


def test_no_page_of_a_history_is_longer_than_asked(app: Flask) -> None:
    with asking(app, "editor"):
        assert history("stops", "A1", before=1) == {"base": 1, "versions": [], "next": None}
        assert history("stops", "A1", limit=1)["next"] is None
