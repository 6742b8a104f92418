"""Photos in a request: how large it may be, and which parts of it are photos."""

import json
from collections.abc import Iterable
from typing import Final

from flask import request
from werkzeug.datastructures import FileStorage

from casework import area_import_store, street_imports
from casework.errors import Refused, mark
from casework.photo_uploads import MAX_BYTES, MAX_PHOTOS, Upload, check_all
from casework.policy import Act
from web import context

# Who is known may send photos here; any other request keeps the small bound of the settings.
TAKES_PHOTOS: Final = frozenset(
    {"api_v1.report", "api_acts.perform", "photos.inspect", "reports.send", "acts.perform"}
)
TAKES_MAP_FILES: Final = frozenset({"area_imports.bring"})
TAKES_STREETS: Final = frozenset({"settings.streets_import"})
MAX_REQUEST_BYTES: Final = MAX_PHOTOS * MAX_BYTES + 1024 * 1024
PARTS: Final = ("photos", "photos[]", "photo")
KINDS: Final = ("photo_kinds", "photo_kinds[]", "kinds", "kinds[]")


def widen() -> None:
    """Let a request with photos or map files be as large as they may be; must come before the body is read."""
    if request.endpoint in TAKES_MAP_FILES and context.may(Act.IMPORT_AREAS):
        request.max_content_length = area_import_store.MAX_BYTES + 1024 * 1024
    if request.endpoint in TAKES_STREETS and context.may(Act.MANAGE_SETTINGS):
        request.max_content_length = street_imports.MAX_BYTES + 1024 * 1024
    if request.endpoint in TAKES_PHOTOS and context.actor().role is not None:
        request.max_content_length = max(MAX_REQUEST_BYTES, context.office().settings.max_request_bytes)


def photos() -> list[Upload]:
    """The request's checked photos, of the parts ``photos``; their kinds from ``photo_kinds``, a list or with commas.

    Raises Refused or Refusals with every photo's fault, naming its place and name.
    """
    for name in request.files:
        if name not in PARTS:
            raise Refused(
                mark("%(field)s holds a file: photos go into parts named photos"),
                {"field": name[:40]},
                field=name[:40],
            )
    if any(request.form.get(name) for name in PARTS):
        raise Refused(mark("photos must be files, each in a part of its own"), field="photos")
    files = [file for name in PARTS for file in request.files.getlist(name)]
    return check_all(context.office(), named(files), _kinds())


def named(files: Iterable[FileStorage]) -> list[tuple[bytes, str]]:
    """Files as (content, name); what a form sends for a field left empty is no file."""
    given = [(file.stream.read(MAX_BYTES + 1), file.filename or "") for file in files]
    return [(content, name) for content, name in given if content or name]


def _kinds() -> list[str]:
    written = [text for name in KINDS for text in request.form.getlist(name)]
    if len(written) == 1 and written[0].startswith("["):
        try:
            found = json.loads(written[0])
        except ValueError:
            found = None
        return [str(kind) for kind in found] if isinstance(found, list) else written
    return [kind.strip() for text in written for kind in text.split(",") if kind.strip()]
