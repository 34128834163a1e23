"""The part of a store that keeps what the law asks for: personal values, the log, copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.errors import Issue, StoreError, StoreUnavailableError, StoreVersionError
from geosvc.store import connection, log, personal, safety
from geosvc.store.opened import Opened
from geosvc.store.records import Change

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from geosvc.store.log import Entry


class Keeping(Opened):
    """Personal values and their retention, the log of who did what, backup and verification."""

    def personal(self, layer_id: str, keys: Collection[str] | None = None) -> pd.DataFrame:
        """Return true values of personal fields: for readers whose role may see them, and no other.

        Parameters
        ----------
        layer_id
            The layer.
        keys
            The features; by default all.

        Returns
        -------
        personal
            Columns key, field, value (text; a list's items joined by ``;``) and erased_at: where
            that is not None, the value was erased by policy and is None.
        """
        with self.reading() as opened:
            return personal.read(opened, layer_id, keys)

    def purge(
        self, before: datetime, *, dry_run: bool = False, author: str = ""
    ) -> Mapping[str, int]:
        """Erase the personal values that came in before an instant.

        That they were erased stays on record, and their masks become the code ``erased`` in a new
        revision; an import of the same source does not bring them back.

        Parameters
        ----------
        before
            The instant, with an offset.
        dry_run
            Whether to count only.
        author
            Who asked for it.

        Returns
        -------
        counts
            Values by layer id.
        """
        if dry_run:
            with self.reading() as opened:
                return personal.count_old(opened, before)
        with self.writing() as opened:
            counts = personal.count_old(opened, before)
            if counts:
                personal.erase_old(opened, before, change=Change(author, "purge"))
                detail = {"before": before.isoformat(), "counts": counts}
                log.append(opened, log.Act("purge", author, detail=detail))
        self._settle()
        return counts

    def log(
        self,
        action: str,
        *,
        actor: str = "",
        address: str = "",
        target: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Append to the log who did what, and return the entry's number.

        Personal values never stand in ``target`` and ``detail``.
        """
        with self.writing() as opened:
            return log.append(opened, log.Act(action, actor, address, target, detail or {}))

    def log_entries(self, *, before: int | None = None, limit: int = 100) -> tuple[Entry, ...]:
        """Return the latest entries of the log with numbers below ``before``, latest first."""
        with self.reading() as opened:
            return log.entries(opened, before=before, limit=limit)

    def prune_log(self, before: datetime, *, actor: str = "") -> int:
        """Take out the log's entries from before an instant, and return how many went.

        Raises
        ------
        StoreError
            If the instant is less than six months ago, or the log was tampered with.
        """
        with self.writing() as opened:
            return log.prune(opened, before, actor=actor)

    def verify(self) -> tuple[Issue, ...]:
        """Return what is wrong with pages, features, R-trees, histories and the log's chain.

        Raises
        ------
        StoreUnavailableError
            If the file is not there or cannot be read now.
        """
        try:
            with self.reading() as opened:
                return tuple(safety.faults(opened, self.path.name))
        except (StoreUnavailableError, StoreVersionError):
            raise
        except StoreError as error:
            # too damaged to be opened
            self.close()
            return (Issue("store_damaged", self.path.name, found=error.detail),)

    def backup(self, target: Path) -> None:
        """Copy the file as it is at this moment, while others read and write.

        Parameters
        ----------
        target
            The copy (mode 0600); an earlier one is replaced when the new one is whole. It holds
            the personal values too.

        Raises
        ------
        StoreUnavailableError
            If the copy cannot be written.
        """
        with connection.translated(self.path):
            # a connection of its own, so that other threads go on
            source = connection.connect(self.path, timeout_s=self._timeout_s)
            try:
                safety.backup(source, target)
            finally:
                source.close()

    def restore_backup(self, source: Path, *, author: str = "") -> None:
        """Make the content of the file that of a backup, at once for everybody who has it open.

        What was there before is kept beside the file, as ``<name>.before-restore``.

        Parameters
        ----------
        source
            What `backup` wrote, in this version of the service or an earlier one.
        author
            Who asked for it.

        Raises
        ------
        StoreError
            If the backup is damaged, another program's or of a newer version; nothing has changed.
        StoreUnavailableError
            If the file cannot be written now.
        """
        self.backup(self.path.with_name(f"{self.path.name}.before-restore"))
        with self._connection() as opened:
            safety.replace_from(opened, source)
        self.migrate()
        self.log("restore_backup", actor=author, target=source.name)
