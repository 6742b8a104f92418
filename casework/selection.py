"""The findings that pass some filters, with the counts that each filter would have without itself."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from casework import search
from casework.filters import Filters
from casework.office import Office, the_city
from casework.scope import EVERYTHING, Scope
from casework.snapshot import Columns, Ints, Snapshot, areas_of_level, day_number, snapshot
from casework.status import DISPLAY_KEYS, DISPLAY_OF
from casework.time_limits import TimeRules, time_rules
from casework.warnings_ahead import NO_WARNING, warn_seconds
from db.models import STATUSES
from db.session import Database

Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]

KEY_AT: Final = {key: position for position, key in enumerate(DISPLAY_KEYS)}
_SHOWN_AT: Final = np.array([KEY_AT[DISPLAY_OF[status]] for status in STATUSES], dtype=np.int8)
_KEPT: Final = 24


@dataclass(frozen=True, slots=True)
class Display:
    """Every finding's display key (position in DISPLAY_KEYS), true from ``start`` to ``end`` (seconds, UTC)."""

    snapshot: Snapshot
    keys: Codes
    start: float
    end: float
    rules: TimeRules

    def holds(self, known: Snapshot, moment: float, rules: TimeRules) -> bool:
        """Whether this is what these findings show at a moment under these rules."""
        return self.snapshot is known and self.start <= moment <= self.end and self.rules == rules


def display(known: Snapshot, moment: float, rules: TimeRules) -> Display:
    """What every finding shows at a moment (seconds, UTC), as ``casework.status.display_key`` says for one."""
    columns = known.columns
    keys = _SHOWN_AT[columns.status]
    at_work = np.flatnonzero(keys == KEY_AT["prog"])
    due = columns.due_at[at_work]
    soon = warn_seconds(columns.category[at_work], due, rules)
    keys[at_work[soon < moment]] = KEY_AT["due"]
    keys[at_work[due < moment]] = KEY_AT["over"]
    changes = np.concatenate([due[due >= moment], soon[soon >= moment]])
    return Display(known, keys, moment, float(changes.min(initial=NO_WARNING)), rules)


class Selection:
    """The findings that pass: ``rows`` are their positions in ``columns``, sorted by id.

    ``masks`` hold what each filter lets through; a filter that is not set has none.
    """

    def __init__(self, shown: Display, masks: dict[str, Mask]) -> None:
        self.display = shown
        self._masks = masks
        self.rows: NDArray[np.intp] = self._rows_without(None)

    @property
    def columns(self) -> Columns:
        """All findings, also those that do not pass."""
        return self.display.snapshot.columns

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def by_key(self) -> Ints:
        """Counts by display key under all filters but ``status``."""
        return np.bincount(self.display.keys[self._rows_without("status")], minlength=len(DISPLAY_KEYS))

    @cached_property
    def by_category(self) -> Ints:
        """Counts by category id under all filters but ``category``."""
        return np.bincount(self.columns.category[self._rows_without("category")])

    @cached_property
    def by_bureau(self) -> Ints:
        """Counts by bureau id (0: none) under all filters but ``bureau``."""
        return np.bincount(self.columns.bureau[self._rows_without("bureau")])

    @cached_property
    def by_patch(self) -> Ints:
        """Counts by patch id (0: none) under all filters but ``area``."""
        return np.bincount(self.columns.area[self._rows_without("area")])

    def by_area(self, areas: NDArray[np.int32]) -> Ints:
        """Counts by area id of another level (each finding's area given) under all filters but ``area``."""
        return np.bincount(areas[self._rows_without("area")])

    @cached_property
    def shade(self) -> tuple[Ints, Ints]:
        """Counts by patch id of open and of overdue findings, under all filters."""
        keys, areas = self.display.keys[self.rows], self.columns.area[self.rows]
        size = int(areas.max(initial=0)) + 1
        return (
            np.bincount(areas[keys != KEY_AT["done"]], minlength=size),
            np.bincount(areas[keys == KEY_AT["over"]], minlength=size),
        )

    @cached_property
    def days(self) -> NDArray[np.int32]:
        """Local days of report (days since 1970) under all filters but ``from`` and ``to``."""
        return self.columns.day[self._rows_without("days")]

    def _rows_without(self, left_out: str | None) -> NDArray[np.intp]:
        if left_out is not None and left_out not in self._masks:
            return self.rows
        used = [mask for name, mask in self._masks.items() if name != left_out]
        if not used:
            return np.arange(len(self.columns))
        mask = used[0]
        for other in used[1:]:
            mask = mask & other
        return np.flatnonzero(mask)


class _Desk:
    """What a process remembers for one database."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.display: Display | None = None
        self.selections: OrderedDict[tuple[Filters, Scope], Selection] = OrderedDict()
        self.texts: OrderedDict[tuple[int, str], Mask] = OrderedDict()  # by revision and question

    def remember(self, kept: OrderedDict[Any, Any], key: object, value: object) -> None:
        """Keep a value and let go of the oldest when there are too many; the caller holds the lock."""
        kept[key] = value
        while len(kept) > _KEPT:
            kept.popitem(last=False)


_desks: WeakKeyDictionary[Database, _Desk] = WeakKeyDictionary()
_desks_lock = threading.Lock()


def find(
    office: Office,
    session: Session,
    filters: Filters,
    now: datetime | None = None,
    scope: Scope = EVERYTHING,
) -> Selection:
    """The findings that pass the filters at this moment and lie in ``scope``; ``session`` is a reading one.

    The scope is no filter: no count ever goes beyond it.
    """
    moment = (now or office.now()).timestamp()
    with _desks_lock:
        desk = _desks.setdefault(office.database, _Desk())
    timezone = the_city(session).timezone
    known, rules = snapshot(office.database, session, timezone), time_rules(session, timezone)
    with desk.lock:
        shown = desk.display
        if shown is None or not shown.holds(known, moment, rules):
            shown = desk.display = display(known, moment, rules)
            desk.selections.clear()
        kept = desk.selections.get((filters, scope))
    if kept is not None:
        return kept
    masks = _masks(office, session, shown, filters)
    if scope.is_limited:
        masks["scope"] = scope.mask(shown.snapshot.columns)
    if filters.q:
        masks["q"] = _text_mask(desk, session, shown.snapshot, filters.q)
    made = Selection(shown, masks)
    with desk.lock:
        if desk.display is shown:
            desk.remember(desk.selections, (filters, scope), made)
    return made


def _text_mask(desk: _Desk, session: Session, known: Snapshot, question: str) -> Mask:
    with desk.lock:
        kept = desk.texts.get((known.revision, question))
    if kept is not None and len(kept) == len(known):
        return kept
    made = search.mask(session, known.columns, question)
    with desk.lock:
        desk.remember(desk.texts, (known.revision, question), made)
    return made


def _masks(office: Office, session: Session, shown: Display, filters: Filters) -> dict[str, Mask]:
    columns = shown.snapshot.columns
    wanted: dict[str, Callable[[], Mask]] = {}
    if len(filters.shown) < len(DISPLAY_KEYS):
        wanted["status"] = lambda: _status_mask(shown, filters)
    if filters.category_ids is not None:
        wanted["category"] = lambda: _among(columns.category, filters.category_ids or frozenset())
    if filters.bureau_ids is not None:
        wanted["bureau"] = lambda: _among(columns.bureau, filters.bureau_ids or frozenset())
    if filters.area_ids is not None:
        wanted["area"] = lambda: _area_mask(office, session, shown.snapshot, filters)
    if filters.first or filters.last:
        wanted["days"] = lambda: _day_mask(columns, filters)
    if filters.overdue:
        wanted["overdue"] = lambda: shown.keys == KEY_AT["over"]
    return {name: make() for name, make in wanted.items()}


def _status_mask(shown: Display, filters: Filters) -> Mask:
    by_key = np.array([key in filters.shown for key in DISPLAY_KEYS])
    mask: Mask = by_key[shown.keys]
    if filters.stored:
        by_status = np.array([status in filters.stored for status in STATUSES])
        mask = mask | by_status[shown.snapshot.columns.status]
    return mask


def _area_mask(office: Office, session: Session, known: Snapshot, filters: Filters) -> Mask:
    mask = np.zeros(len(known), dtype=bool)
    for level_id, ids in filters.area_ids or ():
        mask |= _among(areas_of_level(office.database, session, known, level_id), ids)
    return mask


def _day_mask(columns: Columns, filters: Filters) -> Mask:
    mask = np.ones(len(columns), dtype=bool)
    if filters.first:
        mask &= columns.day >= day_number(filters.first)
    if filters.last:
        mask &= columns.day <= day_number(filters.last)
    return mask


def _among(column: NDArray[np.int32], ids: frozenset[int]) -> Mask:
    """Which values of a column of small numbers are among these."""
    table = np.zeros(max(int(column.max(initial=0)), *ids, 0) + 1, dtype=bool)
    table[list(ids)] = True
    found: Mask = table[column]
    return found
