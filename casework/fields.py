"""Checking what came from outside: each check returns the clean value or raises Refused naming its field."""

import math
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from casework.errors import Refused, mark

MAX_TEXT = 10_000
MAX_LINE = 200
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\s*", re.ASCII)
_MAX_DIGITS = 60


def text(value: object, field: str, *, limit: int = MAX_TEXT, required: bool = False) -> str:
    """A text as it was written, trimmed; line breaks stay."""
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refused(mark("%(field)s must be text"), {"field": field}, field=field)
    cleaned = value.strip().replace("\r\n", "\n")
    if "\x00" in cleaned:
        raise Refused(mark("%(field)s holds a null character: remove it"), {"field": field}, field=field)
    try:
        cleaned.encode()
    except UnicodeEncodeError:
        raise Refused(
            mark("%(field)s holds half a character (a lone surrogate): write it again"),
            {"field": field},
            field=field,
        ) from None
    if len(cleaned) > limit:
        raise Refused(
            mark("%(field)s has %(length)s characters: at most %(limit)s are kept"),
            {"field": field, "length": len(cleaned), "limit": limit},
            field=field,
        )
    if required and not cleaned:
        raise Refused(mark("%(field)s is missing"), {"field": field}, field=field)
    return cleaned


def number(value: object, field: str) -> float:
    """A finite number, given as one or written out in digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refused(mark("%(field)s must be a number"), {"field": field}, field=field)
    if isinstance(value, str) and (len(value) > _MAX_DIGITS or not _NUMBER.fullmatch(value)):
        raise Refused(mark("%(field)s must be a finite number"), {"field": field}, field=field)
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise Refused(mark("%(field)s must be a finite number"), {"field": field}, field=field)
    return found


def coordinate(value: object, field: str, bound: float) -> float:
    """A longitude or latitude in degrees, within plus or minus ``bound``."""
    if value is None or value == "":
        raise Refused(mark("%(field)s is missing: give degrees in WGS 84"), {"field": field}, field=field)
    degrees = number(value, field)
    if abs(degrees) > bound:
        raise Refused(
            mark(
                "%(field)s is %(value)s: it must lie between -%(bound)s and %(bound)s. Are lon and lat swapped?"
            ),
            {"field": field, "value": f"{degrees:g}", "bound": f"{bound:g}"},
            field=field,
        )
    return degrees


def location(lon: object, lat: object) -> tuple[float, float]:
    """A point in WGS 84 on the 1e-7 degree grid; exactly 0,0 is no location."""
    x, y = round(coordinate(lon, "lon", 180), 7), round(coordinate(lat, "lat", 90), 7)
    if x == 0 and y == 0:
        raise Refused(mark("lon and lat are 0,0: that is no location"), field="lon")
    return x, y


def moment(value: object, field: str, timezone: str, now: datetime) -> datetime | None:
    """An ISO 8601 time as UTC; without an offset it is the city's time. The future is refused."""
    if value is None or value == "":
        return None
    wrong = Refused(
        mark("%(field)s must be a time such as 2026-09-02T10:24:00+08:00"), {"field": field}, field=field
    )
    if not isinstance(value, str) or len(value) > 64:
        raise wrong
    try:
        when = datetime.fromisoformat(value)
        if when.tzinfo is None:
            when = when.replace(tzinfo=ZoneInfo(timezone))
        when = when.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None
    if when > now + timedelta(minutes=5):
        raise Refused(mark("%(field)s lies in the future"), {"field": field}, field=field)
    if when.year < 1900:
        raise Refused(mark("%(field)s lies before 1900"), {"field": field}, field=field)
    return when
