"""Open findings around a place, for "is it one of these"."""

from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from casework.filters import Filters
from casework.map_names import Names
from casework.map_rows import described, ids_of
from casework.office import Office
from casework.scope import EVERYTHING, Scope
from casework.selection import find
from casework.snapshot import Columns, Ints
from geo.clusters import mercator

NEARBY_M: Final = 40.0
NEARBY_ROWS: Final = 3
_EQUATOR_M: Final = 40_075_016.686


def around(
    columns: Columns, rows: Ints, place: tuple[float, float], within_m: float
) -> tuple[Ints, NDArray[np.float64]]:
    """Those of some rows that lie within metres of ``place`` (lon, lat, WGS 84), and how far away each is.

    Beyond 85 degrees of latitude, which the map cannot show, nothing lies.
    """
    lon, lat = place
    if abs(lat) > 85:
        return rows[:0], np.empty(0)
    x, y = map(float, mercator(lon, lat))
    scale = _EQUATOR_M * np.cos(np.radians(lat))
    # The box first: a million findings are looked at twice, their distances are worked out for a handful.
    reach = within_m / scale * (1 + 1e-9)
    rows = rows[(np.abs(columns.x[rows] - x) <= reach) & (np.abs(columns.y[rows] - y) <= reach)]
    away_m = np.hypot(columns.x[rows] - x, columns.y[rows] - y) * scale
    is_near = away_m <= within_m
    return rows[is_near], away_m[is_near]


def open_near(
    office: Office,
    session: Session,
    place: tuple[float, float],
    names: Names,
    now: datetime,
    timezone: str,
    *,
    persons: bool,
    but: int = 0,
    scope: Scope = EVERYTHING,
    within_m: float = NEARBY_M,
    at_most: int = NEARBY_ROWS,
) -> tuple[list[dict[str, Any]], int]:
    """The open findings nearest to ``place`` (lon, lat, WGS 84) as rows with ``distance_m``, and how many there are.

    ``but`` is the id of a finding to leave out, ``scope`` whose findings count.
    """
    selection = find(office, session, Filters(), now, scope)
    columns = selection.columns
    rows, away_m = around(columns, selection.rows, place, within_m)
    near = np.flatnonzero(columns.id[rows] != but)
    # At one place the newest first: the twin of a report came in just before it.
    nearest = near[np.lexsort((-columns.id[rows[near]], away_m[near]))[:at_most]]
    found = described(session, ids_of(columns, rows[nearest]), names, now, timezone, persons=persons)
    distances = dict(zip(ids_of(columns, rows[nearest]), away_m[nearest].tolist(), strict=True))
    return [{**row, "distance_m": round(distances[row["id"]], 1)} for row in found], len(near)
