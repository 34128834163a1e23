"""Print the table of speeds: ``python -m tests.bench``, or some parts of it by name."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench import (
    basemap,
    figures,
    filters,
    hotspots_network,
    hotspots_planar,
    hotspots_scan,
    hotspots_whole,
    points,
    search,
    service,
    siting_capacity,
    siting_covering,
    siting_p_median,
    snapshots,
    store,
)

PARTS = {
    "service": service.rows,
    "store": store.rows,
    "figures": figures.rows,
    "filters": filters.rows,
    "points": points.rows,
    "network": hotspots_network.rows,
    "plane": hotspots_planar.rows,
    "scan": hotspots_scan.rows,
    "hotspots": hotspots_whole.rows,
    "p-median": siting_p_median.rows,
    "covering": siting_covering.rows,
    "capacity": siting_capacity.rows,
    "snapshots": snapshots.rows,
    "search": search.rows,
    "basemap": basemap.rows,
}


def main(names: list[str]) -> None:
    """Measure the parts named, or all, and print a row each."""
    for name in names or list(PARTS):
        with tempfile.TemporaryDirectory() as folder:
            for what, figure, beside in PARTS[name](Path(folder)):
                sys.stdout.write(f"{what:<58} {figure:>12}   {beside}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
