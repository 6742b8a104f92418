"""Times as other systems write them: ISO, year first with other separators, or day and month first when said."""

import re
from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from casework.errors import Refused, mark

Order = Literal["dmy", "mdy"]

_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[/.\-年](\d{1,2})[/.\-月](\d{1,2})日?(?:[T ]+(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})秒?|分)?)?"
)
_YEAR_LAST: Final = re.compile(
    r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?: *([AaPp])\.?[Mm]\.?)?)?"
)


def read_time(value: str, field: str, zone: ZoneInfo, order: Order | None = None) -> datetime | None:
    """A time as UTC, None for an empty text; without an offset it is the city's time. Raises Refused.

    ``order`` says how to read 03/04/2026: nobody can tell from the text, so without it that is refused.
    """
    text = value.strip()
    if not text:
        return None
    try:
        moment = _parsed(text, field, zone, order)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            mark("%(field)s: %(value)s is no time such as 2026-09-02T10:24:00+08:00 or 2026/9/2 10:24"),
            {"field": field, "value": text[:40]},
            field=field,
        ) from None
    if moment.year < 1900:
        raise Refused(mark("%(field)s lies before 1900"), {"field": field}, field=field)
    return moment


def _parsed(text: str, field: str, zone: ZoneInfo, order: Order | None) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        year, month, day, hour, minute, second = (int(part) for part in match.groups(default="0"))
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        raise ValueError(text)
    if order is None:
        raise Refused(
            mark("%(field)s: in %(value)s nobody can tell day from month: say --dates dmy or --dates mdy"),
            {"field": field, "value": text[:40]},
            field=field,
        )
    half = match[7] or ""
    first, last, year, hour, minute, second = (int(part) for part in match.groups(default="0")[:6])
    day, month = (first, last) if order == "dmy" else (last, first)
    return datetime(year, month, day, _hour(hour, half), minute, second, tzinfo=zone)


def _hour(hour: int, half: str) -> int:
    """The hour of the day from a clock with two halves (``half`` is A or P, empty where there is none)."""
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half in "Pp" else 0)
