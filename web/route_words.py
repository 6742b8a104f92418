"""A plan's reasons, remedies, warnings and changes in plain words of the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext

from casework.errors import mark
from casework.outside_router import USED
from casework.route_solving import SolveState
from web import i18n

REASONS: Final[Mapping[str, str]] = {
    "no_skill": mark("Nobody who goes has the skill it needs"),
    "own_patch": mark("It lies in a patch of somebody who does not go, and only one's own is allowed"),
    "locked": mark("It is agreed for somebody who may not go there or does not work then"),
    "unreachable": mark("No street leads there"),
    "outside_hours": mark("Its hours and theirs do not meet"),
    "too_far": mark("It is further than they may go"),
    "no_time": mark("There is no time left for it"),
    "not_tried": mark("It would fit: work the plan out again, or give it more time"),
}


def with_texts(data: dict[str, Any]) -> dict[str, Any]:
    """A plan's data (``casework.route_view``) with what a page says of it: reasons, remedies, totals, warnings."""
    people = {one["id"]: one for one in data["inspectors"]}
    names = {stop["id"]: stop["name"] for stop in data["stops"]}
    first = date.fromisoformat(data["plan"]["day"])
    for stop in data["stops"]:
        if stop["unserved"]:
            stop["unserved"] = _unserved(stop["unserved"], people, names, first)
    return {**data, "totals": _totals(data), "warnings": _warnings(data)}


def progress(now: SolveState) -> str:
    """How far the work on a plan is."""
    if now.stage == "failed":
        if now.message:
            return _("It cannot be worked out: %(why)s", why=_(now.message, **now.params))
        return _("Working it out broke off. The plan is as it was: try again")
    if now.stage == "stopped":
        return _("Stopped. The plan is as it was before")
    if now.stage == "done":
        return _("The rounds are worked out")
    if now.best is None:
        return _("Finding the ways between all stops")
    return _(
        "Best so far: %(stops)s, %(km)s km",
        stops=ngettext("%(num)s stop", "%(num)s stops", now.best["served"]),
        km=kilometres(now.best["distance_m"]),
    )


def difference(found: Mapping[str, Any]) -> str:
    """What a change did, in one line."""
    served, left, over, order, later, earlier = (len(found[name]) for name in _PARTS)
    parts = [
        served and ngettext("%(num)s stop more is seen", "%(num)s stops more are seen", served),
        left and ngettext("%(num)s stop is left out", "%(num)s stops are left out", left),
        over and ngettext("%(num)s stop goes to another round", "%(num)s stops go to another round", over),
        order and ngettext("%(num)s stop changes its place", "%(num)s stops change their place", order),
        later and ngettext("%(num)s stop is seen later", "%(num)s stops are seen later", later),
        earlier and ngettext("%(num)s stop is seen earlier", "%(num)s stops are seen earlier", earlier),
        _longer(found["distance_m"]),
    ]
    return _("; ").join(str(part) for part in parts if part) or _("Nothing else changes")


def kilometres(metres: float) -> str:
    """Metres as kilometres with one decimal."""
    return f"{metres / 1000:.1f}"


_PARTS: Final = ("served", "unserved", "handed_over", "reordered", "later", "earlier")


def _longer(metres: float) -> str:
    if abs(metres) < 50:
        return ""
    if metres > 0:
        return _("%(km)s km longer", km=kilometres(metres))
    return _("%(km)s km shorter", km=kilometres(-metres))


def _unserved(
    said: Mapping[str, Any], people: Mapping[int, Any], names: Mapping[int, str], first: date
) -> dict[str, Any]:
    remedy, text = said.get("remedy"), REASONS[said["reason"]]
    return {
        "reason": said["reason"], "text": _(text),
        "remedy": None if remedy is None or remedy["inspector"] not in people else {
            **remedy, "kind": _kind(remedy), "text": _remedy(remedy, people[remedy["inspector"]], names, first),
        },
    }  # fmt: skip


def _kind(remedy: Mapping[str, Any]) -> str:
    """What a remedy is first of all: the others are said in its text, too."""
    kinds = (
        ("skill", remedy["skills"]), ("patch", remedy["patch"]), ("any_inspector", remedy["any_inspector"]),
        ("on_foot", remedy["reached_from"]), ("any_time", remedy["any_time"]), ("further", remedy["further_m"]),
        ("time", remedy["minutes"]),
    )  # fmt: skip
    return next((kind for kind, value in kinds if value), "insert")


def _remedy(
    remedy: Mapping[str, Any], person: Mapping[str, Any], names: Mapping[int, str], first: date
) -> str:
    who = person["zh"] if i18n.lang() == "zh" else person["en"]
    day = i18n.fmt_day(first + timedelta(days=remedy["day"]))
    parts = list(filter(None, _conditions(remedy, names)))
    if not parts:
        return _("It fits into the round of %(who)s on %(day)s", who=who, day=day)
    return _(
        "It fits into the round of %(who)s on %(day)s: %(conditions)s",
        who=who, day=day, conditions=_(", ").join(parts),
    )  # fmt: skip


def _conditions(remedy: Mapping[str, Any], names: Mapping[int, str]) -> Sequence[str]:
    earlier, later = (-(-remedy[key] // 60) for key in ("earlier_s", "later_s"))
    return (
        _("with the skill %(skills)s", skills=_(", ").join(remedy["skills"])) if remedy["skills"] else "",
        _("with this patch as theirs") if remedy["patch"] else "",
        _("without what was agreed for somebody else") if remedy["any_inspector"] else "",
        _on_foot(remedy, names),
        _("at any time of the day, its hours and deadline dropped") if remedy["any_time"] else "",
        ngettext("beginning %(num)s minute earlier", "beginning %(num)s minutes earlier", round(earlier))
        if earlier
        else "",
        ngettext("with %(num)s more minute", "with %(num)s more minutes", round(later)) if later else "",
        _("with %(km)s km more allowed", km=kilometres(remedy["further_m"])) if remedy["further_m"] else "",
    )


def _on_foot(remedy: Mapping[str, Any], names: Mapping[int, str]) -> str:
    if not remedy["reached_from"]:
        return ""
    return ngettext(
        "walking the last bit from %(stop)s, %(num)s minute each way",
        "walking the last bit from %(stop)s, %(num)s minutes each way",
        max(1, round(remedy["walk_s"] / 60)),
        stop=names.get(int(remedy["reached_from"]), ""),
    )


def _totals(data: Mapping[str, Any]) -> dict[str, Any]:
    outcome, stops = data["outcome"], [s for s in data["stops"] if s["state"] != "skipped"]
    even = outcome.get("evenness")
    return {
        "stops": len(stops), "served": sum(stop["inspector"] is not None for stop in stops),
        "distance_m": outcome.get("distance_m", 0), "travel_s": outcome.get("travel_s", 0),
        "spread_s": outcome.get("spread_s", 0),
        "price": None if not even else {
            "balance_extra_s": even["extra_s"], "percent": even["extra_percent"], "text": _price(even),
        },
    }  # fmt: skip


def _price(even: Mapping[str, Any]) -> str:
    minutes = round(even["extra_s"] / 60)
    if minutes <= 0:
        return _("Even rounds cost no more time on the way")
    return ngettext(
        "Even rounds cost %(num)s minute more on the way (%(percent)s %%)",
        "Even rounds cost %(num)s minutes more on the way (%(percent)s %%)",
        minutes,
        percent=even["extra_percent"],
    )


def _warnings(data: Mapping[str, Any]) -> list[str]:
    plan, router = data["plan"], data["outcome"].get("router", "")
    left = sum(s["must"] and s["inspector"] is None and s["state"] == "planned" for s in data["stops"])
    found = []
    if router not in ("", USED):
        found.append(_("The routing server was not used: %(why)s. Our own streets are", why=_(router)))
    if plan["straight"]:
        found.append(_("No street network: the ways are straight lines, and the times are not to be trusted"))
    elif router != USED and plan["network"]["schematic"]:
        found.append(_("These streets are a sketch made for the demo: nobody should walk by them"))
    if plan["stale"]:
        found.append(
            _("Another street network is in use by now: work the plan out again to plan on its streets")
        )
    if left and plan["status"] != "new":
        found.append(
            ngettext(
                "%(num)s stop that must be seen is in no round",
                "%(num)s stops that must be seen are in no round",
                left,
            )
        )
    return found
