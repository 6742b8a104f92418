"""The numbers at the head of a desk, how they moved in the last days, and where the late ones are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from casework.clock import day_bounds, day_of
from casework.map_names import Named
from casework.selection import KEY_AT, Selection
from casework.snapshot import NO_TIME
from casework.status import DISPLAY_KEYS, OPEN_KEYS
from db.models import STATUSES

WEEK: Final = timedelta(days=7)
DAYS: Final = 14
BARS: Final = 12
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]
_CLOSED: Final = STATUSES.index("closed")
_OVER: Final = tuple(KEY_AT[key] for key in ("over", "due", "prog"))


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts as they are now. The series have one number for the end of each of the last ``DAYS`` days, today last."""

    open: int
    over: int
    today: int
    closed_week: int
    closed_before: int
    by_status: dict[str, int]
    open_days: list[int]
    over_days: list[int]
    closed_days: list[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bureau or a patch with what is open and late in it."""

    code: str
    name: Named
    open: int
    over: int


def figures(whole: Selection, rows: Rows, now: datetime, timezone: str) -> Figures:
    """The numbers of these findings."""
    keys = whole.display.keys[rows]
    counts = np.bincount(keys, minlength=len(DISPLAY_KEYS)).tolist()
    closed_at = whole.columns.closed_at[rows][whole.columns.status[rows] == _CLOSED]
    today = day_of(now, timezone)
    ends = [day_bounds(one, one, timezone)[1] for one in (today - timedelta(n) for n in range(DAYS, -1, -1))]
    moments = [min(end, now).timestamp() for end in ends]
    closed = [int((closed_at < moment).sum()) for moment in moments]
    # What was done before the first of the days changes none of them: a city has far more of those than of the rest.
    lately = rows[(keys != KEY_AT["done"]) | _later(whole.columns.closed_at[rows], moments[0])]
    return Figures(
        open=sum(counts[: len(OPEN_KEYS)]),
        over=counts[KEY_AT["over"]],
        today=_due_today(whole, rows, ends[-1]),
        closed_week=int(between(closed_at, now - WEEK, now).sum()),
        closed_before=int(between(closed_at, now - 2 * WEEK, now - WEEK).sum()),
        by_status=dict(zip(DISPLAY_KEYS, counts, strict=True)),
        open_days=[_open_at(whole, lately, moment) for moment in moments[1:]],
        over_days=[_over_at(whole, lately, moment) for moment in moments[1:]],
        closed_days=[later - earlier for earlier, later in pairwise(closed)],
    )


def _open_at(whole: Selection, rows: Rows, moment: float) -> int:
    """How many were reported and not closed yet; one that was reopened counts as open all the time."""
    columns, keys = whole.columns, whole.display.keys[rows]
    was_open = (keys != KEY_AT["done"]) | _later(columns.closed_at[rows], moment)
    return int((was_open & (columns.reported_at[rows] <= moment)).sum())


def _over_at(whole: Selection, rows: Rows, moment: float) -> int:
    """How many of the open ones at work, or closed since, had passed their deadline."""
    columns, keys = whole.columns, whole.display.keys[rows]
    at_work = np.isin(keys, _OVER) | _later(columns.closed_at[rows], moment)
    return int((at_work & (columns.due_at[rows] < moment) & (columns.reported_at[rows] <= moment)).sum())


def _later(closed_at: NDArray[np.int64], moment: float) -> Mask:
    return np.asarray((closed_at != NO_TIME) & (closed_at > moment))


def between(moments: NDArray[np.int64], start: datetime, end: datetime) -> Mask:
    """Which moments (seconds, NO_TIME for none) lie after ``start`` and not after ``end``."""
    return np.asarray(
        (moments != NO_TIME) & (moments > int(start.timestamp())) & (moments <= int(end.timestamp()))
    )


def _due_today(whole: Selection, rows: Rows, end: datetime) -> int:
    keys, due = whole.display.keys[rows], whole.columns.due_at[rows]
    at_work = (keys == KEY_AT["due"]) | (keys == KEY_AT["prog"])
    return int((at_work & (due < int(end.timestamp()))).sum())


def bars(whole: Selection, rows: Rows, column: NDArray[np.int32], named: dict[int, Named]) -> list[Bar]:
    """Bureaus or patches with anything open, the one with most late first."""
    ids, keys = column[rows], whole.display.keys[rows]
    size = int(ids.max(initial=0)) + 1
    is_open = np.bincount(ids[keys != KEY_AT["done"]], minlength=size)
    over = np.bincount(ids[keys == KEY_AT["over"]], minlength=size)
    found = [
        Bar(named[one].code, named[one], int(is_open[one]), int(over[one]))
        for one in np.flatnonzero(is_open).tolist()
        if one in named
    ]
    return sorted(found, key=lambda bar: (-bar.over, -bar.open, bar.code))[:BARS]
