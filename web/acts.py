"""Acting on a finding and correcting it: plain forms, and the same addresses for scripts."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import acts, case_view, corrections, lifecycle, papers
from casework.act_sheet import ActSheet, act_sheet
from casework.errors import CaseworkError, Conflict, Forbidden, NotFound, Refusals, Refused, mark
from casework.policy import Act
from web import act_fields, act_words, case_words, categories, context, errors, i18n, map_shell, photo_forms

blueprint = Blueprint("acts", __name__)

_CORRECTED = ("category", "lon", "lat", "subject", "place", "description")


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """The acts' words, for the pages that include ``findings/_acts.html``."""
    return {"act_words": act_words, "act_fields": act_fields, "act_sheet_of": act_sheet_of}


def act_sheet_of(finding_id: int) -> ActSheet | None:
    """What the one who asks may do with a finding; None for those who may not see the case as a whole."""
    if context.actor().user_id is None or not context.may(Act.VIEW_CASE):
        return None
    try:
        return act_sheet(context.office(), context.actor(), finding_id)
    except NotFound:
        return None  # another's, which the page shows as far as a public map shows it to everybody


@blueprint.get("/findings/<int:finding_id>/acts")
def offers(finding_id: int) -> ResponseReturnValue:
    """What may be done with a finding, for scripts."""
    return jsonify(act_words.as_json(act_sheet(context.office(), context.actor(), finding_id)))


@blueprint.get("/findings/<int:finding_id>/acts/<act>")
def form(finding_id: int, act: str) -> ResponseReturnValue:
    """The form of one act on a page of its own."""
    return _act_page(finding_id, act, {})


@blueprint.post("/findings/<int:finding_id>/acts/<act>")
def perform(finding_id: int, act: str) -> ResponseReturnValue:
    """Take one step with a finding."""
    given = request.form
    try:
        done = acts.perform(
            context.office(), context.actor(), finding_id, act,
            note=given.get("note", ""), bureau=given.get("bureau", ""), photos=photo_forms.photos(),
            revision=_revision(given), extra=act_fields.extra_of(given), request_key=given.get("request_key", ""),
        )  # fmt: skip
    except (Conflict, Refused, Refusals, Forbidden) as error:
        if errors.wants_json():
            return _refused(finding_id, error, given)
        return _act_page(finding_id, act, given, error)
    said = _outcome(done, act)
    if errors.wants_json():
        return jsonify(
            id=done.finding_id, number=done.number, status=done.status, revision=done.revision, said=said,
        )  # fmt: skip
    flash(said, "info")
    return redirect(url_for("findings.show", finding_id=finding_id), HTTPStatus.SEE_OTHER)


def _outcome(done: acts.Done, act: str) -> str:
    """What came of an act, in words; urging makes the supervision order too."""
    if act == "urge" and not done.repeated:
        return _urged(done)
    if act not in lifecycle.CHANGING:
        return _("%(act)s: %(number)s", act=_(lifecycle.ACT_WORDS[act]), number=done.number)
    word = _(lifecycle.STATUS_WORDS[done.status])
    return _("%(number)s is now %(status)s", number=done.number, status=word)


def _urged(done: acts.Done) -> str:
    """The urging stands whatever becomes of its paper."""
    try:
        paper = papers.make(
            context.office(), context.actor(), "supervision_order", done.finding_id, i18n.lang()
        )
    except CaseworkError as error:
        return _(
            "%(number)s is urged; the supervision order was not made: %(why)s",
            number=done.number, why=i18n.said(error),
        )  # fmt: skip
    return _("%(number)s is urged; supervision order %(order)s", number=done.number, order=paper.number)


@blueprint.get("/findings/<int:finding_id>/correct")
def correct_form(finding_id: int) -> ResponseReturnValue:
    """The form for correcting a finding."""
    context.require(Act.CORRECT)
    return _correct_page(finding_id, {})


@blueprint.post("/findings/<int:finding_id>/correct")
def correct(finding_id: int) -> ResponseReturnValue:
    """Correct a finding's pin, category or texts."""
    given = request.form
    try:
        done = corrections.correct(
            context.office(), context.actor(), finding_id,
            {name: given[name] for name in _CORRECTED if name in given}, given.get("reason", ""),
            revision=_revision(given),
        )  # fmt: skip
    except (Conflict, Refused, Forbidden) as error:
        if errors.wants_json():
            return _refused(finding_id, error, given)
        return _correct_page(finding_id, given, error)
    if errors.wants_json():
        return jsonify(
            id=finding_id, changed=list(done.changed), area=list(done.area), bureau=list(done.bureau),
            revision=done.revision,
        )  # fmt: skip
    flash(_("Corrected; what it said before stays in the history"), "info")
    return redirect(url_for("findings.show", finding_id=finding_id), HTTPStatus.SEE_OTHER)


def _revision(given: Mapping[str, str]) -> int | None:
    text = given.get("revision", "")
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) < 16):
        raise Refused(mark("revision must be a whole number"), field="revision")
    return int(text)


def _changed(finding_id: int, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """What happened since the person looked: the steps beyond the number that they had seen, newest first."""
    seen = given.get("steps", "")
    if not (seen.isdecimal() and len(seen) < 10):
        return []
    case = case_view.case(context.office(), context.actor(), finding_id)
    told = [step for step in case["history"] if step["act"] != "overdue"]
    return told[: max(0, len(told) - int(seen))]


def _refused(finding_id: int, error: CaseworkError, given: Mapping[str, str]) -> ResponseReturnValue:
    more: dict[str, Any] = {}
    if isinstance(error, Conflict):
        sheet = act_sheet(context.office(), context.actor(), finding_id)
        more = {
            "changed": [
                {"at": step["at"], "what": case_words.pick([step["zh"], step["en"]]), "note": step["note"],
                 "by": case_words.pick(step["by"])}
                for step in _changed(finding_id, given)
            ],
            "sheet": act_words.as_json(sheet),
        }  # fmt: skip
    return errors.problem(errors.status_of(error), i18n.said(error), field=error.field, **more)


def _act_page(
    finding_id: int, act: str, given: Mapping[str, str], fault: CaseworkError | None = None
) -> ResponseReturnValue:
    sheet = act_sheet(context.office(), context.actor(), finding_id)
    offer = sheet.offer(act)
    if act not in lifecycle.BY_ACT:
        raise NotFound(mark("There is no such act"))
    if offer is None:
        raise Forbidden(mark("Your role may not do this"))
    page = render_template(
        "findings/act.html",
        sheet=sheet,
        offer=offer,
        given=given,
        fault=fault,
        said=i18n.said(fault) if fault else "",
        changed=_changed(finding_id, given) if isinstance(fault, Conflict) else [],
        words=case_words,
        request_key=given.get("request_key") or secrets.token_urlsafe(16),
        photos_lost=bool(request.files) and fault is not None,
    )
    return make_response(page, errors.status_of(fault) if fault else 200)


def _correct_page(
    finding_id: int, given: Mapping[str, str], fault: CaseworkError | None = None
) -> ResponseReturnValue:
    case = case_view.case(context.office(), context.actor(), finding_id)
    sheet = act_sheet(context.office(), context.actor(), finding_id)
    values = {name: case[name] or "" for name in ("lon", "lat", "subject", "place", "description")}
    page = render_template(
        "findings/correct.html",
        case=case,
        sheet=sheet,
        given={**values, "category": case["category"]["code"], "reason": "", **dict(given)},
        fault=fault,
        said=i18n.said(fault) if fault else "",
        changed=_changed(finding_id, given) if isinstance(fault, Conflict) else [],
        words=case_words,
        groups=categories.groups(),
        config={
            **map_shell.config(),
            "at": [case["lon"], case["lat"]],
            "finding": finding_id,
            "s": case["s"],
        },
        shell=map_shell.shell(case["lon"], case["lat"]),
        texts=i18n.texts_for_js(i18n.lang()),
    )
    return make_response(page, errors.status_of(fault) if fault else 200)
