"""Photos in the forms of pages: each file input is named after what it shows, as ``photo-after``."""

from flask import request

from casework.photo_uploads import KINDS, Upload, check_all
from web import context, uploads


def photos() -> list[Upload]:
    """The photos of this request, checked; an empty file input is none. Raises Refused or Refusals."""
    inputs = {f"photo-{kind}": kind for kind in KINDS}
    if not inputs.keys() & request.files.keys():
        return uploads.photos()
    sent = [
        (photo, kind) for name, kind in inputs.items() for photo in uploads.named(request.files.getlist(name))
    ]
    return check_all(context.office(), [photo for photo, _kind in sent], [kind for _photo, kind in sent])
