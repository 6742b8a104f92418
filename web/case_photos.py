"""The photos of a case on a page, before and after under a slider, and covering faces and plates on a copy."""

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import case_view, photo_copies
from casework.case_photos import CasePhoto, CasePhotos, Said, case_photos
from casework.errors import CaseworkError, NotFound, Refused
from casework.photo_copies import CopySheet
from casework.photo_mosaic import MOST
from casework.policy import Act
from web import case_words, context, errors, i18n
from web.photos import sent_uncovered

blueprint = Blueprint("case_photos", __name__)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """For the pages that include ``findings/_photos.html``."""
    return {"photos_of": photos_of, "photo_said": photo_said, "photo_name": photo_name}


def photos_of(finding_id: int) -> CasePhotos | None:
    """The photos of a case; None where there are none to be seen."""
    try:
        found = case_photos(context.office(), context.actor(), finding_id)
    except NotFound:
        return None
    return found if found.photos else None


def photo_said(said: Said) -> str:
    """What a photo says of itself, in the page's language."""
    message, params = said
    return _(message, **params)


def photo_name(photo: CasePhoto, of: CasePhotos) -> str:
    """What it shows; counted where several show the same."""
    word = case_words.photo_kind(photo.kind)
    several = sum(one.kind == photo.kind for one in of.photos) > 1
    return f"{word} {photo.number}" if several else word


@blueprint.get("/findings/<int:finding_id>/photos")
def show(finding_id: int) -> ResponseReturnValue:
    """All photos of a case, large."""
    found = case_photos(context.office(), context.actor(), finding_id)
    case = case_view.case(context.office(), context.actor(), finding_id)
    return render_template(
        "findings/photos.html", case=case, found=found, words=case_words, now=context.office().now()
    )


@blueprint.get("/photos/<int:photo_id>/cover")
def cover_form(photo_id: int) -> ResponseReturnValue:
    """The page for drawing over faces and plates."""
    return _cover_page(photo_copies.sheet(context.office(), context.actor(), photo_id))


@blueprint.post("/photos/<int:photo_id>/cover")
def cover(photo_id: int) -> ResponseReturnValue:
    """Make the covered copy."""
    sheet = photo_copies.sheet(context.office(), context.actor(), photo_id)
    try:
        regions = json.loads(request.form.get("regions") or "[]")
    except (ValueError, RecursionError):
        regions = None
    try:
        photo_copies.make(context.office(), context.actor(), photo_id, regions)
    except Refused as fault:
        if errors.wants_json():
            raise
        return _cover_page(sheet, fault)
    flash(_("Covered: everybody sees the copy from now on"), "info")
    return redirect(url_for("case_photos.show", finding_id=sheet.finding_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/photos/<int:photo_id>/uncover")
def uncover(photo_id: int) -> ResponseReturnValue:
    """Take the covered copy back."""
    sheet = photo_copies.sheet(context.office(), context.actor(), photo_id)
    photo_copies.retire(context.office(), context.actor(), photo_id)
    flash(_("The photo is shown as it came again"), "info")
    return redirect(url_for("case_photos.show", finding_id=sheet.finding_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/photos/<int:photo_id>/uncovered")
def uncovered(photo_id: int) -> ResponseReturnValue:
    """The photo as it came, at the size of the screen, for who may see originals."""
    context.require(Act.VIEW_ORIGINALS)
    return sent_uncovered(photo_id)


def _cover_page(sheet: CopySheet, fault: CaseworkError | None = None) -> ResponseReturnValue:
    whole = sheet.sees_original or not sheet.has_copy
    config = {
        "src": url_for("case_photos.uncovered" if sheet.sees_original else "photos.show", photo_id=sheet.photo_id),
        "regions": sheet.regions if whole else [],
        "most": MOST,
    }  # fmt: skip
    page = render_template(
        "findings/cover.html",
        sheet=sheet,
        config=config,
        said=i18n.said(fault) if fault else "",
        keeps=len(sheet.regions) if not whole else 0,
    )
    return make_response(page, errors.status_of(fault) if fault else 200)
