"""How statistics are worded: figures, rates with their formulae, steps, periods, groups."""

from datetime import date
from typing import Final

from flask_babel import gettext as _

from casework.statistics import Line
from casework.statistics_asked import Asked
from web import case_words, i18n

# The columns of the table, each a figure or a rate.
COLUMNS: Final = (
    "reported", "filed", "dispatched", "handled", "closed", "should_close", "closed_of_due", "on_time", "returned",
    "reworked", "extended", "suspended",
)  # fmt: skip
KEY_RATES: Final = ("closing", "on_time", "accurate_dispatch", "rework", "missed")


def figure(name: str) -> str:
    """A figure's name."""
    words = {
        "reported": _("Reports"), "filed": _("Filed"), "own": _("Found by own staff"), "missed": _("Found by others"),
        "should_dispatch": _("Should be dispatched"), "dispatched": _("Dispatched"),
        "accurate": _("Dispatched, no rework"), "returned": _("Returned"), "handled": _("Handled"),
        "handled_on_time": _("Handled on time"), "reworked": _("Rework"), "extended": _("Extended"),
        "suspended": _("Suspended at some time"), "should_close": _("Should close"),
        "closed_of_due": _("Closed of those"), "on_time": _("Closed on time"), "closed": _("Closed"),
    }  # fmt: skip
    return words[name]


def explained(name: str) -> str:
    """What a figure counts, in plain words."""
    words = {
        "reported": _("Reports put on record in the period."),
        "filed": _("Reports that became a case in the period; what came from elsewhere counts from its report."),
        "own": _("Filed cases that the office's own people reported."),
        "missed": _("Filed cases that somebody else reported, so that the patrol had missed them."),
        "should_dispatch": _("Filed cases but for those settled on the spot, declined, cancelled or merged."),
        "dispatched": _("Of those, cases that were sent to a bureau."),
        "accurate": _("Of those, cases that needed no rework."),
        "returned": _("Of those that should be dispatched, cases that a bureau sent back at least once."),
        "handled": _("Cases reported as handled in the period (the last time counts)."),
        "handled_on_time": _("Of those, handled before their deadline."),
        "reworked": _("Of the handled ones, cases whose check failed at least once."),
        "extended": _("Filed cases that were given more time at least once."),
        "suspended": _("Filed cases whose clock was stopped at least once."),
        "should_close": _("Cases whose deadline is past and in the period, without suspended or dropped ones."),
        "closed_of_due": _("Of those, cases that are closed by now."),
        "on_time": _("Of those, cases closed before their deadline."),
        "closed": _("Cases closed in the period, whenever they were due."),
    }  # fmt: skip
    return words[name]


def rate(name: str) -> str:
    """A rate's name."""
    words = {
        "closing": _("Closing rate"), "on_time": _("On-time closing rate"),
        "accurate_dispatch": _("Accurate dispatch rate"), "rework": _("Rework rate"),
        "found_by_own": _("Share found by own staff"), "missed": _("Missed rate"),
        "handled_on_time": _("On-time handling rate"), "returned": _("Return rate"),
    }  # fmt: skip
    return words[name]


def formula(name: str) -> str:
    """A rate's formula in words."""
    words = {
        "closing": _("closed of those that should close ÷ should close"),
        "on_time": _("closed on time ÷ should close"),
        "accurate_dispatch": _("(dispatched − rework) ÷ should be dispatched"),
        "rework": _("rework ÷ handled"),
        "found_by_own": _("found by own staff ÷ filed"),
        "missed": _("found by others ÷ filed"),
        "handled_on_time": _("handled on time ÷ handled"),
        "returned": _("returned ÷ should be dispatched"),
    }  # fmt: skip
    return words[name]


def percent(value: float | None) -> str:
    """A rate as people read it; a dash where there is nothing to divide by."""
    return "–" if value is None else f"{100 * value:.1f} %"


def step(name: str) -> str:
    """A step's name."""
    words = {
        "file": _("Report to filing"), "dispatch": _("Filing to dispatch"), "accept": _("Dispatch to acceptance"),
        "handle": _("Acceptance to handled"), "check": _("Handled to checked"), "close": _("Checked to closed"),
        "whole": _("Report to closing"),
    }  # fmt: skip
    return words[name]


def hours(value: float | None) -> str:
    """A number of hours: 0.3, 5.2, 120."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def group(name: str) -> str:
    """By what lines are grouped."""
    words = {
        "bureau": _("Bureau"), "patch": _("Patch"), "leader": _("Leader"), "category": _("Category"),
        "period": _("Time"),
    }  # fmt: skip
    return words[name]


def period(name: str) -> str:
    """A period that can be chosen."""
    words = {
        "month": _("This month"), "last_month": _("Last month"), "quarter": _("This quarter"), "year": _("This year"),
        "days30": _("Last 30 days"), "all": _("All time"), "own": _("From … to …"),
    }  # fmt: skip
    return words[name]


def size(name: str) -> str:
    """Pieces in which time is cut."""
    return {"day": _("by day"), "week": _("by week"), "month": _("by month"), "quarter": _("by quarter")}[
        name
    ]


def line(found: Line, asked: Asked) -> str:
    """The name of a line."""
    if found.start is not None:
        return piece(found.start, asked.size)
    return case_words.pick(found.name)


def piece(start: date, by: str) -> str:
    """A piece of time by its first day."""
    if by == "month":
        return f"{start.year}-{start.month:02d}"
    if by == "quarter":
        return _("%(year)s Q%(n)s", year=start.year, n=(start.month + 2) // 3)
    if by == "week":
        return _("week of %(day)s", day=i18n.fmt_day(start))
    return i18n.fmt_day(start)


def span(asked: Asked) -> str:
    """The period asked for, in days."""
    return f"{i18n.fmt_day(asked.period.first)} – {i18n.fmt_day(asked.period.last)}"
