"""Blocks joined into patches: sixty weighted centres, small downtown and large outside, every patch in one piece."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import Polygon

from tools.demo_city.frame import Floats, Frame, one_polygon

Groups = NDArray[np.intp]
Links = dict[int, set[int]]
MIN_PATCH_KM2 = 0.3

# Where people are: weight, centre (km), spread in x and y.
CENTRES = (
    (3.2, (2.3, 4.6), (3.2, 2.6)),
    (0.9, (5.2, 5.6), (6.0, 3.0)),
    (0.5, (3.6, 1.8), (4.0, 2.0)),
    (0.35, (8.5, 7.2), (6.0, 4.0)),
)


def density(x: float, y: float) -> float:
    """Return how dense the city is at a place of the frame (km), about 0.12 outside to 3.5 in the old town."""
    return 0.12 + sum(
        weight * math.exp(-((x - cx) ** 2 / sx + (y - cy) ** 2 / sy))
        for weight, (cx, cy), (sx, sy) in CENTRES
    )


def weighted_centres(district: Polygon, count: int, seed: int) -> Floats:
    """Return `count` points (km) spread over the district by `density`, by weighted k-means."""
    rng = np.random.default_rng(seed)
    west, north, east, south = district.bounds
    samples = rng.uniform((west, north), (east, south), size=(30000, 2))
    samples = samples[shapely.contains_xy(district, samples[:, 0], samples[:, 1])]
    weight = np.array([density(x, y) for x, y in samples.tolist()])
    centres = samples[rng.choice(len(samples), count, replace=False, p=weight / weight.sum())]
    for _ in range(40):
        nearest = cKDTree(centres).query(samples)[1]
        total = np.bincount(nearest, weight, minlength=count)
        sums = [np.bincount(nearest, weight * samples[:, axis], minlength=count) for axis in (0, 1)]
        centres = np.column_stack([s / total for s in sums])
    return centres


def patches_of(
    blocks: list[Polygon], frame: Frame, district: Polygon, count: int, seed: int
) -> list[Polygon]:
    """Join lon/lat blocks into exactly `count` patches, each one Polygon without holes; together they tile the same."""
    local = [frame.local(b) for b in blocks]
    middle = np.array([b.representative_point().coords[0] for b in local])
    weight = np.array([b.area * density(*m) for b, m in zip(local, middle.tolist(), strict=True)])
    owner = _settled(middle, weight, weighted_centres(district, count, seed))
    owner = _in_one_piece(blocks, owner)
    owner = _large_enough(local, links_between(blocks), owner, count)
    patches = []
    for number in range(count):
        joined = one_polygon(
            shapely.coverage_union_all([b for b, o in zip(blocks, owner, strict=True) if o == number])
        )
        if joined.interiors:
            raise ValueError(f"patch {number} has a hole: choose another seed")
        patches.append(joined)
    return patches


def _settled(middle: Floats, weight: Floats, centres: Floats) -> Groups:
    """Move the centres to the middles of the blocks that they own, a few times; return every block's owner."""
    for _ in range(12):
        owner = _nearest(centres, middle)
        total = np.bincount(owner, weight, minlength=len(centres))
        moved = np.column_stack(
            [np.bincount(owner, weight * middle[:, k], minlength=len(centres)) for k in (0, 1)]
        )
        centres = np.where(total[:, None] > 0, moved / np.maximum(total, 1e-12)[:, None], centres)
    return _nearest(centres, middle)


def _nearest(centres: Floats, points: Floats) -> Groups:
    nearest: Groups = cKDTree(centres).query(points)[1].astype(np.intp)
    return nearest


def links_between(polygons: list[Polygon]) -> Links:
    """Return which polygons of a coverage share a piece of border (a point is not enough)."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="touches")
    shared = shapely.length(shapely.intersection(np.array(polygons)[left], np.array(polygons)[right]))
    links: Links = {i: set() for i in range(len(polygons))}
    for a, b, length in zip(left.tolist(), right.tolist(), shared.tolist(), strict=True):
        if length > 0:
            links[a].add(b)
    return links


def pieces(members: set[int], links: Links) -> list[set[int]]:
    """Split a set of polygons into its connected pieces, the largest first."""
    left, found = set(members), []
    while left:
        piece, edge = set(), {min(left)}
        while edge:
            piece |= edge
            edge = {n for i in edge for n in links[i] if n in left} - piece
        found.append(piece)
        left -= piece
    return sorted(found, key=lambda p: (-len(p), min(p)))


def _in_one_piece(blocks: list[Polygon], owner: Groups) -> Groups:
    """Give stray blocks to the neighbouring patch, until every patch is connected."""
    links, owner = links_between(blocks), owner.copy()
    for _ in range(10):
        strays = [
            block
            for number in np.unique(owner).tolist()
            for piece in pieces(set(np.flatnonzero(owner == number).tolist()), links)[1:]
            for block in sorted(piece)
        ]
        if not strays:
            return owner
        for block in strays:
            around = [int(owner[n]) for n in sorted(links[block]) if owner[n] != owner[block]]
            if around:
                owner[block] = max(around, key=around.count)
    raise ValueError("some patches stay in pieces: choose another seed")


def _large_enough(blocks: list[Polygon], links: Links, owner: Groups, count: int) -> Groups:
    """Let the smallest patch take a block next to it until every patch has `MIN_PATCH_KM2`; blocks are in km."""
    owner, areas = owner.copy(), np.array([b.area for b in blocks], dtype=np.float64)
    middle = np.array([b.centroid.coords[0] for b in blocks])
    for _ in range(len(blocks)):
        totals: Floats = np.bincount(owner, areas, minlength=count).astype(np.float64)
        small = int(totals.argmin())
        if totals[small] >= MIN_PATCH_KM2:
            return owner
        own = np.flatnonzero(owner == small).tolist()
        offered = sorted({n for i in own for n in links[i]} - set(own)) if own else list(range(len(blocks)))
        offered = [n for n in offered if _can_give(n, small, owner, links, totals, areas)]
        centre = (
            middle[own].mean(axis=0) if own else middle[np.argsort(areas)[: len(areas) // 2]].mean(axis=0)
        )
        taken = min(offered, key=lambda n: float(np.hypot(*(middle[n] - centre))), default=None)
        if taken is None:
            break
        owner[taken] = small
    raise ValueError("a patch stays too small: choose another seed")


def _can_give(block: int, taker: int, owner: Groups, links: Links, totals: Floats, areas: Floats) -> bool:
    donor = int(owner[block])
    rest = set(np.flatnonzero(owner == donor).tolist()) - {block}
    # A donor may end up small itself, if it is still larger than the taker: it takes in its turn, from further out.
    needed = min(MIN_PATCH_KM2, float(totals[taker] + areas[block]))
    return bool(totals[donor] - areas[block] >= needed) and len(pieces(rest, links)) == 1
