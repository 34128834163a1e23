from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geosvc.errors import Issue, StoreError, StoreUnavailableError, UnknownRevisionError
from geosvc.store import Report, Shape, Store, columns
from tests.store.zoo import (
    CHANGE,
    SMALL,
    TABLE,
    Imported,
    assert_same,
    assert_sound,
    rows,
    schema_of,
    small,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).resolve().parents[2]
NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def _run(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - the arguments are our own
        [sys.executable, "-W", "error", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_put_makes_the_first_revision(store: Store) -> None:
    stored = store.put("stops", small(3), schema=SMALL, change=CHANGE)
    assert (stored.name, stored.number, stored.count) == ("stops", 1, 3)
    assert store.state("stops") == stored
    assert_same(store.frame("stops"), small(3))


def test_layers_do_not_know_of_each_other(store: Store, path: Path) -> None:
    store.put("stops", small(3), schema=SMALL, change=CHANGE)
    store.put("fleet", small(2), schema=TABLE, change=CHANGE)
    store.put("stops", small(1), schema=SMALL, change=CHANGE)
    stored, reports = store.overview()
    assert {name: item.number for name, item in stored.items()} == {"fleet": 1, "stops": 2}
    assert {name: report.total_rows for name, report in reports.items()} == {"fleet": 2, "stops": 1}
    assert type(store.frame("fleet")) is pd.DataFrame
    assert_sound(path)


def test_nothing_is_known_of_a_layer_that_was_never_stored(store: Store) -> None:
    assert store.state("stops") is None
    with pytest.raises(StoreError, match="stops: no revision"):
        store.frame("stops")


@pytest.mark.parametrize("layer_id", ["", "../stops", "Stops", "a b", "站点", "a\x00"])
def test_a_layer_s_id_must_be_able_to_name_a_folder(store: Store, layer_id: str) -> None:
    with pytest.raises(StoreError, match="not a layer id"):
        store.put(layer_id, small(1), schema=SMALL, change=CHANGE)
    with pytest.raises(StoreError, match="not a layer id"):
        store.report(layer_id, Report())


def test_an_import_keeps_its_issues_and_clears_those_of_the_last_one(store: Store) -> None:
    issue = Issue("required", "data/a.csv", "n", 2)
    given = Imported(small(3), issues=(issue,), total_rows=4)
    store.put("stops", given, schema=SMALL, change=CHANGE)
    assert store.overview()[1]["stops"] == Report(total_rows=4, issues=(issue,))
    store.put("stops", Imported(small(3), total_rows=3), schema=SMALL, change=CHANGE)
    assert store.overview()[1]["stops"] == Report(total_rows=3)


def test_a_report_leaves_the_features_alone(store: Store) -> None:
    store.put("stops", small(3), schema=SMALL, change=CHANGE)
    failed = Report(usable=False, issues=(Issue("missing_file", "data/a.csv"),))
    store.report("stops", failed)
    assert store.overview()[1] == {"stops": failed}
    assert len(store.frame("stops")) == 3
    version = store.data_version()
    store.report("stops", failed)
    assert store.data_version() == version, "the same report is not written again"


def test_the_version_moves_with_own_and_with_foreign_commits(store: Store, path: Path) -> None:
    other = Store(path)
    seen, foreign = [store.data_version()], [other.data_version()]
    store.put("stops", small(1), schema=SMALL, change=CHANGE)
    seen.append(store.data_version())
    foreign.append(other.data_version())
    other.put("stops", small(2), schema=SMALL, change=CHANGE)
    seen.append(store.data_version())
    foreign.append(other.data_version())
    assert len(set(seen)) == len(set(foreign)) == 3
    assert store.data_version() == seen[-1], "reading moves nothing"
    assert_same(store.frame("stops"), other.frame("stops"))
    other.close()


def test_another_process_sees_a_revision_and_is_seen(store: Store, path: Path) -> None:
    store.put("stops", small(2), schema=SMALL, change=CHANGE)
    before = store.data_version()
    script = (
        "import sys; from pathlib import Path; from geosvc.store import Store;"
        "from tests.store.zoo import CHANGE, SMALL, small;"
        "store = Store(Path(sys.argv[1])); was = len(store.frame('stops'));"
        "stored = store.put('stops', small(5), schema=SMALL, change=CHANGE);"
        "print(was, stored.number)"
    )
    assert _run("-c", script, str(path)).split() == ["2", "2"]
    assert store.data_version() != before
    assert_same(store.frame("stops"), small(5))
    assert store.state("stops") is not None


def test_threads_share_a_store(store: Store, path: Path) -> None:
    failures: list[BaseException] = []

    def work(layer_id: str) -> None:
        try:
            for count in range(1, 6):
                store.put(layer_id, small(count), schema=SMALL, change=CHANGE)
                assert len(store.frame(layer_id)) == count
                store.overview()
        except BaseException as error:  # noqa: BLE001 - the test fails below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"layer_{at}",)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {item.number for item in store.overview()[0].values()} == {5}
    assert_sound(path)


def test_the_revision_before_stays_at_hand(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "GRACE_S", -1.0)
    for count in (1, 2, 3):
        store.put("stops", small(count), schema=SMALL, change=CHANGE)
    assert len(store.frame("stops", number=3)) == 3
    assert len(store.frame("stops", number=2)) == 2
    assert len(store.frame("stops", number=1)) == 1, "its files are gone, its history is not"
    with pytest.raises(UnknownRevisionError, match="no revision 4"):
        store.frame("stops", number=4)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder)


def _tear(folder: Path) -> None:
    next(folder.glob("*.npy")).write_bytes(b"torn")


def _confuse(folder: Path) -> None:
    # the files of another life of this instance, under the same number
    frame = small(9).sort_index()
    shape = schema_of({"n": "integer", "word": "string"})
    columns.write_columns(folder, frame, shape=Shape.of(shape), digest="another")


@pytest.mark.parametrize("harm", [_remove, _tear, _confuse])
def test_column_files_are_made_anew(store: Store, path: Path, harm: Callable[[Path], None]) -> None:
    store.put("stops", small(3), schema=SMALL, change=CHANGE)
    folder = path.parent / "columns" / "stops" / "1"
    harm(folder)
    assert_same(store.frame("stops"), small(3))
    stored = store.state("stops")
    assert stored is not None
    assert_same(columns.read_columns(folder, digest=stored.digest), small(3))


def test_a_full_disk_costs_speed_not_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns, "write_columns", fail)
    store.put("stops", small(3), schema=SMALL, change=CHANGE)
    assert_same(store.frame("stops"), small(3))
    assert "column files not written" in caplog.text


def test_a_locked_store_refuses_and_keeps_what_it_has(store: Store, path: Path) -> None:
    store.put("stops", small(3), schema=SMALL, change=CHANGE)
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - the arguments are our own
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(StoreUnavailableError):
            store.put("stops", small(4), schema=SMALL, change=CHANGE)
        assert len(store.frame("stops")) == 3, "readers are not hindered"
        holder.communicate(b"")
    assert store.put("stops", small(4), schema=SMALL, change=CHANGE).number == 2


def test_a_store_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        Store(tmp_path / "geosvc.sqlite").state("stops")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_no_unicode_is_refused_and_leaves_nothing(store: Store, path: Path) -> None:
    with pytest.raises(StoreError, match="surrogates"):
        store.put("stops", small(2).assign(word="\ud800"), schema=SMALL, change=CHANGE)
    assert store.state("stops") is None
    assert rows(path, "SELECT count(*) FROM revision") == [(0,)]


def test_closing_is_no_end(store: Store) -> None:
    store.put("stops", small(3), schema=SMALL, change=CHANGE)
    store.close()
    store.close()
    assert len(store.frame("stops")) == 3


@NEEDS_FORK
@pytest.mark.parametrize(
    "stride", [pytest.param(29, id="some"), pytest.param(1, id="all", marks=pytest.mark.thorough)]
)
def test_a_kill_leaves_the_old_revision_or_the_new_one(tmp_path: Path, stride: int) -> None:
    found = json.loads(_run("-m", "tests.store.killing", str(tmp_path), str(stride)))
    assert found == sorted(found)
    assert set(found) == {1, 2}
    assert len(found) > 3
