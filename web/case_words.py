"""How a case is worded on pages made by the server: deadlines, limits, steps, kinds of uncertain places."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from web import clock_words, i18n

_DAY_MIN, _HOURS_ONLY = 24 * 60, 4
_YEARS_FROM_MIN = 2 * 365 * _DAY_MIN  # nobody counts the days of what is older


def pick(pair: Sequence[str] | None) -> str:
    """The name of a [zh, en] pair in the page's language, the other one where that is empty."""
    if not pair:
        return ""
    zh, en = pair[0], pair[1]
    return (zh or en) if i18n.lang() == "zh" else (en or zh)


def name(thing: Any) -> str:
    """The name of something with ``zh`` and ``en``, as keys or attributes, in the page's language."""
    if isinstance(thing, Mapping):
        return pick([str(thing["zh"] or ""), str(thing["en"] or "")])
    return pick([thing.zh, thing.en])


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 text as a moment."""
    return datetime.fromisoformat(text) if text else None


def when(text: str | None) -> str:
    """An ISO 8601 text as 9月2日 10:24."""
    return i18n.fmt_datetime(moment(text))


def short_when(text: str | None, now: datetime) -> str:
    """For narrow columns: 10:24 today, 9-01 18:00 else."""
    at = moment(text)
    if at is None:
        return ""
    local, today = i18n.in_city(at), i18n.in_city(now)
    if local.date() == today.date():
        return _("today %(time)s", time=f"{local:%H:%M}")
    year = f"{local.year}-" if local.year != today.year else ""
    if i18n.lang() == "zh":
        return f"{year}{local.month}-{local.day:02d} {local:%H:%M}"
    return i18n.fmt_datetime(at)


def deadline(row: Mapping[str, Any], now: datetime) -> tuple[str, bool]:
    """What a row says about time, and whether it is late."""
    shown, due = row["s"], moment(row["due_at"])
    if shown == "done":
        closed = moment(row["closed_at"])
        return (_("closed %(day)s", day=i18n.fmt_day(closed)) if closed else _("closed")), False
    if shown == "susp":
        return _("clock stopped"), False
    if row.get("step_late") and shown in {"new", "check"}:
        return clock_words.step_late(row["step_late"]), False
    if due is not None and shown not in {"new", "check"}:
        return clock_words.left(row["left"]) if row.get("left") else _left(due, now), shown == "over"
    reported = moment(row["reported_at"]) or now
    return _("%(span)s ago", span=span(now - reported)), False


def limit(value: Mapping[str, Any] | None) -> str:
    """A time limit in its own unit: 8 工作时."""
    if not value:
        return ""
    n = int(value["value"])
    if value["unit"] == "hour":
        return ngettext("%(num)s hour", "%(num)s hours", n)
    if value["unit"] == "working_hour":
        return ngettext("%(num)s working hour", "%(num)s working hours", n)
    if value["unit"] == "working_day":
        return ngettext("%(num)s working day", "%(num)s working days", n)
    return ngettext("%(num)s calendar day", "%(num)s calendar days", n)


def standing(case: Mapping[str, Any], now: datetime) -> str:
    """How a case stands, in one line: 超期 2 时 24 分."""
    due, shown = moment(case["due_at"]), case["s"]
    since = span(now - (moment(case["reported_at"]) or now))
    if shown == "done":
        return _closed(case, due)
    if shown == "new":
        return _("Reported %(span)s ago, not yet filed", span=since)
    words = {
        "susp": _("Suspended, the clock is stopped"),
        "check": _("Handled, waiting for the check"),
    }
    if shown in words:
        return words[shown]
    if due is None:
        return _("No deadline")
    length = due - now
    if length < timedelta(0):
        return _("Overdue by %(span)s", span=span(length))
    return _("%(span)s left", span=span(length))


def _closed(case: Mapping[str, Any], due: datetime | None) -> str:
    closed = moment(case["closed_at"])
    others = {
        "declined": _("Declined"),
        "cancelled": _("Cancelled"),
        "duplicate": _("Joined with another case"),
    }
    if case["status"] in others:
        return others[case["status"]]
    if due is None or closed is None:
        return _("Closed")
    return _("Closed %(span)s late", span=span(closed - due)) if closed > due else _("Closed in time")


def step_words() -> dict[str, tuple[str, str]]:
    """The seven steps of GB/T 30428: (short, full) by key."""
    return {
        "collect": (_("Collect"), _("Information collected")),
        "file": (_("File"), _("Case filed")),
        "dispatch": (_("Dispatch"), _("Task dispatched")),
        "handle": (_("Handle"), _("Task handled")),
        "feedback": (_("Report"), _("Result reported")),
        "close": (_("Closing"), _("Checked and closed")),
        "evaluate": (_("Evaluate"), _("Evaluated")),
    }


def photo_kind(kind: str) -> str:
    """What a photo shows."""
    words = {
        "before": _("Before"), "during": _("Under way"), "after": _("After"), "near": _("Close up"),
        "far": _("From afar"),
    }  # fmt: skip
    return words.get(kind, kind)


def metres(distance_m: float | None) -> str:
    """A distance: 3.2 m, 410 m, 2.4 km."""
    if distance_m is None:
        return ""
    if distance_m < 10:
        return f"{distance_m:.1f} m"
    return f"{distance_m:.0f} m" if distance_m < 2000 else f"{distance_m / 1000:.1f} km"


def span(length: timedelta) -> str:
    """A span of time in its largest units, as the map words it: 2 天, 5 时, 2 时 24 分, 40 分."""
    minutes = round(abs(length).total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    if minutes >= _YEARS_FROM_MIN:
        return _("%(num)s years", num=minutes // (365 * _DAY_MIN))
    if minutes >= _DAY_MIN:
        return ngettext("%(num)s day", "%(num)s days", minutes // _DAY_MIN)
    if hours >= _HOURS_ONLY or (hours and not rest):
        return _("%(hours)s h", hours=hours)
    if hours:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
    return _("%(minutes)s min", minutes=rest)


def _left(due_at: datetime, now: datetime) -> str:
    length = due_at - now
    if length < timedelta(0):
        return _("%(span)s late", span=span(length))
    return _("%(span)s left", span=span(length))


def joined(names: Sequence[str]) -> str:
    """Names in a row: 树林巷和德令哈, Shulin Lane and Delingha."""
    if len(names) < 2:
        return "".join(names)
    head = (_(", ")).join(names[:-1])
    return _("%(head)s and %(last)s", head=head, last=names[-1])


def said_at(act: str, moment: str) -> str:
    """What the last step of an act was, with its moment, on a desk."""
    return {
        "suspend": _("Suspended since %(moment)s", moment=moment),
        "return": _("Returned %(moment)s", moment=moment),
        "rework": _("Check failed %(moment)s", moment=moment),
        "dissuasion_failed": _("Dissuasion failed %(moment)s", moment=moment),
        "ask_extension": _("Asked %(moment)s", moment=moment),
        "urge": _("Urged %(moment)s", moment=moment),
        "decline": _("Declined %(moment)s", moment=moment),
    }.get(act, moment)


def place_kind(kind: str) -> str:
    """How sure a place is, in a word."""
    words = {
        "inside": _("Inside"), "border": _("On a border"), "near": _("Near a border"),
        "overlap": _("In an overlap"), "outside": _("Outside every area"),
    }  # fmt: skip
    return words.get(kind, kind)


def why(kind: str, area: str, others: Sequence[tuple[str, float]]) -> str:
    """Why a place is not certain. ``area`` is the one it was given to, ``others`` are names with metres."""
    names = [one for one, _metres in others]
    nearest = others[0] if others else ("", 0.0)
    if kind == "border":
        both = [area, *names] if area else names
        return _("It lies on the border of %(names)s.", names=joined(both))
    if kind == "overlap":
        return _("%(names)s both claim this place.", names=joined([area, *names] if area else names))
    if kind == "outside":
        if not nearest[0]:
            return _("It lies outside every area.")
        return _(
            "It lies outside every area; the nearest is %(name)s, %(metres)s away.",
            name=nearest[0],
            metres=metres(nearest[1]),
        )
    if not nearest[0]:
        return _("It lies close to a border.")
    words = {"metres": metres(nearest[1]), "name": nearest[0]}
    if area:
        return _("It lies in %(area)s, %(metres)s from %(name)s.", area=area, **words)
    return _("It lies %(metres)s from %(name)s.", **words)


def named_metres(others: Sequence[tuple[Any, float]]) -> list[tuple[str, float]]:
    """Areas with metres as names with metres."""
    return [(name(area), metres) for area, metres in others]


def picked(pairs: Sequence[Sequence[str]]) -> str:
    """Names of [zh, en] pairs in a row."""
    return joined([pick(pair) for pair in pairs])


def candidate_metres(candidates: Sequence[Any]) -> list[tuple[str, float]]:
    """Candidates of triage as names with metres."""
    return [(name(one), one.distance_m) for one in candidates]


def reasons(kind: str) -> list[str]:
    """Reasons that a triage decision often has."""
    if kind == "outside":
        return [_("The nearest patch looks after it"), _("Not in this city"), _("The position was mistyped")]
    return [_("Looked at on site"), _("By its house number"), _("The leaders have agreed")]
