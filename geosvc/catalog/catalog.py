"""All layer, map and site files of a folder, with the faults between them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from geosvc.catalog.model import Group, Layer, MapFile, ScorecardFile, Site, Text
from geosvc.catalog.parse import fingerprint, parse_layer, parse_map, parse_site
from geosvc.catalog.parse_base import SHIFTED, TRUE
from geosvc.catalog.parse_scorecard import check_scorecard, parse_scorecard
from geosvc.catalog.references import check_layer, check_map, circles, dependency_order
from geosvc.catalog.toml_table import ID
from geosvc.errors import Issue, UnknownLayerError, UnknownMapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from geosvc.settings import Settings

SITE_FILE = "site"
SCORECARD_FILE = "scorecard"
"""Stems that no layer may have: ``site.toml`` names the service and its groups."""

DEFAULT_SITE = Site(Text("地图", "Maps"))
"""What a folder without ``site.toml`` is called."""

_OTHER = Text("其他", "Other")
_LAST = 1_000_000

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the files of a layers folder say.

    ``layers`` and ``maps`` are the sound files by id; ``broken`` holds the faults of each layer
    file that has some, ``issues`` those of all files. ``site`` has a group for each layer.
    ``scorecard`` is None where there is no such file, or where it has a fault of its own.
    """

    layers: Mapping[str, Layer] = field(default_factory=dict)
    maps: Mapping[str, MapFile] = field(default_factory=dict)
    site: Site = DEFAULT_SITE
    scorecard: ScorecardFile | None = None
    broken: Mapping[str, tuple[Issue, ...]] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()

    def layer(self, layer_id: str) -> Layer:
        """Return a sound layer.

        Raises
        ------
        UnknownLayerError
            If no layer file has this id, or the file has faults (they come with the error).

        Examples
        --------
        >>> Catalog().layer("stops")
        Traceback (most recent call last):
        geosvc.errors.UnknownLayerError: stops
        """
        if layer_id not in self.layers:
            raise UnknownLayerError(layer_id, issues=self.broken.get(layer_id, ()))
        return self.layers[layer_id]

    def map(self, map_id: str) -> MapFile:
        """Return a sound map file.

        Raises
        ------
        UnknownMapError
            If no sound map file has this id.

        Examples
        --------
        >>> Catalog().map("overview")
        Traceback (most recent call last):
        geosvc.errors.UnknownMapError: overview
        """
        if map_id not in self.maps:
            raise UnknownMapError(map_id)
        return self.maps[map_id]

    def order(self) -> tuple[str, ...]:
        """Return the layer ids so that each layer comes after the layers that it names.

        >>> Catalog().order()
        ()
        """
        return dependency_order(self.layers)


def read_catalog(settings: Settings) -> Catalog:
    """Read every file of the layers folder; faults are listed, never raised.

    Parameters
    ----------
    settings
        Names the folder of layer files and the folders that sources may lie in.

    Returns
    -------
    catalog
        The sound files, and the faults of the others. Without map files there is one map ``all``
        with every layer, those with faults too.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geosvc.settings import Settings
    >>> catalog = read_catalog(Settings(layers=Path("/nowhere/layers")))
    >>> len(catalog.layers), catalog.issues[0].code, catalog.issues[0].path
    (0, 'missing_file', 'layers')
    """
    reading = _Reading(settings.layers)
    if not settings.layers.is_dir():
        issue = Issue("missing_file", settings.layers.name, found=settings.layers.name)
        return Catalog(issues=(issue,))
    layers = reading.layers(settings)
    site = reading.site()
    layers = reading.checked(layers, site)
    maps = reading.maps(layers) or {"all": _every(layers, reading.broken, site)}
    return Catalog(
        layers=layers,
        maps=maps,
        scorecard=reading.scorecard(layers, maps),
        site=_with_groups(site, layers.values()),
        broken={name: tuple(faults) for name, faults in sorted(reading.broken.items())},
        issues=tuple(reading.issues),
    )


def shifted_bases(catalog: Catalog, settings: Settings) -> list[Issue]:
    """Return an issue for each online base map in a datum that the profile does not show.

    >>> from geosvc.settings import Settings
    >>> shifted_bases(Catalog(), Settings(profile="public"))
    []
    """
    if settings.profile != "public":
        return []
    path = f"{settings.layers.name}/{SITE_FILE}.toml"
    return [
        Issue("shifted_base", path, f"base[{at}].datum", found=base.datum, expected=", ".join(TRUE))
        for at, base in enumerate(catalog.site.base)
        if base.datum == SHIFTED
    ]


class _Reading:
    """The files of one folder on their way into a catalog, and the faults met so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.issues: list[Issue] = []
        self.broken: dict[str, list[Issue]] = {}

    def layers(self, settings: Settings) -> dict[str, Layer]:
        """Parse the layer files."""
        layers = {}
        for path in _files(self.folder):
            if path.stem in {SITE_FILE, SCORECARD_FILE}:
                continue
            layer, faults = self._parsed(path, partial(parse_layer, settings=settings))
            if layer is not None:
                layers[layer.id] = layer
            elif ID.fullmatch(path.stem):
                self.broken[path.stem] = faults
        return layers

    def site(self) -> Site:
        """Parse ``site.toml``; a file with faults counts as none."""
        path = self.folder / f"{SITE_FILE}.toml"
        site = self._parsed(path, parse_site)[0] if path.is_file() else None
        return site or DEFAULT_SITE

    def checked(self, layers: Mapping[str, Layer], site: Site) -> dict[str, Layer]:
        """Take out the layers that are at fault with other files."""
        ids = {*layers, *self.broken}
        groups = [group.id for group in site.groups]
        faults = {
            name: check_layer(layer, layers, ids=ids, groups=groups)
            for name, layer in layers.items()
        }
        for name, issue in circles(layers).items():
            faults[name].append(issue)
        for name, found in faults.items():
            self.issues += found
            if found:
                self.broken[name] = found
        return {name: layer for name, layer in layers.items() if not faults[name]}

    def maps(self, layers: Mapping[str, Layer]) -> dict[str, MapFile]:
        """Parse the map files, in the order that they ask for."""
        ids = {*layers, *self.broken}
        maps = []
        for path in _files(self.folder / "maps"):
            found, _ = self._parsed(path, parse_map)
            faults = check_map(found, ids) if found else []
            self.issues += faults
            if found is not None and not faults:
                maps.append(found)
        return {item.id: item for item in sorted(maps, key=lambda item: (item.order, item.id))}

    def scorecard(
        self, layers: Mapping[str, Layer], maps: Mapping[str, MapFile]
    ) -> ScorecardFile | None:
        """Parse ``scorecard.toml``; numbers at fault with other files are named, and stay."""
        path = self.folder / f"{SCORECARD_FILE}.toml"
        found = self._parsed(path, parse_scorecard)[0] if path.is_file() else None
        if found is None:
            return None
        faults = check_scorecard(found, layers, ids={*layers, *self.broken}, maps=maps.values())
        self.issues += [issue for issues in faults.values() for issue in issues]
        broken = {name: tuple(issues) for name, issues in faults.items()}
        return dataclasses.replace(found, broken=broken)

    def _parsed(
        self, path: Path, parse: Callable[[str, bytes], tuple[_T | None, list[Issue]]]
    ) -> tuple[_T | None, list[Issue]]:
        shown = path.relative_to(self.folder.parent).as_posix()
        try:
            value, faults = parse(shown, path.read_bytes())
        except OSError as error:
            value, faults = None, [Issue("unreadable", shown, found=error.strerror or "")]
        self.issues += faults
        return value, faults


def _files(folder: Path) -> list[Path]:
    # editors and macOS leave files whose names begin with a dot
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def _every(layers: Mapping[str, Layer], broken: Iterable[str], site: Site) -> MapFile:
    ordered = sorted(layers.values(), key=lambda layer: (layer.order, layer.id))
    return MapFile(
        id="all",
        path="",
        title=site.title,
        # those that are not there are said to be so
        layers=(*sorted(broken), *(layer.id for layer in ordered)),
        fingerprint=fingerprint("".join(layer.fingerprint for layer in ordered)),
    )


def _with_groups(site: Site, layers: Iterable[Layer]) -> Site:
    """Give each group that a layer names a heading; without a site file that is its id."""
    known = {group.id for group in site.groups}
    missing = sorted({layer.group for layer in layers} - known - {"other"})
    groups = [*site.groups, *(Group(name, Text(name, name), _LAST) for name in missing)]
    if "other" not in known:
        groups.append(Group("other", _OTHER, _LAST))
    return dataclasses.replace(site, groups=tuple(groups))
