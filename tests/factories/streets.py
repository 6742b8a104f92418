"""Small street networks as OpenStreetMap XML, for the tests of roads."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

STEP = 0.001
"""The grid of the towns made here, in degrees: about 111 m north, 89 m east at 36.6 degrees."""

WEST, SOUTH = 101.75, 36.60


def at(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a place on the grid."""
    return round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)


class Town:
    """Nodes, ways and restrictions, written as an .osm file."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[float, float], int] = {}
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[int, list[int], Mapping[str, str]]] = []
        self._relations: list[tuple[list[tuple[str, int, str]], Mapping[str, str]]] = []

    def node(self, column: float, row: float, **tags: str) -> int:
        """The node at a place of the grid, made when it is first named."""
        number = self._nodes.setdefault((column, row), len(self._nodes) + 1)
        self._node_tags.setdefault(number, {}).update(tags)
        return number

    def street(self, places: Iterable[tuple[float, float]], **tags: str) -> int:
        """A way along places of the grid; `highway` is residential unless given. Colons in keys are written __."""
        refs = [self.node(*place) for place in places]
        number = 1000 + len(self._ways)
        named = {key.replace("__", ":"): value for key, value in tags.items()}
        self._ways.append((number, refs, {"highway": "residential", **named}))
        return number

    def turn(self, rule: str, start: int, via: int | list[int], end: int, **tags: str) -> None:
        """A turn restriction from a way over a node or ways to another way."""
        kind = [("node", via, "via")] if isinstance(via, int) else [("way", way, "via") for way in via]
        members = [("way", start, "from"), *kind, ("way", end, "to")]
        named = {key.replace("__", ":"): value for key, value in tags.items()}
        self._relations.append((members, {"type": "restriction", "restriction": rule, **named}))

    def write(self, path: Path) -> Path:
        """Write everything as OpenStreetMap XML."""
        lines = ['<osm version="0.6">']
        for (column, row), number in sorted(self._nodes.items(), key=lambda item: item[1]):
            lon, lat = at(column, row)
            lines.append(f'<node id="{number}" version="1" lon="{lon}" lat="{lat}">')
            lines += [*_tags(self._node_tags[number]), "</node>"]
        for number, refs, tags in self._ways:
            nodes = [f'<nd ref="{ref}"/>' for ref in refs]
            lines += [f'<way id="{number}" version="1">', *nodes, *_tags(tags), "</way>"]
        for number, (members, tags) in enumerate(self._relations, 1):
            parts = [f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members]
            lines += [f'<relation id="{number}" version="1">', *parts, *_tags(tags), "</relation>"]
        path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
        return path


def _tags(tags: Mapping[str, str]) -> list[str]:
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
