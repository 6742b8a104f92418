"""The clock of a case in words: what is left, how late, since when it stands, which step is at it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext

from web import case_words, i18n

DAY_S: Final = 8 * 3600  # a working day of GB/T 30428
_FEW_DAYS: Final = 5  # of more days nobody counts the hours
_HOURS_ONLY: Final = 4
_WORKING: Final = frozenset({"working_hour", "working_day"})


def length(told: Sequence[Any]) -> str:
    """A length [seconds, unit] on the clock of its unit: 1 working day 3 h, 2 working hours 5 min, 3 days."""
    seconds, unit = abs(float(told[0])), str(told[1])
    if unit not in _WORKING:
        return case_words.span(timedelta(seconds=seconds))
    minutes = round(seconds / 60)
    days, rest = divmod(minutes, DAY_S // 60)
    hours, left = divmod(rest, 60)
    if days:
        whole = ngettext("%(num)s working day", "%(num)s working days", days)
        return whole if days >= _FEW_DAYS or not hours else _("%(days)s %(hours)s h", days=whole, hours=hours)
    if hours:
        whole = ngettext("%(num)s working hour", "%(num)s working hours", hours)
        return (
            whole
            if not left or hours >= _HOURS_ONLY
            else _("%(hours)s %(minutes)s min", hours=whole, minutes=left)
        )
    return ngettext("%(num)s working minute", "%(num)s working minutes", left)


def left(told: Sequence[Any]) -> str:
    """What is left or how late it is: 2 working hours left, 1 working day 3 h late."""
    words = length(told)
    return _("%(span)s late", span=words) if told[0] < 0 else _("%(span)s left", span=words)


def lead(case: Mapping[str, Any], now: datetime) -> str:
    """The first line of a clock."""
    clock = case.get("clock")
    if not clock or case["s"] in {"done", "check", "new"} or (clock["left"] is None and case["s"] != "susp"):
        return case_words.standing(case, now)
    if clock["paused_since"]:
        since = case_words.when(clock["paused_since"])
        if clock["left"] is None:
            return _("Stopped since %(moment)s", moment=since)
        return _("Stopped since %(moment)s, %(left)s", moment=since, left=left(clock["left"]))
    words = length(clock["left"])
    if clock["left"][0] < 0:
        return _("Overdue by %(span)s", span=words)
    return _("%(span)s left", span=words)


def counted(case: Mapping[str, Any]) -> str:
    """From where the limit counts, and how often it was extended."""
    clock = case["clock"]
    since = case_words.when(clock["counted_from"])
    words = (
        _("counted from %(moment)s, provisional until it is dispatched", moment=since)
        if clock["provisional"]
        else _("counted from the dispatch, %(moment)s", moment=since)
    )
    if clock["extensions"]:
        words += _(", ") + ngettext("extended %(num)s time", "extended %(num)s times", clock["extensions"])
    return words


def step(key: str | None) -> str:
    """A step that has a limit, as people name it."""
    words = {
        "confirm": _("Confirming"), "file": _("Filing"), "dispatch": _("Dispatching"), "accept": _("Accepting"),
        "handle": _("Handling"), "check": _("Checking"), "close": _("Closing the case"),
    }  # fmt: skip
    return words.get(key or "", key or "")


def step_late(told: Sequence[Any] | None) -> str:
    """Which step is late and by how much, from a list's row; empty where none is."""
    if not told:
        return ""
    return _("%(step)s late by %(span)s", step=step(told[0]), span=length(told[1:]))


def step_line(clock: Mapping[str, Any]) -> str:
    """How the present step stands: Checking: 2 working hours left."""
    if not clock["step"] or clock["step"] == "handle" or clock["step_left"] is None:
        return ""
    return _("%(step)s: %(left)s", step=step(clock["step"]), left=left(clock["step_left"]))


def notice(years: Sequence[int]) -> str:
    """What to know about years whose holidays nobody announced; empty where all are known."""
    if not years:
        return ""
    named = _(", ").join(str(year) for year in years)
    return _(
        "The holidays of %(years)s are not announced yet: until then Monday to Friday count as working days.",
        years=named,
    )


def warning(warn: str) -> str:
    """The word beside the sign of a clock."""
    return {"soon": _("Due soon"), "late": _("Overdue")}.get(warn, "")


def percent(part: Sequence[Any], whole: Sequence[Any] | None) -> int:
    """How much of a limit a step has used, in whole percent, at most 100."""
    if not whole or not whole[0]:
        return 0
    return min(100, round(100 * float(part[0]) / float(whole[0])))


def moment(at: datetime) -> str:
    """A moment on the city's clock."""
    return i18n.fmt_datetime(at)
