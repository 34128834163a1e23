"""The part of a store that keeps what the law asks for: personal values, the log, copies."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from geosvc.errors import Issue, StoreError, StoreUnavailableError, StoreVersionError
from geosvc.store import connection, erasing, log, personal, safety, snapshots
from geosvc.store.opened import Opened
from geosvc.store.records import Change
from geosvc.store.write import instant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from geosvc.store.log import Chain, Entry


_VERIFICATION: Final = "verification"


@dataclass(frozen=True, slots=True)
class Verification:
    """When somebody last looked whether the file is sound (ISO 8601, UTC), and what was found."""

    at: str
    issues: tuple[Issue, ...]


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

        Replaced values go as those that stand do. That they were erased stays on record, and their
        masks become the code ``erased``, in a new revision and in all of the history; an import of
        the same source does not bring them back, and neither does `restore_backup`.

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
                return erasing.count_old(opened, before)
        with self.writing() as opened:
            counts = erasing.count_old(opened, before)
            layers = erasing.erase_old(opened, before, change=Change(author, "purge"))
            if layers:
                detail = {"before": before.isoformat(), "counts": counts}
                log.append(opened, log.Act("purge", author, detail=detail))
        self._settle()
        for layer_id in layers:
            # column files of earlier revisions hold the masks; readers make new ones
            shutil.rmtree(self.path.parent / "columns" / layer_id, ignore_errors=True)
        return counts

    def erasure(self) -> str:
        """Return a text that is another one after every erasure: what was made before is void."""
        with self.reading() as opened:
            return erasing.stamped(opened)

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

    def keep_verification(self, issues: Sequence[Issue]) -> None:
        """Note what `verify` has just found, for `last_verification`.

        Raises
        ------
        StoreError
            If the file cannot be written; one that is damaged may not be.
        """
        found = json.dumps({"at": instant(), "issues": [asdict(item) for item in issues]})
        with self.writing() as opened:
            opened.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_VERIFICATION, found))

    def last_verification(self) -> Verification | None:
        """Return when the file was last verified and what was found, None where it never was."""
        with self.reading() as opened:
            row = opened.execute(
                "SELECT value FROM meta WHERE key = ?", (_VERIFICATION,)
            ).fetchone()
        if row is None:
            return None
        kept = json.loads(row[0])
        return Verification(kept["at"], tuple(Issue(**item) for item in kept["issues"]))

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

    @property
    def before_restore(self) -> Path:
        """Where `restore_backup` keeps what was there before."""
        return self.path.with_name(f"{self.path.name}.before-restore")

    @property
    def damaged(self) -> Path:
        """Where `restore_backup` keeps a file that could not be opened."""
        return self.path.with_name(f"{self.path.name}.damaged")

    def restore_backup(
        self, source: Path, *, author: str = "", before: datetime | None = None
    ) -> None:
        """Make the content of the file that of a backup, at once for everybody who has it open.

        What was there before is kept beside the file, see `before_restore`; a file too damaged to
        be opened is kept as it is, see `damaged`, and a service that runs must then be started
        anew. Nobody sees a value again that was ever purged here: it is erased in a copy, and that
        is restored. The log goes on: no entry of the file or of the backup is lost. What was
        published since stays public, and what was withdrawn stays so.

        Parameters
        ----------
        source
            What `backup` wrote, in this version of the service or an earlier one.
        author
            Who asked for it.
        before
            The instant before which personal values are over by now, if the policy knows one.

        Raises
        ------
        StoreError
            If the backup is damaged, another program's or of a newer version; nothing has changed.
        StoreUnavailableError
            If the file cannot be written now.
        """
        is_sound = self._is_sound()
        limits = [item for item in (before, self._purged_before()) if item is not None]
        ready = self.path.with_name(f".{self.path.name}-restoring")
        try:
            with closing(Keeping(ready)) as copy:
                kept = self._chain()
                _fill(copy, source, kept, author=author, before=max(limits, default=None))
                with copy.writing() as opened:
                    snapshots.carry_over(opened, self._published())
            if is_sound:
                self.backup(self.before_restore)
                with self._connection() as opened:
                    safety.replace_from(opened, ready, last=partial(self._link_late, kept.last))
            else:
                with connection.translated(self.path):
                    safety.swap(self.path, ready, aside=self.damaged)
        finally:
            for ending in ("", "-wal", "-shm"):
                with suppress(OSError):
                    ready.with_name(ready.name + ending).unlink(missing_ok=True)
        self._settle()

    def _is_sound(self) -> bool:
        """Say whether the file can be opened; make it where it is absent."""
        try:
            self.migrate()
        except (StoreUnavailableError, StoreVersionError):
            raise
        except StoreError as error:
            self.close()
            # a file of another program is sound, and not ours to replace
            if not isinstance(error.__cause__, sqlite3.DatabaseError):
                raise
            return False
        return True

    def _link_late(self, number: int, copy: sqlite3.Connection) -> None:
        """Append to a copy what was logged since an entry: somebody may have signed in."""
        # the connection of this store is being written
        with closing(Keeping(self.path)) as present:
            late = [row for row in present._chain().rows if row[0] > number]  # noqa: SLF001 - its own
        log.link(copy, late)

    def _chain(self) -> Chain:
        try:
            with self.reading() as opened:
                return log.chain(opened)
        except StoreUnavailableError:
            raise
        except StoreError:
            self.close()
            return log.Chain((), None, None, broken_at=1)

    def _published(self) -> snapshots.Records:
        try:
            with self.reading() as opened:
                return snapshots.records(opened)
        except StoreError:
            # the files of snapshots stay, and the backup knows of those before it
            return snapshots.Records()

    def _purged_before(self) -> datetime | None:
        try:
            with self.reading() as opened:
                return erasing.purged_before(opened)
        except StoreError:
            # a damaged file is what backups are restored for
            return None


def _fill(
    copy: Keeping, source: Path, kept: log.Chain, *, author: str, before: datetime | None
) -> None:
    safety.load(copy.path, source)
    copy.migrate()
    with copy.writing() as opened:
        log.carry_over(opened, kept)
        # nobody has verified this file yet
        opened.execute("DELETE FROM meta WHERE key = ?", (_VERIFICATION,))
    if before is not None:
        copy.purge(before, author=author)
    detail = {} if kept.broken_at is None else {"broken_at": kept.broken_at}
    copy.log("restore_backup", actor=author, target=source.name, detail=detail)
