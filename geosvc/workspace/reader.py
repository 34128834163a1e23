"""Reading layers: cheap for requests, and the same for all of one moment."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING

import geopandas as gpd

from geosvc import derive
from geosvc.catalog.catalog import Catalog, read_catalog
from geosvc.crs import datum_of, from_crs84, metric_crs
from geosvc.errors import (
    LayerUnavailableError,
    StoreError,
    StoreUnavailableError,
    UnknownLayerError,
)
from geosvc.network import StreetNetwork
from geosvc.store import Report, Store, StoredLayer
from geosvc.workspace.checking import foreign_keys
from geosvc.workspace.edited import as_declared
from geosvc.workspace.status import LayerStatus, fingerprint, statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pandas as pd

    from geosvc.settings import Settings

_NETWORKS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """The store as of one look at it.

    ``erasure`` is another text after personal values or their masks were erased.
    """

    version: int
    erasure: str
    stored: Mapping[str, StoredLayer]
    reports: Mapping[str, Report]
    statuses: Mapping[str, LayerStatus]


class Workspace:
    """Reads layers; threads may share one, processes have their own.

    Parameters
    ----------
    settings
        The folders of layer files and of state; the latter is made where it is absent.

    Attributes
    ----------
    catalog
        The layer files; one that names a method wrongly counts as broken.
    store
        Where features are at rest.
    moment
        What the last look at the store found.
    is_pinned
        Whether this is a view of one moment, see `pinned`.

    Raises
    ------
    StoreError
        If the store cannot be opened, see `geosvc.store.Store.migrate`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = _with_methods(read_catalog(settings))
        self.store = Store(settings.instance / "geosvc.sqlite")
        self.store.migrate()
        self.store.links = foreign_keys(self.catalog)
        self.is_pinned = False
        self._lock = RLock()
        self._frames: dict[str, tuple[str, pd.DataFrame]] = {}
        self._networks: dict[tuple[str, str], StreetNetwork] = {}
        self._networks_lock = RLock()
        self.moment = self._look()

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """All layers: those with sound files in the order of dependency, then the others."""
        return (*self.catalog.order(), *self.catalog.broken)

    def refresh(self) -> bool:
        """Look whether a layer has moved, and say so; the only query that a request needs.

        The store moves for other reasons too (a job's heart beats, somebody signs in): what was
        made of the layers before is then still good.
        """
        with self._lock:
            if self.store.data_version() == self.moment.version:
                return False
            before, self.moment = self.moment, self._look()
            return replace(before, version=self.moment.version) != self.moment

    def close(self) -> None:
        """Close the store; frames that were given out stay as they are."""
        self.store.close()

    def pinned(self) -> Workspace:
        """Return a view of this moment, whatever other threads refresh.

        What is made from tag and frame together must come from one moment.
        """
        with self._lock:
            view = copy.copy(self)
            view.is_pinned = True
            return view

    def latest(self) -> Workspace:
        """Return a view of the present moment; this workspace stays where it is."""
        with self._lock:
            is_now = self.store.data_version() == self.moment.version
            moment = self.moment if is_now else self._look()
            view = self.pinned()
        view.moment = moment
        return view

    def as_of(self, at: datetime) -> Workspace:
        """Return a view of the layers as they were at an instant, shown by the files of today.

        What the store did not have yet is not there; faults of the last imports say nothing of it.
        """
        view = self.pinned()
        view._frames, view._networks = {}, {}  # noqa: SLF001 - another view of the same class
        stored = self.store.overview_at(at)
        states = statuses(self.catalog, stored, {})
        view.moment = replace(self.moment, stored=stored, reports={}, statuses=states)
        return view

    def through(self, look: Callable[[Workspace], Workspace]) -> Workspace:
        """Return what a function makes of this moment; who hides something hides it of that too."""
        return look(self)

    def status(self, layer_id: str) -> LayerStatus:
        """Return what is known of a layer.

        Raises
        ------
        UnknownLayerError
            If no layer file has this id.
        """
        try:
            return self.moment.statuses[layer_id]
        except KeyError as error:
            raise UnknownLayerError(layer_id) from error

    def frame(self, layer_id: str) -> pd.DataFrame:
        """Return a layer's features, sorted by key; personal fields are masked.

        Returns
        -------
        frame
            A GeoDataFrame in OGC:CRS84, or a DataFrame where the layer has no geometry. It is
            shared: do not change it.

        Raises
        ------
        UnknownLayerError
            If no layer file has this id.
        LayerUnavailableError
            If there is nothing to show.
        StoreError
            If the view is pinned to a moment that a restored backup has taken away.
        """
        status = self.status(layer_id)
        if not status.is_served:
            raise LayerUnavailableError(layer_id, issues=status.issues)
        with self._lock:
            stored = self.moment.stored[layer_id]
            if layer_id not in self._frames or self._frames[layer_id][0] != stored.digest:
                self._frames[layer_id] = self._read(stored)
            return self._frames[layer_id][1]

    def network(self, layer_id: str) -> StreetNetwork:
        """Return the street network of a layer's lines; ``line`` counts the rows of its frame.

        Returns
        -------
        network
            In `geosvc.crs.metric_crs` of the layer's frame. It is shared, and made once for a
            revision; a few are kept.

        Raises
        ------
        UnknownLayerError, LayerUnavailableError, StoreError
            As `frame` does.
        ValueError
            If the layer has no lines.
        """
        with self._lock:
            gdf = self.frame(layer_id)
            key = layer_id, self._frames[layer_id][0]
        # frames are read on while a network is made
        with self._networks_lock:
            network = self._networks.pop(key, None) or _network(gdf)
            self._networks[key] = network
            while len(self._networks) > _NETWORKS_KEPT:
                del self._networks[next(iter(self._networks))]
            return network

    def tag(self, layer_id: str) -> str:
        """Return 12 hexadecimal digits that move with what is shown of a layer.

        Raises
        ------
        UnknownLayerError
            If no sound layer file has this id.
        """
        layer = self.catalog.layer(layer_id)
        stored = self.moment.stored.get(layer_id)
        return fingerprint(layer.fingerprint, stored and (stored.number, stored.digest))[:12]

    def map_tag(self, map_id: str) -> str:
        """Return 12 hexadecimal digits that move with what is shown or said of a map's layers.

        Raises
        ------
        UnknownMapError
            If no map file has this id.
        """
        found = self.catalog.map(map_id)
        sound = [layer_id for layer_id in found.layers if layer_id in self.catalog.layers]
        states = [repr(self.moment.statuses[layer_id]) for layer_id in found.layers]
        tags = [self.tag(layer_id) for layer_id in sound]
        return fingerprint(found.fingerprint, repr(self.catalog.site), tags, states)[:12]

    def _read(self, stored: StoredLayer) -> tuple[str, pd.DataFrame]:
        try:
            return stored.digest, self._declared(stored)
        except StoreUnavailableError:
            raise
        except StoreError:
            if self.is_pinned:
                raise
        # a backup was restored since the last look
        self.moment = self._look()
        stored = self.moment.stored[stored.name]
        return stored.digest, self._declared(stored)

    def _declared(self, stored: StoredLayer) -> pd.DataFrame:
        frame = self.store.frame(stored.name, number=stored.number)
        return as_declared(frame, stored.shape, self.catalog.layer(stored.name).schema)

    def _look(self) -> Moment:
        version, erasure = self.store.data_version(), self.store.erasure()
        stored, reports = self.store.overview()
        states = statuses(self.catalog, stored, reports)
        return Moment(version, erasure, stored, reports, states)


def _network(gdf: pd.DataFrame) -> StreetNetwork:
    if not isinstance(gdf, gpd.GeoDataFrame) or gdf.empty:
        msg = "a network is made of lines"
        raise ValueError(msg)
    crs = metric_crs(gdf)
    geometry = from_crs84(gdf.geometry.to_numpy(), datum_of(crs))
    return StreetNetwork.from_lines(gpd.GeoDataFrame(geometry=geometry, crs=crs))


def _with_methods(catalog: Catalog) -> Catalog:
    """Take out the layers that name a method in a way that it cannot be called."""
    issues = derive.check(catalog)
    paths = {issue.path for issue in issues}
    faulty = {name: layer for name, layer in catalog.layers.items() if layer.path in paths}
    broken = {
        name: tuple(issue for issue in issues if issue.path == layer.path)
        for name, layer in faulty.items()
    }
    sound = {name: layer for name, layer in catalog.layers.items() if name not in faulty}
    return replace(
        catalog,
        layers=sound,
        broken={**catalog.broken, **broken},
        issues=(*catalog.issues, *issues),
    )
