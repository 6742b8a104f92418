"""What belongs together: joining a finding with another one, or saying that they are different."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import duplicates
from casework.acts import perform
from casework.errors import CaseworkError, NotFound, Refused, mark
from casework.policy import Act
from casework.tie_view import TieView, tie_view
from web import context, i18n, tie_words

blueprint = Blueprint("ties", __name__)


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    """For the pages that include ``findings/_ties.html``."""
    return {"ties_of": ties_of, "tie_words": tie_words}


def ties_of(finding_id: int) -> TieView | None:
    """The ties of a finding; None for those who may not see the case as a whole."""
    if context.actor().user_id is None or not context.may(Act.VIEW_CASE):
        return None
    try:
        return tie_view(context.office(), context.actor(), finding_id)
    except NotFound:
        return None


@blueprint.post("/findings/<int:finding_id>/ties/join")
def join(finding_id: int) -> ResponseReturnValue:
    """Join this finding with another one: the one that stays is chosen with ``stays`` (this, other)."""
    other_id, note = _other(), request.form.get("note", "")
    try:
        this, that = _numbers(finding_id, other_id)
        gone, stays = (other_id, this) if request.form.get("stays") == "this" else (finding_id, that)
        key = request.form.get("request_key", "")
        perform(
            context.office(), context.actor(), gone, "merge", note=note, extra={"other": stays}, request_key=key
        )  # fmt: skip
    except CaseworkError as error:
        flash(i18n.said(error), "error")
        return _back(finding_id)
    flash(
        _(
            "Joined. Both reporters stay on record and are told. It can be undone in the case that was joined."
        ),
        "info",
    )
    return _back(other_id if gone == finding_id else finding_id)


@blueprint.post("/findings/<int:finding_id>/ties/different")
def different(finding_id: int) -> ResponseReturnValue:
    """Say that two findings are not the same one; with ``undo`` take it back."""
    try:
        act = duplicates.call_alike if request.form.get("undo") else duplicates.call_different
        act(context.office(), context.actor(), finding_id, _other())
    except Refused as error:
        flash(i18n.said(error), "error")
        return _back(finding_id)
    if not request.form.get("undo"):
        flash(_("Noted: they are different. Nobody is asked about these two again."), "info")
    return _back(finding_id)


def _numbers(finding_id: int, other_id: int) -> tuple[str, str]:
    """The case numbers of both; raises NotFound for a case that the person does not see."""
    who, office = context.actor(), context.office()
    return tie_view(office, who, finding_id).number, tie_view(office, who, other_id).number


def _other() -> int:
    text = request.form.get("other", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refused(mark("other must be the id of a finding"), field="other")
    return int(text)


def _back(finding_id: int) -> ResponseReturnValue:
    return redirect(url_for("findings.show", finding_id=finding_id, _anchor="ties"), 303)
