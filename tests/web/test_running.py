"""The whole service at once: its workers, its job runner and its command line, over real HTTP."""

from __future__ import annotations

import re
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from geosvc.web import passwords
from geosvc.web.app import create_app
from tests.conftest import running
from tests.web.living import (
    PASSWORD,
    Line,
    command,
    environ_of,
    hire,
    lines_to_each,
    overheard,
)
from tests.web.small import DENSITY, STOPS, write_catalog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.web.small import Folder

PATIENCE_S = 30
READS = 40


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = write_catalog(tmp_path)
    made.write("layers/density.toml", DENSITY)
    return made


def wait_until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.1)


def state(url: str, layer_id: str) -> tuple[str, int | None]:
    with Line(url) as line:
        layers = line.read("/healthz")["layers"]
    return next((item["state"], item["revision"]) for item in layers if item["id"] == layer_id)


def name_read(url: str) -> tuple[int, str]:
    """The revision and the name of stop A1, read on a connection of its own."""
    with Line(url) as line:
        found = line.read("/layers/stops/rows.json")
    return found["revision"], found["columns"]["name"]["values"][0]


def test_an_edit_is_seen_by_its_writer_by_everybody_and_by_what_is_derived(
    folder: Folder,
) -> None:
    with running(environ_of(folder), workers=2) as url:
        command(folder, "user", "add", "editor", "--role", "editor", stdin=f"{PASSWORD}\n")
        token = command(folder, "user", "token", "editor", "--scope", "read", "edit").strip()
        wait_until(lambda: state(url, "density") == ("ok", 1))
        # every worker now has the answer of before at hand
        assert {name_read(url) for _ in range(READS)} == {(1, "金桥路口")}
        with Line(url) as line:
            line.sign_in("editor")
            there = {"type": "Point", "coordinates": [121.105, 33.5]}
            body = {"base": 1, "reason": "moved", "values": {"name": "新站"}, "geometry": there}
            status, answer = line.ask("PUT", "/layers/stops/features/A1", body)
            assert (status, answer["revision"]) == (200, 2)
            own = line.read("/layers/stops/features/A1")
        assert (own["revision"], own["values"]["name"], own["geometry"]) == (2, "新站", there)
        assert {name_read(url) for _ in range(READS)} == {(2, "新站")}
        wait_until(lambda: state(url, "density") == ("ok", 2))
        with Line(url, token) as line:
            assert line.put("A1", 2, {"name": "又一站"})[1]["revision"] == 3
            versions = line.read("/layers/stops/history/A1")["versions"]
            assert [item["revision"] for item in versions] == [3, 2, 1]
            works = [(job["name"], job["state"]) for job in line.read("/jobs")["jobs"]]
            assert works
            assert {item for _, item in works} <= {"queued", "running", "done"}


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_every_worker_answers_with_an_edit_as_soon_as_it_is_acknowledged(folder: Folder) -> None:
    with running(environ_of(folder), workers=2) as url, ExitStack() as stack:
        token = hire(folder, "editor", "read", "edit")
        lines = lines_to_each(stack, url, token, workers=2)
        plain = lines_to_each(stack, url, workers=2)
        workers = {line.worker for line in lines}
        assert len(workers) == 2
        assert {line.worker for line in plain} == workers
        revision = 1
        for number in range(6):
            writer, name = lines[number % 2], f"站 {number}"
            assert writer.put("A1", revision, {"name": name})[0] == 200
            revision += 1
            # the very next answer of each, for people and through the hot path
            for line in (*lines, *plain):
                found = line.read("/layers/stops/rows.json")
                assert (found["revision"], found["columns"]["name"]["values"][0]) == (
                    revision,
                    name,
                )
        # the answers came from both, and neither was replaced meanwhile
        assert {line.worker for line in (*lines, *plain)} == workers
        assert [line.worker for line in lines] == list(dict.fromkeys(item.worker for item in lines))


AT_ONCE = 8
"""People who sign in at the same moment: more than hash at once, and fewer than may wait."""


def test_an_office_that_signs_in_at_once_is_let_in(folder: Folder) -> None:
    assert passwords.AT_ONCE < AT_ONCE <= passwords.AT_ONCE + passwords.WAITING
    with running(environ_of(folder), workers=1) as url, ThreadPoolExecutor(AT_ONCE) as pool:
        hire(folder, "editor", "read", "edit")

        def sign_in(_number: int) -> str:
            with Line(url) as line:
                line.sign_in("editor")
                return str(line.read("/me.json")["name"])

        assert list(pool.map(sign_in, range(AT_ONCE))) == ["editor"] * AT_ONCE


def write_on(url: str, token: str, key: str, ended: threading.Event) -> list[tuple[int, str]]:
    """Change a stop again and again; return the revisions and names that were acknowledged."""
    done: list[tuple[int, str]] = []
    with Line(url, token) as line:
        while len(done) < 10 or not ended.is_set():
            name = f"{key} no. {len(done)}"
            base = done[-1][0] if done else 1
            status, answer = line.put(key, base, {"name": name}, reason=name)
            assert status == 200, answer
            done.append((answer["revision"], name))
            assert line.read(f"/layers/stops/features/{key}")["values"]["name"] == name
            time.sleep(0.02)
    return done


def run_commands(folder: Folder) -> None:
    """Erase what is old; import roads that have moved."""
    command(folder, "purge")
    source = (folder.root / "data/roads.geojson").read_text(encoding="utf-8")
    folder.write("data/roads.geojson", source.replace('"lanes": 2', '"lanes": 3'))
    command(folder, "import")


def test_the_command_line_and_two_writers_lose_nothing(folder: Folder) -> None:
    rows = (folder.root / "data/stops.csv").read_text(encoding="utf-8")
    folder.write("data/stops.csv", rows + "A4,老站,bay,,1,苏XC4321,121.14,33.54\n")
    path = folder.settings.instance / "geosvc.sqlite"
    ended = threading.Event()
    with running(environ_of(folder), workers=2) as url, ThreadPoolExecutor(2) as pool:
        token = hire(folder, "editor", "read", "edit")
        with closing(sqlite3.connect(path)) as opened, opened:
            old = "UPDATE personal SET received_at = '2001-01-01T00:00:00+00:00' WHERE feature = ?"
            assert opened.execute(old, ["A4"]).rowcount == 1
        writers = {key: pool.submit(write_on, url, token, key, ended) for key in ("A1", "A2")}
        try:
            run_commands(folder)
        finally:
            ended.set()
        acknowledged = {key: writer.result() for key, writer in writers.items()}
        with Line(url, token) as line:
            for key, done in acknowledged.items():
                versions = history(line, key)
                kept = [(item["revision"], item["reason"]) for item in versions]
                assert kept[:-1] == done[::-1]
                names = [f["after"] for v in versions for f in v["fields"] if f["name"] == "name"]
                assert names == [name for _, name in done[::-1]]
            assert line.read("/layers/stops/features/A4")["values"]["plate"] == "erased"
        wait_until(lambda: state(url, "density")[0] == "ok")
    with closing(sqlite3.connect(path)) as opened:
        of = "SELECT number, reason FROM revision WHERE layer = (SELECT id FROM layer WHERE name=?)"
        names = ["stops", "roads"]
        stops, roads = (
            opened.execute(f"{of} ORDER BY number", [name]).fetchall() for name in names
        )
    assert roads == [(1, "import"), (2, "import")]
    assert [number for number, _ in stops] == list(range(1, len(stops) + 1))
    said = [(number, name) for done in acknowledged.values() for number, name in done]
    [purged] = [item for item in stops if item[1] == "purge"]
    assert stops == [(1, "import"), *sorted([*said, purged])]
    # the commands came in between
    assert min(done[0][0] for done in acknowledged.values()) < purged[0] < len(stops)
    command(folder, "verify")


PLANTED, REFUSED, TWICE, EDITED, PHONE = "Q7Z9K4W", "ZZ8801QX", "J3V5T1B", "H6N2R8D", "73192645"
CREATED = "K4M7S2C"
SENTINELS = tuple(text.encode() for text in (PLANTED, REFUSED, TWICE, EDITED, CREATED, PHONE))
"""What no one below enforcement may ever meet; masks show three characters at most."""
_FIELDS = """constraints = { pattern = "苏[A-Z0-9]+" }
[[schema.fields]]
name = "phone"
title = { zh = "电话", en = "Phone" }
type = "integer"
privacy = "enforcement"
"""
_LINKS = re.compile(rb"/(?:data|maps|embed|layers|jobs|log|users|account)[A-Za-z0-9_./@?=-]+")
_UNMASKED = re.compile(r"/layers/\w+/(?:personal|features)")
"""Where those who may see true values do."""


def plant(folder: Folder) -> None:
    head, tail = STOPS.split('privacy = "enforcement"\n')
    folder.write("layers/stops.toml", f'{head}privacy = "enforcement"\n{_FIELDS}{tail}')
    place = "121.1,33.5"
    lines = [
        "code,name,kind,routes,slots,plate,phone,lon,lat",
        f"A1,一,bay,,1,苏{PLANTED},{PHONE},{place}",
        f"A2,二,bay,,1,{REFUSED},{PHONE},{place}",
        f"A2,三,bay,,1,苏{TWICE},x{PHONE}x,{place}",
        f"A3,四,bay,,1,苏X1234,x{PHONE}x,{place}",
    ]
    folder.write("data/stops.csv", "\n".join(lines) + "\n")


def addresses(folder: Folder) -> list[str]:
    """One address, at least, of each view that is read."""
    given = {
        "layer_id": ("stops", "area", "density", "broken", "nowhere"),
        "map_id": ("overview", "roads", "nowhere"),
        "key": ("A1", "A2", "A3", "B1"),
        "ending": ("csv", "geojson", "gpkg"),
        "job_id": ("1", "2"),
        "tag": ("x",),
        "tongue": ("en",),
        "tree": ("x",),
        "path": ("app.css",),
    }
    found = []
    for rule in create_app(folder.settings).url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            filled = [re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"<\1>", rule.rule)]
            for name in rule.arguments:
                words = given.get(name, ("1",))
                filled = [p.replace(f"<{name}>", v) for p in filled for v in words]
            found += filled
    return found


def walk(line: Line, first: list[str], *, sees_all: bool = False) -> dict[str, int]:
    """Read addresses and all that they lead to; nothing holds a sentinel that should not."""
    seen: dict[str, int] = {}
    todo = [f"{path}{query}" for path in first for query in ("", "?lang=en")]
    while todo:
        path = todo.pop()
        if path in seen or (sees_all and _UNMASKED.match(path)):
            continue
        status, headers, body = line.raw("GET", path)
        hold_clean(path, str(headers).encode() + body)
        seen[path] = status
        todo += [item.decode() for item in set(_LINKS.findall(body))]
    return seen


def hold_clean(where: str, content: bytes) -> None:
    assert [text for text in SENTINELS if text in content] == [], where


def try_writing(line: Line) -> None:
    """Meet each fault of writing; what is answered shows masks."""
    tries: list[tuple[str, Any]] = [
        ("A1", {"base": 1, "values": {"name": "x"}}),  # somebody else was first
        ("A1", {"base": 1, "values": {"slots": "many"}, "reason": "why"}),
        ("A2", {"base": 99, "values": {"plate": "苏XX", "name": "y"}, "reason": "why"}),
        ("A1", {"base": 1, "values": {"name": "x"}, "reason": "why"}),
    ]
    for key, body in tries:
        for method in ("PUT", "DELETE"):
            sent = body if method == "PUT" else {"base": 1, "reason": ""}
            status, answer = line.ask(method, f"/layers/stops/features/{key}", sent)
            assert status != 500
            hold_clean(f"{method} {key} {body}", str(answer).encode())


def work_on(officer: Line) -> None:
    """Make, undo, restore, delete and bring back a feature; what is answered holds no value."""
    there = {"type": "Point", "coordinates": [121.11, 33.51]}
    values = {"code": "B1", "plate": f"苏{CREATED}"}
    made = {"values": values, "geometry": there, "reason": "new"}
    base = officer.read("/layers/stops/rows.json")["revision"]
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "features", made),
        ("POST", "undo", {"base": base + 1}),
        ("POST", "restore/B1", {"base": base + 2, "revision": base + 1}),
        ("DELETE", "features/B1", {"base": base + 3}),
        ("POST", "undo", {"base": base + 4}),
    ]
    for method, path, body in steps:
        status, answer = officer.ask(method, f"/layers/stops/{path}", {"reason": "why"} | body)
        assert status in {200, 201}, (path, answer)
        hold_clean(path, str(answer).encode())
    assert officer.read("/layers/stops/features/B1")["values"]["plate"] == f"苏{CREATED}"
    hold_clean("cancel", str(officer.ask("POST", "/jobs/1/cancel")).encode())


def hold_copies_clean(folder: Folder, target: Path) -> None:
    """A backup and what is restored from it hold sentinels where the store does."""
    store = folder.settings.instance / "geosvc.sqlite"
    for words in (("backup", str(target)), ("verify",), ("restore", str(target)), ("import",)):
        hold_clean(words[0], command(folder, *words).encode())
    for path in (target, store):
        kept = personal_alone(path)
        assert {EDITED.encode(), CREATED.encode()} <= {s for s in SENTINELS if s in kept}


def personal_alone(path: Path) -> bytes:
    """Return the table of personal values; no other table holds a sentinel."""
    with closing(sqlite3.connect(path, timeout=30)) as opened:
        # a job of the service that has just stopped may still hold the file for a moment
        wait_until(lambda: not opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        every = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name != 'personal'"
        for (name,) in opened.execute(every).fetchall():
            rows = opened.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - its own
            hold_clean(name, repr(rows).encode())
        return repr(opened.execute("SELECT * FROM personal").fetchall()).encode()


def history(line: Line, key: str) -> list[dict[str, Any]]:
    """Read all versions of a feature, page by page."""
    versions: list[dict[str, Any]] = []
    before = ""
    while True:
        page = line.read(f"/layers/stops/history/{key}{before}")
        versions += page["versions"]
        if page["next"] is None:
            return versions
        before = f"?before={page['next']}"


def work_as_officer(folder: Folder, url: str) -> list[str]:
    """Write and read what only enforcement may; return the addresses that there are then."""
    with Line(url, hire(folder, "enforcement", "read", "edit", "personal")) as officer:
        status, answer = officer.put("A1", 1, {"plate": f"苏{EDITED}"})
        assert status == 200, answer
        assert officer.put("A1", 2, {"plate": f"x{EDITED}"})[0] == 422
        assert officer.put("A1", 1, {"plate": f"苏{EDITED}X"})[0] == 409
        assert officer.read("/layers/stops/features/A1")["values"]["plate"] == f"苏{EDITED}"
        for path in ("personal.csv", "personal.geojson", "personal.gpkg", "personal/rows.json"):
            assert EDITED.encode() in officer.raw("GET", f"/layers/stops/{path}")[2]
        work_on(officer)
        first = addresses(folder)
        assert 500 not in walk(officer, first, sees_all=True).values()
        return first


def test_personal_values_stand_in_one_table_and_nowhere_else(
    folder: Folder, tmp_path: Path
) -> None:
    plant(folder)
    log = tmp_path / "service.log"
    with overheard(folder, log) as url:
        wait_until(lambda: state(url, "density") == ("ok", 1))
        tokens = [hire(folder, "viewer", "read"), hire(folder, "editor", "read", "edit")]
        first = work_as_officer(folder, url)
        hire(folder, "administrator", "read")
        with Line(url) as line:
            line.sign_in("administrator")
            line.headers["Accept"] = "text/html"
            seen = walk(line, [*first, "/log", "/users", "/jobs"], sees_all=True)
            assert 500 not in seen.values()
            assert [seen[path] for path in ("/log", "/users", "/jobs", "/account")] == [200] * 4
        for token in ("", *tokens):
            with Line(url, token) as line:
                seen = walk(line, first)
                assert 500 not in seen.values()
                assert {200, 404} <= set(seen.values())
                assert seen["/layers/stops.gpkg"] == 200
                assert any(p.startswith("/data/stops/") and s == 200 for p, s in seen.items())
                try_writing(line)
    hold_clean("log", log.read_bytes())
    instance = folder.settings.instance
    kept = personal_alone(instance / "geosvc.sqlite")
    assert EDITED.encode() in kept
    assert PLANTED.encode() in kept, "an undo would put it back"
    files = [item for item in instance.rglob("*") if item.is_file()]
    assert any(item.parent.name == "answers" for item in files)
    for item in files:
        if item.name != "geosvc.sqlite":
            hold_clean(str(item), item.read_bytes())
    hold_copies_clean(folder, tmp_path / "copy.sqlite")
