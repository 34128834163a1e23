"""The command line: ``geosvc serve | check | import``.

``python -m geosvc`` does the same. Faults of files go to standard output, one a line; what the
service does goes to standard error.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

from geosvc import derive, messages
from geosvc.catalog.catalog import read_catalog, shifted_bases
from geosvc.errors import GeosvcError, Issue, LayerUnavailableError, SourceError, StoreError
from geosvc.ingest.source import read_source
from geosvc.settings import read_settings
from geosvc.store import Store
from geosvc.store.jobs import JobTable, canonical
from geosvc.web import (
    basemap_commands,
    figure_commands,
    hotspot_commands,
    report_commands,
    scorecard_commands,
    site_commands,
    snapshot_commands,
    user_commands,
)
from geosvc.workspace import (
    Workspace,
    apply_retention,
    check_edited,
    prepare,
    refresh_derived,
    restore_backup,
)
from geosvc.workspace.published import back_up, bring_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geopandas import GeoDataFrame

    from geosvc.catalog.catalog import Catalog
    from geosvc.catalog.model import Language
    from geosvc.settings import Settings
    from geosvc.store.jobs import Job

MOST_PORTS = 65535
ACTOR = "geosvc"
"""Who does it, in the log: whoever may run commands on this machine."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments
        The words after the program's name; by default those of the process.

    Returns
    -------
    status
        0, or 1 where files have faults or the service cannot start.
    """
    _write_any_character()
    language = _language(os.environ)
    options = _parser(language).parse_args(arguments)
    tell = _teller(options.lang or language)
    try:
        return int(_COMMANDS[options.command](read_settings(), options, tell))
    except GeosvcError as error:
        tell(f"errors.{error.code}.detail")
        for issue in error.issues:
            _say(messages.render_issue(issue, options.lang or language))
        _note(error.detail)
        return 1


def _serve(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    from geosvc.web.headers import security_headers  # noqa: PLC0415 - check and import need no web
    from geosvc.web.server import check_port, serve  # noqa: PLC0415

    host, port = options.host, options.port
    security_headers("/embed/", settings.embed_origins)
    try:
        address = check_port(host, port)
    except OSError as error:
        taken = error.errno in _TAKEN
        key = "cli.port_taken" if taken else "cli.no_address"
        tell(key, host=host, port=port, other=port + 1, reason=error.strerror)
        return 1
    workspace = _prepare(settings, options, tell)
    basemap_commands.prepare(workspace, tell=tell)
    serve(
        workspace,
        host=address,
        port=port,
        workers=options.workers,
        ready=lambda: tell("cli.ready", host=f"[{host}]" if ":" in host else host, port=port),
    )
    return 0


def _check(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    catalog = read_catalog(settings)
    issues, features = _sources(catalog)
    issues = [*catalog.issues, *derive.check(catalog), *issues, *check_edited(settings)]
    issues += shifted_bases(catalog, settings)
    language = options.lang or _language(os.environ)
    for issue in issues:
        _say(messages.render_issue(issue, language))
    if issues:
        tell("cli.faults", count=len(issues))
        return 1
    counts = {"layers": len(catalog.layers), "maps": len(catalog.maps), "features": features}
    _say(messages.text("cli.sound", language, **counts))
    return 0


def _sources(catalog: Catalog) -> tuple[list[Issue], int]:
    """Read every source as an import would, and store nothing."""
    frames: dict[str, GeoDataFrame] = {}
    issues: list[Issue] = []

    def frame(layer_id: str) -> GeoDataFrame:
        if layer_id not in frames:
            raise LayerUnavailableError(layer_id)
        return frames[layer_id]

    for layer_id in catalog.order():
        layer = catalog.layer(layer_id)
        if layer.source is None:
            continue
        try:
            clean = read_source(layer, frames=frame)
        except SourceError as error:
            issues += error.issues
            continue
        issues += clean.issues
        frames[layer_id] = cast("GeoDataFrame", clean.frame)
    return issues, sum(len(item) for item in frames.values())


def _import(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    workspace = _prepare(settings, options, tell)
    derived = refresh_derived(settings)
    if derived:
        tell("cli.derived", layers=", ".join(derived))
    workspace.refresh()
    basemap_commands.prepare(workspace, tell=tell)
    counts = [workspace.status(layer_id).count or 0 for layer_id in workspace.layer_ids]
    tell("cli.imported", layers=len(counts), features=sum(counts))
    return 0


def _jobs(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    path, language = settings.instance / "geosvc.sqlite", options.lang or _language(os.environ)
    if not path.exists():
        tell("cli.no_jobs")
        return 0
    Store(path).migrate()
    with JobTable(path) as table:
        one = options.cancel is not None
        jobs = [table.cancel(options.cancel)] if one else table.recent(limit=options.last)
    for job in jobs:
        _say(_job_line(job, language))
    if not jobs:
        tell("cli.no_jobs")
    return 0


def _job_line(job: Job, language: Language) -> str:
    values = asdict(job) | {
        "state": messages.text(f"job_state.{job.state}", language),
        "progress": round(100 * job.progress),
        "parameters": canonical(job.parameters),
    }
    line = messages.text("cli.job", language, **values).rstrip()
    if job.error is None:
        return line
    key = f"job_error.{job.error['code']}"
    if not messages.has(key):
        key = f"errors.{job.error['code']}.title"
    return f"{line}: {messages.text(key, language, detail=job.error['detail'])}"


def _backup(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    store = Store(settings.instance / "geosvc.sqlite")
    store.backup(options.file)
    back_up(settings, options.file)
    store.log("backup", actor=ACTOR, target=options.file.name)
    tell("cli.backed_up", file=options.file)
    return 0


def _restore(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    store = Store(settings.instance / "geosvc.sqlite")
    bring_back(settings, options.file)
    restore_backup(store, settings, options.file, author=ACTOR)
    tell("cli.restored", file=options.file)
    return 0


def _verify(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    store = Store(settings.instance / "geosvc.sqlite")
    issues = store.verify()
    with suppress(StoreError):  # what is damaged, or on a read-only disk, is told all the same
        store.keep_verification(issues)
    for issue in issues:
        _say(messages.render_issue(issue, options.lang or _language(os.environ)))
    tell("cli.faults" if issues else "cli.verified", count=len(issues))
    return 1 if issues else 0


def _purge(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    store = Store(settings.instance / "geosvc.sqlite")
    counts = apply_retention(store, settings, dry_run=options.dry_run, author=ACTOR)
    for layer, count in counts.items():
        _say(f"{layer}: {count}")
    key = "cli.would_purge" if options.dry_run else "cli.purged"
    tell(key, count=sum(counts.values()), days=settings.retention_days)
    return 0


def _user(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    return user_commands.run(settings, options, tell)


def _hotspots(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    language = options.lang or _language(os.environ)
    workspace = _prepare(settings, options, tell)
    return hotspot_commands.run(workspace, options, language, say=_say, tell=tell)


def _site(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    language = options.lang or _language(os.environ)
    workspace = _prepare(settings, options, tell)
    return site_commands.run(workspace, options, language, say=_say, tell=tell)


def _figure(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    language = options.lang or _language(os.environ)
    return figure_commands.run(_prepare(settings, options, tell), options, language, tell=tell)


def _scorecard(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    language = options.lang or _language(os.environ)
    workspace = _prepare(settings, options, tell)
    return scorecard_commands.run(workspace, options, language, say=_say)


def _report(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    language = options.lang or _language(os.environ)
    return report_commands.run(_prepare(settings, options, tell), options, language, tell=tell)


def _snapshot(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    language = options.lang or _language(os.environ)
    return snapshot_commands.run(
        settings, options, language, prepare=lambda: _prepare(settings, options, tell), tell=tell
    )


def _basemap(settings: Settings, options: argparse.Namespace, tell: Callable[..., None]) -> int:
    return basemap_commands.run(_prepare(settings, options, tell), options, tell=tell)


def _prepare(
    settings: Settings, options: argparse.Namespace, tell: Callable[..., None]
) -> Workspace:
    def progress(layer: str, done: int, total: int) -> None:
        if layer:
            tell("cli.progress", layer=layer, done=done + 1, total=total)

    replaced = getattr(options, "replace", ())
    workspace = prepare(settings, progress=progress, replaced=replaced)
    for issue in _why_not(workspace):
        _note(messages.render_issue(issue, options.lang or _language(os.environ)))
    return workspace


def _why_not(workspace: Workspace) -> Iterator[Issue]:
    """List the faults of files and of the layers that cannot be shown for now."""
    yield from workspace.catalog.issues
    for layer_id in workspace.catalog.order():
        status = workspace.status(layer_id)
        if status.state == "unavailable" or (status.state == "stale" and status.issues):
            yield from status.issues


_COMMANDS = {
    "serve": _serve,
    "check": _check,
    "import": _import,
    "hotspots": _hotspots,
    "site": _site,
    "figure": _figure,
    "scorecard": _scorecard,
    "snapshot": _snapshot,
    "report": _report,
    "basemap": _basemap,
    "jobs": _jobs,
    "user": _user,
    "backup": _backup,
    "restore": _restore,
    "verify": _verify,
    "purge": _purge,
}
# the numbers of "address in use" on Linux, macOS and Windows, and of a Windows port held by another
_TAKEN = (98, 48, 10048, 10013)


def _parser(language: Language) -> argparse.ArgumentParser:
    words = messages.table("cli", language)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=messages.LANGUAGES, help=words["language"])
    parser = argparse.ArgumentParser(prog="geosvc", description=words["description"])
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help=words["serve"], parents=[common])
    serve.add_argument("--host", default="127.0.0.1", help=words["host"])
    serve.add_argument("--port", default=8000, type=_port, help=words["port"])
    serve.add_argument("--workers", default=2, type=_count, help=words["workers"])
    commands.add_parser("check", help=words["check"], parents=[common])
    importing = commands.add_parser("import", help=words["import"], parents=[common])
    importing.add_argument(
        "--replace", action="append", default=[], metavar="LAYER", help=words["replace"]
    )
    hotspot_commands.add_parser(commands, language, common)
    site_commands.add_parser(commands, language, common)
    figure_commands.add_parser(commands, language, common)
    scorecard_commands.add_parser(commands, language, common)
    snapshot_commands.add_parser(commands, language, common)
    report_commands.add_parser(commands, language, common)
    basemap_commands.add_parser(commands, language, common)
    user_commands.add_parser(commands, language, common)
    jobs = commands.add_parser("jobs", help=words["jobs"], parents=[common])
    jobs.add_argument("--last", default=20, type=_count, metavar="N", help=words["last"])
    jobs.add_argument("--cancel", type=_count, metavar="ID", help=words["cancel"])
    for name in ("backup", "restore"):
        copying = commands.add_parser(name, help=words[name], parents=[common])
        copying.add_argument("file", type=Path, help=words["file"])
    commands.add_parser("verify", help=words["verify"], parents=[common])
    purge = commands.add_parser("purge", help=words["purge"], parents=[common])
    purge.add_argument("--dry-run", action="store_true", help=words["dry_run"])
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_PORTS):
        raise argparse.ArgumentTypeError(messages.text("cli.bad_port", _language(os.environ)))
    return int(text)


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(messages.text("cli.bad_count", _language(os.environ)))
    return int(text)


def _language(environ: os._Environ[str]) -> Language:
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"


def _teller(language: Language) -> Callable[..., None]:
    return lambda key, **values: _note(messages.text(key, language, **values))


def _write_any_character() -> None:
    # a Windows console may not know every character of a Chinese name
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _note(line: str) -> None:
    if line:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
