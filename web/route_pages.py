"""The list of plans and the form of a new one; ``web.routes`` has their addresses."""

from dataclasses import asdict
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from casework.policy import Act
from casework.route_overview import PERIODS, STAGES, Beginning, beginning, plan_list
from casework.route_picking import MOST_STOPS, SERVICE_S
from casework.route_plans import MOST_DAYS, USUAL_BREAK, USUAL_SHIFT_S, USUAL_SOLVE_S
from web import case_words, context, i18n, map_shell, route_figures


def list_page() -> ResponseReturnValue:
    """All plans: today's first, then those to come, then those gone by."""
    found = plan_list(context.office(), context.actor(), request.args)
    return render_template(
        "routes/list.html", listed=found, figures=route_figures, words=case_words, stages=STAGES, periods=PERIODS,
        chosen={"period": request.args.get("period", ""), "stage": request.args.get("stage", "")},
        may_plan=context.may(Act.PLAN_ROUTES), may_walk=context.may(Act.WALK_ROUND),
    )  # fmt: skip


def new_page() -> ResponseReturnValue:
    """The form of a new plan, with what the usual day would be."""
    found = beginning(context.office(), context.actor())
    language = i18n.lang()
    return render_template(
        "routes/new.html", begin=found, facts=_facts(found), most_days=MOST_DAYS, most_stops=MOST_STOPS,
        shell=map_shell.shell(), config=map_shell.config(),
        texts=i18n.texts_for_js(language) if language != "en" else {},
    )  # fmt: skip


def _facts(found: Beginning) -> dict[str, Any]:
    """What the form's scripts begin with."""
    return {
        "day": found.day.isoformat(), "today": found.today.isoformat(), "now_s": found.now_s, "most_days": MOST_DAYS,
        "most_stops": MOST_STOPS, "crew": [asdict(one) for one in found.crew],
        "shift": list(USUAL_SHIFT_S), "break": dict(USUAL_BREAK), "seconds": USUAL_SOLVE_S,
        "service_s": dict(SERVICE_S),
    }  # fmt: skip
