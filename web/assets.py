"""Addresses of static files that change with their content, so that browsers may keep them for good."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

_KEPT_S = 365 * 24 * 3600


def asset(path: str) -> str:
    """The address of a file under ``web/static``, with its content's hash."""
    version = _version(Path(current_app.static_folder or "") / path)
    return url_for("static", filename=path, v=version) if version else url_for("static", filename=path)


def init(app: Flask) -> None:
    """Let browsers keep what was asked for with a hash; everything else static they ask for again, by ETag."""

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = _KEPT_S
            response.cache_control.immutable = True
        return response


def _version(file: Path) -> str:
    try:
        facts = file.stat()
    except OSError:
        return ""
    return _digest(file, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=1024)
def _digest(file: Path, _changed_ns: int, _size: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
