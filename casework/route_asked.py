"""Checking what a plan of rounds is asked with: each check returns the clean value or raises Refused."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from casework import fields
from casework.errors import Refused, mark
from casework.route_picking import MOST_STOPS

DAY_S: Final = 24 * 3600


def share(value: object, field: str) -> float:
    """A number from 0 to 1; raises Refused."""
    number = fields.number(value, field)
    if not 0.0 <= number <= 1.0:
        raise Refused(mark("%(field)s must lie between 0 and 1"), {"field": field}, field=field)
    return number


def windows_of(value: object, field: str = "windows") -> list[list[int]]:
    """Time windows as [[start_s, end_s]], sorted; raises Refused for one that ends before it starts."""
    if not isinstance(value, list) or len(value) > 12:
        raise Refused(
            mark("%(field)s must be a list of [start, end] in seconds"), {"field": field}, field=field
        )
    found = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Refused(
                mark("%(field)s must be a list of [start, end] in seconds"), {"field": field}, field=field
            )
        start, end = (whole(one, field, 0, DAY_S) for one in pair)
        if end <= start:
            raise Refused(
                mark("%(field)s: it ends at %(end)s, before it starts at %(start)s"),
                {"field": field, "start": _clock(start), "end": _clock(end)},
                field=field,
            )
        found.append([start, end])
    return sorted(found)


def breaks(asked: object, shift: Sequence[int]) -> list[dict[str, int]]:
    """Breaks that fall into the shift; one that lies outside it is no break of that day."""
    if not isinstance(asked, list) or len(asked) > 4:
        raise Refused(mark("breaks must be a list of {earliest_s, latest_s, duration_s}"), field="breaks")
    found = []
    for one in asked:
        if not isinstance(one, Mapping):
            raise Refused(mark("breaks must be a list of {earliest_s, latest_s, duration_s}"), field="breaks")
        length = whole(one.get("duration_s"), "breaks", 60, DAY_S)
        earliest, latest = windows_of([[one.get("earliest_s"), one.get("latest_s")]], "breaks")[0]
        if earliest >= shift[0] and latest + length <= shift[1]:
            found.append({"earliest_s": earliest, "latest_s": latest, "duration_s": length})
    return found


def days_of(asked: object, day: date, days: int) -> list[str]:
    """Some of a plan's days; all where nothing is said."""
    all_days = [(day + timedelta(days=n)).isoformat() for n in range(days)]
    if asked is None:
        return all_days
    if not isinstance(asked, list) or not asked or any(one not in all_days for one in asked):
        raise Refused(mark("days must be some of the plan's days"), field="days")
    return [one for one in all_days if one in asked]


def place(value: object, field: str) -> tuple[float, float] | None:
    """[lon, lat] in degrees, or None."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Refused(mark("%(field)s must be [lon, lat]"), {"field": field}, field=field)
    return fields.location(value[0], value[1])


def day_from(value: object, today: date) -> date:
    """A day that one can plan for."""
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise Refused(mark("day must be a date such as 2026-09-03"), field="day") from None
    if not today - timedelta(days=1) <= day <= today + timedelta(days=365):
        raise Refused(mark("day must lie within the year that begins today"), field="day")
    return day


def whole(value: object, field: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    number = fields.number(value, field)
    if number != math.floor(number) or not least <= number <= most:
        raise Refused(
            mark("%(field)s must be a whole number from %(least)s to %(most)s"),
            {"field": field, "least": least, "most": most},
            field=field,
        )
    return int(number)


def positive(value: object, field: str) -> float:
    """A number above 0."""
    number = fields.number(value, field)
    if not 0 < number <= 1e7:
        raise Refused(mark("%(field)s must be more than 0"), {"field": field}, field=field)
    return number


def ids(value: object, field: str) -> list[int]:
    """Ids, each once."""
    if not isinstance(value, list) or len(value) > MOST_STOPS or any(type(one) is not int for one in value):
        raise Refused(
            mark("%(field)s must be a list of at most %(most)s numbers"), {"field": field, "most": MOST_STOPS},
            field=field,
        )  # fmt: skip
    return list(dict.fromkeys(value))


def words(value: object, field: str) -> list[str]:
    """Words, each once, sorted."""
    if not isinstance(value, list) or len(value) > 20:
        raise Refused(mark("%(field)s must be a list of words"), {"field": field}, field=field)
    return sorted({fields.text(one, field, limit=60, required=True) for one in value})


def one_of(value: object, field: str, known: Sequence[str]) -> str:
    """One of the words that are known."""
    if value not in known:
        raise Refused(
            mark("%(field)s must be one of %(known)s"),
            {"field": field, "known": ", ".join(known)},
            field=field,
        )
    return str(value)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
