from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from geosvc.errors import Issue
from geosvc.store.connection import transaction
from geosvc.store.read import (
    layer_number,
    read_frame,
    reports,
    revision_digest,
    stored_layer,
    stored_layers,
)
from geosvc.store.records import Report, Shape
from tests.store.zoo import CHANGE, SMALL, TABLE, Imported, assert_same, small

if TYPE_CHECKING:
    from pathlib import Path

    from geosvc.store import Store

FAULT = Issue("required", "data/a.csv", "n", 3, "𠮷", "a number")


def test_a_store_without_layers_answers_with_nothing(store: Store, path: Path) -> None:
    store.data_version()
    with closing(sqlite3.connect(path)) as connection:
        assert stored_layers(connection) == {}
        assert stored_layer(connection, "stops") is None
        assert layer_number(connection, "stops") == 0
        assert reports(connection) == {}
        assert read_frame(connection, "stops") is None
        assert revision_digest(connection, "stops", 1) is None


def test_layers_are_read_by_their_id(store: Store, path: Path) -> None:
    put = {
        "stops": store.put("stops", small(3), schema=SMALL, change=CHANGE),
        "fleet": store.put("fleet", small(2), schema=TABLE, change=CHANGE),
    }
    with closing(sqlite3.connect(path)) as connection:
        assert stored_layers(connection) == put
        assert list(stored_layers(connection)) == ["fleet", "stops"]
        assert stored_layer(connection, "stops") == put["stops"]
        assert layer_number(connection, "fleet") == put["fleet"].layer == 2
    stored = put["stops"]
    assert (stored.number, stored.count, stored.edited) == (1, 3, False)
    assert stored.shape == Shape.of(SMALL)
    assert (stored.author, stored.reason) == ("editor", "a test")
    assert (stored.source_sha256, stored.fingerprint) == ("5" * 64, "f" * 64)


def test_features_are_read_with_the_revision_they_belong_to(store: Store, path: Path) -> None:
    stored = store.put("stops", small(12), schema=SMALL, change=CHANGE)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with transaction(connection, write=False):
            found = read_frame(connection, "stops")
        assert found is not None
        assert found[0] == stored
        assert_same(found[1], store.frame("stops"))


def test_each_revision_keeps_its_digest(store: Store, path: Path) -> None:
    digests = [
        store.put("stops", small(count), schema=SMALL, change=CHANGE).digest for count in (1, 2, 1)
    ]
    with closing(sqlite3.connect(path)) as connection:
        assert [revision_digest(connection, "stops", at) for at in (1, 2, 3)] == digests
        assert revision_digest(connection, "stops", 4) is None
    assert digests[0] == digests[2] != digests[1]


def test_reports_keep_issues_in_their_order(store: Store, path: Path) -> None:
    issues = (FAULT, Issue("unreadable", "b.csv"), FAULT)
    given = Imported(small(1), issues=issues, total_rows=4)
    store.put("stops", given, schema=SMALL, change=CHANGE)
    store.report("roads", Report(usable=False, issues=(FAULT,)))
    with closing(sqlite3.connect(path)) as connection:
        assert reports(connection) == {
            "roads": Report(usable=False, issues=(FAULT,)),
            "stops": Report(usable=True, total_rows=4, issues=issues),
        }
        assert list(stored_layers(connection)) == ["stops"], "a report alone is no revision"
