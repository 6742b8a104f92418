"""The findings as a list: the map's filters and counts, in several orders, page by page."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy, reads
from casework.errors import Refused, mark
from casework.filters import Filters, parse
from casework.map_names import Named, Names, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.natural_order import natural
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import Scope, scope_of
from casework.selection import Selection, find
from casework.snapshot import Ints, areas_of_level
from casework.status import DISPLAY_KEYS
from db.models import City, Finding
from db.session import Database

SORTS: Final = ("deadline", "reported", "oldest", "number")
PAGE: Final = 50
_AHEAD: Final = 1 << 38  # moments count down from here, so that newer ones come first
_YEARS: Final = 10**9
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter can take, and how many findings it would show with all other filters."""

    code: str
    zh: str
    en: str
    count: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """What the list would show without one of its filters."""

    name: str
    query: dict[str, str]
    count: int


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """One page of the list. ``rows`` are those of the map's list; ``first`` counts the findings before them."""

    rows: list[dict[str, Any]]
    total: int
    whole: int
    overdue: int
    first: int
    following: str | None
    sort: str
    query: dict[str, str]
    shown: frozenset[str]
    by_status: dict[str, int]
    categories: list[Choice]
    bureaus: list[Choice]
    levels: list[tuple[str, str, list[Choice]]]
    dropped: list[Dropped]
    now: datetime
    shows_people: bool


def findings_page(office: Office, actor: Actor, query: Mapping[str, str]) -> FindingsPage:
    """The page that a query asks for: the map's filters, ``sort`` and ``after`` (a page's ``following``).

    Raises NotSignedIn, Forbidden, and Refused naming what cannot be understood.
    """
    now = office.now()
    with office.database.read() as session:
        asked = asked_for(office, session, actor, query, now)
        city, filters, scope, selection = asked.city, asked.filters, asked.scope, asked.selection
        names, order, persons, sort = asked.names, asked.order, asked.persons, asked.sort
        after = query.get("after", "")
        lines = page(selection, selection.rows, order, PAGE, after)
        by_status = dict(zip(DISPLAY_KEYS, selection.by_key.tolist(), strict=True))
        return FindingsPage(
            rows=reads.marked(
                session,
                actor,
                described(
                    session, ids_of(selection.columns, lines.rows), names, now, city.timezone, persons=persons
                ),
                now,
            ),
            total=len(selection),
            whole=len(selection.columns),
            overdue=asked.overdue,
            first=_before(selection, order, lines.rows),
            following=lines.following,
            sort=sort,
            query=filters.canonical(),
            shown=filters.shown,
            by_status=by_status,
            categories=_categories(selection.by_category, names),
            bureaus=_choices(selection.by_bureau, names.bureaus),
            levels=_areas(office, session, selection, names),
            dropped=_dropped(office, session, filters, now, scope) if not len(selection) else [],
            now=now,
            shows_people=persons,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list's query asks for: the findings under its filters, in its order, as far as the actor may see."""

    city: City
    filters: Filters
    scope: Scope
    selection: Selection
    names: Names
    sort: str
    order: Ints
    persons: bool

    @property
    def overdue(self) -> int:
        """How many of them are overdue."""
        return int((self.selection.display.keys[self.selection.rows] == DISPLAY_KEYS.index("over")).sum())


def asked_for(
    office: Office, session: Session, actor: Actor, query: Mapping[str, str], now: datetime
) -> Asked:
    """Find what a query asks for. Raises NotSignedIn, Forbidden, and Refused naming what cannot be understood."""
    sort = query.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise Refused(mark("sort must be one of %(known)s"), {"known": ", ".join(SORTS)}, field="sort")
    city = the_city(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    filters, scope = parse(session, query), scope_of(session, actor)
    selection = find(office, session, filters, now, scope)
    return Asked(
        city=city, filters=filters, scope=scope, selection=selection, names=read_names(session), sort=sort,
        order=order_of(office, session, selection, sort, city),
        persons=policy.shows_persons(actor, is_demo=city.is_demo),
    )  # fmt: skip


def order_of(office: Office, session: Session, selection: Selection, sort: str, city: City) -> Ints:
    """A number for each of the selection's rows; smaller ones come first."""
    columns, rows = selection.columns, selection.rows
    if sort == "deadline":
        return urgency(selection, rows, office.now(), city.timezone)
    if sort == "number":
        return _by_number(office.database, session, columns.id[rows])
    reported = np.clip(columns.reported_at[rows], 1 - _AHEAD, _AHEAD - 1)
    return _AHEAD - reported if sort == "reported" else _AHEAD + reported


def _before(selection: Selection, order: Ints, shown: NDArray[np.intp]) -> int:
    """How many findings of the selection come before the first one shown."""
    if not len(shown):
        return 0
    at = int(np.searchsorted(selection.rows, shown[0]))
    ids = selection.columns.id[selection.rows]
    return int(((order < order[at]) | ((order == order[at]) & (ids < ids[at]))).sum())


class _Numbers:
    """Case numbers as sortable whole numbers by finding id. Numbers never change, so only new ones are read."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ids: Ints = np.zeros(0, dtype=np.int64)
        self.values: Ints = np.zeros(0, dtype=np.int64)


_numbers: WeakKeyDictionary[Database, _Numbers] = WeakKeyDictionary()
_numbers_lock = threading.Lock()


def _by_number(database: Database, session: Session, ids: Ints) -> Ints:
    """Orders by case number, the highest first: 2026-1589 before 2026-0999."""
    with _numbers_lock:
        known = _numbers.setdefault(database, _Numbers())
    with known.lock:
        if len(ids) and (not len(known.ids) or ids[-1] > known.ids[-1]):
            last = int(known.ids[-1]) if len(known.ids) else 0
            rows = session.execute(
                select(Finding.id, Finding.number).where(Finding.id > last).order_by(Finding.id)
            ).all()
            known.ids = np.concatenate([known.ids, np.array([row.id for row in rows], dtype=np.int64)])
            added = np.array([_value(row.number) for row in rows], dtype=np.int64)
            known.values = np.concatenate([known.values, added])
        at = np.minimum(np.searchsorted(known.ids, ids), max(len(known.ids) - 1, 0))
        highest = 10_000 * _YEARS
        found: Ints = highest - known.values[at] if len(ids) else np.zeros(0, dtype=np.int64)
        return found


def _value(number: str) -> int:
    parts = [int(digits[-9:]) for digits in _DIGITS.findall(number)[:2]] or [0]
    year, serial = (parts[0], parts[1]) if len(parts) == 2 else (0, parts[0])
    return min(year, 9999) * _YEARS + serial


def _count(counts: Ints, one: int) -> int:
    return int(counts[one]) if one < len(counts) else 0


def _choices(counts: Ints, named: Mapping[int, Named]) -> list[Choice]:
    return [Choice(one.code, one.zh, one.en, _count(counts, key)) for key, one in named.items()]


def _categories(counts: Ints, names: Names) -> list[Choice]:
    """The tree of categories, parents before their children; a parent counts its children too."""
    below: dict[int | None, list[int]] = {}
    for key, one in names.categories.items():
        parent = one.parent_id if one.parent_id in names.categories else None
        below.setdefault(parent, []).append(key)
    found: list[Choice] = []

    def add(key: int, depth: int) -> int:
        one, place = names.categories[key], len(found)
        found.append(Choice(one.code, one.zh, one.en, 0, depth))
        total = _count(counts, key) + sum(add(child, depth + 1) for child in below.get(key, ()))
        found[place] = replace(found[place], count=total)
        return total

    for key in below.get(None, ()):
        add(key, 0)
    return found


def _areas(
    office: Office, session: Session, selection: Selection, names: Names
) -> list[tuple[str, str, list[Choice]]]:
    """The areas of every level in use with their counts, finest level first."""
    found = []
    for level in reversed(names.levels):
        if level is names.patch_level:
            counts = selection.by_patch
        else:
            snapshot = selection.display.snapshot
            counts = selection.by_area(areas_of_level(office.database, session, snapshot, level.level_id))
        choices = [
            Choice(area.code, area.name_zh, area.name_en, _count(counts, area.id))
            for area in sorted(level.areas, key=lambda one: natural(one.code))
        ]
        found.append((level.name_zh, level.name_en, choices))
    return found


_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "status": {"shown": Filters().shown, "stored": frozenset(), "status": ()},
    "category": {"category": (), "category_ids": None},
    "bureau": {"bureau": (), "bureau_ids": None},
    "area": {"area": (), "area_ids": None},
    "from": {"first": None},
    "to": {"last": None},
    "overdue": {"overdue": False},
    "q": {"q": ""},
}


def _dropped(
    office: Office, session: Session, filters: Filters, now: datetime, scope: Scope
) -> list[Dropped]:
    """For each filter that is set, what the list would show without it."""
    found = []
    for name in filters.canonical():
        wider = replace(filters, **_FIELDS[name])
        found.append(Dropped(name, wider.canonical(), len(find(office, session, wider, now, scope))))
    return found
