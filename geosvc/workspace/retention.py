"""What the retention policy takes away: old personal values, and old entries of the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from geosvc.store.log import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geosvc.settings import Settings
    from geosvc.store import Store


def apply_retention(
    store: Store, settings: Settings, *, dry_run: bool = False, author: str = ""
) -> Mapping[str, int]:
    """Erase the personal values that have been kept for ``settings.retention_days``.

    Log entries as old go too, but never before six months.

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
    if not dry_run:
        store.prune_log(now - max(kept, KEPT), actor=author)
    return counts
