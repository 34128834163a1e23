"""One page that holds everything: for notebooks, mail and machines without the service.

Our modules import each other by relative addresses. A page has none, so each module becomes a
``data:`` address under a bare name in an import map, and the imports are rewritten to these names.
"""

from __future__ import annotations

import base64
import hashlib
import html
import mimetypes
import re
from dataclasses import dataclass
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
    "default-src 'none'; script-src {scripts} data:; style-src {styles}; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""The page's own policy: whatever it holds, it runs and loads only what it was written with."""
_IMPORT = re.compile(r"""((?:\bfrom|\bimport)\s*\(?\s*)(["'])(\.{1,2}/[^"']+)\2""")
_INLINE = {
    # a data block is not run, and an address has no content
    "scripts": re.compile(
        r"""<script(?: type="(?:importmap|module)")?>(.*?)</script>""", re.DOTALL
    ),
    "styles": re.compile(r"<style>(.*?)</style>", re.DOTALL),
}
_STYLE_URL = re.compile(r"""url\((["']?)(?!data:|#)([^)"']+)\1\)""")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the map of a page that holds everything; by default nothing.

    ``title`` stands above the map and ``notes`` below it; ``is_synthetic`` says there that the
    data is invented. ``query`` is the view that the map opens with, as an address writes it.
    """

    title: str = ""
    notes: tuple[str, ...] = ()
    is_synthetic: bool = False
    query: str = ""


def page_text(
    assets: Assets,
    parts: Parts,
    *,
    manifest: dict[str, Any],
    data: dict[str, bytes],
    around: Around = Around(),
) -> tuple[str, str, str]:
    """Write the head, the body and the end of the body of a page that holds everything.

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
    around
        What stands above and below the map.

    Returns
    -------
    head, body, end
        Markup; every text in it is escaped or stands in a JSON element.
    """
    styles = _styles(assets, parts, fills=not around.title)
    blocks = {"manifest": orjson.dumps(manifest)}
    blocks |= {f"data_{layer_id}": body for layer_id, body in data.items()}
    if around.query:
        blocks["view"] = orjson.dumps(around.query)
    end = _end(assets, parts, blocks)
    return _head(manifest, styles, _policy(styles + end)), _body(parts.div, around), end


def _policy(markup: str) -> str:
    """Return the policy that lets run what is written inline, each by its hash."""
    hashes = {
        kind: " ".join(dict.fromkeys(_hash(text) for text in pattern.findall(markup))) or "'none'"
        for kind, pattern in _INLINE.items()
    }
    return POLICY.format(**hashes)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(manifest: dict[str, Any], styles: str, policy: str) -> str:
    title = html.escape(manifest["map"]["title"])
    rows = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        styles,
    ]
    return "\n".join(rows)


def _styles(assets: Assets, parts: Parts, *, fills: bool) -> str:
    rows = [f"<style>\n{_style(assets, path)}\n</style>" for path in (*parts.css, *_own(assets))]
    own = "html,body{height:100%;margin:0}" + (".folium-map{height:100%}" if fills else "")
    return "\n".join([*rows, f"<style>{own}</style>"])


def _body(div: str, around: Around) -> str:
    if not around.title:
        return div
    flag = '<svg class="icon" aria-hidden="true"><use href="#i-flag"/></svg>'
    notice = html.escape(around.notes[0]) if around.is_synthetic else ""
    notes = around.notes[1:] if around.is_synthetic else around.notes
    said = " · ".join(f"<bdi>{html.escape(note)}</bdi>" for note in notes)
    chip = f'<span class="synthetic">{flag}{notice}</span>' if notice else ""
    rows = [
        '<div class="embed"><header class="embed-head">',
        f'<h1 dir="auto">{html.escape(around.title)}</h1></header>',
        f'<main class="map">{div}</main>',
        f'<footer class="embed-foot">{chip}<span>{said}</span></footer></div>',
    ]
    return "\n".join(rows)


def _end(assets: Assets, parts: Parts, blocks: dict[str, bytes]) -> str:
    modules = {_bare(path): _data_url(_module(assets, path)) for path in _modules(assets)}
    main = f'import * as geosvc from "{_bare(MAIN)}";'
    rows = [
        _sprite(),
        *(_json(f"geosvc_{name}", body) for name, body in blocks.items()),
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
    # a browser hashes lines as it reads them
    text = text.replace("\r\n", "\n")
    return _STYLE_URL.sub(inline, text).replace("</style", "<\\/style")
