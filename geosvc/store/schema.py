"""The tables of the store and the steps that bring an older file to them.

Each layer has two tables of its own, ``feature_<n>`` and ``rtree_<n>``, named by the layer's number
in table ``layer``; all other tables hold every layer. Instants are ISO 8601 texts with an offset.
Revisions of one layer are counted 1, 2, …; ``revision.id`` counts over all layers.

Personal values stand in ``personal`` and nowhere else: features and history hold only the mask.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

APPLICATION_ID: Final = 0x67656F73
"""The letters ``geos`` in the file's header: whose file it is."""

SQL_TYPES: Final = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "INTEGER",
    "date": "TEXT",
    "datetime": "TEXT",
    "time": "TEXT",
    "list": "TEXT",
}
"""The column type of each field type; a list is stored as a JSON array."""

_LAYERS: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE layer (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    shape TEXT,                                     -- fields, geometry and key of the feature table
    revision INTEGER REFERENCES revision (id),      -- null: nothing was ever stored
    source_sha256 TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL DEFAULT '',
    total_rows INTEGER NOT NULL DEFAULT 0,
    notes TEXT NOT NULL DEFAULT '{}',
    edited INTEGER NOT NULL DEFAULT 0,
    usable INTEGER NOT NULL DEFAULT 1               -- 0: the last import failed as a whole
);
CREATE TABLE revision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    layer INTEGER NOT NULL REFERENCES layer (id),
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,                           -- of the features, whatever their history
    count INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    source_path TEXT NOT NULL,
    source_sha256 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    UNIQUE (layer, number)
);
CREATE TABLE feature_history (
    layer INTEGER NOT NULL REFERENCES layer (id),
    key TEXT NOT NULL,
    from_revision INTEGER NOT NULL,                 -- numbers of the layer's revisions: the version
    to_revision INTEGER NOT NULL,                   -- held in from <= number < to
    properties TEXT NOT NULL,
    geom BLOB,
    raw_geom BLOB,
    source_datum TEXT NOT NULL,
    extra TEXT,
    UNIQUE (layer, key, to_revision)
);
CREATE INDEX feature_history_to ON feature_history (layer, to_revision);
CREATE TABLE personal (
    layer INTEGER NOT NULL REFERENCES layer (id),
    feature TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT,                                     -- null where erased_at says when it was purged
    received_at TEXT NOT NULL,
    erased_at TEXT,
    PRIMARY KEY (layer, feature, field)
) WITHOUT ROWID;
CREATE INDEX personal_received ON personal (received_at) WHERE erased_at IS NULL;
CREATE TABLE import_issue (
    layer INTEGER NOT NULL REFERENCES layer (id),
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    row INTEGER,
    found TEXT NOT NULL,
    expected TEXT NOT NULL,
    PRIMARY KEY (layer, position)
) WITHOUT ROWID;
"""

_PEOPLE: Final = """
CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'enforcement', 'administrator')),
    password_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    disabled_at TEXT
);
CREATE TABLE lockout (                              -- failed sign-ins by account and by address
    kind TEXT NOT NULL CHECK (kind IN ('account', 'address')),
    subject TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    locked_until TEXT,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
CREATE TABLE session (
    hash TEXT PRIMARY KEY,                          -- of the cookie; the cookie itself is not kept
    user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_expires ON session (expires_at);
CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    revoked_at TEXT
);
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    parameters TEXT NOT NULL,
    cache_key TEXT NOT NULL,                        -- of parameters and the inputs' revisions
    state TEXT NOT NULL CHECK
        (state IN ('queued', 'running', 'done', 'failed', 'canceled', 'lost')),
    progress REAL NOT NULL DEFAULT 0,
    stage TEXT NOT NULL DEFAULT '',
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    result TEXT,
    error TEXT,
    author TEXT NOT NULL,
    queued_at TEXT NOT NULL,
    started_at TEXT,
    heartbeat_at TEXT,
    ended_at TEXT
);
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_cache ON job (cache_key);
CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,                    -- each hash covers its row and the one before
    hash TEXT NOT NULL UNIQUE
);
"""

_SHAPES: Final = """
ALTER TABLE revision ADD COLUMN shape TEXT;         -- null where it is the layer's present one
"""

_LOCKOUTS: Final = """
DROP TABLE lockout;                                 -- waits of minutes: nobody misses them
CREATE TABLE lockout (                              -- failed sign-ins, see geosvc.store.lockout
    kind TEXT NOT NULL CHECK (kind IN ('pair', 'account', 'address')),
    subject TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    locked_until TEXT,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
CREATE TABLE known_address (
    pair TEXT PRIMARY KEY,                          -- keyed hashes of account and address
    seen_at TEXT NOT NULL
) WITHOUT ROWID;
"""

_FORMER_VALUES: Final = """
ALTER TABLE personal RENAME TO personal_before;
DROP INDEX personal_received;
CREATE TABLE personal (
    layer INTEGER NOT NULL REFERENCES layer (id),
    feature TEXT NOT NULL,
    field TEXT NOT NULL,
    -- the columns of the key come first: some versions of integrity_check mix up others
    until INTEGER NOT NULL DEFAULT 0,               -- the revision that ended it; 0: it stands
    value TEXT,                                     -- null where erased_at says when it was purged
    received_at TEXT NOT NULL,
    erased_at TEXT,
    since INTEGER NOT NULL DEFAULT 0,               -- the edit that brought it; 0: an import
    PRIMARY KEY (layer, feature, field, until)
) WITHOUT ROWID;
INSERT INTO personal (layer, feature, field, value, received_at, erased_at)
    SELECT layer, feature, field, value, received_at, erased_at FROM personal_before;
DROP TABLE personal_before;
CREATE INDEX personal_received ON personal (received_at) WHERE erased_at IS NULL;
"""

_SCENARIOS: Final = """
CREATE TABLE scenario (                             -- answers that people keep
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TEXT NOT NULL,
    run INTEGER NOT NULL DEFAULT 1,                 -- how often it was computed
    run_at TEXT NOT NULL,
    run_by TEXT NOT NULL,
    parameters TEXT NOT NULL,                       -- what was asked
    inputs TEXT NOT NULL,                           -- the layers that it stands on, as they were
    facts TEXT NOT NULL,                            -- what a list says of it
    deleted_at TEXT,                                -- null while it stands
    deleted_by TEXT,
    result BLOB NOT NULL                            -- the answer, JSON, deflated
);
"""

_TRACES: Final = """
ALTER TABLE job ADD COLUMN trace TEXT NOT NULL DEFAULT '[]';  -- see geosvc.store.jobs.Job
"""

_SNAPSHOTS: Final = """
CREATE TABLE snapshot (                             -- what was published; its bytes are files
    id TEXT PRIMARY KEY,                            -- the hash of its manifest
    mark TEXT NOT NULL,                             -- the number that its picture bears, or ''
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,                          -- what it shows: a later one is its new version
    facts TEXT NOT NULL,                            -- what a list says of it
    withdrawn_at TEXT,                              -- null while it stands
    withdrawn_by TEXT,
    withdrawn_reason TEXT
) WITHOUT ROWID;
CREATE INDEX snapshot_subject ON snapshot (subject);
CREATE TABLE publication (                          -- who published it, each time that it was
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    snapshot TEXT NOT NULL REFERENCES snapshot (id),
    at TEXT NOT NULL,
    author TEXT NOT NULL
);
CREATE INDEX publication_snapshot ON publication (snapshot);
"""

MIGRATIONS: Final[tuple[str, ...]] = (
    _LAYERS + _PEOPLE,
    _SHAPES,
    _LOCKOUTS,
    _FORMER_VALUES,
    _SCENARIOS,
    _TRACES,
    _SNAPSHOTS,
)
"""Step i brings a file from ``user_version`` i to i + 1."""

VERSION: Final = len(MIGRATIONS)
"""The ``user_version`` that this code writes."""

_FEATURE = Template("""
CREATE TABLE $table (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    digest BLOB NOT NULL,
    geom BLOB,
    raw_geom BLOB,
    source_datum TEXT NOT NULL,
    extra TEXT$columns
)""")

_RTREE = Template("CREATE VIRTUAL TABLE $table USING rtree (id, min_x, max_x, min_y, max_y)")


def feature_table(table: str, types: Sequence[str]) -> str:
    """Return the statement that makes a feature table.

    Parameters
    ----------
    table
        Its name.
    types
        The field types in order; the columns are named ``f1``, ``f2``, … because the names of
        fields are people's own, and SQLite would take ``Name`` and ``name`` for one column.

    Examples
    --------
    >>> "f1 TEXT, f2 REAL" in feature_table("feature_7", ["string", "number"])
    True
    >>> "f1" in feature_table("feature_7", [])
    False
    """
    columns = "".join(
        f", {name} {SQL_TYPES[kind]}"
        for name, kind in zip(field_columns(len(types)), types, strict=True)
    )
    return _FEATURE.substitute(table=table, columns=columns)


def rtree_table(table: str) -> str:
    """Return the statement that makes the R-tree of a layer (degrees, 32-bit, rounded outward)."""
    return _RTREE.substitute(table=table)


def field_columns(count: int) -> list[str]:
    """Name the columns of the first ``count`` fields.

    >>> field_columns(2)
    ['f1', 'f2']
    >>> field_columns(0)
    []
    """
    return [f"f{number}" for number in range(1, count + 1)]


def statement(text: str, layer: int, *, fields: int = 0) -> str:
    """Fill in a layer's tables ``$feature``, ``$rtree`` and its columns ``$columns``, ``$marks``.

    Only numbers enter a statement; every value is bound.

    >>> statement("SELECT key$columns FROM $feature", 7, fields=2)
    'SELECT key, f1, f2 FROM feature_7'
    >>> statement("SELECT key$columns FROM $feature", 7)
    'SELECT key FROM feature_7'
    """
    return Template(text).substitute(
        feature=f"feature_{layer:d}",
        rtree=f"rtree_{layer:d}",
        columns="".join(f", {name}" for name in field_columns(fields)),
        marks=", ?" * fields,
    )
