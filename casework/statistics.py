"""Statistics of a period: the figures of GB/T 30428 by bureau, patch, leader, category, district or time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.clock import day_bounds, day_of
from casework.errors import Refused, mark
from casework.map_names import Names, former_areas, read_names
from casework.map_rows import described, ids_of
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import scope_of
from casework.snapshot import day_number, day_starts, snapshot
from casework.statistics_asked import Asked, Period, next_piece, parse
from casework.statistics_figures import COUNTS, STEPS, Figures, Mask, figures
from casework.step_columns import Floats, step_columns
from casework.time_limits import calendar_in_force
from casework.working_time import WorkCalendar
from db.models import AreaPerson, Person

LISTED: Final = 50
_NONE: Final = "-"

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long a step took: mean and median in working hours and in hours of the wall clock, of ``count`` cases."""

    count: int
    mean_h: float | None
    median_h: float | None
    wall_mean_h: float | None
    wall_median_h: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One group: ``key`` for the query, its name (zh, en), counts and times by name; ``start`` of a piece of time."""

    key: str
    name: tuple[str, str]
    counts: dict[str, int]
    times: dict[str, StepTime]
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """All lines of a group, their total, and the same over the pieces of time. ``last_day`` is how far the city is."""

    asked: Asked
    lines: list[Line]
    total: Line
    trend: list[Line]
    now: datetime
    is_limited: bool
    findings: int = 0


@dataclass(slots=True)
class _Work:
    """What one question is worked out from."""

    names: Names
    now: datetime
    timezone: str
    calendar: WorkCalendar
    figures: Figures
    scope: Mask
    columns: Any
    is_limited: bool
    bounds: tuple[float, float] = (0.0, 0.0)


def statistics(office: Office, actor: Actor, query: Mapping[str, str]) -> Statistics:
    """The statistics that a query asks for, of what this person sees. Raises NotSignedIn, Forbidden or Refused."""
    policy.require(actor, Act.VIEW_STATISTICS)
    with office.database.read() as session:
        work = _work(office, actor, session)
        asked = parse(query, work.now, work.timezone, _first_day(work))
        _bound(work, asked.period)
        codes, named = _grouped(session, work, asked)
        lines = _lines(work, codes, named, asked)
        whole = np.zeros(len(work.columns), dtype=np.int64)
        [total] = _lines(work, _Keys(whole), {0: ("all", ("合计", "Total"), None)}, asked)
        trend = lines if asked.group == "period" else _lines(work, *_pieces(work, asked), asked, times=False)
        return Statistics(asked, lines, total, trend, work.now, work.is_limited, int(work.scope.sum()))


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases behind one number: one page of rows, how many there are, and of what."""

    rows: list[dict[str, Any]]
    total: int
    page: int
    pages: int
    figure: str
    name: tuple[str, str]
    asked: Asked
    now: datetime


def cases(office: Office, actor: Actor, query: Mapping[str, str]) -> CaseList:
    """The cases that a number counts: ``figure`` (a name of COUNTS; none: reports), ``group``, ``key``, ``page``."""
    policy.require(actor, Act.VIEW_STATISTICS)
    figure = query.get("figure") or COUNTS[0]
    if figure not in COUNTS:
        raise Refused(mark("figure must be one of %(known)s"), {"known": ", ".join(COUNTS)}, field="figure")
    with office.database.read() as session:
        work = _work(office, actor, session)
        asked = parse(query, work.now, work.timezone, _first_day(work))
        _bound(work, asked.period)
        mask, name = _counted(work, figure), ("合计", "Total")
        key = query.get("key", "")
        if key:
            codes, named = _grouped(session, work, asked)
            found = next(((one, told[1]) for one, told in named.items() if told[0] == key), None)
            if found is None:
                raise Refused(mark("There is no such line in these statistics"), field="key")
            name = found[1]
            mask = mask & (codes.of(figure) == found[0])
        rows = np.flatnonzero(mask)
        # the newest first, by the moment at which they count
        rows = rows[np.lexsort((work.columns.id[rows], -work.figures.moments[figure][rows]))]
        pages = max(1, -(-len(rows) // LISTED))
        asked_page = query.get("page", "1")
        is_number = asked_page.isascii() and asked_page.isdigit() and len(asked_page) < 7
        page = min(max(int(asked_page) if is_number else 1, 1), pages)
        ids = ids_of(work.columns, rows[(page - 1) * LISTED : page * LISTED])
        told = described(session, ids, work.names, work.now, work.timezone, persons=True)
        return CaseList(told, len(rows), page, pages, figure, name, asked, work.now)


def _work(office: Office, actor: Actor, session: Session) -> _Work:
    now, timezone = office.now(), the_city(session).timezone
    columns = snapshot(office.database, session, timezone).columns
    steps = step_columns(office.database, session, columns)
    scope = scope_of(session, actor)
    return _Work(
        read_names(session), now, timezone, calendar_in_force(session, timezone),
        figures(columns, steps, now.timestamp()), scope.mask(columns), columns, scope.is_limited,
    )  # fmt: skip


def _first_day(work: _Work) -> date:
    earliest = int(work.columns.day.min(initial=day_number(day_of(work.now, work.timezone))))
    return date.fromordinal(earliest + date(1970, 1, 1).toordinal())


def _bound(work: _Work, period: Period) -> None:
    start, end = day_bounds(period.first, period.last, work.timezone)
    work.bounds = (start.timestamp(), end.timestamp())


def _counted(work: _Work, name: str) -> Mask:
    """Which findings a figure counts in the period, of those in sight."""
    moments = work.figures.moments[name]
    start, end = work.bounds
    found: Mask = work.figures.masks[name] & work.scope & (moments >= start) & (moments < end)
    return found


@dataclass(frozen=True, slots=True)
class _Keys:
    """Which group each finding belongs to; for pieces of time it depends on the figure."""

    fixed: Codes | None = None
    by_figure: Mapping[str, Codes] = field(default_factory=dict)

    def of(self, figure: str) -> Codes:
        """The group of each finding for a figure; -1 where it has none."""
        return self.by_figure[figure] if self.fixed is None else self.fixed


Named = dict[int, tuple[str, tuple[str, str], date | None]]


def _grouped(session: Session, work: _Work, asked: Asked) -> tuple[_Keys, Named]:
    if asked.group == "period":
        return _pieces(work, asked)
    columns, names = work.columns, work.names
    if asked.group == "bureau":
        codes, known = columns.bureau.astype(np.int64), dict(names.bureaus)
    elif asked.group == "category":
        codes, known = columns.category.astype(np.int64), dict(names.categories)
    else:
        codes, known = columns.area.astype(np.int64), dict(names.areas)
        gone = set(np.unique(codes).tolist()) - known.keys() - {0}
        known |= former_areas(session, gone)
        if asked.group == "leader":
            return _by_leader(session, work, codes)
    named: Named = {0: (_NONE, ("没有", "none"), None)}
    named |= {one: (thing.code, (thing.zh, thing.en), None) for one, thing in known.items()}
    return _Keys(codes), named


def _by_leader(session: Session, work: _Work, area: Codes) -> tuple[_Keys, Named]:
    """Patches taken together by who leads them now."""
    rows = session.execute(
        select(AreaPerson.area_id, Person.id, Person.name_zh, Person.name_en)
        .join(Person, AreaPerson.person_id == Person.id)
        .where(AreaPerson.duty == "leader", AreaPerson.valid_from <= work.now)
        .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > work.now))
        .order_by(Person.name_zh, AreaPerson.valid_from)
    )
    named: Named = {0: (_NONE, ("没有", "none"), None)}
    table = np.zeros(int(area.max(initial=0)) + 1, dtype=np.int64)
    for row in rows:
        named[row.id] = (str(row.id), (row.name_zh, row.name_en), None)
        if row.area_id < len(table):
            table[row.area_id] = row.id
    return _Keys(table[area]), named


def _pieces(work: _Work, asked: Asked) -> tuple[_Keys, Named]:
    """The period cut into days, weeks, months or quarters; each figure falls where its moment lies."""
    starts = [asked.period.first]
    while (following := next_piece(starts[-1], asked.size)) <= asked.period.last:
        starts.append(following)
    first = day_number(asked.period.first)
    moments = day_starts(first, day_number(asked.period.last) + 1, work.timezone)
    edges = np.array([moments[day_number(one) - first] for one in starts], dtype=np.float64)
    found: dict[int, Codes] = {}  # many figures share one column of moments
    by_figure: dict[str, Codes] = {}
    for name in COUNTS:
        column = work.figures.moments[name]
        if id(column) not in found:
            pieces = np.searchsorted(edges, np.nan_to_num(column, nan=-1.0), side="right") - 1
            found[id(column)] = pieces
        by_figure[name] = found[id(column)]
    named: Named = {at: (day.isoformat(), (day.isoformat(),) * 2, day) for at, day in enumerate(starts)}
    return _Keys(None, by_figure), named


def _lines(work: _Work, keys: _Keys, named: Named, asked: Asked, *, times: bool = True) -> list[Line]:
    size = max(named, default=0) + 1
    counts: dict[str, Codes] = {}
    for figure in COUNTS:
        codes = keys.of(figure)[_counted(work, figure)]
        counts[figure] = np.bincount(codes[codes >= 0], minlength=size)
    size = max(len(one) for one in counts.values())
    spent = _times(work, keys, size) if times else {}
    found = []
    for code, (key, name, start) in named.items():
        own = {figure: int(values[code]) for figure, values in counts.items()}
        if asked.group == "period" or start is not None or key == "all" or any(own.values()):
            found.append(Line(key, name, own, spent.get(code, {}), start))
    return found


def _times(work: _Work, keys: _Keys, size: int) -> dict[int, dict[str, StepTime]]:
    """How long each step took in the cases closed in the period, by group."""
    rows = np.flatnonzero(_counted(work, "closed"))
    codes = keys.of("closed")[rows]
    order = np.argsort(codes, kind="stable")
    rows, codes = rows[order], codes[order]
    found: dict[int, dict[str, StepTime]] = {int(code): {} for code in np.unique(codes)}
    for step in STEPS:
        start, end = (one[rows] for one in work.figures.spans[step])
        has = ~(np.isnan(start) | np.isnan(end))
        worked = np.full(len(rows), np.nan)
        if has.any():
            worked[has] = work.calendar.seconds_between_many(start[has], end[has], "working_hour")
        wall = np.where(has, end - start, np.nan)
        for code, spans in found.items():
            mine = slice(np.searchsorted(codes, code), np.searchsorted(codes, code, side="right"))
            spans[step] = _summed(worked[mine], wall[mine])
    return found


def _summed(worked: Floats, wall: Floats) -> StepTime:
    worked, wall = worked[~np.isnan(worked)] / 3600, wall[~np.isnan(wall)] / 3600
    if not len(worked):
        return StepTime(0, None, None, None, None)
    return StepTime(
        len(worked),
        float(worked.mean()),
        float(np.median(worked)),
        float(wall.mean()),
        float(np.median(wall)),
    )
