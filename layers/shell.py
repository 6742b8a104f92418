"""Folium maps as the empty shell of a page: only constants and numbers go in, and every link stays on our host.

Never hand a user's text to Folium: it compiles what it is given as a template (``knowledge/folium.md``).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import folium
from branca.element import Element, Figure
from folium.elements import JSCSSMixin

Address = Callable[[str], str]

# Every link that the classes in use declare, by its name: our own file, or None for what no page of ours needs.
LINKS: Final[Mapping[str, str | None]] = {
    "leaflet": "vendor/leaflet/leaflet.js",
    "leaflet_css": "vendor/leaflet/leaflet.css",
    "leaflet_geoman_js": "vendor/geoman/leaflet-geoman.js",
    "leaflet_geoman_css": "vendor/geoman/leaflet-geoman.css",
    "jquery": None,
    "bootstrap": None,
    "bootstrap_css": None,
    "awesome_markers": None,
    "awesome_markers_css": None,
    "awesome_markers_font_css": None,
    "awesome_rotate_css": None,
    "glyphicons_css": None,
}
NONCE: Final = "bp-nonce-goes-here"
# Our page has its own of these; folium's viewport would forbid to pinch.
_UNWANTED: Final = re.compile(
    r"<meta\s[^>]*>|<style>\s*(?:html, body|#map)\s*\{[^}]*\}\s*</style>", re.IGNORECASE
)
_NEEDS_NONCE: Final = re.compile(r"<(script|style|link)(?=[\s>])", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"(?:https?:)?//[\w.-]+\.\w+", re.IGNORECASE)


class ForeignLink(RuntimeError):
    """A Folium class asks for a file that has no place in LINKS, or the page would name another host."""


@dataclass(frozen=True, slots=True)
class Shell:
    """A map in three parts for a page: ``header`` for <head>, ``html`` for its place, ``script`` to run at the end."""

    header: str
    html: str
    script: str

    def with_nonce(self, nonce: str) -> "Shell":
        """The same shell with this answer's nonce on its tags."""
        return replace(self, header=self.header.replace(NONCE, nonce), html=self.html.replace(NONCE, nonce))


def split(drawn: folium.Map, address: Address, *, after: str = "") -> Shell:
    """Render a map into its parts; ``after`` is our own script that follows, with the map in ``window.BP.map``.

    ``address`` turns a path below ``static/`` into its address. Raises ForeignLink.
    """
    root = drawn.get_root()
    if not isinstance(root, Figure):
        raise TypeError("the map must stand alone in its figure")
    localise(drawn, address)
    root.render()
    header = re.sub(r"\n\s*\n+", "\n", _UNWANTED.sub("", root.header.render()))
    shell = Shell(
        header=_NEEDS_NONCE.sub(rf'<\1 nonce="{NONCE}"', header).strip(),
        html=root.html.render().strip(),
        script=f"{root.script.render().strip()}\nwindow.BP = {{map: {drawn.get_name()}}};\n"
        f"document.dispatchEvent(new Event('bp:map'));\n{after}",
    )
    for text in (shell.header, shell.html, shell.script):
        if found := _ELSEWHERE.search(text):
            raise ForeignLink(f"the map's page would name {found[0]}")
    return shell


def localise(element: Element, address: Address) -> None:
    """Point the links of an element and all in it at our own files.

    The lists are replaced on the objects: the classes' own lists are shared by every map of the process.
    """
    if isinstance(element, JSCSSMixin):
        element.default_js = _ours(element, element.default_js, address)
        element.default_css = _ours(element, element.default_css, address)
    for child in element._children.values():
        localise(child, address)


def _ours(element: Element, links: list[tuple[str, str]], address: Address) -> list[tuple[str, str]]:
    unknown = [name for name, _ in links if name not in LINKS]
    if unknown:
        raise ForeignLink(
            f"{type(element).__name__} asks for {', '.join(unknown)}: add it to layers.shell.LINKS"
        )
    return [(name, address(path)) for name, _ in links if (path := LINKS[name]) is not None]
