"""The files that pages load: one hash over the static tree, and the vendored files in it.

The hash stands in every address, so a browser may keep a file for ever and two workers that serve
the same files write the same addresses.
"""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING

from geosvc.errors import AssetError

if TYPE_CHECKING:
    from pathlib import Path


class Assets:
    """The static tree of one service, read once.

    Parameters
    ----------
    folder
        The folder with ``js``, ``css`` and ``vendor/manifest.toml``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        files = sorted(item for item in self.folder.rglob("*") if item.is_file())
        self.files = {item.relative_to(self.folder).as_posix(): item for item in files}
        self.hash = _tree_hash(self.files)
        self._vendored = _vendored(self.folder / "vendor")

    def url(self, path: str) -> str:
        """Return the address of a file of the tree.

        Raises
        ------
        AssetError
            If there is no such file.
        """
        if path not in self.files:
            raise AssetError(path)
        return f"/static/{self.hash}/{path}"

    def read(self, path: str) -> bytes:
        """Return the content of a file of the tree.

        Raises
        ------
        AssetError
            If there is no such file.
        """
        if path not in self.files:
            raise AssetError(path)
        return self.files[path].read_bytes()

    def local(self, address: str) -> str:
        """Return the vendored file that stands for an address on another host.

        Parameters
        ----------
        address
            The address that a Folium element asks for; its last part names the file.

        Returns
        -------
        path
            The file's path in the tree.

        Raises
        ------
        AssetError
            If no vendored package has a file of this name.
        """
        name = address.rsplit("/", maxsplit=1)[-1]
        if name not in self._vendored:
            raise AssetError(address)
        return self._vendored[name]


def _tree_hash(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for path, item in files.items():
        digest.update(path.encode() + b"\0" + hashlib.sha256(item.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _vendored(folder: Path) -> dict[str, str]:
    manifest = folder / "manifest.toml"
    if not manifest.is_file():
        return {}
    packages = tomllib.loads(manifest.read_text("utf-8")).get("package", [])
    return {
        name.rsplit("/", maxsplit=1)[-1]: f"vendor/{package['folder']}/{name}"
        for package in packages
        for name in package["files"]
    }
