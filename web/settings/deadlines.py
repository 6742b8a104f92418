"""Limits, office hours and days off on a page: what a change does to open cases is shown before it is made."""

from collections.abc import Callable
from typing import Any, Final

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from casework import time_settings
from casework.deadline_updates import Moved
from casework.office_hours import Spans, said_spans
from casework.policy import Act
from casework.time_limits import STEPS
from casework.time_settings import HOURS_FIELDS, WEEKDAYS
from casework.time_settings_view import time_settings as settings_now
from casework.working_time import UNITS
from web import clock_words, context
from web.settings.categories import category_options
from web.settings.frame import Tried, blueprint, done, fresh, show, tried, typed

_LIMIT: Final = ("category", "step", "value", "unit", "warn")
_DAYS: Final = ("days", "kind", "name")
_WEEKDAYS: Final = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
# The names in the announced calendar are English; Chinese pages say them in Chinese.
_HOLIDAYS: Final = {
    "New Year's Day": _l("New Year's Day"), "Spring Festival": _l("Spring Festival"),
    "Tomb-sweeping Day": _l("Tomb-sweeping Day"), "Labour Day": _l("Labour Day"),
    "Dragon Boat Festival": _l("Dragon Boat Festival"), "National Day": _l("National Day"),
    "Mid-autumn Festival": _l("Mid-autumn Festival"),
    "Anti-Fascist 70th Day": _l("Victory Day"),
}  # fmt: skip


@blueprint.get("/deadlines", endpoint="deadlines")
def list_() -> ResponseReturnValue:
    """Limits by step and category, the office's hours, days off of a year."""
    context.require(Act.MANAGE_SETTINGS)
    return _page(fresh())


@blueprint.post("/deadlines/limits", endpoint="deadline_limit")
def limit() -> ResponseReturnValue:
    """Give a step a limit, or show what that would do."""
    values = typed(*_LIMIT)
    return _tried(
        "limit", values, _LIMIT,
        lambda look: time_settings.set_limit(context.office(), context.actor(), values, look=look),
    )  # fmt: skip


@blueprint.post("/deadlines/hours", endpoint="deadline_hours")
def hours() -> ResponseReturnValue:
    """Set the office's hours from a day on, or show what that would do."""
    values: dict[str, Any] = typed(*HOURS_FIELDS)
    worked = request.form.getlist("weekdays")
    return _tried(
        "hours", values | {"weekdays": worked}, (*HOURS_FIELDS, "weekdays"),
        lambda look: time_settings.set_hours(context.office(), context.actor(), values, worked, look=look),
    )  # fmt: skip


@blueprint.post("/deadlines/days", endpoint="deadline_days")
def days() -> ResponseReturnValue:
    """Say that days are off or worked, or show what that would do."""
    values = typed(*_DAYS)
    return _tried(
        "days", values, _DAYS,
        lambda look: time_settings.add_days(context.office(), context.actor(), values, look=look),
    )  # fmt: skip


@blueprint.post("/deadlines/<any(limits, hours, days):what>/<int:row_id>/end", endpoint="deadline_end")
def end(what: str, row_id: int) -> ResponseReturnValue:
    """End a limit, hours or the office's word on a day."""
    ends: dict[str, Callable[..., Moved]] = {
        "limits": time_settings.end_limit, "hours": time_settings.end_hours, "days": time_settings.end_day,
    }  # fmt: skip
    moved = ends[what](context.office(), context.actor(), row_id)
    return done(_back(), _("Ended. %(effect)s", effect=effect(moved)))


def effect(moved: Moved) -> str:
    """What a change does to open cases, in words."""
    if not moved.due and not moved.step:
        return _("No open case's deadline moves.")
    told = [
        ngettext(
            "The deadline of %(num)s open case moves", "The deadlines of %(num)s open cases move", moved.due
        )
        if moved.due
        else ""
    ]
    if moved.earlier:
        told.append(ngettext("%(num)s of them earlier", "%(num)s of them earlier", moved.earlier))
    if moved.late:
        told.append(ngettext("%(num)s becomes overdue", "%(num)s become overdue", moved.late))
    if moved.step:
        told.append(
            ngettext("the present step of %(num)s moves", "the present steps of %(num)s move", moved.step)
        )
    words = _(", ").join(one for one in told if one)
    return words[:1].upper() + words[1:] + _(".")


def weekdays_said(worked: frozenset[int]) -> str:
    """Weekdays in a row: Mon–Fri, or each by its name."""
    found = sorted(worked)
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"{_WEEKDAYS[found[0]]}–{_WEEKDAYS[found[-1]]}"
    return _(", ").join(str(_WEEKDAYS[one]) for one in found)


def holiday(name: str) -> str:
    """A holiday's name in the page's language."""
    return str(_HOLIDAYS.get(name, name))


def spans(found: Spans) -> str:
    """Hours as people write them."""
    return said_spans(found)


def _tried(
    form: str, values: dict[str, Any], fields: tuple[str, ...], act: Callable[[bool], Moved]
) -> ResponseReturnValue:
    context.require(Act.MANAGE_SETTINGS)
    look = bool(request.form.get("look"))
    trial = tried(lambda: act(look), fields=fields)
    if trial.ok and trial.result is not None and not look:
        return done(_back(), _("Saved. %(effect)s", effect=effect(trial.result)))
    return _page(trial, form=form, values=values)


def _back() -> str:
    year = request.args.get("year", "")
    return url_for("settings.deadlines", year=year or None)


def _page(trial: Tried[Any], *, form: str = "", values: dict[str, Any] | None = None) -> ResponseReturnValue:
    facts = settings_now(context.office(), context.actor(), request.args.get("year", ""))
    return show(
        "deadlines", trial, facts=facts, form=form, values=values or {}, steps=STEPS, units=UNITS, clocks=clock_words,
        weekdays=list(zip(WEEKDAYS, _WEEKDAYS, strict=True)), options=category_options(), effect=effect,
        weekdays_said=weekdays_said, holiday=holiday, spans=spans,
    )  # fmt: skip
