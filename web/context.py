"""What a request handler asks for: the office at work and who is asking."""

from typing import cast

from flask import current_app, g

from casework.office import Office
from casework.policy import ANONYMOUS, Actor

EXTENSION = "baopian"


def office() -> Office:
    """The installation that this application serves."""
    return cast(Office, current_app.extensions[EXTENSION])


def actor() -> Actor:
    """Who sent this request: the signed-in user, the API key's bearer, or ANONYMOUS."""
    return cast(Actor, g.get("actor", ANONYMOUS))
