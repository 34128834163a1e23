"""The document around a map: parts for the service's pages, or one file that holds everything."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from branca.element import Element, Figure, Link
from folium.template import Template

from geosvc.maps.elements import Addresses, Inline

if TYPE_CHECKING:
    from collections.abc import Callable

    from geosvc.maps.assets import Assets


class RawText(Element):
    """Text that is written as it is and never compiled as a template."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self._name = "RawText"
        self.content = content

    def render(self, **_kwargs: Any) -> str:  # noqa: ANN401 - branca's own signature
        """Return the text."""
        return self.content


@dataclass(frozen=True, slots=True)
class Parts:
    """What Folium made of a map, for a page that holds nothing inline.

    ``css`` and ``scripts`` are paths in the static tree, ``div`` is markup with an id and nothing
    else, ``script`` is the body of a module that finds our functions under the name ``geosvc``.
    """

    css: tuple[str, ...]
    scripts: tuple[str, ...]
    div: str
    script: str


class MapFigure(Figure):
    """A figure that links to vendored files only, and saves as one file.

    Parameters
    ----------
    assets
        The static tree.
    inline
        Makes the head, the body and the body's end of a page that holds everything; called at
        rendering, with the parts of the map.
    """

    _template = Template(
        """<!DOCTYPE html>
<html>
<head>
{{ this.header.render(**kwargs) }}
</head>
<body>
{{ this.html.render(**kwargs) }}
{{ this.script.render(**kwargs) }}
</body>
</html>
"""
    )

    def __init__(self, assets: Assets, inline: Callable[[Parts], tuple[str, str, str]]) -> None:
        super().__init__(height="640px")
        self.assets = assets
        self._inline = inline

    def parts(self, addresses: Addresses, mode: str) -> Parts:
        """Render the map for a page of the service.

        Parameters
        ----------
        addresses
            Where the page finds data and manifest.
        mode
            ``page``, ``embed`` or ``notebook``.

        Returns
        -------
        parts
            The same for the same map in every process.

        Raises
        ------
        AssetError
            If an element needs a file that is not vendored.
        """
        for slot in (self.header, self.html, self.script):
            slot._children.clear()  # noqa: SLF001 - branca empties no slot by itself
        for child in list(self._children.values()):
            child.render(addresses=addresses, mode=mode)
        links = [
            self.assets.local(element.url)
            for element in self.header._children.values()  # noqa: SLF001 - branca has no reader
            if isinstance(element, Link)
        ]
        return Parts(
            css=tuple(path for path in links if path.endswith(".css")),
            scripts=tuple(path for path in links if path.endswith(".js")),
            div=_lines(self.html),
            script=_lines(self.script),
        )

    def render(self, **_kwargs: Any) -> str:  # noqa: ANN401 - branca's own signature
        """Render one page that holds code, style, data and words, and asks no host."""
        parts = self.parts(Inline(), "notebook")
        head, body, end = self._inline(parts)
        for slot, content in ((self.header, head), (self.html, body), (self.script, end)):
            slot._children.clear()  # noqa: SLF001 - see above
            slot.add_child(RawText(content), name="content")
        return str(self._template.render(this=self, kwargs={}))

    def _repr_html_(self, **_kwargs: Any) -> str:  # noqa: ANN401 - branca's own signature
        page = html.escape(self.render())
        return (
            f'<iframe srcdoc="{page}" width="100%" height="{self.height}" '
            'style="border:none" allowfullscreen></iframe>'
        )


def _lines(slot: Element) -> str:
    rows = (row.strip() for row in slot.render().splitlines())
    return "\n".join(row for row in rows if row)
