"""JSON answers, written once, compressed for browsers that take it, and not sent again when nothing changed."""

import gzip
import json
from collections.abc import Callable
from typing import Any, Final

from flask import Response, request

SMALLEST_BYTES: Final = 1024
LEVEL: Final = 5
Body = tuple[bytes, bytes]


def encoded(value: Any) -> bytes:
    """JSON in UTF-8 without spaces; raises ValueError for NaN and infinity."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def packed(body: bytes) -> Body:
    """The body as it is and compressed."""
    return body, gzip.compress(body, LEVEL, mtime=0)


def answer(value: Any) -> Response:
    """An answer that is made for this request."""
    body = encoded(value)
    return _response(body, lambda: gzip.compress(body, LEVEL, mtime=0))


def kept_answer(body: Body, version: str) -> Response:
    """An answer that was made before; a browser that has this version gets 304 Not Modified."""
    response = _response(body[0], lambda: body[1])
    response.set_etag(version, weak=True)
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def _response(body: bytes, compressed: Callable[[], bytes]) -> Response:
    gzipped = len(body) > SMALLEST_BYTES and request.accept_encodings.quality("gzip") > 0
    response = Response(compressed() if gzipped else body, mimetype="application/json")
    response.vary.add("Accept-Encoding")
    if gzipped:
        response.content_encoding = "gzip"
    return response
