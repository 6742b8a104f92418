"""Which datum a file's degrees are in, judged by how well its areas fit into areas whose datum is known.

Nothing in a file tells GCJ-02 or BD-09 from WGS 84; but areas shifted by some hundred metres spill over the borders
of what they lie in, or of what they were before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import DATUMS, convert

_SAMPLE = 200
# A datum is recommended where less than half as much spills over as with WGS 84, and that is no rounding.
_BETTER, _NOTICEABLE = 0.5, 0.002


@dataclass(frozen=True, slots=True)
class DatumFit:
    """How well areas fit when their degrees are of this datum: `spill` is the share (0 to 1) lying over borders."""

    datum: str
    spill: float


def fits(polygons: Sequence[BaseGeometry], references: Sequence[BaseGeometry]) -> list[DatumFit]:
    """The fit of each datum, for polygons whose degrees are taken as they are; the best first.

    `references` are areas in WGS 84: those that the polygons are a new version of, or lie in. Empty without them.
    """
    if not len(polygons) or not len(references):
        return []
    sample = np.asarray(polygons[:: max(1, len(polygons) // _SAMPLE)], dtype=object)
    known = np.asarray(references, dtype=object)
    tree = shapely.STRtree(known)
    found = [DatumFit(datum, _spill(_moved(sample, datum), known, tree)) for datum in DATUMS]
    return sorted(found, key=lambda fit: fit.spill)


def recommended(found: Sequence[DatumFit]) -> DatumFit | None:
    """The datum that fits so much better than WGS 84 that it is likely the right one, or None."""
    plain = next((fit.spill for fit in found if fit.datum == "wgs84"), None)
    if plain is None or found[0].datum == "wgs84" or plain < _NOTICEABLE or plain > 0.999:
        return None
    return found[0] if found[0].spill < _BETTER * plain else None


def _moved(polygons: NDArray[Any], datum: str) -> NDArray[Any]:
    if datum == "wgs84":
        return polygons
    return np.asarray(
        shapely.transform(polygons, lambda xy: np.column_stack(convert(xy[:, 0], xy[:, 1], datum, "wgs84"))),
        dtype=object,
    )


def _spill(polygons: NDArray[Any], references: NDArray[Any], tree: shapely.STRtree) -> float:
    mine, theirs = tree.query(polygons, predicate="intersects")
    shared = shapely.area(shapely.intersection(polygons[mine], references[theirs]))
    held = np.zeros(len(polygons))
    np.maximum.at(held, mine, shared)
    whole = float(shapely.area(polygons).sum())
    return max(0.0, 1.0 - float(held.sum()) / whole) if whole > 0 else 1.0
