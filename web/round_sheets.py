"""The printed sheet of a round, in words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from flask import render_template
from flask_babel import gettext as _

from casework.round_sheet import RoundSheet, round_sheet
from casework.round_stops import FINDING_RESULTS
from web import case_words, context, i18n, minimap, round_map

_MAP_PX: Final = 700


def page(plan_id: int, inspector_id: int, day: date | None) -> str:
    """The sheet as a page that prints on A4."""
    found = round_sheet(context.office(), context.actor(), plan_id, inspector_id, day)
    drawn = over = None
    if found.around is not None:
        drawn = minimap.sketch(found.around, _MAP_PX)
        over = round_map.way(
            found.around.box, (drawn.width, drawn.height), found.legs,
            [(stop["lon"], stop["lat"]) for stop in found.stops], found.start, found.end,
        )  # fmt: skip
    return render_template(
        "rounds/sheet.html", sheet=found, map=drawn, way=over, words=case_words, clock=clock, why=why,
        boxes=boxes, mode=mode_word(found.mode), length=_length(found), hours=hours,
    )  # fmt: skip


def clock(seconds: float | None) -> str:
    """A time of day: 09:05; empty for None."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def hours(windows: list[list[int]]) -> str:
    """When a stop may be seen: 07:30–10:00, 14:00–16:00."""
    return _(", ").join(f"{clock(start)}–{clock(end)}" for start, end in windows)


def why(stop: Mapping[str, Any]) -> str:
    """Why a stop is on the round, in one line."""
    finding = stop["finding"]
    if finding is None:
        return _("Look whether everything is in order") if stop["kind"] == "patch" else _("Look at it")
    due = datetime.fromisoformat(finding["due_at"]) if finding["due_at"] else None
    left = i18n.time_left(due, context.office().now())
    words = {
        "over": _("Overdue: is it put right?"), "due": _("Due soon: is it put right?"),
        "check": _("Put right, they say: is it?"), "prog": _("Is somebody at work?"),
        "new": _("Is it as reported?"), "susp": _("Suspended: how does it look?"),
        "done": _("Closed: is it still in order?"),
    }  # fmt: skip
    return " · ".join(
        filter(
            None, (words.get(finding["key"], ""), left if finding["key"] in ("over", "due", "prog") else "")
        )
    )


def boxes(stop: Mapping[str, Any]) -> list[str]:
    """What may be ticked at a stop."""
    if stop["kind"] == "finding":
        named = {"still": _("Still there"), "fixed": _("Put right"), "not_found": _("Not found")}
        return [named[result] for result in FINDING_RESULTS]
    return [_("Nothing found"), _("Recorded")]


def mode_word(mode: str) -> str:
    """How the round is made."""
    return {"foot": _("on foot"), "bike": _("by bike"), "car": _("by car")}.get(mode, mode)


def _length(found: RoundSheet) -> str:
    return f"{found.distance_m / 1000:.1f} km"
