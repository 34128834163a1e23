"""One page that holds everything: for notebooks, mail and machines without the service.

Our modules import each other by relative addresses. A page has none, so each module becomes a
``data:`` address under a bare name in an import map, and the imports are rewritten to these names.
"""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from geosvc.maps.assets import Assets
    from geosvc.maps.figure import Parts

MAIN = "js/main.js"
SPRITES = tuple(
    Path(__file__).resolve().parent.parent / "web" / "templates" / name
    for name in ("_icons.svg", "_symbols.svg")
)
"""The symbols that every page carries, shared with the service's templates."""
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""The page's own policy: whatever it holds, it cannot ask any host."""
_IMPORT = re.compile(r"""((?:\bfrom|\bimport)\s*\(?\s*)(["'])(\.{1,2}/[^"']+)\2""")
_STYLE_URL = re.compile(r"""url\((["']?)(?!data:|#)([^)"']+)\1\)""")


def page_text(
    assets: Assets, parts: Parts, *, manifest: dict[str, Any], data: dict[str, bytes]
) -> tuple[str, str]:
    """Write the head and the end of the body of a page that holds everything.

    Parameters
    ----------
    assets
        The static tree.
    parts
        The map as Folium made it.
    manifest
        The map's manifest.
    data
        The data of each layer, JSON by layer id.

    Returns
    -------
    head, end
        Markup; every text in it is escaped or stands in a JSON element.
    """
    return _head(assets, parts, manifest), _end(assets, parts, manifest, data)


def _head(assets: Assets, parts: Parts, manifest: dict[str, Any]) -> str:
    title = html.escape(manifest["map"]["title"])
    rows = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        *(f"<style>\n{_style(assets, path)}\n</style>" for path in (*parts.css, *_own(assets))),
        "<style>html,body{height:100%;margin:0}.folium-map{height:100%}</style>",
    ]
    return "\n".join(rows)


def _end(assets: Assets, parts: Parts, manifest: dict[str, Any], data: dict[str, bytes]) -> str:
    modules = {_bare(path): _data_url(_module(assets, path)) for path in _modules(assets)}
    main = f'import * as geosvc from "{_bare(MAIN)}";'
    rows = [
        _sprite(),
        _json("geosvc_manifest", orjson.dumps(manifest)),
        *(_json(f"geosvc_data_{layer_id}", body) for layer_id, body in data.items()),
        f'<script type="importmap">{orjson.dumps({"imports": modules}).decode()}</script>',
        *(f'<script src="{_data_url(assets.read(path))}"></script>' for path in parts.scripts),
        f'<script type="module">\n{main}\n{parts.script}\n</script>',
    ]
    return "\n".join(row for row in rows if row)


def _sprite() -> str:
    symbols = "".join(path.read_text("utf-8") for path in SPRITES)
    symbols = re.sub(r"{#.*?#}", "", symbols, flags=re.DOTALL).strip()
    return f'<svg width="0" height="0" hidden aria-hidden="true">\n{symbols}\n</svg>'


def _json(element_id: str, body: bytes) -> str:
    content = body.decode().replace("<", "\\u003c")
    return f'<script type="application/json" id="{element_id}">{content}</script>'


def _own(assets: Assets) -> list[str]:
    paths = [path for path in assets.files if path.startswith("css/")]
    return sorted(paths, key=lambda path: (path != "css/tokens.css", path))


def _modules(assets: Assets) -> list[str]:
    """Return the modules that the main one reaches, itself included."""
    found: list[str] = []
    waiting = [MAIN]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.append(path)
            folder = path.rsplit("/", maxsplit=1)[0]
            text = assets.read(path).decode()
            waiting += [_resolve(folder, item[3]) for item in _IMPORT.finditer(text)]
    return sorted(found)


def _bare(path: str) -> str:
    return f"geosvc/{path}"


def _module(assets: Assets, path: str) -> bytes:
    folder = path.rsplit("/", maxsplit=1)[0]

    def rewrite(found: re.Match[str]) -> str:
        target = _resolve(folder, found[3])
        return f"{found[1]}{found[2]}{_bare(target)}{found[2]}"

    return _IMPORT.sub(rewrite, assets.read(path).decode()).encode()


def _resolve(folder: str, relative: str) -> str:
    steps = folder.split("/")
    for step in relative.split("/"):
        if step == "..":
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def _data_url(content: bytes, kind: str = "text/javascript") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _style(assets: Assets, path: str) -> str:
    folder = path.rsplit("/", maxsplit=1)[0]

    def inline(found: re.Match[str]) -> str:
        target = _resolve(folder, found[2])
        kind = mimetypes.guess_type(target)[0] or "application/octet-stream"
        return f'url("{_data_url(assets.read(target), kind)}")'

    text = assets.read(path).decode()
    return _STYLE_URL.sub(inline, text).replace("</style", "<\\/style")
