"""Who did what, without personal data: one line for each request.

A line has the time, the request's reference (an error page shows it, every answer has it as X-Request-Id), the method,
the route (never what stood in its places or in the query, but for a finding's number), the status, the duration, and
the role and number of the account. No names, texts, positions, searches, passwords or keys.
"""

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any, Final

from flask import Flask, Response, g, request

from web import context

LOGGER: Final = logging.getLogger("baopian.requests")
_QUIET: Final = frozenset({"static", "health.show"})
_NEW_FINDING: Final = re.compile(r"/findings/(\d{1,19})$", re.ASCII)


def watch(app: Flask) -> None:
    """Note each request once it is answered."""
    app.before_request(_started)
    app.after_request(_answered)


def speak(format_: str = "text", level: int = logging.INFO) -> None:
    """Let the lines go to stderr, as text or as JSON; the service manager keeps and rotates them."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if format_ == "json" else _Text())
    LOGGER.handlers = [handler]
    LOGGER.setLevel(level)
    LOGGER.propagate = False


def _started() -> None:
    g.started_s = time.perf_counter()
    g.reference = secrets.token_hex(4)


def _answered(response: Response) -> Response:
    if reference := g.get("reference"):
        response.headers["X-Request-Id"] = reference
    if request.endpoint not in _QUIET:
        LOGGER.info("request", extra={"facts": facts(response)})
    return response


def facts(response: Response) -> dict[str, Any]:
    """What a line says of the present request and its answer."""
    actor = context.actor()
    started = g.get("started_s")
    places = request.view_args or {}
    said = {
        "reference": g.get("reference"),
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "-",
        "status": response.status_code,
        "duration_ms": round((time.perf_counter() - started) * 1000, 1) if started is not None else None,
        "role": actor.role or "-",
        "user": actor.user_id,
        "key": actor.key_id,
        "finding": places.get("finding_id") or _new_finding(response),
    }
    return {name: value for name, value in said.items() if value is not None}


def _new_finding(response: Response) -> int | None:
    """The number of a finding that this request put on record: the answer leads to it."""
    led_to = _NEW_FINDING.search(response.location or "")
    return int(led_to[1]) if led_to and request.method == "POST" else None


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return " ".join([_now(), *(f"{name}={value}" for name, value in _facts_of(record).items())])


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"time": _now(), **_facts_of(record)}, ensure_ascii=False)


def _facts_of(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, "facts", {"message": record.getMessage()})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
