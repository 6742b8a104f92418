"""How areas of one level lie in the areas of the level above, and where areas of one level overlap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from casework.area_features import Candidate
from casework.coverage import Coverage
from casework.errors import mark
from casework.import_notes import Note
from geo.crs import area_m2

NESTED: Final = 0.99
_SMALLEST_OVERLAP_M2: Final = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """The area above that holds most of an area, and the share (0 to 1) that it holds; None and 0 where none does."""

    area_id: int | None
    share: float


def place_in(found: Sequence[Candidate], above: Coverage | None) -> list[Held]:
    """For each area the one above that holds most of it; the lower code where two hold as much."""
    if above is None:
        return [Held(None, 0.0)] * len(found)
    shapes = np.asarray([one.geometry for one in found], dtype=object)
    holders = np.asarray([area.geometry for area in above.areas], dtype=object)
    mine, theirs = shapely.STRtree(holders).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[mine], holders[theirs]))
    held = [Held(None, 0.0)] * len(found)
    for i, j, overlap in sorted(zip(mine.tolist(), theirs.tolist(), shared.tolist(), strict=True)):
        share = min(1.0, overlap / found[i].geometry.area)
        if share > held[i].share:
            held[i] = Held(above.areas[j].id, share)
    return held


def parents(
    found: Sequence[Candidate],
    placed: Sequence[Held],
    above: Coverage | None,
    *,
    by_code: bool,
    notes: list[Note],
) -> list[int | None]:
    """Each area's parent: by the code that its feature names, else the one that holds most of it."""
    ids = {area.code: area.id for area in above.areas} if above else {}
    chosen: list[int | None] = []
    for one, held in zip(found, placed, strict=True):
        named = ids.get(one.parent) if by_code else None
        if by_code and named is None:
            message = mark(
                "%(code)s: there is no area %(parent)s in the level above; the one that holds most of it is taken"
            )
            notes.append(Note(one.feature, message, {"code": one.code, "parent": one.parent or "''"}))
        elif not by_code and above is not None and held.area_id is None:
            notes.append(
                Note(one.feature, mark("%(code)s lies in no area of the level above"), {"code": one.code})
            )
        chosen.append(named if named is not None else held.area_id)
    return chosen


def overlaps(shapes: Sequence[BaseGeometry]) -> Iterator[tuple[int, int, float]]:
    """Pairs of positions that overlap by 1 m² or more, with the m², in order."""
    array = np.asarray(shapes, dtype=object)
    first, second = shapely.STRtree(array).query(array, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    order = np.lexsort((second, first))
    for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True):
        shared = shapely.intersection(array[i], array[j])
        m2 = area_m2(shared) if shapely.area(shared) > 0 else 0.0
        if m2 >= _SMALLEST_OVERLAP_M2:
            yield i, j, m2
