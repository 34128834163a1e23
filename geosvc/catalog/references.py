"""Faults between files: names of layers, fields and groups that do not exist, and circles."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from geosvc.catalog.model import ForeignKey
from geosvc.errors import Issue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from geosvc.catalog.model import Layer, MapFile


def links(layer: Layer) -> tuple[tuple[str, str], ...]:
    """Return the dotted key and the layer id of each other layer that a layer file names.

    Examples
    --------
    >>> from geosvc.catalog.model import Derivation, Layer, Schema, Style, Text
    >>> schema, style = Schema("LineString", "lixel_id", ()), Style("line", "seq-1")
    >>> method = Derivation("street_density", {"streets": "roads"}, {})
    >>> density = Layer("d", "layers/d.toml", Text("", ""), schema, style, derivation=method)
    >>> links(density)
    (('derivation.inputs.streets', 'roads'),)
    >>> links(Layer("a", "layers/a.toml", Text("", ""), schema, style))
    ()
    """
    found: list[tuple[str, str]] = []
    if layer.source is not None and layer.source.within is not None:
        found.append(("source.within", layer.source.within))
    keys = [rule for rule in layer.schema.rules if isinstance(rule, ForeignKey)]
    found += [
        (f"schema.foreign_keys[{at}].reference.layer", rule.layer) for at, rule in enumerate(keys)
    ]
    if layer.derivation is not None:
        inputs = layer.derivation.inputs
        found += [(f"derivation.inputs.{name}", given) for name, given in inputs.items()]
    return tuple(found)


def dependency_order(layers: Mapping[str, Layer]) -> tuple[str, ...]:
    """Return the ids of layers so that each comes after all that it names.

    Raises
    ------
    CycleError
        If layers name each other in a circle.

    Examples
    --------
    >>> dependency_order({})
    ()
    """
    graph = {
        name: sorted({given for _, given in links(layers[name]) if given in layers})
        for name in sorted(layers)
    }
    return tuple(TopologicalSorter(graph).static_order())


def check_layer(
    layer: Layer, layers: Mapping[str, Layer], *, ids: Collection[str], groups: Collection[str]
) -> list[Issue]:
    """List what a layer file says about other files that is not so.

    Parameters
    ----------
    layer
        The layer to check.
    layers
        The layers whose files are sound.
    ids
        The ids of all layer files; a file with faults of its own is not a fault of those that
        name it.
    groups
        The groups of the site file; empty where it names none.
    """
    issues = [
        Issue("unknown_layer", layer.path, key, found=given, expected=", ".join(sorted(ids)))
        for key, given in links(layer)
        if given not in ids
    ]
    if groups and layer.group not in {*groups, "other"}:
        expected = ", ".join(groups)
        issues.append(
            Issue("unknown_group", layer.path, "group", found=layer.group, expected=expected)
        )
    return [*issues, *_check_within(layer, layers), *_check_foreign_keys(layer, layers)]


def check_map(found: MapFile, ids: Collection[str]) -> list[Issue]:
    """List the layers of a map file that no layer file describes."""
    expected = ", ".join(sorted(ids))
    return [
        Issue("unknown_layer", found.path, f"layers[{at}]", found=name, expected=expected)
        for at, name in enumerate(found.layers)
        if name not in ids
    ]


def circles(layers: Mapping[str, Layer]) -> dict[str, Issue]:
    """Return a fault for each layer that comes back to itself through the layers it names.

    >>> circles({})
    {}
    """
    faults: dict[str, Issue] = {}
    while True:
        left = {name: layer for name, layer in layers.items() if name not in faults}
        try:
            dependency_order(left)
        except CycleError as error:
            # graphlib lists a node before the node that names it; people read the other way
            ring = list(reversed(error.args[1]))[:-1]
            faults.update(_ring_faults(ring, left))
        else:
            return faults


def _ring_faults(ring: list[str], layers: Mapping[str, Layer]) -> Iterator[tuple[str, Issue]]:
    for at, name in enumerate(ring):
        following = [*ring[at:], *ring[:at], name]
        key = next(key for key, given in links(layers[name]) if given == following[1])
        issue = Issue("cycle", layers[name].path, key, found=" > ".join(following))
        yield name, issue


def _check_within(layer: Layer, layers: Mapping[str, Layer]) -> Iterator[Issue]:
    outer = layers.get(layer.source.within or "") if layer.source else None
    if outer is None or layer.source is None:
        return
    key, geometry = "source.within", outer.schema.geometry
    if geometry != "Polygon":
        yield Issue("wrong_geometry", layer.path, key, found=geometry, expected="Polygon")
    if outer.source is None:
        yield Issue("not_allowed", layer.path, key, found=outer.id, expected="source")


def _check_foreign_keys(layer: Layer, layers: Mapping[str, Layer]) -> Iterator[Issue]:
    keys = [rule for rule in layer.schema.rules if isinstance(rule, ForeignKey)]
    for at, rule in enumerate(keys):
        other = layers.get(rule.layer)
        key = f"schema.foreign_keys[{at}].reference"
        if other is None:
            continue
        if other.schema.field(rule.reference) is None:
            expected = ", ".join(item.name for item in other.schema.fields)
            yield Issue(
                "unknown_field", layer.path, f"{key}.field", found=rule.reference, expected=expected
            )
        if other.source is None and layer.source is not None:
            found = other.id
            yield Issue("not_allowed", layer.path, f"{key}.layer", found=found, expected="source")
