"""Open findings around a place, for "is it one of these"."""

from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from casework.filters import Filters
from casework.map_names import Names
from casework.map_rows import described, ids_of
from casework.office import Office
from casework.scope import EVERYTHING, Scope
from casework.selection import find
from geo.clusters import mercator

NEARBY_M: Final = 40.0
NEARBY_ROWS: Final = 3
_EQUATOR_M: Final = 40_075_016.686


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
    lon, lat = place
    if abs(lat) > 85:  # beyond what the map can show
        return [], 0
    selection = find(office, session, Filters(), now, scope)
    columns, rows = selection.columns, selection.rows
    x, y = mercator(lon, lat)
    scale = _EQUATOR_M * np.cos(np.radians(lat))
    away_m = np.hypot(columns.x[rows] - float(x), columns.y[rows] - float(y)) * scale
    near = np.flatnonzero((away_m <= within_m) & (columns.id[rows] != but))
    # At one place the newest first: the twin of a report came in just before it.
    nearest = near[np.lexsort((-columns.id[rows[near]], away_m[near]))[:at_most]]
    found = described(session, ids_of(columns, rows[nearest]), names, now, timezone, persons=persons)
    distances = dict(zip(ids_of(columns, rows[nearest]), away_m[nearest].tolist(), strict=True))
    return [{**row, "distance_m": round(distances[row["id"]], 1)} for row in found], len(near)
