"""Whether the server can do its work: for whoever watches over it."""

from dataclasses import asdict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from casework import health
from web import context

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def show() -> ResponseReturnValue:
    """200 when the database answers with a city in it, 503 otherwise."""
    found = health.look(context.office())
    body = {"status": "ok" if found.is_ready else "unavailable", **asdict(found)}
    return jsonify(body), 200 if found.is_ready else 503
