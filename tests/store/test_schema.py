from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import get_args

import pytest

from geosvc.catalog.model import FieldType
from geosvc.store.schema import (
    MIGRATIONS,
    SQL_TYPES,
    VERSION,
    feature_table,
    field_columns,
    rtree_table,
    statement,
)

TABLES = {
    "meta", "layer", "revision", "feature_history", "personal", "import_issue",
    "user", "lockout", "known_address", "session", "token", "job", "log",
    "scenario", "snapshot", "publication",
}  # fmt: skip


def test_every_field_type_has_a_column_type() -> None:
    assert set(SQL_TYPES) == set(get_args(FieldType))


def test_the_steps_make_all_tables() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in MIGRATIONS:
            connection.executescript(script)
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        assert {name for (name,) in found} == TABLES
    assert len(MIGRATIONS) == VERSION


def test_roles_and_states_are_held_by_the_tables() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(MIGRATIONS[0])
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO user VALUES (1, 'a', 'king', '', '', NULL)")
        connection.execute("INSERT INTO user VALUES (1, 'Ann', 'viewer', '', '', NULL)")
        with pytest.raises(sqlite3.IntegrityError):  # names differ in more than case
            connection.execute("INSERT INTO user VALUES (2, 'ann', 'viewer', '', '', NULL)")


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_feature_table_has_its_fields_after_its_own_columns(count: int) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(feature_table("feature_3", ["number"] * count))
        columns = connection.execute("PRAGMA table_info(feature_3)").fetchall()
    names = [column[1] for column in columns]
    assert names[-count:] == field_columns(count) if count else names[-1] == "extra"
    assert len(names) == 8 + count


def test_an_rtree_answers_by_box() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(rtree_table("rtree_3"))
        connection.execute(statement("INSERT INTO $rtree VALUES (1, 0, 1, 0, 1)", 3))
        query = statement("SELECT id FROM $rtree WHERE min_x <= ? AND max_x >= ?", 3)
        assert connection.execute(query, (0.5, 0.5)).fetchall() == [(1,)]
        assert connection.execute(query, (2, 2)).fetchall() == []


def test_a_statement_takes_numbers_only() -> None:
    with pytest.raises(ValueError, match="format code"):
        statement("DROP TABLE $feature", "1; DROP TABLE user")  # type: ignore[arg-type]
    assert statement("VALUES (?$marks)", 1, fields=2) == "VALUES (?, ?, ?)"
