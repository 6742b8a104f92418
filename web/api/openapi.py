"""What the JSON API takes and gives, in OpenAPI 3.1. A test compares it with the routes and their answers."""

from typing import Any, Final

from casework.finding_queries import MAX_PAGE, USUAL_PAGE
from casework.findings import MAX_CLIENT_KEY
from casework.lifecycle import ACTS
from web.api.schemas import SCHEMAS, ref

Part = dict[str, Any]


def document() -> Part:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Baopian",
            "version": "1",
            "description": "Findings of city inspectors, the areas they lie in and the bureaus that put them right. "
            "Coordinates are WGS 84 degrees. Names are in the language of `lang`, of Accept-Language, or Chinese. "
            "Errors are application/problem+json whose `field` names what was wrong.",
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"session": []}, {}],
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS,
            "responses": RESPONSES,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key made by `baopian key add`"},
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "baopian_session",
                    "description": "Our own pages; what changes something also needs the header X-CSRFToken",
                },
            },
        },
    }  # fmt: skip


def _query(name: str, description: str, **schema: Any) -> Part:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def _path(name: str) -> Part:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}


def _json(schema: Part, media_type: str = "application/json") -> Part:
    return {media_type: {"schema": schema}}


def _list(name: str, schema: str) -> Part:
    return _json(
        {"type": "object", "required": [name], "properties": {name: {"type": "array", "items": ref(schema)}}}
    )


def _answers(ok: Part, *problems: int, status: int = 200) -> Part:
    numbers = {str(number): {"$ref": f"#/components/responses/{number}"} for number in problems}
    return {str(status): ok, **numbers}


_LANG: Final = _query("lang", "Language of names and messages", type="string", enum=["zh", "en"])
_GEOJSON: Final = "application/geo+json"
_PROBLEM: Final = _json(ref("Problem"), "application/problem+json")
RESPONSES: Final[Part] = {
    str(number): {"description": words, "content": _PROBLEM}
    for number, words in {
        400: "The body cannot be read, or a session's request lacks its CSRF token",
        401: "Nobody is signed in, or the key is unknown or revoked",
        403: "This role may not do this",
        404: "There is no such thing",
        409: "Not while the finding stands so, or somebody was quicker: the message names what is possible",
        413: "The body is too large",
        415: "The body is of a kind that is not taken",
        422: "A value cannot be taken: `field` names it, `errors` lists every fault",
        429: "Too much at once: `Retry-After` says when to try again",
    }.items()
}

_FILTERS: Final = [
    _query("bbox", "west,south,east,north in degrees"),
    _query("status", "Stored statuses or the map's keys over,due,prog,new,check,susp,done; comma list"),
    _query("category", "Category codes, comma list; children belong to their parent"),
    _query("bureau", "Bureau codes, comma list"),
    _query("area", "Area codes of any level, comma list"),
    _query("from", "First day of the report, on the city's calendar", type="string", format="date"),
    _query("to", "Last day of the report, included", type="string", format="date"),
    _query("overdue", "1: only what is overdue", type="string", enum=["0", "1"]),
    _query("q", "Words in number, subject, place, description or names", type="string", maxLength=100),
    _query("limit", "How many at most", type="integer", minimum=1, maximum=MAX_PAGE, default=USUAL_PAGE),
    _query("cursor", "Where to go on; take it from the link named next"),
]

_IDEMPOTENCY_KEY: Final[Part] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same as the field client_key",
    "schema": {"type": "string", "maxLength": MAX_CLIENT_KEY},
}
_ACT: Final[Part] = {
    "name": "act", "in": "path", "required": True, "schema": {"enum": list(ACTS)},
}  # fmt: skip
_ON_RECORD: Final[Part] = {
    "description": "The finding as it is on record",
    "headers": {"Location": {"description": "Its address", "schema": {"type": "string"}}},
    "content": _json(ref("NewlyReported"), _GEOJSON),
}

PATHS: Final[Part] = {
    "/api/openapi.json": {
        "get": {
            "summary": "This description",
            "security": [{}],
            "responses": _answers({"description": "OpenAPI 3.1", "content": _json({"type": "object"})}),
        }
    },
    "/api/v1/findings": {
        "get": {
            "summary": "Findings, the newest first",
            "parameters": [*_FILTERS, _LANG],
            "responses": _answers(
                {"description": "A page of findings", "content": _json(ref("FindingCollection"), _GEOJSON)},
                401, 403, 422,
            ),
        },
        "post": {
            "summary": "Report a finding",
            "description": "Answered once it is durable on disk, its photos too.",
            "security": [{"key": []}, {"session": []}],
            "parameters": [_LANG, _IDEMPOTENCY_KEY],
            "requestBody": {
                "required": True,
                "content": {
                    **_json(ref("NewFinding")),
                    **_json(ref("NewFindingWithPhotos"), "multipart/form-data"),
                },
            },
            "responses": {
                **_answers(_ON_RECORD, 400, 401, 403, 413, 415, 422, 429, status=201),
                "200": {**_ON_RECORD, "description": "The finding that was filed under this key before"},
            },
        },
    },
    "/api/v1/findings/{finding_id}": {
        "get": {
            "summary": "One finding",
            "parameters": [_path("finding_id"), _LANG],
            "responses": _answers(
                {"description": "The finding", "content": _json(ref("Finding"), _GEOJSON)}, 401, 403, 404
            ),
        }
    },
    "/api/v1/findings/{finding_id}/acts": {
        "get": {
            "summary": "What the asker may do with a finding now, and why not the rest",
            "security": [{"key": []}, {"session": []}],
            "parameters": [_path("finding_id"), _LANG],
            "responses": _answers(
                {"description": "The acts, the likeliest first", "content": _json(ref("Acts"))}, 401, 403, 404
            ),
        }
    },
    "/api/v1/findings/{finding_id}/acts/{act}": {
        "post": {
            "summary": "Take one step with a finding",
            "description": "What each act asks for is told by `GET …/acts`; docs/lifecycle.md has the table. Nothing"
            " has changed unless the answer is 200. The same Idempotency-Key again does nothing and answers the same.",
            "security": [{"key": []}, {"session": []}],
            "parameters": [_path("finding_id"), _ACT, _LANG, _IDEMPOTENCY_KEY],
            "requestBody": {
                "required": False,
                "content": {
                    **_json(ref("ActBody")),
                    **_json(ref("ActBodyWithPhotos"), "multipart/form-data"),
                },
            },
            "responses": _answers(
                {"description": "How the finding stands now", "content": _json(ref("ActDone"))},
                400, 401, 403, 404, 409, 413, 415, 422,
            ),
        }
    },
    "/api/v1/categories": {
        "get": {
            "summary": "Categories in use",
            "parameters": [_LANG],
            "responses": _answers(
                {"description": "Sorted by code", "content": _list("categories", "Category")}, 401, 403
            ),
        }
    },
    "/api/v1/bureaus": {
        "get": {
            "summary": "Bureaus in use",
            "parameters": [_LANG],
            "responses": _answers(
                {"description": "Sorted by code", "content": _list("bureaus", "Bureau")}, 401, 403
            ),
        }
    },
    "/api/v1/areas": {
        "get": {
            "summary": "Areas in force; leaders only for those who may see persons",
            "parameters": [_LANG],
            "responses": _answers(
                {"description": "Coarsest level first", "content": _list("areas", "Area")}, 401, 403
            ),
        }
    },
    "/api/v1/photos/{photo_id}": {
        "get": {
            "summary": "A photo's original, byte for byte",
            "security": [{"key": []}, {"session": []}],
            "parameters": [_path("photo_id")],
            "responses": _answers({"description": "The bytes", "content": {"image/*": {}}}, 401, 403, 404),
        }
    },
}  # fmt: skip
