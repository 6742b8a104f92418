"""The street network that rounds are planned on: taken in from an OpenStreetMap extract, kept, handed out."""

import hashlib
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.errors import Refused, mark
from casework.office import Office, the_city
from casework.outside_router import OutsideWays, Server
from casework.policy import Act, Actor, require
from db.models import StreetNetwork, StreetNetworkPart
from geo.problems import UnreadableFile

# The graph's libraries take a quarter of a second to load: not for every server process, only for one that asks.
if TYPE_CHECKING:
    from geo.roads import RoadNetwork

PART_BYTES: Final = 1024 * 1024
ENDINGS: Final = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """A network on record. ``bounds``: west, south, east, north in WGS 84."""

    id: int
    name: str
    imported_at: datetime
    is_schematic: bool
    bounds: tuple[float, float, float, float]
    junctions: int
    segments: int
    length_km: float
    turns: int


_kept: dict[tuple[str, int], "RoadNetwork"] = {}
_lock: Final = threading.Lock()


def current_facts(office: Office) -> NetworkFacts | None:
    """The network in use; None where there is none and rounds can only follow straight lines."""
    with office.database.read() as session:
        return facts_in(session)


def facts_in(session: Session) -> NetworkFacts | None:
    """The same in the caller's session."""
    row = _current(session)
    return _facts(row) if row is not None else None


def current_network(office: Office) -> tuple[NetworkFacts, "RoadNetwork"] | None:
    """The network in use, with its streets. A process keeps it in memory until another one is imported."""
    with office.database.read() as session:
        row = _current(session)
        if row is None:
            return None
        return _facts(row), _network(session, row)


def network_of_id(session: Session, network_id: int | None) -> "RoadNetwork | None":
    """A network that a plan was made on, in use or not any more; None for None: the plan follows straight lines."""
    row = session.get(StreetNetwork, network_id) if network_id is not None else None
    return _network(session, row) if row is not None else None


def ways_of_id(session: Session, network_id: int | None) -> "RoadNetwork | OutsideWays | None":
    """What gives the ways of a plan: a routing server where one is set up, else the network that it was made on."""
    network = network_of_id(session, network_id)
    server = Server.of(session.info.get("router_url", ""))
    return network if server is None else OutsideWays(server, network)


def import_network(
    office: Office,
    actor: Actor,
    path: Path,
    *,
    name: str = "",
    progress: Callable[[int], None] | None = None,
) -> NetworkFacts:
    """Take in an extract and use it from now on. ``progress`` is told how many objects were read.

    Raises Refused for a file that is no extract, is damaged, holds no streets or lies outside the city; Forbidden.
    """
    from geo.roads import build

    require(actor, Act.MANAGE_SETTINGS)
    named = (name or path.name)[:200]
    try:
        network = build(path, progress)
    except UnreadableFile as why:
        raise Refused(why.message, why.params, field="file") from why
    content = network.to_bytes()
    with office.database.write() as session:
        _require_in_city(session, network)
        row = keep(session, network, content, named, office.now(), user_id=actor.user_id)
        return _facts(row)


def keep(
    session: Session,
    network: "RoadNetwork",
    content: bytes,
    name: str,
    at: datetime,
    *,
    user_id: int | None = None,
    schematic: bool = False,
) -> StreetNetwork:
    """Put a network on record in the caller's transaction; it takes the place of the one in use."""
    session.execute(update(StreetNetwork).where(StreetNetwork.retired_at.is_(None)).values(retired_at=at))
    west, south, east, north = network.bounds
    row = StreetNetwork(
        name=name, imported_at=at, imported_by=user_id, retired_at=None, is_schematic=schematic,
        west=west, south=south, east=east, north=north, junctions=len(network.node_lon),
        segments=len(network.start), length_km=round(float(network.length_m.sum()) / 1000, 1),
        turns=len(network.turns), size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    for position, part in enumerate(_parts(content)):
        session.add(StreetNetworkPart(network_id=row.id, position=position, content=part))
    session.flush()
    return row


def retire(office: Office, actor: Actor) -> None:
    """Use no network any more: rounds follow straight lines until another one is imported."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.write() as session:
        session.execute(
            update(StreetNetwork).where(StreetNetwork.retired_at.is_(None)).values(retired_at=office.now())
        )


def _parts(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PART_BYTES):
        yield content[start : start + PART_BYTES]


def _current(session: Session) -> StreetNetwork | None:
    newest = select(StreetNetwork).where(StreetNetwork.retired_at.is_(None)).order_by(StreetNetwork.id.desc())
    return session.scalars(newest.limit(1)).first()


def _network(session: Session, row: StreetNetwork) -> "RoadNetwork":
    from geo.roads import RoadNetwork

    where = str(session.get_bind().engine.url)
    with _lock:
        if (where, row.id) not in _kept:
            parts = session.scalars(
                select(StreetNetworkPart.content)
                .where(StreetNetworkPart.network_id == row.id)
                .order_by(StreetNetworkPart.position)
            )
            # One network is in use at a time; an older one is only looked at now and then.
            while len(_kept) >= 2:
                _kept.pop(next(iter(_kept)))
            _kept[where, row.id] = RoadNetwork.from_bytes(b"".join(parts), row.name)
        return _kept[where, row.id]


def _facts(row: StreetNetwork) -> NetworkFacts:
    return NetworkFacts(
        row.id, row.name, row.imported_at, row.is_schematic, (row.west, row.south, row.east, row.north),
        row.junctions, row.segments, row.length_km, row.turns,
    )  # fmt: skip


def _require_in_city(session: Session, network: "RoadNetwork") -> None:
    extent = the_city(session).extent
    if not shapely.intersects(extent, shapely.box(*network.bounds)):
        west, south, east, north = network.bounds
        raise Refused(
            mark(
                "These streets lie between %(west).2f, %(south).2f and %(east).2f, %(north).2f: "
                "not in this city. Take an extract of the city itself"
            ),
            {"west": west, "south": south, "east": east, "north": north},
            field="file",
        )


def sketch(network: "RoadNetwork", width_px: int, most: int = 2500) -> tuple[str, int, int]:
    """The network as an SVG path with width and height of its box, north up: its ``most`` fastest, longest pieces."""
    west, south, east, north = network.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = width_px / max((east - west) * squeeze, 1e-9)
    seconds = np.minimum(*network.seconds["car"])
    speed = np.where(np.isfinite(seconds), network.length_m / seconds, 0.0)
    chosen = np.lexsort((-network.length_m, -np.round(speed)))[:most]
    x = np.round((network.lon - west) * squeeze * scale, 1)
    y = np.round((north - network.lat) * scale, 1)
    strokes = []
    for segment in chosen.tolist():
        piece = slice(network.offset[segment], network.offset[segment + 1])
        strokes.append("M" + "L".join(f"{a:g} {b:g}" for a, b in zip(x[piece], y[piece], strict=True)))
    return "".join(strokes), width_px, math.ceil((north - south) * scale)
