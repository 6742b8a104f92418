"""Plans of rounds: the list, the form, a plan's page, and what these ask for and send as JSON."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from casework import route_changes, route_picking, route_plans, route_solving, route_view
from casework.clock import day_of
from casework.policy import Act
from casework.route_asked import day_from, whole
from web import bodies, context, errors, route_pages, route_plan_page, route_words

blueprint = Blueprint("routes", __name__, url_prefix="/routes")

_FORMS: Final = {"multipart/form-data", "application/x-www-form-urlencoded"}
_LONGEST_AGO: Final = 3650


@blueprint.get("")
def list_() -> ResponseReturnValue:
    """The plans, and the way to a new one."""
    return route_pages.list_page()


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form of a new plan."""
    return route_pages.new_page()


@blueprint.get("/candidates")
def candidates() -> ResponseReturnValue:
    """What the filters of the address would give a plan of ``day``, and who could go."""
    context.require(Act.PLAN_ROUTES)
    day = day_from(request.args.get("day") or _today(), _today())
    found = route_picking.candidates(context.office(), context.actor(), request.args, day)
    weeks = request.args.get("unseen_days", "")
    least = whole(int(weeks) if weeks.isascii() and weeks.isdecimal() and len(weeks) < 6 else weeks, "unseen_days",
                  0, _LONGEST_AGO) if weeks else 0  # fmt: skip
    unseen = [
        {"id": area, "code": code, "zh": zh, "en": en, "days": days}
        for area, code, (zh, en), days in found.unseen
        if days is None or days >= least
    ]
    codes = {area: code for area, code, _names, _days in found.unseen}
    answer = jsonify(
        {
            "findings": found.findings, "overdue": found.overdue, "points": found.points, "patches": len(unseen),
            "unseen": unseen,
            "inspectors": [
                {
                    "user_id": one.user_id, "zh": one.name_zh, "en": one.name_en, "start": list(one.start),
                    "patches": [codes[area] for area in one.patches if area in codes],
                }
                for one in found.walkers
            ],
        }
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Put a plan on record and go to its page; it is worked out by a request of its own."""
    context.require(Act.PLAN_ROUTES)
    from_form = request.mimetype in _FORMS
    asked = _from_form(request.form) if from_form else bodies.json_object()
    plan_id = route_plans.new_plan(context.office(), context.actor(), asked)
    there = url_for("routes.show", plan_id=plan_id)
    if from_form and not errors.wants_json():
        return redirect(there, HTTPStatus.SEE_OTHER)
    answer = jsonify({"id": plan_id, "url": there, "revision": 1})
    answer.headers["Location"] = there
    return answer, HTTPStatus.CREATED


@blueprint.get("/<int:plan_id>")
def show(plan_id: int) -> ResponseReturnValue:
    """A plan's page."""
    return render_template("routes/plan.html", **route_plan_page.page(plan_id))


@blueprint.get("/<int:plan_id>/data")
def data(plan_id: int) -> ResponseReturnValue:
    """The same as JSON."""
    found = route_view.plan_data(context.office(), context.actor(), plan_id)
    answer = jsonify(route_words.with_texts(found))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:plan_id>/solve")
def solve(plan_id: int) -> ResponseReturnValue:
    """Begin to work the plan out; its progress tells how far it is."""
    revision = route_solving.start(context.office(), context.actor(), plan_id, bodies.json_object())
    return jsonify({"status": "solving", "revision": revision}), HTTPStatus.ACCEPTED


@blueprint.get("/<int:plan_id>/progress")
def progress(plan_id: int) -> ResponseReturnValue:
    """How far it is, and the best rounds so far."""
    now = route_solving.progress(context.office(), context.actor(), plan_id)
    answer = jsonify(
        {
            "status": now.stage, "elapsed_s": now.elapsed_s, "seconds": now.seconds, "best": now.best,
            "text": route_words.progress(now),
        }
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:plan_id>/cancel")
def cancel(plan_id: int) -> ResponseReturnValue:
    """End the work; the plan stays as it was before."""
    return _stopped(plan_id, keep=False)


@blueprint.post("/<int:plan_id>/take")
def take(plan_id: int) -> ResponseReturnValue:
    """End the work and keep the best rounds so far."""
    return _stopped(plan_id, keep=True)


@blueprint.post("/<int:plan_id>/changes")
def changes(plan_id: int) -> ResponseReturnValue:
    """Change the plan, all of it or nothing; ``dry_run`` only says what it would do."""
    done = route_changes.change(context.office(), context.actor(), plan_id, bodies.json_object())
    data = route_words.with_texts(done["data"])
    return jsonify(
        {
            "data": data,
            "difference": {**done["difference"], "text": route_words.difference(done["difference"])},
        }
    )


@blueprint.post("/<int:plan_id>/send")
def send(plan_id: int) -> ResponseReturnValue:
    """Give the plan to those who walk it."""
    route_plans.send(context.office(), context.actor(), plan_id)
    return _there(url_for("routes.show", plan_id=plan_id))


@blueprint.post("/<int:plan_id>/discard")
def discard(plan_id: int) -> ResponseReturnValue:
    """Throw the plan away."""
    route_solving.stop(context.office(), context.actor(), plan_id, keep=False)
    route_plans.discard(context.office(), context.actor(), plan_id)
    return _there(url_for("routes.list_"))


def _stopped(plan_id: int, *, keep: bool) -> ResponseReturnValue:
    route_solving.stop(context.office(), context.actor(), plan_id, keep=keep)
    return jsonify({"status": "stopping"}), HTTPStatus.ACCEPTED


def _there(url: str) -> ResponseReturnValue:
    return jsonify({"url": url}) if errors.wants_json() else redirect(url, HTTPStatus.SEE_OTHER)


def _today() -> Any:
    city = context.city()
    return day_of(context.office().now(), city.timezone if city else "UTC")


def _from_form(form: MultiDict[str, str]) -> dict[str, Any]:
    """What a plain form asks for, as the JSON would; what is no number goes on as it is and is refused by name."""
    asked: dict[str, Any] = {
        name: form[name] for name in ("day", "title", "mode", "own_patch") if form.get(name)
    }
    for name in ("days", "seconds", "limit", "balance"):
        if form.get(name):
            asked[name] = _number(form[name])
    asked["filters"] = {name: form[name] for name in _FILTERS if form.get(name)}
    for name in ("findings", "patches"):
        asked[name] = [_number(one) for one in form.getlist(name)]
    asked["inspectors"] = [{"user_id": _number(one)} for one in form.getlist("inspectors")]
    return asked


_FILTERS: Final = ("status", "category", "bureau", "area", "from", "to", "overdue", "q")


def _number(text: str) -> int | float | str:
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text
