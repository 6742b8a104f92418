"""Findings as programs ask for them: one by its id, a page of those that fit filters, how many wait in triage."""

import binascii
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import fields, filters, selection
from casework.coverage import coverages
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.policy import Actor
from casework.scope import scope_of
from casework.snapshot import Columns
from casework.status import DISPLAY_KEYS, FINAL_STATUSES, is_overdue
from db.models import Area, AreaVersion, Assignment, Bureau, Category, Finding, Level, Photo

LARGEST_ID: Final = 2**63 - 1
MAX_PAGE: Final = 1000
USUAL_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a code and two names."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class InLevel:
    """The area of one level that a finding belongs to; None where it lies outside all of them."""

    level: str
    area: Named | None


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One finding as it is on record, without persons, and with its areas coarsest level first."""

    id: int
    number: str
    category: str
    status: str
    description: str
    lon: float
    lat: float
    found_at: datetime | None
    reported_at: datetime
    due_at: datetime | None
    overdue: bool
    patch: InLevel | None
    levels: tuple[InLevel, ...]
    bureau: Named | None
    assignment: str
    near_border: bool
    photos: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some findings, the newest first; ``next`` asks for those that follow, ``matched`` counts all that fit."""

    records: list[FindingRecord]
    matched: int
    next: str | None


def finding_record(office: Office, actor: Actor, finding_id: int) -> FindingRecord:
    """The finding with this id; raises NotFound, also for one that is not this person's to see."""
    with office.database.read() as session:
        finding = session.get(Finding, finding_id) if finding_id <= LARGEST_ID else None
        seen = finding is not None and scope_of(session, actor).sees(finding)
        found = _records(session, [finding_id], office.now()) if seen else []
    if not found:
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    return found[0]


def finding_page(office: Office, actor: Actor, query: Mapping[str, str]) -> RecordPage:
    """Findings of this person's scope that fit a query.

    The query has the map's filters, ``bbox`` (w,s,e,n in degrees), ``limit`` and ``cursor``.

    Raises Refused naming what cannot be understood.
    """
    box, limit, before = (
        _box(query.get("bbox", "")),
        _limit(query.get("limit", "")),
        _cursor(query.get("cursor", "")),
    )
    now = office.now()
    with office.database.read() as session:
        wanted = filters.parse(session, query, usual=DISPLAY_KEYS)
        found = selection.find(office, session, wanted, now, scope_of(session, actor))
        rows = _inside(found.columns, found.rows, box) if box else found.rows
        ids = found.columns.id[rows]
        end = len(ids) if before is None else int(np.searchsorted(ids, before))
        page = ids[max(0, end - limit) : end][::-1].tolist()
        records = _records(session, page, now)
    more = end > limit
    return RecordPage(records, matched=len(ids), next=_cursor_after(page[-1]) if more else None)


def waiting_in_triage(office: Office) -> int:
    """How many findings wait for somebody to look at their location."""
    waiting = select(func.count()).where(
        Finding.triage, Finding.pinned.is_(False), Finding.status.not_in(FINAL_STATUSES)
    )
    with office.database.read() as session:
        return session.scalar(waiting) or 0


def _records(session: Session, ids: Sequence[int], now: datetime) -> list[FindingRecord]:
    """The findings with these ids in this order; ids that are not there are left out."""
    rows = session.execute(
        select(Finding, Category.code, Bureau.code, Bureau.name_zh, Bureau.name_en)
        .join(Category, Finding.category_id == Category.id)
        .join(Bureau, Finding.bureau_id == Bureau.id, isouter=True)
        .where(Finding.id.in_(ids))
    ).all()
    by_id = {row[0].id: row for row in rows}
    levels, photos = _levels(session, ids), _photos(session, ids)
    patch_level = _patch_level(session)
    records = []
    for finding_id in ids:
        if finding_id not in by_id:
            continue
        finding, category, *bureau = by_id[finding_id]
        own = levels.get(finding_id, ())
        patch = next((one for one in own if one.level == patch_level and one.area), None)
        records.append(
            FindingRecord(
                id=finding.id, number=finding.number, category=category, status=finding.status,
                description=finding.description, lon=finding.lon, lat=finding.lat, found_at=finding.found_at,
                reported_at=finding.reported_at, due_at=finding.due_at,
                overdue=is_overdue(finding.status, finding.due_at, now),
                patch=patch, levels=own, bureau=Named(*bureau) if bureau[0] is not None else None,
                assignment=finding.assignment, near_border=finding.near_border,
                photos=photos.get(finding_id, ()),
            )
        )  # fmt: skip
    return records


def _patch_level(session: Session) -> str | None:
    found = coverages(session)
    return found[-1].level_code if found else None


def _levels(session: Session, ids: Sequence[int]) -> dict[int, tuple[InLevel, ...]]:
    rows = session.execute(
        select(
            Assignment.finding_id,
            Level.code.label("level"),
            Area.code,
            AreaVersion.name_zh,
            AreaVersion.name_en,
        )
        .join(Level, Assignment.level_id == Level.id)
        .join(Area, Assignment.area_id == Area.id, isouter=True)
        .join(AreaVersion, Assignment.area_version_id == AreaVersion.id, isouter=True)
        .where(Assignment.finding_id.in_(ids), Assignment.valid_to.is_(None))
        .order_by(Level.position)
    )
    found: dict[int, tuple[InLevel, ...]] = {}
    for row in rows:
        area = Named(row.code, row.name_zh or "", row.name_en or "") if row.code is not None else None
        found[row.finding_id] = (*found.get(row.finding_id, ()), InLevel(row.level, area))
    return found


def _photos(session: Session, ids: Sequence[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    for row in session.execute(
        select(Photo.finding_id, Photo.id, Photo.kind).where(Photo.finding_id.in_(ids)).order_by(Photo.id)
    ):
        found[row.finding_id] = (*found.get(row.finding_id, ()), (row.id, row.kind))
    return found


def _inside(columns: Columns, rows: NDArray[Any], box: tuple[float, float, float, float]) -> NDArray[Any]:
    west, south, east, north = box
    lon, lat = columns.lon[rows], columns.lat[rows]
    inside: NDArray[Any] = rows[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
    return inside


def _box(text: str) -> tuple[float, float, float, float] | None:
    if not text.strip():
        return None
    try:
        west, south, east, north = (fields.number(part, "bbox") for part in text.split(",", 4))
    except (ValueError, Refused):
        west = south = east = north = math.nan
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Refused(
            mark("bbox must be west,south,east,north in degrees, such as 101.7,36.5,101.9,36.7"), field="bbox"
        )
    return west, south, east, north


def _limit(text: str) -> int:
    cleaned = text.strip()
    if not cleaned:
        return USUAL_PAGE
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= 4 and 1 <= int(cleaned) <= MAX_PAGE):
        raise Refused(
            mark("limit must be a whole number from 1 to %(most)s"), {"most": MAX_PAGE}, field="limit"
        )
    return int(cleaned)


def _cursor_after(finding_id: int) -> str:
    return urlsafe_b64encode(f"before:{finding_id}".encode()).decode().rstrip("=")


def _cursor(text: str) -> int | None:
    """The id that the cursor's page begins below."""
    if not text:
        return None
    try:
        plain = urlsafe_b64decode(text[:80].encode() + b"===").decode("ascii")
    except (UnicodeError, binascii.Error):
        plain = ""
    word, _, number = plain.partition(":")
    if word != "before" or not number.isdigit() or len(number) > 19 or int(number) > LARGEST_ID:
        raise Refused(
            mark("cursor is none that this API gave out: follow the link named next"), field="cursor"
        )
    return int(number)
