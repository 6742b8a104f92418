"""The street network of a city: from an OpenStreetMap extract to a graph that can be saved, loaded and asked."""

import io
import json
import os
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.crs import GEOD
from geo.problems import UnreadableFile
from geo.road_graph import ModeGraph
from geo.road_matrix import Matrix, matrix_of
from geo.road_osm import Streets, read_streets
from geo.road_snap import Snapped, snap
from geo.road_tags import MODES, WALK_KMH

__all__ = ["FARTHEST_M", "MODES", "Matrix", "RoadNetwork", "Snapped", "build", "straight_line_matrix"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FARTHEST_M: Final = 300.0
"""A place further than this from every street counts as not reachable by street."""

_FORMAT: Final = 1
_STRAIGHT_KMH: Final[Mapping[str, float]] = {"foot": WALK_KMH, "bike": 15.0, "car": 25.0}


@dataclass(frozen=True)
class RoadNetwork:
    """Streets as a graph: junctions (nodes) and the pieces of street between them (segments).

    `node_lon`, `node_lat`: degrees, WGS 84. Segment i leads from node `start[i]` to `end[i]` along the positions
    `lon[offset[i]:offset[i + 1]]`, `lat[…]`, is `length_m[i]` long (geodesic), part of the OSM way `way[i]` and called
    `names[name[i]]`. `seconds[mode]` is [2, segments]: along and against its direction, inf where the mode may not
    go. `closed[mode]` are nodes that a barrier closes. `turns` is [n, 4]: from way, to way, via node (-1: the ways
    `turn_via[turn_offset[i]:turn_offset[i + 1]]`), 1 where it is the only turn allowed and 0 where it is forbidden.
    """

    node_lon: Floats
    node_lat: Floats
    start: Ints
    end: Ints
    offset: Ints
    lon: Floats
    lat: Floats
    length_m: Floats
    way: Ints
    name: Ints
    names: tuple[str, ...]
    seconds: Mapping[str, Floats]
    closed: Mapping[str, Ints]
    turns: Ints
    turn_via: Ints
    turn_offset: Ints
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_graphs", {})
        object.__setattr__(self, "_lock", threading.Lock())

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all streets."""
        return float(self.lon.min()), float(self.lat.min()), float(self.lon.max()), float(self.lat.max())

    def graph(self, mode: str) -> ModeGraph:
        """What a mode may use; made at its first use and kept. Raises `ValueError` for an unknown mode."""
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
        graphs: dict[str, ModeGraph] = self._graphs  # type: ignore[attr-defined]
        with self._lock:  # type: ignore[attr-defined]
            if mode not in graphs:
                graphs[mode] = ModeGraph(self, mode)
            return graphs[mode]

    def snap(self, lon: ArrayLike, lat: ArrayLike, mode: str) -> Snapped:
        """The nearest place of each point on a street from which the mode gets anywhere, and the walk to it."""
        return snap(self.graph(mode), *_points(lon, lat))

    def matrix(self, lon: ArrayLike, lat: ArrayLike, mode: str, farthest_m: float = FARTHEST_M) -> Matrix:
        """Shortest times between all points, walks to the kerb included; see `Matrix`.

        A point further than `farthest_m` from every street, or that is not finite, is unreachable: inf.
        """
        return matrix_of(self.graph(mode), *_points(lon, lat), farthest_m)

    def to_bytes(self) -> bytes:
        """The network as a file's content, which `from_bytes` reads again."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {f"seconds_{mode}": self.seconds[mode].astype(np.float32) for mode in MODES}
        arrays |= {f"closed_{mode}": self.closed[mode] for mode in MODES}
        about = {"format": _FORMAT, "source": self.source, "names": self.names}
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, name: str = "") -> Self:
        """A network that `to_bytes` wrote. Raises `UnreadableFile` for anything else."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                about = json.loads(kept["about"].tobytes())
                if about["format"] != _FORMAT:
                    raise UnreadableFile("not_a_road_network", path=name)
                return cls(
                    **{name: kept[name] for name in _ARRAYS},
                    names=tuple(about["names"]),
                    seconds={mode: kept[f"seconds_{mode}"].astype(np.float64) for mode in MODES},
                    closed={mode: kept[f"closed_{mode}"] for mode in MODES},
                    source=about["source"],
                )
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            EOFError,
            BadZipFile,
            zlib.error,
        ) as why:
            if isinstance(why, UnreadableFile):
                raise
            raise UnreadableFile("not_a_road_network", path=name) from why

    def save(self, path: str | Path) -> None:
        """Write the network beside what is there and put it in its place when it is whole."""
        target = Path(path)
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with partial.open("wb") as file:
                file.write(self.to_bytes())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A network that `save` wrote. Raises `UnreadableFile` for anything else."""
        file = Path(path)
        if not file.is_file():
            raise UnreadableFile("not_found", path=str(path))
        return cls.from_bytes(file.read_bytes(), file.name)


_ARRAYS: Final = tuple(
    f.name for f in fields(RoadNetwork) if f.name not in ("names", "seconds", "closed", "source")
)


def build(path: str | Path, progress: Callable[[int], None] | None = None) -> RoadNetwork:
    """The network of an OpenStreetMap extract. `progress` and errors as in `read_streets`."""
    return network_of(read_streets(path, progress), Path(path).name)


def network_of(streets: Streets, source: str = "") -> RoadNetwork:
    """The graph of streets that were read: ways are cut where they meet, end or pass a barrier."""
    lengths = np.asarray(streets.length, dtype=np.int64)
    of_way = np.repeat(np.arange(len(lengths)), lengths)
    lon, lat = np.asarray(streets.lon, dtype=np.float64), np.asarray(streets.lat, dtype=np.float64)
    ids, place = np.unique(np.asarray(streets.refs, dtype=np.int64), return_inverse=True)
    cuts = _cuts(streets, lengths, ids, place)
    first, last, way = _pieces(cuts, of_way)
    first, last, way = _without_loops(first, last, way, place)
    node_ids, both = np.unique(np.concatenate([place[first], place[last]]), return_inverse=True)
    at = np.empty(len(ids), dtype=np.int64)
    at[place] = np.arange(len(place))
    count = last - first + 1
    taken = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(count.sum())
    xs, ys = lon[taken], lat[taken]
    offset = np.concatenate([[0], np.cumsum(count)])
    length_m = _lengths_m(xs, ys, offset)
    node_of = {int(ids[p]): i for i, p in enumerate(node_ids)}
    turns, via, turn_offset = _turns(streets, node_of)
    return RoadNetwork(
        node_lon=lon[at[node_ids]], node_lat=lat[at[node_ids]],
        start=both[: len(first)], end=both[len(first) :], offset=offset, lon=xs, lat=ys, length_m=length_m,
        way=np.asarray(streets.way, dtype=np.int64)[way], name=np.asarray(streets.name, dtype=np.int64)[way],
        names=tuple(streets.names), source=source,
        seconds={mode: _seconds(length_m, streets.speed[mode], way) for mode in MODES},
        closed={
            mode: np.array(sorted(node_of[n] for n in streets.closed[mode] if n in node_of), dtype=np.int64)
            for mode in MODES
        },
        turns=turns, turn_via=via, turn_offset=turn_offset,
    )  # fmt: skip


def straight_line_matrix(lon: ArrayLike, lat: ArrayLike, mode: str) -> Matrix:
    """Times and lengths as the crow flies: what a plan uses where no network is loaded. They are too short.

    Speeds: on foot 4.8 km/h, by bike 15, by car 25. `is_straight` is true.
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    x, y = _points(lon, lat)
    n = len(x)
    i, j = (index.ravel() for index in np.indices((n, n)))
    good = np.isfinite(x[i] + y[i] + x[j] + y[j])
    metres = np.full(n * n, np.inf)
    metres[good] = GEOD.inv(x[i[good]], y[i[good]], x[j[good]], y[j[good]])[2]
    distance_m = metres.reshape(n, n)
    return Matrix(
        lon=x, lat=y, mode=mode, duration_s=distance_m / (_STRAIGHT_KMH[mode] / 3.6), straight_m=distance_m,
        walk_m=np.zeros(n), graph=None, snapped=None,
    )  # fmt: skip


def _points(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"lon and lat are one-dimensional and of one length, not {x.shape} and {y.shape}")
    return x, y


def _cuts(streets: Streets, lengths: Ints, ids: Ints, place: Ints) -> Ints:
    """The positions at which ways are cut, in order; every way's first and last are among them."""
    ends = np.cumsum(lengths)
    cut = np.bincount(place, minlength=len(ids))[place] > 1
    cut[ends - 1] = True
    cut[ends - lengths] = True
    barriers = np.array(sorted(set().union(*streets.closed.values())), dtype=np.int64)
    cut |= np.isin(ids, barriers)[place]
    return np.flatnonzero(cut)


def _pieces(cuts: Ints, of_way: Ints) -> tuple[Ints, Ints, Ints]:
    """(first position, last position, way) of each piece between two cuts."""
    same = of_way[cuts[:-1]] == of_way[cuts[1:]]
    first, last = cuts[:-1][same], cuts[1:][same]
    return first, last, of_way[first]


def _without_loops(first: Ints, last: Ints, way: Ints, place: Ints) -> tuple[Ints, Ints, Ints]:
    """A piece that returns to where it began is cut in its middle: a graph has no use for a loop."""
    loop = (place[first] == place[last]) & (last - first > 1)
    middle = (first + last) // 2
    pieces = np.concatenate([first, middle[loop]]), np.concatenate([np.where(loop, middle, last), last[loop]])
    order = np.lexsort((pieces[0], np.concatenate([way, way[loop]])))
    return pieces[0][order], pieces[1][order], np.concatenate([way, way[loop]])[order]


def _lengths_m(xs: Floats, ys: Floats, offset: Ints) -> Floats:
    steps = np.concatenate([GEOD.inv(xs[:-1], ys[:-1], xs[1:], ys[1:])[2], [0.0]])
    steps[offset[1:] - 1] = 0.0  # from the end of one segment to the start of the next is no street
    return np.maximum(np.add.reduceat(steps, offset[:-1]), 0.01)


def _seconds(length_m: Floats, speed: tuple[Any, Any], way: Ints) -> Floats:
    kmh = np.stack([np.asarray(one, dtype=np.float64)[way] for one in speed])
    with np.errstate(divide="ignore"):
        return np.asarray(length_m / (kmh / 3.6), dtype=np.float64)


def _turns(streets: Streets, node_of: Mapping[int, int]) -> tuple[Ints, Ints, Ints]:
    kept = [turn for turn in streets.turns if turn.via_node is None or turn.via_node in node_of]
    rows = [
        (t.from_way, t.to_way, -1 if t.via_node is None else node_of[t.via_node], int(t.only)) for t in kept
    ]
    via = [way for turn in kept for way in turn.via_ways]
    offset = np.concatenate([[0], np.cumsum([len(turn.via_ways) for turn in kept])])
    return (
        np.array(rows, dtype=np.int64).reshape(-1, 4),
        np.array(via, dtype=np.int64),
        offset.astype(np.int64),
    )
