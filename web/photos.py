"""Photos as they were stored, for who may see them."""

from typing import Final

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from casework import case_view
from web import context

blueprint = Blueprint("photos", __name__)

_KEPT_S: Final = 365 * 24 * 3600
_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})


@blueprint.get("/photos/<int:photo_id>")
def show(photo_id: int) -> ResponseReturnValue:
    """The bytes of a photo. What is no known kind of picture is only offered for saving."""
    path, media_type, digest = case_view.photo(context.office(), context.actor(), photo_id)
    known = media_type in _IMAGES
    response: Response = send_file(
        path, mimetype=media_type if known else "application/octet-stream", etag=False, conditional=False,
        as_attachment=not known, download_name=f"photo-{photo_id}",
    )  # fmt: skip
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.cache_control.no_cache = None
    response.cache_control.private = True
    response.cache_control.max_age = _KEPT_S
    response.set_etag(digest)
    response.make_conditional(request)
    return response
