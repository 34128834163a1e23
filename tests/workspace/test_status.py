from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from geosvc.catalog.catalog import Catalog
from geosvc.catalog.model import Derivation, Field, Layer, Schema, Source, Style, Text
from geosvc.errors import Issue
from geosvc.settings import PROJECT
from geosvc.store import Report, Shape, StoredLayer
from geosvc.workspace.edited import does_not_fit
from geosvc.workspace.status import LayerStatus, basis, fingerprint, statuses

NAME = Text("名", "name")
SCHEMA = Schema("Point", "id", (Field("id", NAME),), expected_count=3)
STYLE = Style("circle", "c-urban")
SOURCE = Source(PROJECT / "a.csv", "a.csv", "WGS84", NAME, as_of="2024-06-30", synthetic=True)
STOPS = Layer("stops", "layers/stops.toml", NAME, SCHEMA, STYLE, source=SOURCE, fingerprint="s")
ROADS = replace(
    STOPS,
    id="roads",
    path="layers/roads.toml",
    source=replace(SOURCE, as_of="2023-01-01", synthetic=False),
)
DENSITY = replace(
    STOPS,
    id="density",
    path="layers/density.toml",
    source=None,
    derivation=Derivation("street_density", {"events": "stops", "streets": "roads"}, {}),
)
CATALOG = Catalog(layers={layer.id: layer for layer in (STOPS, ROADS, DENSITY)})
FAULT = Issue("missing_file", "a.csv")


def stored(layer: Layer, **changes: Any) -> StoredLayer:  # noqa: ANN401 - fields of any type
    plain = StoredLayer(
        1, layer.id, 4, 9, "d" + layer.id, 3, "5" * 64, "f", edited=False,
        at="2024-07-01T08:00:00+00:00", author="editor", reason="import", notes={},
        shape=Shape.of(layer.schema),
    )  # fmt: skip
    return replace(plain, **changes)


def status_of(
    layer_id: str, *at_rest: StoredLayer, reports: dict[str, Report] | None = None
) -> LayerStatus:
    return statuses(CATALOG, {item.name: item for item in at_rest}, reports or {})[layer_id]


def test_a_layer_at_rest_is_ok() -> None:
    status = status_of("stops", stored(STOPS), reports={"stops": Report(total_rows=5)})
    assert status == LayerStatus(
        "stops", "ok", count=3, expected=3, revision=4, at="2024-07-01T08:00:00+00:00",
        author="editor", reason="import", as_of="2024-06-30", synthetic=True, refused=2,
        source_sha256="5" * 64,
    )  # fmt: skip
    assert status.is_served


def test_a_layer_that_was_never_imported_is_pending() -> None:
    status = status_of("stops")
    assert (status.state, status.count, status.revision) == ("pending", 0, None)
    assert not status.is_served
    assert status.expected == 3
    assert status.synthetic


def test_a_source_that_failed_is_unavailable_or_stale() -> None:
    failed = {"stops": Report(usable=False, issues=(FAULT,))}
    assert status_of("stops", reports=failed).state == "unavailable"
    served = status_of("stops", stored(STOPS), reports=failed)
    assert (served.state, served.count, served.refused, served.issues) == ("stale", 3, 0, (FAULT,))


def test_refused_rows_are_issues_of_a_sound_layer() -> None:
    row = Issue("required", "a.csv", "id", 3)
    reports = {"stops": Report(total_rows=4, issues=(row,))}
    status = status_of("stops", stored(STOPS), reports=reports)
    assert (status.state, status.issues, status.refused) == ("ok", (row,), 1)


def test_features_without_the_declared_fields_are_not_shown() -> None:
    old = stored(STOPS, shape=Shape("Point", "id", ()))
    assert status_of("stops", old).state == "pending"
    failed = {"stops": Report(usable=False, issues=(FAULT,))}
    status = status_of("stops", old, reports=failed)
    assert (status.state, status.count) == ("unavailable", 0)
    assert [issue.code for issue in status.issues] == ["missing_file", "schema_moved"]


def test_edited_features_without_the_declared_fields_are_shown_with_the_reason() -> None:
    old = stored(STOPS, shape=Shape("Point", "id", ()), edited=True)
    status = status_of("stops", old)
    assert (status.state, status.count, status.issues) == ("stale", 3, (does_not_fit(STOPS),))
    told = {"stops": Report(usable=False, issues=(FAULT, does_not_fit(STOPS)))}
    assert status_of("stops", old, reports=told).issues == (FAULT, does_not_fit(STOPS))
    for shape in (Shape("None", "id", ()), Shape("Point", "code", ())):
        status = status_of("stops", replace(old, shape=shape))
        assert (status.state, status.count) == ("unavailable", 0)
        assert status.issues == (does_not_fit(STOPS),)


def test_a_derived_layer_is_pending_until_it_is_computed() -> None:
    assert status_of("density").state == "pending"
    assert status_of("density", stored(STOPS), stored(ROADS)).state == "pending"


def test_a_derived_layer_is_as_old_and_as_synthetic_as_its_inputs() -> None:
    inputs = {"stops": stored(STOPS), "roads": stored(ROADS)}
    needs = basis(DENSITY, inputs)
    fresh = stored(DENSITY, fingerprint=needs, notes={"unlocated": 2})
    status = status_of("density", *inputs.values(), fresh)
    assert (status.state, status.as_of, status.synthetic) == ("ok", "2023-01-01", True)
    assert status.notes == {"unlocated": 2}
    assert status.refused == 0


@pytest.mark.parametrize("moved", [STOPS, ROADS])
def test_a_derived_layer_is_stale_when_an_input_moved(moved: Layer) -> None:
    inputs = {"stops": stored(STOPS), "roads": stored(ROADS)}
    fresh = stored(DENSITY, fingerprint=basis(DENSITY, inputs))
    inputs[moved.id] = replace(inputs[moved.id], digest="another")
    assert status_of("density", *inputs.values(), fresh).state == "stale"


def test_a_derived_layer_whose_method_failed() -> None:
    inputs = (stored(STOPS), stored(ROADS))
    failed = {"density": Report(usable=False, issues=(Issue("failed", DENSITY.path),))}
    assert status_of("density", *inputs, reports=failed).state == "unavailable"
    assert status_of("density", *inputs, stored(DENSITY), reports=failed).state == "stale"


def test_a_derived_layer_without_an_input() -> None:
    failed = {"stops": Report(usable=False, issues=(FAULT,))}
    status = status_of("density", stored(ROADS), reports=failed)
    assert status.state == "unavailable"
    [issue] = status.issues
    assert (issue.code, issue.key, issue.found) == (
        "layer_needed", "derivation.inputs.events", "stops",
    )  # fmt: skip
    assert status_of("density", stored(ROADS), stored(DENSITY), reports=failed).state == "stale"


def test_a_layer_with_a_broken_file_is_unavailable_and_so_is_what_needs_it() -> None:
    fault = Issue("unknown_key", "layers/stops.toml", "titel")
    catalog = Catalog(layers={"roads": ROADS, "density": DENSITY}, broken={"stops": (fault,)})
    found = statuses(catalog, {"stops": stored(STOPS), "roads": stored(ROADS)}, {})
    assert found["stops"] == LayerStatus("stops", "unavailable", issues=(fault,))
    assert found["density"].state == "unavailable"
    assert found["roads"].state == "ok"


def test_what_features_depend_on() -> None:
    inputs = {"stops": stored(STOPS), "roads": stored(ROADS)}
    needs = {
        basis(DENSITY, inputs),
        basis(DENSITY, {"roads": stored(ROADS)}),
        basis(replace(DENSITY, fingerprint="moved"), inputs),
        basis(STOPS, {}),
    }
    assert len(needs) == 4
    assert basis(STOPS, inputs) == basis(STOPS, {}), "it names no other layer"


def test_a_fingerprint_moves_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint("a")
    monkeypatch.setattr("geosvc.workspace.status.__version__", "99")
    assert fingerprint("a") != before
