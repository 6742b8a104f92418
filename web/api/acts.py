"""Acts in the JSON API: what a key's role may do with a finding, and doing it."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import acts
from casework.act_sheet import act_sheet
from casework.errors import Refused, mark
from casework.policy import Act
from web import act_fields, act_words, bodies, context, uploads

blueprint = Blueprint("api_acts", __name__, url_prefix="/api/v1")


@blueprint.get("/findings/<int:finding_id>/acts")
def offers(finding_id: int) -> ResponseReturnValue:
    """What may be done with a finding now, and why the rest may not."""
    sheet = act_sheet(context.office(), context.actor(), finding_id)
    return jsonify(
        id=str(sheet.finding_id), number=sheet.number, status=sheet.status, revision=sheet.revision,
        acts=[
            {
                "act": one.act, "word": _(one.word), "possible": one.possible, "why": act_words.why_not(one),
                "needs": sorted(one.needs),
            }
            for one in sheet.offers
        ],
    )  # fmt: skip


@blueprint.post("/findings/<int:finding_id>/acts/<act>")
def perform(finding_id: int, act: str) -> ResponseReturnValue:
    """Take one step with a finding."""
    context.require(Act.VIEW_CASE)
    form = bodies.fields() if request.content_length or request.mimetype else {}
    done = acts.perform(
        context.office(), context.actor(), finding_id, act,
        note=act_fields.require_text(form.get("note"), "note"),
        bureau=act_fields.require_text(form.get("bureau"), "bureau"),
        photos=uploads.photos() if request.files else [],
        revision=_revision(form.get("revision")), extra=act_fields.extra_of_json(_nested(form)),
        request_key=request.headers.get("Idempotency-Key")
        or act_fields.require_text(form.get("request_key"), "request_key"),
    )  # fmt: skip
    return jsonify(
        id=str(done.finding_id), number=done.number, status=done.status, revision=done.revision,
        repeated=done.repeated,
    )  # fmt: skip


def _nested(form: Any) -> dict[str, Any]:
    """A form's flat fields of a punishment as the JSON body has them."""
    found = dict(form)
    if "punishment_number" in found or "punishment_kind" in found:
        found.setdefault(
            "punishment",
            {"number": found.get("punishment_number", ""), "kind": found.get("punishment_kind", "")},
        )
    return found


def _revision(value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused(mark("revision must be a whole number"), field="revision")
    return int(text)
