"""The shapes of what the JSON API takes and gives, as JSON Schema (2020-12)."""

from typing import Any, Final

from casework.act_extra import PUNISHMENTS
from casework.findings import MAX_CLIENT_KEY
from casework.lifecycle import ACTS, NEEDS
from casework.photo_uploads import KINDS, MAX_BYTES, MAX_PHOTOS

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
FLAG: Final[Schema] = {"type": "boolean"}


def ref(name: str) -> Schema:
    """A reference to a schema of ours."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, **more}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_POINT: Final = _object(
    {
        "type": {"const": "Point"},
        "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    }
)
_AREA_OF: Final = _object({"code": TEXT_OR_NULL, "name": TEXT_OR_NULL, "level": TEXT})
_PROPERTIES: Final = _object(
    {
        "number": TEXT,
        "category": TEXT,
        "status": {
            "enum": [
                "reported", "filed", "dispatched", "accepted", "handled", "verified", "closed", "declined",
                "returned", "suspended", "cancelled", "duplicate", "reopened",
            ]
        },
        "description": TEXT,
        "found_at": MOMENT_OR_NULL,
        "reported_at": MOMENT,
        "due_at": MOMENT_OR_NULL,
        "overdue": FLAG,
        "area": _or_null(_AREA_OF),
        "areas": _list(_AREA_OF),
        "bureau": _or_null(_object({"code": TEXT, "name": TEXT})),
        "assignment": {"enum": ["inside", "border", "overlap", "outside"]},
        "near_border": FLAG,
        "photos": _list(
            _object({"id": TEXT, "kind": {"enum": list(KINDS)}})
        ),
    }
)  # fmt: skip
_FEATURE: Final = {
    "type": {"const": "Feature"}, "id": TEXT, "geometry": _POINT, "properties": ref("FindingProperties"),
}  # fmt: skip
_NAMES: Final = {"code": TEXT, "name": TEXT, "name_zh": TEXT, "name_en": TEXT}

_NEW: Final[Schema] = {
    "category": {"type": "string", "description": "A code of /api/v1/categories"},
    "lon": {"type": "number", "minimum": -180, "maximum": 180},
    "lat": {"type": "number", "minimum": -90, "maximum": 90},
    "description": {"type": "string", "maxLength": 10_000},
    "subject": {"type": "string", "maxLength": 200},
    "place": {"type": "string", "maxLength": 200},
    "found_at": {**MOMENT_OR_NULL, "description": "Without an offset it is the city's time"},
    "client_key": {
        "type": "string",
        "maxLength": MAX_CLIENT_KEY,
        "description": "Made up by the sender for this report: sent again by the same sender, it leads to the first"
        " finding (200) and nothing is filed. The header Idempotency-Key means the same",
    },
}
_MAY_LACK: Final = ("description", "subject", "place", "found_at", "client_key")

_ACT_BODY: Final[Schema] = {
    "note": {"type": "string", "maxLength": 2000, "description": "The reason or remark"},
    "bureau": {"type": "string", "description": "A code of /api/v1/bureaus; for a dispatch empty: the rule's"},
    "revision": {"type": "integer", "description": "What was seen: another one now is answered with 409"},
    "joint": {**_list(TEXT), "description": "Codes of bureaus that take part"},
    "punishment": _object({"number": TEXT, "kind": {"enum": list(PUNISHMENTS)}}),
    "other": {"type": "string", "description": "The number of another finding: the one that stays, the parent"},
    "where": {
        **_list({"type": "number"}), "minItems": 2, "maxItems": 2,
        "description": "Where the person stood: lon, lat in degrees (WGS 84)",
    },
    "request_key": {"type": "string", "maxLength": 200, "description": "The same as Idempotency-Key"},
}  # fmt: skip

SCHEMAS: Final[dict[str, Schema]] = {
    "ActBody": _object(_ACT_BODY, optional=tuple(_ACT_BODY)),
    "ActBodyWithPhotos": _object(
        {
            **_ACT_BODY,
            "photos": {**_list({"type": "string", "contentMediaType": "image/*"}), "maxItems": MAX_PHOTOS},
            "photo_kinds": _list({"enum": list(KINDS)}),
        },
        optional=(*_ACT_BODY, "photos", "photo_kinds"),
    ),
    "ActDone": _object(
        {"id": TEXT, "number": TEXT, "status": TEXT, "revision": {"type": "integer"}, "repeated": FLAG}
    ),
    "Acts": _object(
        {
            "id": TEXT,
            "number": TEXT,
            "status": TEXT,
            "revision": {"type": "integer"},
            "acts": _list(
                _object(
                    {
                        "act": {"enum": list(ACTS)},
                        "word": TEXT,
                        "possible": FLAG,
                        "why": {**TEXT, "description": "Why not, where it is not possible"},
                        "needs": {
                            **_list({"enum": list(NEEDS)}),
                            "description": "after_photo: a photo of this kind; report: one, or a note; reason: a note",
                        },
                    }
                )
            ),
        }
    ),
    "NewFinding": _object(_NEW, optional=_MAY_LACK),
    "NewFindingWithPhotos": _object(
        {
            **_NEW,
            "photos": {
                **_list({"type": "string", "contentMediaType": "image/*"}),
                "maxItems": MAX_PHOTOS,
                "description": "JPEG, PNG, WebP or HEIC, each in a part of its own, at most "
                f"{MAX_BYTES >> 20} MB; one that cannot be taken refuses the whole report",
            },
            "photo_kinds": {
                **_list({"enum": list(KINDS)}),
                "description": "What each photo shows, in the same order; before where it is left out",
            },
        },
        optional=(*_MAY_LACK, "photos", "photo_kinds"),
    ),
    "FindingProperties": _PROPERTIES,
    "Finding": _object(_FEATURE),
    "NewlyReported": _object(
        {
            **_FEATURE,
            "warnings": {**_list(TEXT), "description": "What the reporter should know about the location"},
        }
    ),
    "FindingCollection": _object(
        {
            "type": {"const": "FeatureCollection"},
            "features": _list(ref("Finding")),
            "numberMatched": {"type": "integer"},
            "numberReturned": {"type": "integer"},
            "links": _list(_object({"rel": {"enum": ["self", "next"]}, "type": TEXT, "href": TEXT})),
        }
    ),
    "Category": _object(
        {
            **_NAMES,
            "parent": TEXT_OR_NULL,
            "limit_value": {"type": ["integer", "null"]},
            "limit_unit": {"enum": ["hour", "working_hour", "working_day", "calendar_day", None]},
        }
    ),
    "Bureau": _object({**_NAMES, "short_zh": TEXT, "short_en": TEXT}),
    "Area": _object({**_NAMES, "level": TEXT, "parent": TEXT_OR_NULL, "drawn": FLAG, "leader": TEXT_OR_NULL}),
    "Problem": _object(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "field": TEXT,
            "errors": _list(_object({"field": TEXT_OR_NULL, "detail": TEXT})),
        },
        optional=("field", "errors"),
    ),
}
