from __future__ import annotations

import pytest

from geosvc.catalog.keys import LAYER_KEYS, MAP_KEYS, SITE_KEYS


@pytest.mark.parametrize("keys", [LAYER_KEYS, MAP_KEYS, SITE_KEYS])
def test_no_key_stands_twice_in_a_table(keys: dict[str, tuple[str, ...]]) -> None:
    for table, names in keys.items():
        assert len(set(names)) == len(names), table


@pytest.mark.parametrize("table", [name for name in LAYER_KEYS if "." in name])
def test_each_inner_table_is_a_key_of_its_outer_table(table: str) -> None:
    outer, _, name = table.rpartition(".")
    assert name in LAYER_KEYS[outer]
