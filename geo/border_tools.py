"""Splitting, merging, cutting and tracing areas, with the neighbours' vertices kept in step."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.border_edit import Edit, guarded, sane, the_area
from geo.border_guard import require_valid
from geo.border_shapes import Area, as_one, covered_by, vertices_of, with_vertices
from geo.boundary_faces import faces_between, in_degrees, left_over_pieces, noded
from geo.boundary_grid import Edges, Ints, edges_of, grouped, on_earth, to_steps
from geo.boundary_invalid import is_too_large, usable
from geo.boundary_problems import SLIVER_WIDTH_M, mean_width_m
from geo.boundary_refusals import EditRefused, Refusal
from geo.boundary_sizes import ground_m2, way_m
from geo.crs import snap

FILL_M = 5.0
"""Gaps narrower than this between a traced area and its neighbours become part of it."""
_LINE = -1
_REACH_M = 0.05
Box = tuple[float, float, float, float]


def split(
    areas: Sequence[Area], position: int, line: BaseGeometry, *,
    levels: Sequence[int] | None = None, parent_of: Sequence[int] | None = None,
) -> Edit:  # fmt: skip
    """Split an area along a line, whose ends may lie outside. The largest piece keeps the position.

    Whoever shares the border gets the vertices where the line meets it.
    """
    areas = sane(areas)
    area = the_area(areas, position)
    pieces = sorted(_pieces(area, line), key=lambda piece: -piece.area)
    thin = [piece for piece in pieces if _is_thin(piece)]
    if thin:
        raise EditRefused(Refusal.SLIVER, positions=(position,), area_m2=ground_m2(thin[0]))
    changed = {position: pieces[0], **_in_step(areas, pieces, vertices_of([area]), {position})}
    return guarded(areas, Edit(changed, tuple(pieces[1:])), levels, parent_of, like=position)


def merge(
    areas: Sequence[Area], positions: Sequence[int], *,
    levels: Sequence[int] | None = None, parent_of: Sequence[int] | None = None,
) -> Edit:  # fmt: skip
    """Merge neighbours into the first of them; vertices that others share stay."""
    areas, positions = sane(areas), list(dict.fromkeys(positions))
    shapes = [the_area(areas, position) for position in positions]
    if len(positions) < 2:
        raise EditRefused(Refusal.NOT_NEIGHBOURS, positions=tuple(positions))
    edges = noded(edges_of(shapes, positions)).edges
    _all_connected(edges, positions, shapes)
    merged = covered_by(edges)
    edit = Edit({positions[0]: merged}, removed=tuple(positions[1:]))
    return guarded(areas, edit, levels, parent_of, like=positions[0])


def cut(
    areas: Sequence[Area], position: int, hole: BaseGeometry, *, as_area: bool = False,
    levels: Sequence[int] | None = None, parent_of: Sequence[int] | None = None,
) -> Edit:  # fmt: skip
    """Cut a shape out of an area; with `as_area` it becomes a new area, otherwise nobody's (a gap, if others
    enclose it).
    """
    areas = sane(areas)
    area, hole = the_area(areas, position), _drawn(hole)
    edges = noded(edges_of([area, hole])).edges
    own, other = edges.take(edges.owner == 0), edges.take(edges.owner == 1)
    rest = covered_by(Edges.joined([own, other.reversed()]))
    taken = _both(own, other)
    if taken.is_empty:
        raise EditRefused(Refusal.NOTHING_THERE)
    if rest.is_empty:
        raise EditRefused(Refusal.NOTHING_LEFT, position=position)
    changed = {position: rest, **_in_step(areas, [rest, taken], vertices_of([area]), {position})}
    edit = Edit(changed, (taken,) if as_area else ())
    allowed = frozenset() if as_area else frozenset({Refusal.GAP})
    return guarded(areas, edit, levels, parent_of, like=position, allowed=allowed)


def trace(
    areas: Sequence[Area], drawn: BaseGeometry, *, parent: BaseGeometry | None = None, fill_m: float = FILL_M
) -> Edit:
    """A new area from a roughly drawn shape: within the parent, up to its neighbours, without slivers.

    `areas`: those of its level. What they cover is left to them; gaps narrower than `fill_m` metres towards them and
    towards the parent's border become part of it. Neighbours get the vertices that they lack.
    """
    areas, drawn = sane(areas), _drawn(drawn)
    box = drawn.buffer(1e-4 + fill_m * 2e-5).bounds
    near = [
        at
        for at, one in enumerate(areas)
        if one is not None and shapely.box(*one.bounds).intersects(shapely.box(*box))
    ]
    others = [usable(areas[at]) for at in near]
    rough = shapely.unary_union([drawn, *_strips(drawn, others, parent, fill_m, box)])
    new = _clipped(snap(rough), others, parent)
    if new.is_empty:
        raise EditRefused(Refusal.NOTHING_THERE)
    changed = _in_step(areas, [new], np.empty((0, 2), np.int64), set())
    return guarded(areas, Edit(changed, (new,)), None, None, allowed=frozenset({Refusal.GAP}))


def _pieces(area: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """The pieces of an area between lines; its parts that the line does not cut stay with the largest piece."""
    if line is None or line.is_empty or "LineString" not in line.geom_type:
        raise EditRefused(Refusal.BAD_SHAPE)
    if not on_earth(line) or is_too_large(line):
        raise EditRefused(Refusal.BAD_SHAPE)
    pieces: list[BaseGeometry] = []
    whole: list[BaseGeometry] = []
    crossings = 0
    for part in shapely.get_parts(area):
        own = edges_of([part], [0])
        edges = Edges.joined([own, _line_edges(line)])
        cut_edges = noded(edges).edges
        chains = np.where(cut_edges.owner == _LINE, 1, 0)
        faces = faces_between(cut_edges, chains)
        inside = np.array([level.get(0, 0) > 0 for level in faces.levels], dtype=bool)
        parts = in_degrees(faces.shapes[inside])
        crossings += len(shapely.get_coordinates(shapely.intersection(part.boundary, line)))
        (pieces if len(parts) > 1 else whole).extend(parts)
    if len(pieces) < 2:
        raise EditRefused(Refusal.NOT_CUT_THROUGH, crossings=crossings)
    pieces.sort(key=lambda piece: -piece.area)
    return [as_one([pieces[0], *whole]), *pieces[1:]]


def _line_edges(line: BaseGeometry) -> Edges:
    parts = []
    for one in shapely.get_parts(line):
        points = to_steps(shapely.get_coordinates(shapely.force_2d(one)))
        ends = np.concatenate([points[:-1], points[1:]], axis=1)
        parts.append(ends[(points[:-1] != points[1:]).any(axis=1)])
    ends = np.concatenate(parts)
    if not len(ends):
        raise EditRefused(Refusal.NOT_CUT_THROUGH, crossings=0)
    both = np.concatenate([ends, ends[:, [2, 3, 0, 1]]])
    return Edges(both, np.full(len(both), _LINE, dtype=np.int64))


def _both(one: Edges, other: Edges) -> BaseGeometry:
    """What two noded shapes both cover."""
    edges = Edges.joined([one, other])
    chain = np.zeros(len(edges), dtype=np.int64)
    kept = left_over_pieces(edges, chain)
    faces = faces_between(edges.take(kept), chain[kept])
    twice = np.array([level.get(0, 0) > 1 for level in faces.levels], dtype=bool)
    return as_one(in_degrees(faces.shapes[twice]))


def _in_step(
    areas: Sequence[Area], pieces: Iterable[BaseGeometry], known: Ints, but: set[int]
) -> dict[int, BaseGeometry]:
    """Areas (other than `but`) that get vertices of the pieces on their edges."""
    points = vertices_of(pieces)
    if len(known):
        old = {tuple(point) for point in known.tolist()}
        points = np.array(
            [point for point in points.tolist() if tuple(point) not in old], dtype=np.int64
        ).reshape(-1, 2)
    changed = {}
    for at, area in enumerate(areas):
        if area is None or at in but or not len(points):
            continue
        new = with_vertices(area, points)
        if new is not area and not shapely.equals_exact(new, area):
            changed[at] = new
    return changed


def _all_connected(edges: Edges, positions: Sequence[int], shapes: Sequence[BaseGeometry]) -> None:
    """Raise `EditRefused` unless common edges connect all of the areas."""
    group, count = grouped(edges.ends)
    first = np.full(count, -1, dtype=np.int64)
    root = {position: position for position in positions}

    def of(position: int) -> int:
        while root[position] != position:
            position = root[position]
        return position

    for at, owner in zip(group.tolist(), edges.owner.tolist(), strict=True):
        if first[at] >= 0:
            root[of(owner)] = of(int(first[at]))
        first[at] = owner
    if len({of(position) for position in positions}) == 1:
        return
    apart = [
        shape for position, shape in zip(positions, shapes, strict=True) if of(position) != of(positions[0])
    ]
    rest = [
        shape for position, shape in zip(positions, shapes, strict=True) if of(position) == of(positions[0])
    ]
    touch = any(one.intersects(other) for one in apart for other in rest)
    raise EditRefused(Refusal.ONLY_A_POINT if touch else Refusal.NOT_NEIGHBOURS, positions=tuple(positions))


def _drawn(shape: BaseGeometry | None) -> BaseGeometry:
    if shape is None or shape.is_empty or "Polygon" not in shape.geom_type or not on_earth(shape):
        raise EditRefused(Refusal.BAD_SHAPE)
    require_valid(shape)
    fine = usable(shape)
    if fine.is_empty:
        raise EditRefused(Refusal.BAD_SHAPE)
    return fine


def _strips(
    drawn: BaseGeometry, others: list[BaseGeometry], parent: BaseGeometry | None, fill_m: float,
    box: Box,
) -> list[BaseGeometry]:  # fmt: skip
    """Free ground beside a drawn shape that is narrower than `fill_m`, a little wider than it is."""
    room = shapely.box(*box) if parent is None else shapely.intersection(shapely.box(*box), usable(parent))
    free = shapely.difference(room, shapely.union_all([drawn, *others]))
    lat = (box[1] + box[3]) / 2
    scale = np.array([111_320 * np.cos(np.radians(lat)), 110_950])
    flat = shapely.transform(free, lambda xy: xy * scale)
    wide = flat.buffer(-fill_m / 2, join_style="mitre").buffer(fill_m / 2 * 1.01, join_style="mitre")
    thin = shapely.difference(flat, wide)
    # Up to the neighbours' and the parent's very edges, by reaching over them: `_clipped` takes that away again.
    beyond = shapely.intersection(thin.buffer(_REACH_M), _barred(others, parent, box, scale))
    strips = shapely.transform(shapely.union(thin, beyond), lambda xy: xy / scale)
    return [strip for strip in shapely.get_parts(strips) if shapely.dwithin(strip, drawn, 1e-7)]


def _barred(
    others: list[BaseGeometry], parent: BaseGeometry | None, box: Box, scale: NDArray[np.float64]
) -> BaseGeometry:
    """Ground where a new area cannot be, as far as `box`, in metres."""
    barred = [shapely.clip_by_rect(one, *box) for one in others]
    if parent is not None:
        barred.append(shapely.difference(shapely.box(*box), usable(parent)))
    return shapely.transform(shapely.union_all(barred), lambda xy: xy * scale)


def _clipped(rough: BaseGeometry, others: list[BaseGeometry], parent: BaseGeometry | None) -> BaseGeometry:
    """A shape without what others cover and what lies outside the parent, on their very edges."""
    shapes = [usable(rough), *others] + ([usable(parent)] if parent is not None else [])
    edges = noded(edges_of(shapes)).edges
    chains = np.where(edges.owner == 0, 0, 1)
    if parent is not None:
        chains = np.where(edges.owner == len(shapes) - 1, 2, chains)
    faces = faces_between(edges, chains.astype(np.int64))
    kept = [
        level.get(0, 0) > 0 and level.get(1, 0) == 0 and (parent is None or level.get(2, 0) > 0)
        for level in faces.levels
    ]
    if not any(kept):
        return shapely.MultiPolygon()
    own = edges_of(list(in_degrees(faces.shapes[np.array(kept)])), None)
    whole = covered_by(own)
    parts = [part for part in shapely.get_parts(whole) if not _is_thin(part)]
    return as_one(parts)


def _is_thin(piece: BaseGeometry) -> bool:
    return mean_width_m(ground_m2(piece), way_m(piece)) < SLIVER_WIDTH_M
