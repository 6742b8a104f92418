"""Public instance files of routing problems: TSPLIB, VRPLIB (CVRP, VRPTW), Solomon, OPLIB, Chao.

Distances: TSPLIB's own rule where the file names one; one truncated decimal for `.vrp` files with time windows (the
DIMACS challenge's convention); unrounded for Solomon, Homberger and Chao. Formats: Reinelt, TSPLIB 95 (1995);
Uchoa et al., VRPLIB (2017); Chao, Golden and Wasil, The team orienteering problem (1996).
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EARTH_KM = 6378.388  # TSPLIB's


class BadInstance(ValueError):
    """A file that cannot be read; the message says what is missing."""


@dataclass
class Instance:
    """One problem. Nodes are numbered as in the file from 0; node 0 of `order` is the start."""

    name: str
    kind: str  # tsp, cvrp, vrptw, orienteering
    distance: Floats  # [n, n], in the unit in which the best known cost is given
    start: int
    end: int
    vehicles: int
    decimals: int = 0  # of a distance; -1: unrounded
    capacity: int = 0  # 0: none
    demand: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    opens: Floats = field(default_factory=lambda: np.zeros(0))
    closes: Floats = field(default_factory=lambda: np.zeros(0))
    service: Floats = field(default_factory=lambda: np.zeros(0))
    limit: float = math.inf  # longest route, service counted
    prize: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Fill in what the format leaves out."""
        count = len(self.distance)
        self.demand = self.demand if len(self.demand) else np.zeros(count, dtype=np.int64)
        self.opens = self.opens if len(self.opens) else np.zeros(count)
        self.closes = self.closes if len(self.closes) else np.full(count, math.inf)
        self.service = self.service if len(self.service) else np.zeros(count)
        self.prize = self.prize if len(self.prize) else np.zeros(count)

    @property
    def customers(self) -> Ints:
        """The nodes to visit: all but start and end."""
        nodes = np.arange(len(self.distance))
        found: Ints = nodes[(nodes != self.start) & (nodes != self.end)]
        return found

    @property
    def maximises(self) -> bool:
        """Whether the cost is a prize, of which more is better."""
        return self.kind == "orienteering"


def read_instance(path: Path) -> Instance:
    """The problem in a file, its format told by what stands in it. Raises `BadInstance`, `OSError`."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        if re.search(r"^\s*(DIMENSION)\s*:", text, re.MULTILINE):
            return _keyword_file(path, text)
        if re.search(r"^\s*VEHICLE\s*$", text, re.MULTILINE):
            return _solomon(path.stem, text)
        if re.match(r"\s*n[\s;]", text):
            return _chao(path.stem, text)
    except (IndexError, KeyError, ValueError) as fault:
        raise BadInstance(f"{path}: {fault}") from fault
    raise BadInstance(f"{path}: neither TSPLIB, VRPLIB, Solomon, OPLIB nor Chao")


def euclid(points: Floats) -> Floats:
    """Unrounded distances between all points."""
    apart: Floats = points[:, None, :] - points[None, :, :]
    return np.hypot(apart[..., 0], apart[..., 1])


def _solomon(name: str, text: str) -> Instance:
    fleet = re.search(r"VEHICLE\s+NUMBER\s+CAPACITY\s+(\d+)\s+(\d+)", text)
    rows = np.array(
        [row.split() for row in re.findall(r"^\s*(?:[-+.\deE]+\s+){6}[-+.\deE]+\s*$", text, re.MULTILINE)]
    )
    if fleet is None or len(rows) < 2:
        raise BadInstance(f"{name}: no vehicles or no customers")
    table = rows.astype(float)
    return Instance(
        name, "vrptw", euclid(table[:, 1:3]), 0, 0, int(fleet[1]), -1, int(fleet[2]), table[:, 3].astype(np.int64),
        table[:, 4], table[:, 5], table[:, 6],
    )  # fmt: skip


def _chao(name: str, text: str) -> Instance:
    lines = [re.split(r"[\s;]+", line.strip()) for line in text.splitlines() if line.strip()]
    head = {words[0].lower(): float(words[1]) for words in lines[:3]}
    table = np.array([[float(word) for word in words[:3]] for words in lines[3:]])
    if len(table) != int(head["n"]):
        raise BadInstance(f"{name}: {len(table)} points, {int(head['n'])} announced")
    return Instance(
        name, "orienteering", euclid(table[:, :2]), 0, len(table) - 1, int(head["m"]), -1, limit=head["tmax"],
        prize=table[:, 2],
    )  # fmt: skip


def _keyword_file(path: Path, text: str) -> Instance:
    words, sections = _sections(text)
    count = int(words["DIMENSION"])
    kind = _kind(words, sections)
    decimals = 1 if kind == "vrptw" else 0
    distance = _distances(words, sections, count, truncate=kind == "vrptw")
    depots = [int(value) for value in sections.get("DEPOT_SECTION", []) if float(value) > 0]
    start = depots[0] - 1 if depots else 0
    demand = _column(sections, "DEMAND_SECTION", count, 2)[:, 0].astype(np.int64)
    capacity = int(float(words.get("CAPACITY", 0))) if kind in ("cvrp", "vrptw") else 0
    windows = _column(sections, "TIME_WINDOW_SECTION", count, 3)
    service = _column(sections, "SERVICE_TIME_SECTION", count, 2)[:, 0]
    if "SERVICE_TIME" in words:
        service = np.full(count, float(words["SERVICE_TIME"]))
        service[start] = 0
    limit = words.get("COST_LIMIT", words.get("DISTANCE", "inf"))
    least = math.ceil(demand.sum() / capacity) if capacity else 1
    spare = math.ceil(least * 1.25) + 4 if capacity else 1
    return Instance(
        words.get("NAME", path.stem), kind, distance, start, start,
        int(words.get("VEHICLES", spare if kind in ("cvrp", "vrptw") else 1)), decimals, capacity, demand,
        windows[:, 0], windows[:, 1] if "TIME_WINDOW_SECTION" in sections else np.full(count, math.inf), service,
        float(limit), _column(sections, "NODE_SCORE_SECTION", count, 2)[:, 0],
    )  # fmt: skip


def _kind(words: dict[str, str], sections: dict[str, list[str]]) -> str:
    if "NODE_SCORE_SECTION" in sections:
        return "orienteering"
    if "TIME_WINDOW_SECTION" in sections:
        return "vrptw"
    return "cvrp" if "DEMAND_SECTION" in sections or "CAPACITY" in words else "tsp"


def _sections(text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    words: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.upper() == "EOF":
            continue
        if re.match(r"^[A-Za-z_]+(\s*:.*)?$", stripped):
            name, _, value = stripped.partition(":")
            name = name.strip().upper()
            current = sections.setdefault(name, []) if name.endswith("SECTION") else None
            if current is None:
                words[name] = value.strip().strip('"')
        elif current is not None:
            current.extend(stripped.split())
    return words, sections


def _column(sections: dict[str, list[str]], name: str, count: int, width: int) -> Floats:
    """A section of rows "node value …": the values by node, zeros where there is no such section."""
    if name not in sections:
        return np.zeros((count, width - 1))
    values = np.array(sections[name], dtype=float)
    if len(values) != count * width:
        raise BadInstance(f"{name} has {len(values)} numbers, {count * width} expected")
    rows = values.reshape(count, width)
    found = np.zeros((count, width - 1))
    found[rows[:, 0].astype(int) - 1] = rows[:, 1:]
    return found


def _distances(words: dict[str, str], sections: dict[str, list[str]], count: int, truncate: bool) -> Floats:
    rule = words.get("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if rule == "EXPLICIT":
        return _explicit(words.get("EDGE_WEIGHT_FORMAT", "FULL_MATRIX").upper(), sections, count)
    section = sections.get("NODE_COORD_SECTION", [])
    width = 3 if len(section) == 3 * count else 4
    points = _column(sections, "NODE_COORD_SECTION", count, width)
    if not section:
        raise BadInstance("NODE_COORD_SECTION is missing")
    if truncate:
        return np.floor(euclid(points) * 10 + 1e-9) / 10
    if rule not in RULES:
        raise BadInstance(f"EDGE_WEIGHT_TYPE {rule}; known: EXPLICIT, {', '.join(RULES)}")
    return RULES[rule](points)


def _explicit(layout: str, sections: dict[str, list[str]], count: int) -> Floats:
    numbers = np.array(sections["EDGE_WEIGHT_SECTION"], dtype=float)
    if layout == "FULL_MATRIX":
        return numbers.reshape(count, count)
    upper = layout in ("UPPER_ROW", "LOWER_COL", "UPPER_DIAG_ROW", "LOWER_DIAG_COL")
    offset = 0 if "DIAG" in layout else 1
    rows, columns = np.triu_indices(count, offset) if upper else np.tril_indices(count, -offset)
    if len(rows) != len(numbers):
        raise BadInstance(
            f"EDGE_WEIGHT_SECTION has {len(numbers)} numbers, {len(rows)} expected for {layout}"
        )
    found = np.zeros((count, count))
    found[rows, columns] = found[columns, rows] = numbers
    return found


def _att(points: Floats) -> Floats:
    exact = np.sqrt(np.sum((points[:, None, :] - points[None, :, :]) ** 2, axis=2) / 10.0)
    whole = np.floor(exact + 0.5)
    found: Floats = np.where(whole < exact, whole + 1, whole)
    return found


def _geo(points: Floats) -> Floats:
    degrees = np.trunc(points)
    radians = 3.141592 * (degrees + 5.0 * (points - degrees) / 3.0) / 180.0
    latitude, longitude = radians[:, 0], radians[:, 1]
    q1 = np.cos(longitude[:, None] - longitude[None, :])
    q2 = np.cos(latitude[:, None] - latitude[None, :])
    q3 = np.cos(latitude[:, None] + latitude[None, :])
    found: Floats = np.floor(
        EARTH_KM * np.arccos(np.clip(0.5 * ((1 + q1) * q2 - (1 - q1) * q3), -1, 1)) + 1.0
    )
    np.fill_diagonal(found, 0)
    return found


def _flat(measure: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """TSPLIB's nearest whole number: (int) (d + 0.5)."""
    return lambda points: np.floor(measure(points) + 0.5)


RULES: dict[str, Callable[[Floats], Floats]] = {
    "EUC_2D": _flat(euclid),
    "EUC_3D": _flat(lambda points: np.sqrt(np.sum((points[:, None, :] - points[None, :, :]) ** 2, axis=2))),
    "MAN_2D": _flat(lambda points: np.abs(points[:, None, :] - points[None, :, :]).sum(axis=2)),
    "MAX_2D": _flat(lambda points: np.abs(points[:, None, :] - points[None, :, :]).max(axis=2)),
    "CEIL_2D": lambda points: np.ceil(euclid(points)),
    "ATT": _att,
    "GEO": _geo,
}
