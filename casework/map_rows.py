"""Findings as the lines of a list: most urgent first, page by page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import day_bounds, day_of
from casework.clock_view import left_of
from casework.errors import Refused, mark
from casework.map_names import Names, former_areas, leaders
from casework.recurrence_counts import recurrence_counts
from casework.selection import KEY_AT, Selection
from casework.snapshot import NO_TIME, Columns, Ints
from casework.status import DISPLAY_KEYS, display_key
from casework.time_limits import time_rules
from db.models import Finding, User

GROUPS: Final = ("over", "today", "waiting", "limit", "susp", "done")
MAX_ROWS: Final = 200
_GROUP_OF: Final = {
    "over": "over",
    "due": "today",
    "prog": "limit",
    "new": "waiting",
    "check": "waiting",
    "susp": "susp",
    "done": "done",
}
_GROUP_AT: Final = np.array([GROUPS.index(_GROUP_OF[key]) for key in DISPLAY_KEYS], dtype=np.int64)
_SHIFT: Final = 40
_LATE: Final = 1 << 38  # a finding without a deadline comes after all that have one
_CURSOR: Final = re.compile(r"(\d{1,15})\.(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Page:
    """Positions of the findings of one page in order, and the cursor of the next page (None: the last one)."""

    rows: NDArray[np.intp]
    following: str | None


def urgency(selection: Selection, rows: NDArray[np.intp], now: datetime, timezone: str) -> Ints:
    """A number for each row that sorts by urgency group, then deadline; closed ones by closing, newest first."""
    columns = selection.columns
    keys = selection.display.keys[rows]
    group = _GROUP_AT[keys]
    due = columns.due_at[rows]
    _, end = day_bounds(day_of(now, timezone), day_of(now, timezone), timezone)
    group[(keys == KEY_AT["prog"]) & (due < end.timestamp())] = GROUPS.index("today")
    when = np.where(due == NO_TIME, _LATE + columns.reported_at[rows], np.clip(due, 0, _LATE))
    done = keys == KEY_AT["done"]
    closed = columns.closed_at[rows]
    when = np.where(done, _LATE - np.where(closed == NO_TIME, columns.reported_at[rows], closed), when)
    return (group << _SHIFT) + when


def page(selection: Selection, rows: NDArray[np.intp], order: Ints, size: int, after: str = "") -> Page:
    """The next ``size`` of these rows in the given order; ties go by id, so that pages never overlap."""
    columns = selection.columns
    if after:
        key, finding_id = _cursor(after)
        behind = (order > key) | ((order == key) & (columns.id[rows] > finding_id))
        rows, order = rows[behind], order[behind]
    if len(rows) > size > 0:
        worst = np.partition(order, size - 1)[size - 1]
        near = order <= worst
        chosen, keys = rows[near], order[near]
    else:
        chosen, keys = rows, order
    sorting = np.lexsort((columns.id[chosen], keys))[:size]
    chosen, keys = chosen[sorting], keys[sorting]
    more = len(rows) > len(chosen) > 0
    return Page(chosen, f"{keys[-1]}.{columns.id[chosen[-1]]}" if more else None)


def _cursor(text: str) -> tuple[int, int]:
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise Refused(mark("after must be the value of next in the page before"), field="after")
    return int(match[1]), int(match[2])


def described(
    session: Session, ids: Sequence[int], names: Names, now: datetime, timezone: str, *, persons: bool
) -> list[dict[str, Any]]:
    """The rows of the map's list for these findings, in this order. Leaders only with ``persons``."""
    if not ids:
        return []
    found = {
        row.id: row
        for row in session.execute(
            select(
                Finding.id, Finding.number, Finding.status, Finding.lon, Finding.lat, Finding.category_id,
                Finding.subject, Finding.place, Finding.area_id, Finding.bureau_id, Finding.due_at,
                Finding.step_due_at, Finding.confirmed_at, Finding.paused_at, Finding.extensions,
                Finding.reported_at, Finding.closed_at, Finding.triage, Finding.near_border,
                User.role,
            )
            .outerjoin(User, User.id == Finding.reporter_id)
            .where(Finding.id.in_(ids))
        )
    }  # fmt: skip
    area_ids = {row.area_id for row in found.values() if row.area_id is not None}
    led = leaders(session, area_ids, now) if persons else {}
    areas = names.areas | former_areas(session, area_ids - names.areas.keys())
    _, end = day_bounds(day_of(now, timezone), day_of(now, timezone), timezone)
    zone, rules = ZoneInfo(timezone), time_rules(session, timezone)
    again = recurrence_counts(session, list(found))

    def one(row: Any) -> dict[str, Any]:
        key = display_key(row.status, row.due_at, now, rules.warn_at(row.category_id, row.due_at))
        bureau = names.bureaus.get(row.bureau_id)
        patch = areas.get(row.area_id)
        ends_today = key == "prog" and row.due_at is not None and row.due_at < end
        return {
            "id": row.id, "number": row.number, "s": key, "group": "today" if ends_today else _GROUP_OF[key],
            "lon": row.lon, "lat": row.lat, "category": names.categories[row.category_id].pair,
            "subject": row.subject or None, "place": row.place or None,
            "patch": patch.coded if patch else None, "leader": led.get(row.area_id),
            "bureau": list(bureau.short) if bureau else None, "due_at": iso(row.due_at, zone),
            "reported_at": iso(row.reported_at, zone), "closed_at": iso(row.closed_at, zone),
            "triage": row.triage, "near_border": row.near_border, "again": again.get(row.id, 0),
            **left_of(row, now, rules),
        }  # fmt: skip

    return [one(found[finding_id]) for finding_id in ids if finding_id in found]


def iso(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """A moment on the city's clock with its offset, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def ids_of(columns: Columns, rows: NDArray[np.intp]) -> list[int]:
    """The ids of these rows."""
    ids: list[int] = columns.id[rows].tolist()
    return ids
