"""What a photo says about itself: when and where it was taken. Nothing of it is trusted, only offered."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

TAKEN: Final = 0x9003  # DateTimeOriginal, in the Exif part
OFFSET: Final = 0x9011  # OffsetTimeOriginal
_LAT_REF, _LAT, _LON_REF, _LON, _STATUS = 1, 2, 3, 4, 9  # in the GPS part
_MOMENT = re.compile(r"(\d{4})[:\-](\d\d)[:\-](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def taken(exif: Mapping[int, Any]) -> tuple[str, str] | None:
    """The camera's own time (ISO, without an offset) and its offset such as ``+08:00`` (or empty)."""
    written = _MOMENT.match(_text(exif.get(TAKEN)))
    if written is None:
        return None
    year, month, day, hour, minute, second = map(int, written.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the camera names no zone
    except ValueError:
        return None
    offset = _OFFSET.fullmatch(_text(exif.get(OFFSET)))
    return moment.isoformat(), offset[0] if offset else ""


def moment(local: str, offset: str, city_zone: str, now: datetime) -> datetime | None:
    """The moment in UTC; without an offset the camera kept the city's time. None for a clock that is wrong."""
    try:
        when = datetime.fromisoformat(local)
        when = when.replace(tzinfo=_zone(offset) or ZoneInfo(city_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return when if when.year >= 1990 and when <= now + timedelta(days=1) else None


def position(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """(lon, lat) in WGS 84 on the 1e-7 degree grid; None where there is none, or none that can be."""
    if _text(gps.get(_STATUS)).upper() == "V":  # the receiver itself says: no fix
        return None
    lat = _degrees(gps.get(_LAT), _text(gps.get(_LAT_REF)), "N", "S", 90)
    lon = _degrees(gps.get(_LON), _text(gps.get(_LON_REF)), "E", "W", 180)
    if lon is None or lat is None or (lon == 0 and lat == 0):
        return None
    return lon, lat


def _degrees(value: Any, side: str, plus: str, minus: str, bound: float) -> float | None:
    if side.upper() not in {plus, minus} or not isinstance(value, tuple) or not 1 <= len(value) <= 3:
        return None
    try:
        parts = [float(part) for part in value] + [0.0, 0.0]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not all(map(math.isfinite, parts)) or min(parts) < 0 or max(parts[1:]) > 60:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if degrees > bound:
        return None
    return round(degrees if side.upper() == plus else -degrees, 7) + 0.0  # + 0.0: no minus zero


def _zone(offset: str) -> timezone | None:
    found = _OFFSET.fullmatch(offset)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-span if found[1] == "-" else span)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\x00 ") if isinstance(value, str) else ""
