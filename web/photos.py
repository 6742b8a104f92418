"""Photos: the copies that are shown, the originals for saving, and a look at one before it is sent."""

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import case_view, photo_copies, photo_uploads
from casework.errors import Refused, mark
from casework.photos import DISPLAY, THUMB, shown
from casework.policy import Act
from web import context, i18n, uploads

blueprint = Blueprint("photos", __name__)

_KEPT_S: Final = 365 * 24 * 3600
# What may be handed out under its own type; none of them can run anything.
_IMAGES: Final = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/gif": "gif",
    "image/avif": "avif",
}  # fmt: skip


@blueprint.get("/photos/<int:photo_id>")
def show(photo_id: int) -> ResponseReturnValue:
    """The photo as it is shown: upright, at most 1600 pixels, a JPEG without metadata."""
    return _copy(photo_id, DISPLAY)


@blueprint.get("/photos/<int:photo_id>/thumb")
def thumb(photo_id: int) -> ResponseReturnValue:
    """The same at most 400 pixels wide and high."""
    return _copy(photo_id, THUMB)


@blueprint.get("/photos/<int:photo_id>/original")
def original(photo_id: int) -> ResponseReturnValue:
    """The bytes as they came, for saving: they hold what the camera wrote, so they are for staff."""
    return sent_original(photo_id)


@blueprint.post("/photos/inspect")
def inspect() -> ResponseReturnValue:
    """What a photo says, before it is sent. Nothing is stored."""
    context.require(Act.VIEW_CASE)
    files = uploads.named(file for name in uploads.PARTS for file in request.files.getlist(name))
    if len(files) != 1:
        raise Refused(mark("photo: send one file"), field="photo")
    [(content, name)] = files
    seen = photo_uploads.inspect(context.office(), content, name)
    photo = seen.checked
    return jsonify(
        ok=True,
        media_type=photo.media_type,
        width=photo.width,
        height=photo.height,
        taken_at=i18n.in_city(photo.taken_at).isoformat(timespec="seconds") if photo.taken_at else None,
        lon=photo.lon,
        lat=photo.lat,
        warnings=[_(message) % params for message, params in seen.warnings],
    )


def sent_original(photo_id: int, *, or_copy: bool = False) -> Response:
    """The answer with a photo's original; with ``or_copy`` its covered copy for who may not see the original.

    Raises NotSignedIn, Forbidden or NotFound.
    """
    context.require(Act.VIEW_CASE)
    sees = not or_copy or context.may(Act.VIEW_ORIGINALS)
    original = sees or not photo_copies.has_copy(context.office(), photo_id)
    path, media_type, digest = case_view.photo(context.office(), context.actor(), photo_id, original=original)
    ending = _IMAGES.get(media_type, "bin")
    served = media_type if media_type in _IMAGES else "application/octet-stream"
    return _sent(path, served, digest, f"photo-{photo_id}.{ending}", attachment=True)


def sent_uncovered(photo_id: int) -> Response:
    """The answer with a photo as it came, at the size in which it is shown. Raises as ``sent_original``."""
    _path, _media_type, digest = case_view.photo(context.office(), context.actor(), photo_id, original=True)
    path = shown(context.office(), digest, DISPLAY)
    return _sent(path, "image/jpeg", f"{digest}-{DISPLAY}", f"photo-{photo_id}.jpg")


def _copy(photo_id: int, size: int) -> Response:
    _path, _media_type, digest = case_view.photo(context.office(), context.actor(), photo_id)
    path = shown(context.office(), digest, size)
    return _sent(path, "image/jpeg", f"{digest}-{size}", f"photo-{photo_id}.jpg")


def _sent(path: Path, media_type: str, tag: str, name: str, *, attachment: bool = False) -> Response:
    response: Response = send_file(
        path, mimetype=media_type, etag=False, conditional=False, as_attachment=attachment, download_name=name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    kept = response.cache_control
    kept.private = True
    if request.args.get("v") == tag[:8]:  # an address that names the bytes never means others
        kept.no_cache = None
        kept.max_age = _KEPT_S
        kept.immutable = True
    else:
        kept.no_cache = True
    response.set_etag(tag)
    response.make_conditional(request)
    return response
