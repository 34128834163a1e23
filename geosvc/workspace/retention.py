"""What the retention policy takes away: old personal values, and old entries of the log."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geosvc.store import Store
from geosvc.store.log import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geosvc.settings import Settings


def apply_retention(
    store: Store, settings: Settings, *, dry_run: bool = False, author: str = ""
) -> Mapping[str, int]:
    """Erase the personal values that have been kept for ``settings.retention_days``.

    They go from what a restored backup has replaced, too, and so do answers that were made of
    their masks. A damaged file that was replaced goes as a whole when it has been kept so long.
    Log entries as old go, but never before six months.

    Parameters
    ----------
    store
        The store.
    settings
        The policy.
    dry_run
        Whether to count only.
    author
        Who asked for it.

    Returns
    -------
    counts
        Values by layer id.

    Raises
    ------
    StoreError
        If the store cannot be written now, or the log was tampered with.
    """
    now = datetime.now(UTC)
    kept = timedelta(days=settings.retention_days)
    counts = store.purge(now - kept, dry_run=dry_run, author=author)
    if dry_run:
        return counts
    if counts:
        shutil.rmtree(settings.instance / "answers", ignore_errors=True)
    if store.before_restore.exists():
        with closing(Store(store.before_restore)) as replaced:
            replaced.migrate()
            replaced.purge(now - kept, author=author)
    _drop_damaged(store.damaged, before=now - kept)
    store.prune_log(now - max(kept, KEPT), actor=author)
    return counts


def _drop_damaged(path: Path, *, before: datetime) -> None:
    # nobody can erase single values in a file that cannot be opened
    if path.exists() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
        for ending in ("-wal", "-shm", ""):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def restore_backup(store: Store, settings: Settings, source: Path, *, author: str = "") -> None:
    """Restore a backup without the personal values whose time is over by now.

    Parameters
    ----------
    store
        The store.
    settings
        The policy.
    source
        The backup.
    author
        Who asked for it.

    Raises
    ------
    StoreError
        If the backup cannot be restored; nothing has changed.
    """
    before = datetime.now(UTC) - timedelta(days=settings.retention_days)
    store.restore_backup(source, author=author, before=before)
