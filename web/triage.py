"""Triage: findings whose place is not certain, and a person's decision about them."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import triage, triage_decisions, triage_queue
from casework.errors import CaseworkError, Conflict, Refused, mark
from casework.policy import Act
from casework.triage_facts import KINDS
from casework.triage_questions import OpenQuestion, open_question
from casework.triage_queue import QueuePage
from web import case_words, context, errors, i18n, minimap

blueprint = Blueprint("triage", __name__)

_MAP_PX = 440
_LOOKS = ("one pick", "two pick", "three pick")
_NOBODY, _OTHER, _AS_LOCATED = "", "?", "="


@blueprint.app_context_processor
def _count() -> dict[str, Any]:
    """What waits in triage, for the navigation of every page."""
    actor = context.actor()
    return {"triage_count": triage_queue.waiting(context.office(), actor) if actor.user_id is not None else 0}


@blueprint.get("/triage")
def list_() -> ResponseReturnValue:
    """The queue beside one open question."""
    return _page(200, chosen=request.args.get("finding", type=int))


@blueprint.post("/triage/<int:finding_id>/settle")
def settle(finding_id: int) -> ResponseReturnValue:
    """Decide where one finding belongs."""
    at_work, who, form = context.office(), context.actor(), request.form
    context.require(Act.SETTLE)
    revision, reason = form.get("revision", type=int), form.get("reason", "")
    level, _colon, area = form.get("give", "").partition(":")
    try:
        if area == _NOBODY:
            triage_decisions.leave_unassigned(at_work, who, finding_id, reason, revision)
        elif area == _AS_LOCATED:
            triage_decisions.settle_as_located(at_work, who, finding_id, reason, revision)
        else:
            code = (
                triage_decisions.area_named(at_work, level, form.get(f"other-{level}"))
                if area == _OTHER
                else area
            )
            triage.settle(at_work, who, finding_id, level, code, reason, revision=revision)
    except (Conflict, Refused) as error:
        return _page(errors.status_of(error), chosen=finding_id, fault=error)
    return redirect(_address(settled=finding_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/triage/<int:finding_id>/release")
def release(finding_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    context.require(Act.SETTLE)
    try:
        triage.release(context.office(), context.actor(), finding_id, request.form.get("reason", ""))
    except (Conflict, Refused) as error:
        return _page(errors.status_of(error), chosen=finding_id, fault=error)
    flash(_("The decision is taken back; the finding was located again"), "info")
    return redirect(_address(finding=finding_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/triage/settle")
def settle_several() -> ResponseReturnValue:
    """Confirm several findings where their location put them, with one reason."""
    context.require(Act.SETTLE)
    form = request.form
    try:
        picked = [_picked(text) for text in form.getlist("pick")]
        batch = triage_decisions.settle_several(
            context.office(), context.actor(), picked, form.get("batch_reason", "")
        )
    except Refused as error:
        return _page(errors.status_of(error), chosen=form.get("finding", type=int), batch_fault=error)
    done = len(batch.done)
    if done:
        flash(ngettext("%(num)s finding settled", "%(num)s findings settled", done), "info")
    for finding_id, why in batch.refused[:5]:
        flash(_("Not settled: finding %(id)s. %(why)s", id=finding_id, why=i18n.said(why)), "error")
    return redirect(_address(), HTTPStatus.SEE_OTHER)


def _picked(text: str) -> tuple[int, int]:
    finding_id, _dot, revision = text.partition(".")
    if not (finding_id.isdecimal() and revision.isdecimal() and len(text) <= 40):
        raise Refused(mark("pick must be a finding's id and its revision"), field="pick")
    return int(finding_id), int(revision)


def _kind() -> str:
    """The tab: a kind of uncertainty, 'decided', or '' for all."""
    wanted = request.values.get("kind", "")
    return wanted if wanted in (*KINDS, "decided") else ""


def _address(**more: Any) -> str:
    kind, after = _kind(), request.values.get("after", "")
    return url_for("triage.list_", kind=kind or None, after=after or None, **more)


def _page(
    status: int, *, chosen: int | None = None, fault: CaseworkError | None = None,
    batch_fault: CaseworkError | None = None,
) -> ResponseReturnValue:  # fmt: skip
    at_work, who, kind = context.office(), context.actor(), _kind()
    after = request.values.get("after", "")
    queue = (
        triage_queue.decided_page(at_work, who, after)
        if kind == "decided"
        else triage_queue.queue_page(at_work, who, kind, after)
    )
    explicit = chosen is not None
    if chosen is None and queue.lines and kind != "decided":
        chosen = queue.lines[0].row["id"]
    question = open_question(at_work, who, chosen) if chosen is not None else None
    settled = request.args.get("settled", type=int) if request.method == "GET" else None
    page = render_template(
        "triage/list.html",
        queue=queue,
        kinds=KINDS,
        kind=kind,
        after=after,
        question=question,
        explicit=explicit,
        map=_drawn(question),
        words=case_words,
        may_settle=context.may(Act.SETTLE),
        fault=fault,
        said=i18n.said(fault) if fault else "",
        batch_said=i18n.said(batch_fault) if batch_fault else "",
        form=request.form,
        address=_address,
        just=open_question(at_work, who, settled) if settled is not None else None,
        waiting=sum(queue.counts.values()),
        following=_following(queue, chosen),
    )
    return make_response(page, status)


def _following(queue: QueuePage, chosen: int | None) -> int | None:
    """The finding after the chosen one in this page of the queue."""
    ids = [line.row["id"] for line in queue.lines]
    at = ids.index(chosen) if chosen in ids else -1
    return ids[at + 1] if at + 1 < len(ids) else None


def _drawn(question: OpenQuestion | None) -> minimap.Sketch | None:
    """The places in question, in two tints, with the point between them."""
    if question is None:
        return None
    asked = question.questions[0].candidates if question.questions else []
    looks = {one.area_id: _LOOKS[min(i, len(_LOOKS) - 1)] for i, one in enumerate(asked)}
    return minimap.sketch(
        question.around, _MAP_PX, look=looks, point=(question.row["lon"], question.row["lat"])
    )
