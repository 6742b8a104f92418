"""When a finding is due: its category's limit, counted from the report."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

# Until working time has its own calendar, eight working hours or one working day count as one calendar day.
_DAYS: Final = {"working_hour": 1 / 8, "working_day": 1.0, "calendar_day": 1.0}


def due_at(
    start: datetime, limit_value: int | None, limit_unit: str | None, timezone: str
) -> datetime | None:
    """The deadline of a case that began at ``start`` (aware), in UTC; None when its category has no limit.

    Whole days are counted on the city's clock, so a change of daylight saving does not move the hour.
    """
    if limit_value is None or limit_unit is None:
        return None
    if limit_unit == "hour":
        return start + timedelta(hours=limit_value)
    local = start.astimezone(ZoneInfo(timezone))
    return (local + timedelta(days=limit_value * _DAYS[limit_unit])).astimezone(start.tzinfo)


def refresh(session: Session, finding_id: int, at: datetime) -> None:
    """Work out a finding's deadlines anew after a step was appended to its history."""
