"""The photos of one case with what they say of themselves: when, how far from the finding, and what does not fit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from casework import photo_copies, policy
from casework.case_view import MAX_ID
from casework.errors import NotFound, mark
from casework.office import Office, the_city
from casework.photo_uploads import km_between
from casework.policy import Act, Actor
from casework.scope import sees_case
from db.models import Finding, Photo

FAR_M: Final = 200.0
"""A photo from farther away may show another place."""
_OLD: Final = timedelta(hours=24)
_DAY_S: Final = 86_400

Said = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class CasePhoto:
    """One photo. ``facts`` and ``warnings`` are (English msgid, params); ``away_m`` is None without a position.

    ``number`` counts the case's photos of this kind from 1; ``version`` names the bytes that are shown.
    """

    id: int
    kind: str
    number: int
    taken_at: datetime | None
    caption_zh: str
    caption_en: str
    away_m: float | None
    has_copy: bool
    version: str
    facts: tuple[Said, ...]
    warnings: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class CasePhotos:
    """All photos of a case, those of before and after that belong together, and what the one who asks may do."""

    finding_id: int
    photos: list[CasePhoto]
    before: CasePhoto | None
    after: CasePhoto | None
    knows: bool  # sees the case as a whole: positions, times, originals
    may_blur: bool
    sees_originals: bool


def case_photos(office: Office, actor: Actor, finding_id: int) -> CasePhotos:
    """The photos of a case, oldest first, as far as the one who asks may see them.

    Raises NotSignedIn, Forbidden or NotFound.
    """
    with office.database.read() as session:
        city = the_city(session)
        public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
        policy.require(actor, Act.VIEW_MAP, public_map=public)
        finding = session.get(Finding, finding_id) if 0 < finding_id <= MAX_ID else None
        knows = finding is not None and sees_case(session, actor, finding)
        if finding is None or not (knows or public):
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        rows = (
            session.scalars(
                select(Photo)
                .where(Photo.finding_id == finding_id)
                .order_by(func.coalesce(Photo.taken_at, Photo.created_at), Photo.id)
            ).all()
            if knows or city.is_demo
            else []
        )
        copies = photo_copies.current(session, [row.id for row in rows])
        shown: list[CasePhoto] = []
        for row in rows:
            copy = copies.get(row.id)
            shown.append(
                CasePhoto(
                    row.id, row.kind, 1 + sum(one.kind == row.kind for one in shown), row.taken_at,
                    row.caption_zh, row.caption_en, _away_m(row, finding) if knows else None, copy is not None,
                    (copy.sha256 if copy else row.sha256)[:8], _facts(row, finding) if knows else (),
                    _warnings(row, finding) if knows else (),
                )
            )  # fmt: skip
    before = next((one for one in shown if one.kind in {"before", "near", "far"}), None)
    after = next((one for one in reversed(shown) if one.kind == "after"), None)
    return CasePhotos(
        finding_id, shown, before, after, knows, knows and policy.may(actor, Act.BLUR_PHOTOS),
        knows and policy.may(actor, Act.VIEW_ORIGINALS),
    )  # fmt: skip


def _away_m(photo: Photo, finding: Finding) -> float | None:
    if photo.lon is None or photo.lat is None:
        return None
    return km_between(photo.lon, photo.lat, finding.lon, finding.lat) * 1000


def _facts(photo: Photo, finding: Finding) -> tuple[Said, ...]:
    away_m = _away_m(photo, finding)
    if away_m is None or away_m > FAR_M:
        return ()  # said as a warning
    return ((mark("taken %(metres)s m away"), {"metres": round(away_m)}),)


def _warnings(photo: Photo, finding: Finding) -> tuple[Said, ...]:
    found: list[Said] = []
    away_m = _away_m(photo, finding)
    if away_m is None:
        found.append((mark("no position"), {}))
    elif away_m >= 10_000:
        found.append((mark("taken %(km)s km away"), {"km": f"{away_m / 1000:,.0f}"}))
    elif away_m > FAR_M:
        found.append((mark("taken %(metres)s m away"), {"metres": f"{away_m:,.0f}"}))
    found += _times(photo, finding)
    return tuple(found)


def _times(photo: Photo, finding: Finding) -> list[Said]:
    if photo.taken_at is None:
        return [(mark("no time"), {})]
    early = finding.reported_at - photo.taken_at
    if photo.kind == "after" and early > timedelta(0):
        return [(mark("taken before the case was reported"), {})]
    days = int(early.total_seconds() // _DAY_S)
    if early > _OLD and days == 1:
        return [(mark("taken a day before it was reported"), {})]
    if early > _OLD:
        return [(mark("taken %(days)s days before it was reported"), {"days": days})]
    return []
