"""Findings as GeoJSON, the way ``CONTRACT.md`` promises it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casework.finding_queries import FindingRecord, InLevel, Named
from web import i18n


def feature(record: FindingRecord, **members: Any) -> dict[str, Any]:
    """A finding as a Feature; ``members`` are put beside its own. Names are in the request's language."""
    return {
        "type": "Feature",
        "id": str(record.id),
        "geometry": {"type": "Point", "coordinates": [record.lon, record.lat]},
        "properties": {
            "number": record.number,
            "category": record.category,
            "status": record.status,
            "description": record.description,
            "found_at": _moment(record.found_at),
            "reported_at": _moment(record.reported_at),
            "due_at": _moment(record.due_at),
            "overdue": record.overdue,
            "area": _area(record.patch) if record.patch else None,
            "areas": [_area(one) for one in record.levels],
            "bureau": _named(record.bureau),
            "assignment": record.assignment,
            "near_border": record.near_border,
            "photos": [{"id": str(photo_id), "kind": kind} for photo_id, kind in record.photos],
        },
        **members,
    }


def collection(records: Sequence[FindingRecord], **members: Any) -> dict[str, Any]:
    """Findings as a FeatureCollection."""
    return {"type": "FeatureCollection", "features": [feature(record) for record in records], **members}


def _moment(moment: datetime | None) -> str | None:
    return i18n.in_city(moment).isoformat(timespec="seconds") if moment else None


def _named(thing: Named | None) -> dict[str, str] | None:
    return {"code": thing.code, "name": i18n.local(thing, "name")} if thing else None


def _area(one: InLevel) -> dict[str, str | None]:
    named = _named(one.area)
    code, name = (named["code"], named["name"]) if named else (None, None)
    return {"code": code, "name": name, "level": one.level}
