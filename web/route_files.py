"""Files of rounds: plans taken along as GPX, GeoJSON or a calendar, and places brought in for a new plan."""

import re
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import route_downloads, route_place_files
from casework.errors import Refused, mark
from casework.policy import Act
from casework.route_place_files import Told
from web import area_import_words, context, i18n

blueprint = Blueprint("route_files", __name__, url_prefix="/routes")


@blueprint.get("/<int:plan_id>/round.<ending>")
def download(plan_id: int, ending: str) -> ResponseReturnValue:
    """The rounds of a plan, of all or of one ``inspector`` and ``day``, as a file."""
    found = route_downloads.download(
        context.office(), context.actor(), plan_id, ending, request.args.get("inspector"), request.args.get("day"),
        i18n.lang(),
    )  # fmt: skip
    answer: Response = make_response(found.content)
    answer.headers["Content-Type"] = found.media_type
    plain = re.sub(r"[^A-Za-z0-9.-]+", "_", found.name)
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name)}"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/places")
def places() -> ResponseReturnValue:
    """The places of a file (``file``; ``datum``, ``layer``) as a new plan takes them, and what is wrong with others."""
    context.require(Act.PLAN_ROUTES)
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(mark("Choose a file of places"), field="file")
    found = route_place_files.read_places(
        context.office(), context.actor(), file.stream, file.filename, request.form.get("datum", ""),
        request.form.get("layer"),
    )  # fmt: skip
    return jsonify(
        {
            "places": found.places, "problems": [_line(one) for one in found.told],
            "refused": [{"row": one.row, "text": _said(one)} for one in found.told if not one.taken],
            "notes": [{"row": one.row, "text": _said(one)} for one in found.told if one.taken],
        }
    )  # fmt: skip


def _said(one: Told) -> str:
    return area_import_words.say(one.message, one.params)


def _line(one: Told) -> str:
    return _said(one) if one.row is None else _("Row %(row)s: %(text)s", row=one.row, text=_said(one))
