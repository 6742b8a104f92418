"""Streets, barriers and turn restrictions out of an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz …)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import osmium

from geo.problems import UnreadableFile
from geo.road_tags import MODES, is_closed, is_street, speeds_kmh

MOST_PLACES: Final = 40_000_000
"""Positions of streets that are taken at most; a country's extract is refused rather than filling the memory."""

_TICK = 2_000


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that cars may not make (``only`` False), or the only one they may (True). Numbers of OSM ways and nodes.

    ``via_node`` is the junction, or None where ``via_ways`` lead from one to the other.
    """

    from_way: int
    to_way: int
    via_node: int | None
    via_ways: tuple[int, ...]
    only: bool


@dataclass
class Streets:
    """What an extract holds, way by way.

    ``refs``, ``lon`` and ``lat`` are the positions of all ways one after another (degrees, WGS 84), ``length`` how
    many each way has, ``speed`` (along, against) in km/h by mode. ``closed`` are nodes that a barrier closes, by mode.
    ``turns_left_out`` counts restrictions that could not be read. ``bounds`` is west, south, east, north.
    """

    way: array[int] = field(default_factory=lambda: array("q"))
    length: array[int] = field(default_factory=lambda: array("q"))
    name: array[int] = field(default_factory=lambda: array("q"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    lon: array[float] = field(default_factory=lambda: array("d"))
    lat: array[float] = field(default_factory=lambda: array("d"))
    speed: dict[str, tuple[array[float], array[float]]] = field(
        default_factory=lambda: {mode: (array("d"), array("d")) for mode in MODES}
    )
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    closed: dict[str, set[int]] = field(default_factory=lambda: {mode: set() for mode in MODES})
    turns: list[Turn] = field(default_factory=list)
    turns_left_out: int = 0


def read_streets(path: str | Path, progress: Callable[[int], None] | None = None) -> Streets:
    """All streets of an extract. ``progress`` is told now and then how many objects were read.

    Raises `UnreadableFile`: no such file, not OpenStreetMap data, damaged or cut off, without streets, too large.
    """
    file = Path(path)
    if not file.exists():
        raise UnreadableFile("not_found", path=str(path))
    if file.is_dir():
        raise UnreadableFile("is_folder", path=str(path))
    if file.stat().st_size == 0:
        raise UnreadableFile("empty_file")
    streets = Streets()
    for count, thing in enumerate(_objects(file), 1):
        _take(streets, thing)
        if len(streets.refs) > MOST_PLACES:
            raise UnreadableFile("roads_too_large", limit=f"{MOST_PLACES:,}")
        if progress is not None and count % _TICK == 0:
            progress(count)
    if not streets.way:
        raise UnreadableFile("no_streets")
    return streets


def _objects(file: Path) -> Iterator[Any]:
    """The objects that matter, positions of nodes with them. What osmium says of a bad file becomes ours."""
    try:
        wanted = osmium.filter.KeyFilter("highway", "barrier", "restriction", "restriction:motorcar")
        yield from osmium.FileProcessor(str(file)).with_locations().with_filter(wanted)
    except (RuntimeError, OSError, ValueError) as why:
        raise UnreadableFile("not_osm", detail=str(why).split("\n")[0][:200]) from why


def _take(streets: Streets, thing: Any) -> None:
    if thing.is_way():
        _take_way(streets, thing)
    elif thing.is_node():
        _take_node(streets, thing)
    elif thing.is_relation():
        _take_turn(streets, thing)


def _take_node(streets: Streets, node: Any) -> None:
    tags = dict(node.tags)
    if "barrier" in tags:
        for mode in MODES:
            if is_closed(tags, mode):
                streets.closed[mode].add(node.id)


def _take_way(streets: Streets, way: Any) -> None:
    tags = dict(way.tags)
    if not is_street(tags):
        return
    speeds = {mode: speeds_kmh(tags, mode) for mode in MODES}
    if not any(max(pair) for pair in speeds.values()):
        return
    # An extract may cut a way: positions of nodes that are not in it are left out.
    places = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if len(places) < 2:
        return
    streets.way.append(way.id)
    streets.length.append(len(places))
    streets.name.append(streets.names.setdefault(tags.get("name", "")[:120], len(streets.names)))
    for ref, lon, lat in places:
        streets.refs.append(ref)
        streets.lon.append(lon)
        streets.lat.append(lat)
    for mode, (along, against) in speeds.items():
        streets.speed[mode][0].append(along)
        streets.speed[mode][1].append(against)


def _take_turn(streets: Streets, relation: Any) -> None:
    tags = dict(relation.tags)
    rule = tags.get("restriction:motorcar") or tags.get("restriction", "")
    if tags.get("type") != "restriction" or not rule.startswith(("no_", "only_")):
        return
    if {"motorcar", "motor_vehicle"} & set(tags.get("except", "").replace(" ", "").split(";")):
        return
    members: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for member in relation.members:
        members.setdefault(member.role, []).append((member.type, member.ref))
    starts = [ref for kind, ref in members["from"] if kind == "w"]
    ends = [ref for kind, ref in members["to"] if kind == "w"]
    nodes = [ref for kind, ref in members["via"] if kind == "n"]
    ways = tuple(ref for kind, ref in members["via"] if kind == "w")
    if not starts or not ends or (len(nodes) != 1 and not ways):
        streets.turns_left_out += 1
        return
    node = nodes[0] if nodes else None
    only = rule.startswith("only_")
    streets.turns += [Turn(start, end, node, () if nodes else ways, only) for start in starts for end in ends]
