"""Fetch the front-end files and fonts of other people and write down what they are.

``python .ci/vendor.py`` asks npm for each package of `PACKAGES` in its exact version, lets npm
prove the archive's integrity, lays the named files and the licence into ``static/vendor`` and
writes ``static/vendor/manifest.toml``. Fonts are cut down to the characters that maps of China
need. ``--check`` asks nobody: it holds the files that are there against the manifest and packs the
icons once more.
"""
# ruff: noqa: INP001 - a script that is run by its path, no module of a package

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.toml"
SPRITE = ROOT / "geosvc" / "web" / "templates" / "_icons.svg"
ICONS = (
    *("check", "chevron-down", "chevron-left", "chevron-right", "chevron-up", "arrow-up-down"),
    *("circle-check", "circle-dashed", "circle-x", "clock", "download", "flag"),
    *("house", "info", "languages", "layers", "link", "lock", "map", "maximize", "minus"),
    *("panel-left-close", "plus", "search", "sun-moon", "table", "triangle-alert", "x", "zoom-in"),
    *("code-xml", "copy", "external-link", "file-code", "file-text", "qr-code", "share-2"),
    *("bus-front", "image", "navigation", "snowflake"),
    *("grip-vertical", "locate-fixed", "map-pin", "printer", "ruler", "undo-2"),
)
CHARACTERS = ROOT / ".ci" / "characters.txt"
# Latin, Greek, Cyrillic; signs of measure; arrows, mathematics, shapes; CJK and wide punctuation
RANGES = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2000, 0x22FF)),
    *((0x2460, 0x24FF), (0x2500, 0x27BF), (0x3000, 0x303F), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF)),
)
_SHAPE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files are kept, and under which name."""

    name: str
    version: str
    licence: str
    files: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return VENDOR / f"{self.name.rpartition('/')[2]}-{self.version}"


_LEAFLET_IMAGES = ("layers", "layers-2x", "marker-icon", "marker-icon-2x", "marker-shadow")
PACKAGES = (
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        {
            "LICENSE": "LICENSE",
            "dist/leaflet.css": "leaflet.css",
            "dist/leaflet.js": "leaflet.js",
            **{f"dist/images/{name}.png": f"images/{name}.png" for name in _LEAFLET_IMAGES},
        },
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "ISC AND MIT",
        {"LICENSE": "LICENSE", **{f"icons/{name}.svg": f"icons/{name}.svg" for name in ICONS}},
    ),
    Package(
        "protomaps-leaflet",
        "5.1.0",
        "BSD-3-Clause",
        {"LICENSE": "LICENSE", "dist/protomaps-leaflet.js": "protomaps-leaflet.js"},
    ),
    Package(
        "@expo-google-fonts/noto-sans-sc",
        "0.4.3",
        "OFL-1.1",
        {
            "LICENSE_FONT": "LICENSE",
            "400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
            "700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
        },
    ),
)


def fetch(package: Package) -> str:
    """Lay the files of one package into its folder and return npm's integrity of the archive."""
    npm = shutil.which("npm")
    if npm is None:
        msg = "npm is not installed"
        raise SystemExit(msg)
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package.name}@{package.version}"
        command = [npm, "pack", wanted, "--json", "--pack-destination", folder]
        # every argument is a constant of this file
        answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        packed = json.loads(answer.stdout)
        entry = packed[0] if isinstance(packed, list) else next(iter(packed.values()))
        shutil.rmtree(package.folder, ignore_errors=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            for source, target in package.files.items():
                stream = archive.extractfile(f"package/{source}")
                place = package.folder / target
                place.parent.mkdir(parents=True, exist_ok=True)
                content = stream.read() if stream else b""
                place.write_bytes(subset(content) if target.endswith(".ttf") else content)
    return str(entry["integrity"])


def subset(font: bytes) -> bytes:
    """Cut a font down to `RANGES`, GB 2312 and `CHARACTERS`; the outlines are unchanged.

    The same font gives the same bytes. Features of layout are left out: one character is one
    glyph, as wide as the font's metrics say.
    """
    lines = CHARACTERS.read_text("utf-8").splitlines()
    codes = {ord(sign) for line in lines if not line.startswith("#") for sign in line}
    codes |= {code for low, high in RANGES for code in range(low, high + 1)}
    codes |= {code for code in range(0x4E00, 0xA000) if _is_gb2312(chr(code))}
    options = Options()
    options.layout_features = []
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx"]
    options.hinting = False
    options.notdef_outline = True
    with TTFont(io.BytesIO(font), recalcTimestamp=False) as opened:
        cutter = Subsetter(options)
        cutter.populate(unicodes=codes)
        cutter.subset(opened)
        kept = io.BytesIO()
        opened.save(kept)
    return kept.getvalue()


def _is_gb2312(sign: str) -> bool:
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def sprite() -> str:
    """Pack the icons as symbols; their paths are unchanged, the stroke is the house's 1.75."""
    package = next(item for item in PACKAGES if item.name == "lucide-static")
    frame = (
        'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round"'
    )
    rows = []
    for name in ICONS:
        text = (package.folder / "icons" / f"{name}.svg").read_text("utf-8")
        match = _SHAPE.search(text)
        shape = " ".join((match[1] if match else "").split())
        rows.append(f'<symbol id="i-{name}" {frame}>{shape}</symbol>\n')
    note = (
        f"{{# Lucide {package.version}, {package.licence}, packed by .ci/vendor.py;"
        f" licence in static/vendor/{package.folder.name}/LICENSE #}}\n"
    )
    return note + "".join(rows)


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(integrity: dict[str, str]) -> None:
    """Write name, version, licence, source and the hash of each file."""
    lines = ["# Written by .ci/vendor.py: files of other people, unchanged; fonts are subsets.\n"]
    for package in PACKAGES:
        lines += [
            "\n[[package]]\n",
            f'name = "{package.name}"\nversion = "{package.version}"\n',
            f'licence = "{package.licence}"\nlicence_file = "LICENSE"\n',
            f'source = "npm:{package.name}@{package.version}"\n',
            f'integrity = "{integrity[package.name]}"\n',
            f'folder = "{package.folder.name}"\n',
            "\n[package.files]\n",
        ]
        names = sorted(package.files.values())
        lines += [f'"{name}" = "{digest(package.folder / name)}"\n' for name in names]
    MANIFEST.write_text("".join(lines), "utf-8")


def faults() -> list[str]:
    """Hold what lies in ``static/vendor`` against the manifest.

    Returns
    -------
    faults
        One line a missing, changed or unlisted file; empty when all is as written.
    """
    listed: dict[str, str] = {}
    for package in tomllib.loads(MANIFEST.read_text("utf-8"))["package"]:
        listed |= {f"{package['folder']}/{name}": sha for name, sha in package["files"].items()}
    there = {
        path.relative_to(VENDOR).as_posix(): path
        for path in VENDOR.rglob("*")
        if path.is_file() and path != MANIFEST
    }
    found = [f"{name}: not in the manifest" for name in sorted(there.keys() - listed.keys())]
    found += [f"{name}: missing" for name in sorted(listed.keys() - there.keys())]
    both = sorted(there.keys() & listed.keys())
    found += [f"{name}: changed" for name in both if digest(there[name]) != listed[name]]
    if not found and SPRITE.read_text("utf-8") != sprite():
        found.append("_icons.svg: not what the icons give")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Fetch everything, or with ``--check`` only look."""
    parser = argparse.ArgumentParser(description=__doc__, prog="vendor.py")
    parser.add_argument("--check", action="store_true", help="only compare, fetch nothing")
    if parser.parse_args(arguments).check:
        found = faults()
        sys.stdout.writelines(f"{line}\n" for line in found)
        return 1 if found else 0
    write_manifest({package.name: fetch(package) for package in PACKAGES})
    SPRITE.write_text(sprite(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
