"""How figures of plans and rounds are written on pages: ways, times of day, spans, stages, small pictures."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from web import i18n

PICTURE: Final = (104, 64)  # width and height of a plan's picture in units
_MARGIN: Final = 6
STAGES: Final = {
    "new": (_l("not planned yet"), "circle-dot"), "solving": (_l("being planned"), "hourglass"),
    "failed": (_l("could not be planned"), "triangle-alert"), "ready": (_l("ready"), "check"),
    "sent": (_l("sent"), "send"), "under_way": (_l("under way"), "footprints"),
    "done": (_l("done"), "circle-check"), "discarded": (_l("thrown away"), "trash-2"),
}  # fmt: skip
GROUPS: Final = {"today": _l("Today"), "coming": _l("To come"), "past": _l("Gone by")}
PERIODS: Final = {
    "": _l("All"),
    "today": _l("Today"),
    "week": _l("This week"),
    "coming": _l("To come"),
    "past": _l("Gone by"),
}
MODES: Final = {"foot": _l("on foot"), "bike": _l("by bike"), "car": _l("by car")}


def way(metres: float | None) -> str:
    """A way as 18.6 km or 640 m; a dash where it is not known."""
    if metres is None:
        return "–"
    return f"{round(metres)} m" if metres < 950 else f"{metres / 1000:.1f} km"


def clock(seconds: int | None) -> str:
    """Seconds from midnight as 08:30."""
    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def hours(seconds: float | None) -> str:
    """A span as 2 h 24 min, 40 min."""
    if seconds is None:
        return "–"
    minutes = round(abs(seconds) / 60)
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    if minutes % 60 == 0:
        return _("%(hours)s h", hours=minutes // 60)
    return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)


def lateness(seconds: float | None) -> str:
    """How a time kept to its plan: 4 min later, 10 min earlier, as planned."""
    if seconds is None:
        return "–"
    if abs(seconds) < 60:
        return _("as planned")
    span = hours(seconds)
    return _("%(span)s later", span=span) if seconds > 0 else _("%(span)s earlier", span=span)


def days_ago(days: int | None) -> str:
    """Days since somebody was there, in words."""
    if days is None:
        return _("never")
    if days == 0:
        return _("today")
    return ngettext("%(num)s day", "%(num)s days", days)


def span_of_days(first: date, last: date) -> str:
    """One day or several: 3 Sep, 3 Sep – 5 Sep."""
    return i18n.fmt_day(first) if first == last else f"{i18n.fmt_day(first)} – {i18n.fmt_day(last)}"


def weekday(day: date) -> str:
    """The day of the week: 星期四, Thu."""
    if i18n.lang() == "zh":
        return "星期" + "一二三四五六日"[day.weekday()]
    return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday()]


def picture(rounds: Sequence[Sequence[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    """Rounds as lines within PICTURE, north up and true to scale; empty where there is nothing to draw."""
    places = [place for one in rounds for place in one]
    if not places:
        return []
    squeeze = math.cos(math.radians(places[0][1]))
    xs, ys = [lon * squeeze for lon, _lat in places], [lat for _lon, lat in places]
    width, height = PICTURE[0] - 2 * _MARGIN, PICTURE[1] - 2 * _MARGIN
    scale = min(width / max(max(xs) - min(xs), 1e-9), height / max(max(ys) - min(ys), 1e-9), 1e6)
    left, top = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return [
        [
            (
                round(PICTURE[0] / 2 + (lon * squeeze - left) * scale, 1),
                round(PICTURE[1] / 2 - (lat - top) * scale, 1),
            )
            for lon, lat in one
        ]
        for one in rounds
    ]
