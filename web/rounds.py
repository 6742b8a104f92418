"""The phone's page of somebody's round, what is done there, and recorded positions."""

import logging
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from casework import round_acts, rounds, tracks
from casework.act_sheet import act_sheet
from casework.errors import CaseworkError, Forbidden, NotFound, Refused, mark
from casework.finding_queries import LARGEST_ID
from casework.policy import Act
from casework.round_moments import position_of
from geo.route_links import navigation_links
from web import act_words, bodies, case_words, context, i18n, map_shell, round_sheets

blueprint = Blueprint("rounds", __name__)

_CLEANED: Final = "baopian.tracks_cleaned"


@blueprint.before_app_request
def _forget_tracks() -> None:
    """Positions whose days are over go with the first request of a day, so also after a start."""
    today = context.office().now().date()
    if current_app.extensions.get(_CLEANED) == today:
        return
    current_app.extensions[_CLEANED] = today
    try:
        tracks.forget_old(context.office())
    except Exception:  # what was asked for is answered all the same; tomorrow it is tried again
        logging.getLogger(__name__).exception("old positions could not be deleted")


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"has_round_today": lambda: rounds.has_round_today(context.office(), context.actor())}


@blueprint.get("/round")
def show() -> ResponseReturnValue:
    """My round of today."""
    context.require(Act.WALK_ROUND)
    return _page(_mine())


@blueprint.get("/round/data")
def data() -> ResponseReturnValue:
    """The same as JSON."""
    return jsonify(_mine(_whole(request.args.get("plan"))))


@blueprint.post("/round/data")
def data_from_here() -> ResponseReturnValue:
    """The same; ``lon``, ``lat`` give the way from there. No address has a position: addresses stand in logs."""
    asked = bodies.fields()
    return jsonify(_mine(_whole(asked.get("plan")), asked))


@blueprint.post("/round/stops/<int:stop_id>/<name>")
def act(stop_id: int, name: str) -> ResponseReturnValue:
    """Arrive, done, skip or undo at a stop; the answer has the round as it is then."""
    asked = bodies.fields()
    taken = round_acts.act(context.office(), context.actor(), stop_id, name, asked)
    return jsonify(
        stop=taken.stop_id, state=taken.state, repeated=taken.repeated, place=taken.place,
        distance_m=taken.distance_m, data=_mine(_whole(asked.get("plan"))),
    )  # fmt: skip


@blueprint.post("/round/seen")
def seen() -> ResponseReturnValue:
    """The round was looked at as it is now."""
    plan = _whole(bodies.fields().get("plan"))
    if plan is None:
        raise NotFound(mark("There is no such round"))
    round_acts.seen(context.office(), context.actor(), plan, None)
    return jsonify(_mine(plan))


@blueprint.post("/round/consent")
def consent() -> ResponseReturnValue:
    """Agree to the recording of positions, or take that back."""
    agreed = bodies.fields().get("agree")
    if agreed in (True, "true", "1"):
        tracks.agree(context.office(), context.actor())
    elif agreed in (False, "false", "0"):
        tracks.withdraw(context.office(), context.actor())
    else:
        raise Refused(mark("agree must be true or false"), field="agree")
    return jsonify(_keeping())


@blueprint.post("/round/track")
def track() -> ResponseReturnValue:
    """A batch of positions."""
    recorded = tracks.record(context.office(), context.actor(), bodies.json_object())
    return jsonify(kept=recorded.kept, left_out=recorded.left_out)


@blueprint.post("/round/tracks/delete")
def delete_tracks() -> ResponseReturnValue:
    """Delete all of one's own positions."""
    count = tracks.delete_own(context.office(), context.actor())
    return jsonify({"deleted": count, **_keeping()})


@blueprint.get("/routes/<int:plan_id>/<int:inspector_id>/round")
def other(plan_id: int, inspector_id: int) -> ResponseReturnValue:
    """Somebody's round as they see it, to be looked at only."""
    who = (context.office(), context.actor(), plan_id, inspector_id, day_asked())
    return _page(_dressed(rounds.other_round(*who)))


@blueprint.get("/routes/<int:plan_id>/<int:inspector_id>/sheet")
def sheet(plan_id: int, inspector_id: int) -> ResponseReturnValue:
    """A round on paper: the numbered way on a map and the stops with boxes to tick."""
    return round_sheets.page(plan_id, inspector_id, day_asked())


def day_asked() -> date | None:
    """The day that the address names. Raises Refused when it is none."""
    text = request.args.get("day", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise Refused(mark("day must be a day such as 2026-09-02"), field="day")


def _mine(plan: int | None = None, asked: Mapping[str, Any] | None = None) -> dict[str, Any]:
    here = position_of(asked or {})
    told = rounds.my_round(
        context.office(), context.actor(), plan, here[:2] if here else None, _whole((asked or {}).get("next"))
    )
    for row in told.get("near", []):
        late, _is_late = case_words.deadline(row, context.office().now())
        row["said"] = " · ".join(filter(None, (f"{row['distance_m']:.0f} m", late, row["place"])))
    return _dressed(told) | {"tracks": _keeping()}


def _dressed(told: dict[str, Any]) -> dict[str, Any]:
    """With the links to navigation apps, and what may be done with the finding at the next stop."""
    one = told["round"]
    if one is None:
        return told
    ahead = [stop for stop in one["stops"] if stop["state"] in ("planned", "arrived")]
    for stop in ahead:
        links = navigation_links(stop["lon"], stop["lat"], stop["name"], one["plan"]["mode"])
        stop["links"] = [[link.app, link.address] for link in links]
    here = next((stop for stop in ahead if stop["state"] == "arrived"), ahead[0] if ahead else None)
    if here is not None and here["finding"] is not None and not told["read_only"]:
        here["sheet"] = _sheet(here["finding"]["id"])
    return told


def _sheet(finding_id: int) -> dict[str, Any] | None:
    try:
        return act_words.as_json(act_sheet(context.office(), context.actor(), finding_id))
    except (NotFound, Forbidden):
        return None


def _keeping() -> dict[str, Any]:
    try:
        kept = tracks.keeping(context.office(), context.actor())
    except CaseworkError:
        return {
            "agreed_at": None,
            "days": context.office().settings.track_days,
            "points": 0,
            "oldest_at": None,
        }
    return {
        "agreed_at": kept.agreed_at.isoformat() if kept.agreed_at else None, "days": kept.days,
        "points": kept.points, "oldest_at": kept.oldest_at.isoformat() if kept.oldest_at else None,
    }  # fmt: skip


def _whole(value: object) -> int | None:
    """A plan's number, as JSON or an address has it; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    return value if type(value) is int and 0 < value <= LARGEST_ID else None


def _page(told: dict[str, Any]) -> ResponseReturnValue:
    one = told["round"]
    at = one["person"]["start"] if one else (None, None)
    page = render_template(
        "rounds/show.html",
        told=told,
        shell=map_shell.shell(*at),
        config=map_shell.config(),
        texts=i18n.texts_for_js(i18n.lang()),
    )
    return make_response(page, HTTPStatus.OK)
