"""Hot spots of findings over a period, worked out when they are asked for and kept as long as nothing changes."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy.orm import Session

from casework import policy
from casework.clock import day_of
from casework.coverage import patch_coverage
from casework.filters import Filters, parse
from casework.map_names import read_names
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import EVERYTHING, Scope, scope_of
from casework.selection import Selection, find
from casework.status import DISPLAY_KEYS
from db.models import STATUSES
from db.session import Database
from geo.hotspots import LEAST, Hotspots, hot_spots

USUAL_DAYS: Final = 90
MOST_SPOTS: Final = 8
# What turned out to be no problem, or the same one again, is no sign of a bad place.
NOT_COUNTED: Final = ("declined", "cancelled", "duplicate")
_KEPT: Final = 24
_Key = tuple[int, Filters, Scope]


class _Kept:
    """What a process remembers for one database."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: OrderedDict[_Key, dict[str, Any]] = OrderedDict()


_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()
_kept_lock = threading.Lock()


def answer(office: Office, actor: Actor, query: Mapping[str, str]) -> dict[str, Any]:
    """The answer to ``/map/hotspots`` under the map's filters but for status: fields, and spots with their patch.

    Without days in the query it is about the last 90. Raises NotSignedIn, Forbidden, or Refused naming the field.
    """
    with office.database.read() as session:
        city = the_city(session)
        public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
        policy.require(actor, Act.VIEW_MAP, public_map=public)
        scope = EVERYTHING if public else scope_of(session, actor)
        asked = parse(session, {**query, "status": "", "overdue": ""}, usual=DISPLAY_KEYS)
        filters = _with_days(asked, day_of(office.now(), city.timezone))
        selection = find(office, session, filters, office.now(), scope)
        with _kept_lock:
            kept = _kept.setdefault(office.database, _Kept())
        key = (selection.display.snapshot.revision, filters, scope)
        with kept.lock:
            known = kept.found.get(key)
        if known is None:
            known = _found(session, selection, filters)
            with kept.lock:
                kept.found[key] = known
                while len(kept.found) > _KEPT:
                    kept.found.popitem(last=False)
        return known


def _with_days(filters: Filters, today: date) -> Filters:
    if filters.first or filters.last:
        return filters
    return replace(filters, first=today - timedelta(days=USUAL_DAYS - 1), last=today)


def _found(session: Session, selection: Selection, filters: Filters) -> dict[str, Any]:
    columns, rows = selection.columns, selection.rows
    left_out = [STATUSES.index(status) for status in NOT_COUNTED]
    rows = rows[~np.isin(columns.status[rows], left_out)]
    outline = the_city(session).extent
    found = hot_spots(columns.lon[rows], columns.lat[rows], outline, known=(columns.lon, columns.lat))
    return {
        "from": filters.first.isoformat() if filters.first else None,
        "to": filters.last.isoformat() if filters.last else None,
        "n": found.points, "least": LEAST, "enough": found.enough, "cell_m": found.cell_m,
        "cells": [
            [round(cell.west, 6), round(cell.south, 6), round(cell.east, 6), round(cell.north, 6), cell.level]
            for cell in found.cells
        ],
        "spots": _spots(session, found),
    }  # fmt: skip


def _spots(session: Session, found: Hotspots) -> list[dict[str, Any]]:
    """The fields that stand out most, each with its patch: how many were found there and around, and expected."""
    peaks = sorted((cell for cell in found.cells if cell.is_peak), key=lambda cell: -cell.z)
    patches, names = patch_coverage(session), read_names(session)
    told = []
    for top in peaks[:MOST_SPOTS]:
        lon, lat = (top.west + top.east) / 2, (top.south + top.north) / 2
        at = patches.index.locate_one(lon, lat) if patches else -1
        area = names.areas.get(patches.areas[at].id) if patches and at >= 0 else None
        told.append(
            {
                "lon": round(lon, 6), "lat": round(lat, 6), "n": top.around, "expected": round(top.expected, 1),
                "level": top.level, "area": area.coded if area else None,
            }
        )  # fmt: skip
    return told
