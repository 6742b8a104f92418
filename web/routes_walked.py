"""Looking back at rounds on pages: planned against walked, and when each patch was last seen."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from casework import problem_map
from casework.errors import NotFound, Refused, mark
from casework.policy import Act
from casework.route_lookback import ON_TIME_S, DayLine, Lookback, lookback
from casework.route_visits import PatchVisit, patch_visits
from casework.route_walked import walked_round
from layers import visits
from layers.problem_map import Bounds
from layers.shell import Shell
from web import case_words, compress, context, i18n, map_shell, route_figures
from web.assets import asset

blueprint = Blueprint("routes_walked", __name__)

ORDERS: Final = ("days", "visits", "name", "leader")
LISTED: Final = 60


@blueprint.get("/routes/walked")
def show() -> ResponseReturnValue:
    """Rounds of a period (``from``, ``to``, ``inspector``) and the patches, ordered by ``sort``."""
    asked = request.args
    try:
        found = lookback(context.office(), context.actor(), asked)
        patches = patch_visits(context.office(), context.actor(), asked)
        fault = None
    except Refused as error:
        # What was typed stays in the form, beside what is wrong with it; below is the usual period.
        found, fault = lookback(context.office(), context.actor(), {}), error
        patches = patch_visits(context.office(), context.actor(), {})
    language = i18n.lang()
    page = render_template(
        "routes/walked.html", found=found, totals=_totals(found), fault=_said(fault), asked=asked, most=LISTED,
        patches=_ordered(patches, asked.get("sort", "")), sort=_order(asked.get("sort", "")), steps=_steps(patches),
        step=visits.step, never=visits.NEVER, scale=_scale(found.days), on_time_min=ON_TIME_S // 60,
        figures=route_figures, words=case_words, shell=_shell(), config=map_shell.config(),
        visits=[[one.code, one.days, visits.step(one.days)] for one in patches], may_all=context.may(Act.VIEW_ROUTES),
        texts=i18n.texts_for_js(language) if language != "en" else {},
    )  # fmt: skip
    return page, 422 if fault else 200


@blueprint.get("/routes/walked/round.json")
def one_round() -> ResponseReturnValue:
    """One round with its ways and times: ``plan`` and ``inspector`` (the plan's) are ids, ``day`` a date."""
    plan_id, inspector_id = (_id(request.args.get(name, "")) for name in ("plan", "inspector"))
    return compress.answer(
        walked_round(context.office(), context.actor(), plan_id, inspector_id, request.args.get("day", ""))
    )


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NotFound(mark("There is no such round"))
    return int(text)


def _said(fault: Refused | None) -> dict[str, str]:
    return {fault.field or "form": i18n.said(fault)} if fault else {}


def _order(asked: str) -> str:
    return asked if asked in ORDERS else ORDERS[0]


def _ordered(patches: Sequence[PatchVisit], asked: str) -> list[PatchVisit]:
    keys: dict[str, Callable[[PatchVisit], Any]] = {
        "days": lambda one: 0,
        "visits": lambda one: -one.visits,
        "name": lambda one: case_words.pick(one.name),
        "leader": lambda one: (one.leader is None, case_words.pick(one.leader)),
    }
    return sorted(patches, key=keys[_order(asked)])


def _steps(patches: Sequence[PatchVisit]) -> list[int]:
    """How many patches each shade has."""
    counts = [0] * (visits.NEVER + 1)
    for one in patches:
        counts[visits.step(one.days)] += 1
    return counts


def _totals(found: Lookback) -> dict[str, Any]:
    """The key figures of a period."""
    rounds = found.rounds
    recorded = [one for one in rounds if one.walked_m is not None]
    return {
        "rounds": len(rounds), "stops": sum(one.stops for one in rounds), "done": sum(one.done for one in rounds),
        "skipped": sum(one.skipped for one in rounds), "missed": sum(one.missed for one in rounds),
        "waiting": sum(one.waiting for one in rounds), "timed": sum(one.timed for one in rounds),
        "on_time": sum(one.on_time for one in rounds),
        "planned_m": sum(one.planned_m or 0 for one in rounds), "recorded": len(recorded),
        "walked_m": sum(one.walked_m or 0 for one in recorded),
        "compared_m": sum(one.planned_m or 0 for one in recorded),
        "planned_s": sum(one.planned_s[1] - one.planned_s[0] for one in rounds if one.planned_s),
        "walked_s": sum(one.walked_s[1] - one.walked_s[0] for one in rounds if one.walked_s),
    }  # fmt: skip


def _scale(days: Sequence[DayLine]) -> dict[str, int]:
    """What the charts' tallest bars stand for."""
    return {
        "stops": max((one.stops for one in days), default=1) or 1,
        "metres": max((max(one.planned_m, one.walked_m) for one in days), default=1) or 1,
    }


def _shell() -> Shell:
    nonce = cast(Callable[[], str], current_app.jinja_env.globals["csp_nonce"])()
    leaflet, styles = asset("vendor/leaflet/leaflet.js"), asset("vendor/leaflet/leaflet.css")
    return _drawn(problem_map.bounds(context.office()), leaflet, styles).with_nonce(nonce)


@lru_cache(maxsize=16)
def _drawn(bounds: Bounds, leaflet: str, styles: str) -> Shell:
    files = {"vendor/leaflet/leaflet.js": leaflet, "vendor/leaflet/leaflet.css": styles}
    return visits.shell(bounds, files.__getitem__)
