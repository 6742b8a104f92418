"""Request bodies read with bounds: JSON objects and forms, refused with words when they are something else."""

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from casework.errors import CaseworkError, mark

MAX_JSON_BYTES = 4 * 1024 * 1024
_FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}


class BadBody(CaseworkError):
    """The body cannot be read at all."""


class WrongMediaType(CaseworkError):
    """The body is of a kind that is not taken here."""


class TooLarge(CaseworkError):
    """The body has more bytes than are taken here."""


def json_object() -> dict[str, Any]:
    """The request's JSON object.

    Numbers too large for a float arrive as infinite and NaN as such: the field that holds them is refused by name.
    Raises WrongMediaType, TooLarge or BadBody; deep nesting is refused, not followed.
    """
    if not _is_json(request.mimetype):
        raise WrongMediaType(mark("The body must be application/json"), field="body")
    if (request.content_length or 0) > MAX_JSON_BYTES:
        raise TooLarge(mark("The body has more than %(mb)s MB"), {"mb": MAX_JSON_BYTES >> 20}, field="body")
    raw = request.get_data(cache=False)
    if len(raw) > MAX_JSON_BYTES:
        raise TooLarge(mark("The body has more than %(mb)s MB"), {"mb": MAX_JSON_BYTES >> 20}, field="body")
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_int=_integer)
    except UnicodeDecodeError:
        raise BadBody(mark("The body is not UTF-8"), field="body") from None
    except RecursionError:
        raise BadBody(mark("The body is nested too deep"), field="body") from None
    except ValueError as error:
        where = error.pos if isinstance(error, json.JSONDecodeError) else 0
        raise BadBody(
            mark("The body is not JSON (character %(where)s)"), {"where": where}, field="body"
        ) from None
    if not isinstance(value, dict):
        raise BadBody(mark("The body must be a JSON object"), field="body")
    return value


def fields() -> Mapping[str, Any]:
    """The fields of a JSON object or of a form; a form's files stay in ``request.files``."""
    return request.form.to_dict() if request.mimetype in _FORMS else json_object()


def _integer(digits: str) -> int | float:
    # Python refuses to read thousands of digits; as a float they are infinite and refused where they stand.
    return int(digits) if len(digits) < 400 else float(digits)


def _is_json(mimetype: str) -> bool:
    return mimetype == "application/json" or (
        mimetype.startswith("application/") and mimetype.endswith("+json")
    )
