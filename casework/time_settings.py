"""Setting limits, office hours and days off. Rows are ended, never changed; open cases are due by the new ones."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields
from casework.deadline_updates import Moved, recompute
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.office_hours import Hours, Spans, parse_spans, stored_spans
from casework.policy import Act, Actor, require
from casework.time_limits import STEPS, keep_former
from casework.working_time import UNITS
from db.models import CalendarDay, Category, TimeLimit, WorkingHours

LONGEST: Final = 10_000
MOST_DAYS: Final = 400
WEEKDAYS: Final = tuple(str(n) for n in range(7))
HOURS_FIELDS: Final = ("from", "spans", *(f"own_{n}" for n in WEEKDAYS))
_RANGE: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|…|–|—|~|to|至)\s*(\d{4}-\d{2}-\d{2}))?(?:[\s,,:]+(.*))?"
)


class _OnlyLooked(Exception):
    """Takes a tried change back out of the database, with what it would have come to."""

    def __init__(self, moved: Moved) -> None:
        super().__init__()
        self.moved = moved


def _changed(
    office: Office, actor: Actor, change: Callable[[Session, datetime], None], *, look: bool
) -> Moved:
    """Make a change and bring open cases' deadlines up to date, in one transaction; ``look``: only say the effect."""
    require(actor, Act.MANAGE_SETTINGS)
    try:
        with office.database.write() as session:
            now = office.now()
            change(session, now)
            moved = recompute(session, now)
            if look:
                raise _OnlyLooked(moved)
    except _OnlyLooked as tried:
        return tried.moved
    return moved


def set_limit(office: Office, actor: Actor, values: Mapping[str, object], *, look: bool = False) -> Moved:
    """Give a step a limit. ``values``: category (a code, empty for any), step, value (0: none), unit, warn (percent).

    Raises Refused naming the field.
    """
    step = fields.text(values.get("step"), "step", limit=20)
    if step not in STEPS:
        raise Refused(mark("Choose a step"), field="step")
    value, unit, share = _limit(values)
    if share is not None and (step != "handle" or values.get("category")):
        raise Refused(
            mark("When the warning begins is set for handling, and for any category at once"), field="warn"
        )

    def change(session: Session, now: datetime) -> None:
        category = _category(session, values.get("category"))
        if category is not None and step == "handle":
            keep_former(session, category.id, (category.limit_value, category.limit_unit), now, actor.user_id)
            category.limit_value, category.limit_unit = (value, unit) if value else (None, None)
            return
        category_id = category.id if category else None
        for row in session.scalars(
            select(TimeLimit).where(
                TimeLimit.category_id.is_(None) if category is None else TimeLimit.category_id == category_id,
                TimeLimit.step == step,
                TimeLimit.retired_at.is_(None),
            )
        ):
            row.retired_at = now
        session.add(
            TimeLimit(
                category_id=category_id, step=step, limit_value=value, limit_unit=unit, warn_share=share,
                created_at=now, created_by=actor.user_id,
            )
        )  # fmt: skip

    return _changed(office, actor, change, look=look)


def end_limit(office: Office, actor: Actor, limit_id: int) -> Moved:
    """End a limit: what stands above it counts again. Raises NotFound."""

    def change(session: Session, now: datetime) -> None:
        _in_force(session, TimeLimit, limit_id).retired_at = now

    return _changed(office, actor, change, look=False)


def set_hours(
    office: Office, actor: Actor, values: Mapping[str, object], weekdays: list[str], *, look: bool = False
) -> Moved:
    """Set the office's hours from a day on. ``values``: from (a day), spans, own_0 … own_6 (other hours of a weekday).

    ``weekdays`` are those usually worked ("0" is Monday). Hours from the same day are ended. Raises Refused.
    """
    first = _day(values.get("from"), "from")
    usual = _spans(values.get("spans"), "spans")
    worked = frozenset(int(one) for one in weekdays if one in WEEKDAYS)
    if not usual or not worked:
        raise Refused(
            mark("Without an hour or a weekday of work nothing would ever be due"),
            field="weekdays" if usual else "spans",
        )
    own = {int(n): _spans(values.get(f"own_{n}"), f"own_{n}") for n in WEEKDAYS}
    hours = Hours(first, usual, {n: spans for n, spans in own.items() if spans}, worked)

    def change(session: Session, now: datetime) -> None:
        for row in session.scalars(
            select(WorkingHours).where(WorkingHours.valid_from == first, WorkingHours.retired_at.is_(None))
        ):
            row.retired_at = now
        if not session.scalar(select(func.count()).where(WorkingHours.retired_at.is_(None))):
            # what was counted by until now goes on counting before that day
            before = Hours()
            session.add(_hours_row(date(1900, 1, 1), before, now, None))
        session.add(_hours_row(first, hours, now, actor.user_id))

    return _changed(office, actor, change, look=look)


def end_hours(office: Office, actor: Actor, hours_id: int) -> Moved:
    """End a row of hours: those from before count again. Raises NotFound."""

    def change(session: Session, now: datetime) -> None:
        _in_force(session, WorkingHours, hours_id).retired_at = now

    return _changed(office, actor, change, look=False)


def add_days(office: Office, actor: Actor, values: Mapping[str, object], *, look: bool = False) -> Moved:
    """Say that days are off or worked. ``values``: days (lines of a day or ``day..day`` and a name), kind, name.

    What the office said of the same days before is ended. Raises Refused naming the line.
    """
    kind = fields.text(values.get("kind"), "kind", limit=16)
    if kind not in ("off", "working"):
        raise Refused(mark("Choose whether the days are off or worked"), field="kind")
    name = fields.text(values.get("name"), "name", limit=fields.MAX_LINE)
    named = dict(_days(fields.text(values.get("days"), "days", limit=20_000, required=True), name))

    def change(session: Session, now: datetime) -> None:
        for row in session.scalars(
            select(CalendarDay).where(CalendarDay.day.in_(list(named)), CalendarDay.retired_at.is_(None))
        ):
            row.retired_at = now
        session.add_all(
            CalendarDay(day=day, kind=kind, name=said, created_at=now, created_by=actor.user_id)
            for day, said in named.items()
        )

    return _changed(office, actor, change, look=look)


def end_day(office: Office, actor: Actor, day_id: int) -> Moved:
    """Take back the office's word on a day. Raises NotFound."""

    def change(session: Session, now: datetime) -> None:
        _in_force(session, CalendarDay, day_id).retired_at = now

    return _changed(office, actor, change, look=False)


def _hours_row(first: date, hours: Hours, now: datetime, user_id: int | None) -> WorkingHours:
    return WorkingHours(
        valid_from=first, minutes=stored_spans(hours), weekdays="".join(str(n) for n in sorted(hours.weekdays)),
        created_at=now, created_by=user_id,
    )  # fmt: skip


def _limit(values: Mapping[str, object]) -> tuple[int, str, float | None]:
    value = fields.text(values.get("value"), "value", limit=20, required=True)
    if not (value.isascii() and value.isdigit() and int(value) <= LONGEST):
        raise Refused(
            mark("The time limit is a whole number up to %(most)s; 0 means none"),
            {"most": LONGEST},
            field="value",
        )
    unit = fields.text(values.get("unit"), "unit", limit=20)
    if unit not in UNITS:
        raise Refused(mark("Choose what the time limit counts in"), field="unit")
    warn = fields.text(values.get("warn"), "warn", limit=20)
    if warn and not (warn.isascii() and warn.isdigit() and 1 <= int(warn) <= 90):
        raise Refused(
            mark("The warning begins when 1 to 90 percent of the limit are left, or leave it empty"),
            field="warn",
        )
    return int(value), unit, int(warn) / 100 if warn else None


def _category(session: Session, code: object) -> Category | None:
    wanted = fields.text(code, "category", limit=64)
    if not wanted:
        return None
    found = session.scalars(select(Category).where(Category.code == wanted)).first()
    if found is None:
        raise Refused(mark("There is no category %(code)s"), {"code": wanted}, field="category")
    return found


def _spans(text: object, field: str) -> Spans:
    said = fields.text(text, field, limit=120)
    try:
        spans = parse_spans(said)
    except ValueError:
        raise Refused(
            mark("Write hours such as 08:00-12:00, 14:00-18:00: in order, none touching another"), field=field
        ) from None
    if len(spans) > 6:
        raise Refused(mark("At most six spans a day"), field=field)
    return spans


def _day(text: object, field: str) -> date:
    said = fields.text(text, field, limit=20)
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = date.min
    if not 1990 <= day.year <= 2200:
        raise Refused(mark("%(field)s must be a day such as 2026-09-02"), {"field": field}, field=field)
    return day


def _days(text: str, name: str) -> Iterator[tuple[date, str]]:
    count = 0
    for line in filter(None, (one.strip() for one in text.splitlines())):
        match = _RANGE.fullmatch(line)
        if match is None:
            raise Refused(
                mark("%(line)s is no day such as 2027-02-05, nor 2027-02-05..2027-02-12"),
                {"line": line[:60]},
                field="days",
            )
        day, last = _day(match[1], "days"), _day(match[2] or match[1], "days")
        if last < day:
            raise Refused(mark("%(line)s ends before it begins"), {"line": line[:60]}, field="days")
        while day <= last:
            count += 1
            if count > MOST_DAYS:
                raise Refused(mark("At most %(most)s days at once"), {"most": MOST_DAYS}, field="days")
            yield day, fields.text(match[3] or name, "name", limit=fields.MAX_LINE)
            day += timedelta(days=1)


def _in_force(session: Session, model: Any, row_id: int) -> Any:
    row = session.get(model, row_id) if 0 < row_id < 2**31 else None
    if row is None or row.retired_at is not None:
        raise NotFound(mark("That is no longer in force"))
    return row
