"""Texts, moments and spans as they stand on a paper: in its own language, and nothing that could be more than text."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LANGS: Final = ("zh", "en")
MAX_TEXT: Final = 10_000
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# Marks that turn the reading direction of what follows them: a person's text must not turn the paper's.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_ISOLATE, _POP = "\u2068", "\u2069"
_DAY_MIN, _YEARS_MIN = 24 * 60, 2 * 365 * 24 * 60
_UNITS: Final = {
    "hour": ("小时", "hour"), "working_hour": ("工作时", "working hour"), "working_day": ("个工作日", "working day"),
    "calendar_day": ("天", "calendar day"),
}  # fmt: skip
STATUS: Final = {
    "over": ("超期", "Overdue"), "due": ("临期", "Due soon"), "prog": ("处置中", "In progress"),
    "new": ("待立案", "To be filed"), "check": ("待核查", "To be checked"), "susp": ("挂账", "Suspended"),
    "done": ("已结案", "Closed"),
}  # fmt: skip


def plain(text: object) -> str:
    """A person's text as XML can hold it: without control characters, with lines kept.

    A text that is written from right to left is closed off, so that it does not turn what stands beside it.
    """
    kept = "".join(_kept(sign) for sign in str(text or "").replace("\r\n", "\n").replace("\r", "\n"))
    kept = kept[:MAX_TEXT].strip("\n")
    turned = any(unicodedata.bidirectional(sign) in {"R", "AL", "AN"} for sign in kept)
    return f"{_ISOLATE}{kept}{_POP}" if turned else kept


def _kept(sign: str) -> str:
    if sign == "\n":
        return sign
    if sign == "\t":
        return " "
    code = ord(sign)
    is_none = code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE
    return "" if is_none or sign in _TURNING else sign


def pick(pair: Sequence[str] | None, lang: str) -> str:
    """The name of a [zh, en] pair in the paper's language, the other one where that is empty."""
    if not pair:
        return ""
    zh, en = str(pair[0] or ""), str(pair[1] or "")
    return plain((zh or en) if lang == "zh" else (en or zh))


def day(moment: datetime | None, zone: ZoneInfo, lang: str) -> str:
    """2026年9月2日, 2 September 2026."""
    if moment is None:
        return ""
    at = moment.astimezone(zone)
    if lang == "zh":
        return f"{at.year}年{at.month}月{at.day}日"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime | None, zone: ZoneInfo, lang: str) -> str:
    """2026年9月2日 10:24, 2 September 2026, 10:24."""
    if at is None:
        return ""
    between = " " if lang == "zh" else ", "
    return f"{day(at, zone, lang)}{between}{at.astimezone(zone):%H:%M}"


def short_moment(at: datetime | None, zone: ZoneInfo) -> str:
    """2026-09-02 10:24, for tables."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def limit(value: int | None, unit: str | None, lang: str) -> str:
    """A time limit in its own unit; empty where there is none."""
    if not value or unit not in _UNITS:
        return ""
    zh, en = _UNITS[unit]
    return f"{value} {zh}" if lang == "zh" else f"{value} {en}{'' if value == 1 else 's'}"


def late(length: timedelta, lang: str) -> str:
    """How late something is in its largest units: 2 天, 5 小时 20 分."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, rest = minutes // _DAY_MIN, minutes // 60, minutes % 60
    if days:
        return f"{days} 天" if lang == "zh" else f"{days} day{'' if days == 1 else 's'}"
    if hours:
        return f"{hours} 小时 {rest} 分" if lang == "zh" else f"{hours} h {rest} min"
    return f"{rest} 分" if lang == "zh" else f"{rest} min"


def metres(distance_m: float, lang: str) -> str:
    """A length for a scale: 50 米, 50 m, 2 km."""
    if distance_m >= 1000:
        return f"{distance_m / 1000:g} {'公里' if lang == 'zh' else 'km'}"
    return f"{distance_m:g} {'米' if lang == 'zh' else 'm'}"
