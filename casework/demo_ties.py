"""Ties between the demo's cases: what a step says of another one, and the links that merging and parents leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from casework.clock import day_of
from casework.photo_uploads import km_between
from casework.registration import Entry
from db.models import FindingLink

_KIND: Final = {"merge": "duplicate", "link_child": "child"}


def name_others(entries: Sequence[Entry], keys: Mapping[str, Entry], timezone: str) -> dict[int, str]:
    """Put case numbers where the story's steps name another case by its key; returns the keys by the steps' identity.

    ``entries`` stand in the order in which an empty register gives its numbers, year by year.
    """
    numbers: dict[int, str] = {}
    given: Counter[int] = Counter()
    for entry in entries:
        year = day_of(entry.reported_at, timezone).year
        given[year] += 1
        numbers[id(entry)] = f"{year}-{given[year]:04d}"
    named: dict[int, str] = {}
    for entry in keys.values():
        for one in entry.steps:
            key = one["payload"].get("other")
            if key in keys:
                one["payload"]["other"] = numbers[id(keys[key])]
                named[id(one)] = key
    return named


def tie(
    session: Session, keys: Mapping[str, Entry], named: Mapping[int, str], ids: Mapping[int, int]
) -> None:
    """Put the links on record; ``named`` is what ``name_others`` found, ``ids`` are finding ids by their entries."""
    rows = []
    for entry in keys.values():
        status: str | None = None
        for one in entry.steps:
            if one["act"] in _KIND:
                rows.append(_row(entry, keys[named[id(one)]], one, status, ids))
            status = one["to_status"] or status
    if rows:
        session.execute(insert(FindingLink).execution_options(render_nulls=True), rows)


def _row(
    entry: Entry, other: Entry, step: Mapping[str, Any], status: str | None, ids: Mapping[int, int]
) -> dict[str, Any]:
    at: datetime = step["at"]
    return {
        "kind": _KIND[step["act"]], "finding_id": ids[id(entry)], "other_id": ids[id(other)],
        "status_before": status, "created_at": at, "created_by": step["user_id"], "reason": step["note"] or "",
        "distance_m": round(1000 * km_between(entry.lon, entry.lat, other.lon, other.lat), 1),
    }  # fmt: skip
