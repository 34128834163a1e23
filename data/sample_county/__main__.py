"""The command line: ``python -m data.sample_county [folder]``, by default into ``data/``."""

from __future__ import annotations

import sys
from pathlib import Path

from data.sample_county.build import build


def main() -> None:
    """Write the sample county into the folder named on the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    for path in build(folder):
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
