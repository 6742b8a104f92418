"""What a request handler asks for: the office at work, the city, and who is asking."""

from typing import cast

from flask import current_app, g, request

from casework import policy
from casework.cities import CityFacts, city_facts
from casework.office import Office
from casework.policy import ANONYMOUS, Act, Actor

EXTENSION = "baopian"


def office() -> Office:
    """The installation that this application serves."""
    return cast(Office, current_app.extensions[EXTENSION])


def actor() -> Actor:
    """Who sent this request: the signed-in user, the API key's bearer, or ANONYMOUS."""
    return cast(Actor, g.get("actor", ANONYMOUS))


def city() -> CityFacts | None:
    """The city that is served, read once a request; None before ``baopian init``."""
    if "city" not in g:
        g.city = city_facts(office())
    return cast("CityFacts | None", g.city)


def public_map() -> bool:
    """Whether the map is open to people who are not signed in: the keyword of ``policy.may`` and ``require``."""
    facts = city()
    return facts is not None and facts.map_is_public


def may(act: Act) -> bool:
    """Whether whoever sent this request may do this."""
    return policy.may(actor(), act, public_map=public_map())


def require(act: Act) -> None:
    """Raise NotSignedIn or Forbidden unless whoever sent this request may do this."""
    policy.require(actor(), act, public_map=public_map())


def is_api() -> bool:
    """Whether the request is for the API, where keys count and sessions need a CSRF token."""
    return request.path.startswith("/api/")
