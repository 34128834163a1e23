"""Snapshots as readers know them: the frozen files, and the store's word on what is public."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosvc.errors import Issue, UnknownSnapshotError
from geosvc.snapshots import Snapshots
from geosvc.store.snapshots import About, Act, Published, SnapshotTable, standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geosvc.settings import Settings
    from geosvc.snapshots import Part

LISTED = ("as_of", "language", "synthetic", "title", "titles", "total")
"""The facts that a list of snapshots shows."""


class Shelf(Snapshots):
    """The snapshots of one instance.

    Parameters
    ----------
    settings
        Where the instance is, and the profile: what was published in another profile is not there.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.instance / "snapshots")
        self._path = settings.instance / "geosvc.sqlite"
        self._profile = settings.profile

    def publish(
        self, parts: Mapping[str, Part], facts: Mapping[str, Any], *, author: str, address: str = ""
    ) -> Published:
        """Freeze content and make it public; a crash at any moment leaves all of it or nothing.

        Parameters
        ----------
        parts, facts
            As `Snapshots.freeze` takes them. The facts name ``kind``, ``subject``, ``title`` and,
            where a picture bears one, ``mark``; those in `LISTED` are shown in lists.
        author
            Who publishes it.
        address
            From where.

        Raises
        ------
        WithdrawnError
            If the same content was withdrawn before.
        StoreUnavailableError
            If it cannot be written now.
        """
        given = {"profile": self._profile, **facts}
        made = self.freeze(parts, given)
        shown = {name: given.get(name) for name in LISTED} | {"profile": given["profile"]}
        about = About(given["kind"], given["subject"], shown, given.get("mark", ""))
        with SnapshotTable(self._path) as table:
            return table.publish(made, about, Act(author, address))

    def withdraw(
        self, snapshot_id: str, reason: str, author: str, *, address: str = ""
    ) -> Published:
        """Answer for a snapshot with a reason from now on; its files stay, as proof, unread.

        Raises
        ------
        UnknownSnapshotError
            If it was never published.
        """
        with SnapshotTable(self._path) as table:
            return table.withdraw(snapshot_id, reason, Act(author, address))

    def status(self, snapshot_id: str) -> tuple[Published, Published | None]:
        """Return a snapshot, and what has taken its place if anything has.

        Raises
        ------
        UnknownSnapshotError
            If it was never published, or only in the other profile.
        """
        with SnapshotTable(self._path) as table:
            found = self._held(table.snapshot(snapshot_id))
            later = table.newer(found)
        return found, later if later is not None and self._is_shown(later) else None

    def standing(self, snapshot_id: str) -> Published:
        """Return a snapshot that readers may see.

        Raises
        ------
        UnknownSnapshotError
            If it was never published, or only in the other profile.
        WithdrawnError
            If it was withdrawn.
        """
        with SnapshotTable(self._path) as table:
            return standing(self._held(table.snapshot(snapshot_id)))

    def find(self, beginning: str) -> Published:
        """Return the snapshot that 12 or more digits name, see `SnapshotTable.find`."""
        with SnapshotTable(self._path) as table:
            return self._held(table.find(beginning))

    def list(self) -> tuple[Published, ...]:
        """Return what was published in this profile, latest first."""
        with SnapshotTable(self._path) as table:
            return tuple(found for found in table.snapshots() if self._is_shown(found))

    def verify_all(self) -> tuple[Issue, ...]:
        """Hold all files against their hashes, and the store's word against the files."""
        faults = self.verify()
        there = set(self.ids())
        with SnapshotTable(self._path) as table:
            published = table.snapshots(limit=-1)
        lost = [found.id for found in published if found.id not in there]
        return (*faults, *(Issue("snapshot_missing", f"manifests/{name}.json") for name in lost))

    def _held(self, found: Published) -> Published:
        if not self._is_shown(found):
            raise UnknownSnapshotError(found.id)
        return found

    def _is_shown(self, found: Published) -> bool:
        # the public profile shows no position as exact as the other one
        return self._profile != "public" or found.facts.get("profile") == "public"


def back_up(settings: Settings, target: Path) -> int:
    """Copy the files of all snapshots to the folder that goes with a backup, and say how many.

    Parameters
    ----------
    settings
        Where the instance is.
    target
        The backup of the store, made before: then no publication in it lacks its files. Files that
        the folder has already stay as they are.

    Raises
    ------
    StoreUnavailableError
        If the copy cannot be written.
    """
    return Snapshots(settings.instance / "snapshots").copy_to(_beside(target))


def bring_back(settings: Settings, source: Path) -> int:
    """Copy the snapshots that go with a backup to the instance; those that are there stay.

    Raises
    ------
    StoreUnavailableError
        If the instance cannot be written.
    """
    return Snapshots(_beside(source)).copy_to(settings.instance / "snapshots")


def _beside(backup: Path) -> Path:
    return backup.with_name(f"{backup.name}.snapshots")
