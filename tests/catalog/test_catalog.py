from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geosvc.catalog.catalog import DEFAULT_SITE, Catalog, read_catalog
from geosvc.catalog.model import Group, Text
from geosvc.errors import Issue, UnknownLayerError, UnknownMapError
from geosvc.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYER = """
title = {{ zh = "甲", en = "{name}" }}
order = {order}
group = "{group}"
[source]
path = "data/{name}.geojson"
datum = "WGS84"
{within}
attribution = {{ zh = "来源", en = "Origin" }}
[schema]
geometry = "Polygon"
primary_key = "code"
[[schema.fields]]
name = "code"
title = {{ zh = "编号", en = "Code" }}
"""
MAP = 'title = {{ zh = "图", en = "{name}" }}\norder = {order}\nlayers = [{layers}]\n'
SITE = """
title = { zh = "某市", en = "County" }
[[groups]]
id = "ground"
title = { zh = "底图", en = "Ground" }
"""


def _layer(name: str, *, order: int = 50, group: str = "ground", within: str = "") -> str:
    line = f'within = "{within}"' if within else ""
    return LAYER.format(name=name, order=order, group=group, within=line)


def _map(name: str, *layers: str, order: int = 50) -> str:
    return MAP.format(name=name, order=order, layers=", ".join(f'"{item}"' for item in layers))


def test_a_folder_of_layers(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(
        folder(
            {
                "county.toml": _layer("county"),
                "areas.toml": _layer("areas", within="county"),
                "site.toml": SITE,
                "maps/all.toml": _map("all", "county", "areas"),
                "README.md": "# words",
                ".#areas.toml": "not TOML",
            }
        )
    )
    assert catalog.issues == ()
    assert sorted(catalog.layers) == ["areas", "county"]
    assert catalog.order() == ("county", "areas")
    assert catalog.layer("areas").path == "layers/areas.toml"
    assert catalog.map("all").layers == ("county", "areas")
    assert catalog.map("all").path == "layers/maps/all.toml"
    assert catalog.site.title == Text("某市", "County")


def test_sources_start_beside_the_folder(folder: Callable[..., Settings]) -> None:
    settings = folder({"county.toml": _layer("county")})
    source = read_catalog(settings).layer("county").source
    assert source is not None
    assert source.path == settings.layers.resolve().parent / "data" / "county.geojson"


def test_a_file_with_a_fault_is_broken_and_the_others_are_there(
    folder: Callable[..., Settings],
) -> None:
    catalog = read_catalog(
        folder(
            {
                "county.toml": _layer("county").replace("datum", "dattum"),
                "areas.toml": _layer("areas", within="county"),
                "bytes.toml": b"\xff",
            }
        )
    )
    assert list(catalog.layers) == ["areas"]
    assert sorted(catalog.broken) == ["bytes", "county"]
    assert [issue.place for issue in catalog.broken["county"]] == [
        "layers/county.toml:source.dattum",
        "layers/county.toml:source.datum",
    ]
    assert sorted(issue.place for issue in catalog.issues) == [
        "layers/bytes.toml",
        "layers/county.toml:source.dattum",
        "layers/county.toml:source.datum",
    ]
    with pytest.raises(UnknownLayerError) as caught:
        catalog.layer("county")
    assert caught.value.issues == catalog.broken["county"]


def test_a_layer_at_fault_with_other_files_is_broken(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(
        folder(
            {
                "a.toml": _layer("a", within="gone"),
                "b.toml": _layer("b", within="c"),
                "c.toml": _layer("c", within="b"),
                "d.toml": _layer("d", within="c"),
            }
        )
    )
    assert list(catalog.layers) == ["d"]
    assert {name: faults[0].code for name, faults in catalog.broken.items()} == {
        "a": "unknown_layer",
        "b": "cycle",
        "c": "cycle",
    }
    assert catalog.order() == ("d",)


def test_an_id_that_cannot_be_one_is_a_fault_and_no_id(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(folder({"Bus-Stops.toml": _layer("a"), "a.toml": _layer("a")}))
    assert list(catalog.layers) == ["a"]
    assert catalog.broken == {}
    assert catalog.issues == (
        Issue("not_allowed", "layers/Bus-Stops.toml", found="Bus-Stops", expected="[a-z0-9_]+"),
    )


def test_a_map_file_with_a_fault_is_left_out(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(
        folder(
            {
                "a.toml": _layer("a"),
                "b.toml": "",
                "maps/late.toml": _map("late", "a", order=60),
                "maps/early.toml": _map("early", "a", "b", order=10),
                "maps/gone.toml": _map("gone", "a", "c"),
                "maps/bad.toml": "layers",
            }
        )
    )
    # a layer with a broken file stays on its maps: they show it as unavailable
    assert list(catalog.maps) == ["early", "late"]
    assert catalog.map("early").layers == ("a", "b")
    with pytest.raises(UnknownMapError, match="gone"):
        catalog.map("gone")
    assert [issue.place for issue in catalog.issues if "maps" in issue.path] == [
        "layers/maps/bad.toml",
        "layers/maps/gone.toml:layers[1]",
    ]


def test_the_one_map_names_what_cannot_be_read(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(folder({"a.toml": _layer("a"), "b.toml": "", "c.toml": _layer("c")}))
    assert catalog.map("all").layers == ("b", "a", "c")
    assert set(catalog.broken) == {"b"}


def test_without_map_files_one_map_has_every_layer(folder: Callable[..., Settings]) -> None:
    files = {
        f"{name}.toml": _layer(name, order=order) for name, order in (("b", 1), ("a", 2), ("c", 2))
    }
    catalog = read_catalog(folder(files))
    assert list(catalog.maps) == ["all"]
    assert catalog.map("all").layers == ("b", "a", "c")
    assert catalog.map("all").title == DEFAULT_SITE.title
    before = catalog.map("all").fingerprint
    again = read_catalog(folder({"c.toml": _layer("c", order=0)}))
    assert again.map("all").fingerprint != before


def test_groups_without_a_site_file_are_called_by_their_ids(
    folder: Callable[..., Settings],
) -> None:
    files = {"a.toml": _layer("a", group="zone"), "b.toml": _layer("b", group="area")}
    site = read_catalog(folder(files)).site
    assert site.title == DEFAULT_SITE.title
    assert [group.id for group in site.groups] == ["area", "zone", "other"]
    assert site.groups[0].title == Text("area", "area")
    assert site.groups[2].title == Text("其他", "Other")


def test_a_group_that_the_site_file_does_not_name_is_a_fault(
    folder: Callable[..., Settings],
) -> None:
    files = {"site.toml": SITE, "a.toml": _layer("a", group="grund"), "b.toml": _layer("b")}
    catalog = read_catalog(folder(files))
    assert list(catalog.layers) == ["b"]
    assert catalog.broken["a"] == (
        Issue("unknown_group", "layers/a.toml", "group", found="grund", expected="ground"),
    )
    assert catalog.site.groups[0] == Group("ground", Text("底图", "Ground"))


def test_a_site_file_with_a_fault_counts_as_none(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(folder({"site.toml": "name = 1", "a.toml": _layer("a")}))
    assert catalog.site.title == DEFAULT_SITE.title
    assert [issue.place for issue in catalog.issues] == [
        "layers/site.toml:name",
        "layers/site.toml:title",
    ]
    assert list(catalog.layers) == ["a"]


def test_no_folder_is_one_fault(tmp_path: Path) -> None:
    catalog = read_catalog(Settings(layers=tmp_path / "lairs"))
    assert catalog.issues == (Issue("missing_file", "lairs", found="lairs"),)
    assert catalog.layers == {}
    assert catalog.order() == ()


def test_an_empty_folder_is_an_empty_catalog(folder: Callable[..., Settings]) -> None:
    catalog = read_catalog(folder({"README.md": ""}))
    assert catalog.issues == ()
    assert catalog.layers == {}
    assert catalog.map("all").layers == ()


def test_a_file_that_cannot_be_opened_is_unreadable(folder: Callable[..., Settings]) -> None:
    settings = folder({"a.toml": _layer("a")})
    # a folder with the name of a file fails in the same way as a file without permission
    (settings.layers / "b.toml").mkdir()
    catalog = read_catalog(settings)
    assert list(catalog.layers) == ["a"]
    assert [issue.code for issue in catalog.broken["b"]] == ["unreadable"]


def test_two_readings_are_the_same(folder: Callable[..., Settings]) -> None:
    settings = folder({"a.toml": _layer("a"), "b.toml": "", "maps/all.toml": _map("all", "a")})
    assert read_catalog(settings) == read_catalog(settings)


def test_an_empty_catalog_says_no() -> None:
    with pytest.raises(UnknownLayerError, match="stops"):
        Catalog().layer("stops")
    with pytest.raises(UnknownMapError, match="overview"):
        Catalog().map("overview")
