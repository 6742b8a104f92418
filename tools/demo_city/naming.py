"""Which patch is which community: sub-districts in one piece near their real places, names near their streets."""

import csv
import itertools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from tools.demo_city.patches import Links, pieces

Place = tuple[float, float]

# A line (km of the frame) along which each sub-district lies, after the real order of Chengdong's sub-districts.
SPINES: dict[str, tuple[Place, ...]] = {
    "630102001": ((1.2, 3.6), (1.5, 4.6)),
    "630102002": ((1.0, 5.4), (1.1, 6.6), (1.6, 9.0)),
    "630102003": ((2.4, 4.2), (2.3, 5.0), (2.5, 6.6), (3.4, 9.5), (4.2, 12.0)),
    "630102004": ((3.2, 4.9), (4.3, 5.6)),
    "630102005": ((2.6, 3.2), (3.8, 3.6)),
    "630102006": ((4.3, 6.7), (5.2, 8.3), (5.2, 9.7)),
    "630102007": ((2.6, 1.6), (4.2, 1.1)),
    "630102100": ((6.6, 8.4), (8.4, 9.3), (9.9, 10.3)),
    "630102101": ((5.4, 3.2), (7.0, 4.6), (8.8, 6.2)),
    "630102400": ((9.6, 11.6),),
}
MOSQUE_LANE_CODE = "630102003009"
MOSQUE_LANE_KM: Place = (2.35, 4.14)


@dataclass(frozen=True)
class AreaName:
    """One sub-district or community: its official code and names, and the code of the area above it."""

    code: str
    parent: str
    zh: str
    en: str
    official_zh: str


def read_names(path: Path) -> list[AreaName]:
    """Read `areas.csv` (code, parent, zh, en, official_zh)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            AreaName(r["code"], r["parent"], r["zh"], r["en"], r["official_zh"]) for r in csv.DictReader(file)
        ]


def spine_distance(place: Place, spine: tuple[Place, ...]) -> float:
    """Return the distance (km) from a place to a polyline."""
    x, y = place
    best = min(math.hypot(x - a, y - b) for a, b in spine)
    for (ax, ay), (bx, by) in itertools.pairwise(spine):
        dx, dy = bx - ax, by - ay
        t = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
        best = min(best, math.hypot(x - ax - t * dx, y - ay - t * dy))
    return best


class Grouping:
    """Patches shared out among sub-districts of fixed sizes; improved by swaps until every one is in one piece."""

    def __init__(self, middles: list[Place], links: Links, sizes: dict[str, int]) -> None:
        self._links = links
        self._groups = list(sizes)
        cost = np.array([[spine_distance(m, SPINES[g]) ** 1.5 for g in self._groups] for m in middles])
        seats = [i for i, g in enumerate(self._groups) for _ in range(sizes[g])]
        rows, columns = linear_sum_assignment(cost[:, seats])
        self._cost = cost
        self._of = [0] * len(middles)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            self._of[row] = seats[column]

    def settle(self, seed: int, rounds: int = 30000) -> list[str]:
        """Return the sub-district's code of every patch; raise ValueError when a sub-district stays in pieces."""
        rng = np.random.default_rng(seed)
        energy = self._energy()
        for step in range(rounds):
            a, b = rng.integers(0, len(self._of), 2).tolist()
            if self._of[a] == self._of[b]:
                continue
            self._swap(a, b)
            changed = self._energy()
            heat = 1.5 * (1 - step / rounds) ** 2 + 1e-6
            if changed <= energy or rng.random() < math.exp((energy - changed) / heat):
                energy = changed
            else:
                self._swap(a, b)
        if self._extra_pieces():
            raise ValueError("a sub-district is in pieces: choose another seed")
        return [self._groups[i] for i in self._of]

    def _swap(self, a: int, b: int) -> None:
        self._of[a], self._of[b] = self._of[b], self._of[a]

    def _extra_pieces(self) -> int:
        members: dict[int, set[int]] = {}
        for patch, group in enumerate(self._of):
            members.setdefault(group, set()).add(patch)
        return sum(len(pieces(m, self._links)) - 1 for m in members.values())

    def _energy(self) -> float:
        return sum(float(self._cost[p, g]) for p, g in enumerate(self._of)) + 6.0 * self._extra_pieces()


def name_patches(
    middles: list[Place],
    areas_km2: list[float],
    groups: list[str],
    communities: list[AreaName],
    street_at: dict[str, list[Place]],
) -> list[AreaName]:
    """Return the community of every patch: villages where patches are large, street names beside their street."""
    named: list[AreaName | None] = [None] * len(middles)
    for group in sorted(set(groups)):
        own = [i for i, g in enumerate(groups) if g == group]
        wanted = [c for c in communities if c.parent == group]
        cost = np.array([[_misfit(middles[i], areas_km2[i], c, street_at) for c in wanted] for i in own])
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            named[own[int(row)]] = wanted[int(column)]
    return [n for n in named if n is not None]


def _misfit(middle: Place, area_km2: float, community: AreaName, street_at: dict[str, list[Place]]) -> float:
    if community.code == MOSQUE_LANE_CODE:
        return 100 * math.dist(middle, MOSQUE_LANE_KM)
    size = -0.5 * area_km2 if community.official_zh.endswith("村村民委员会") else 0.0
    streets = [places for name, places in street_at.items() if name.startswith(community.zh)]
    beside = min((math.dist(middle, p) for places in streets for p in places), default=0.6)
    return size + 2 * min(beside, 3.0)
