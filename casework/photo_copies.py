"""Copies of photos on which faces and plates are made unrecognisable: what everybody else sees in the photo's place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from casework import policy
from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.photo_mosaic import MOST
from casework.photo_worker import POOL
from casework.photos import photo_path, store_bytes, store_copies
from casework.policy import Act, Actor
from casework.scope import sees_case
from db.models import Finding, Photo, PhotoCopy

_MAX_ID: Final = 2**63 - 1
_LEAST: Final = 0.002  # of a side: smaller is a slip of the hand


@dataclass(frozen=True, slots=True)
class CopySheet:
    """What the page for covering a photo needs. ``regions`` are [left, top, width, height] in parts, 0 to 1."""

    photo_id: int
    finding_id: int
    number: str
    width: int
    height: int
    regions: list[list[float]]
    has_copy: bool
    made_at: datetime | None
    sees_original: bool


def current(session: Session, photo_ids: Iterable[int]) -> dict[int, PhotoCopy]:
    """The copy in force of each photo that has one; the same bytes sent twice to a finding share theirs."""
    wanted = list(photo_ids)
    twin = aliased(Photo)
    rows = session.execute(
        select(Photo.id, PhotoCopy)
        .join(twin, (twin.finding_id == Photo.finding_id) & (twin.sha256 == Photo.sha256))
        .join(PhotoCopy, PhotoCopy.photo_id == twin.id)
        .where(Photo.id.in_(wanted), PhotoCopy.retired_at.is_(None))
        .order_by(PhotoCopy.id)
    )
    return {row[0]: row[1] for row in rows}


def has_copy(office: Office, photo_id: int) -> bool:
    """Whether a covered copy is shown in the photo's place."""
    with office.database.read() as session:
        return 0 < photo_id <= _MAX_ID and bool(current(session, [photo_id]))


def sheet(office: Office, actor: Actor, photo_id: int) -> CopySheet:
    """What is there to be covered. Raises NotSignedIn, Forbidden, or NotFound for a photo that is not to be seen."""
    policy.require(actor, Act.BLUR_PHOTOS)
    with office.database.read() as session:
        photo, finding = _found(session, actor, photo_id)
        copy = current(session, [photo_id]).get(photo_id)
        return CopySheet(
            photo.id, finding.id, finding.number, photo.width, photo.height,
            [list(region) for region in copy.regions] if copy else [], copy is not None,
            copy.made_at if copy else None, policy.may(actor, Act.VIEW_ORIGINALS),
        )  # fmt: skip


def make(office: Office, actor: Actor, photo_id: int, regions: object) -> int:
    """Make the copy that is shown from now on; returns its id. The original stays as it is.

    Who may not see the original cannot uncover anything: what the copy in force covers stays covered.
    Raises NotSignedIn, Forbidden, NotFound, Refused for regions that are none, OSError without room.
    """
    policy.require(actor, Act.BLUR_PHOTOS)
    drawn = checked(regions)
    with office.database.read() as session:
        photo, _finding = _found(session, actor, photo_id)
        drawn = _with_covered(session, actor, photo_id, drawn)
        digest = photo.sha256
    try:
        content = photo_path(office, digest).read_bytes()
    except FileNotFoundError:
        raise NotFound(mark("The photo's file is missing")) from None
    facts, copies = POOL.decode(content, regions=drawn)
    if "fault" in facts or not copies:
        raise Refused(mark("This photo cannot be shown; its original can be saved"))
    made = store_bytes(office, copies[0])
    store_copies(office, made, copies)
    width, height = facts["copy_size"]
    with office.database.write() as session:
        # Somebody may have covered more meanwhile: nothing of it may come to light again.
        if len(_with_covered(session, actor, photo_id, drawn)) > len(drawn):
            raise Refused(mark("Somebody else covered parts of this photo meanwhile: load the page again"))
        _retire(session, photo_id, office.now())
        copy = PhotoCopy(
            photo_id=photo_id, regions=drawn, sha256=made, media_type="image/jpeg", size_bytes=len(copies[0]),
            width=width, height=height, made_at=office.now(), made_by=actor.user_id,
        )  # fmt: skip
        session.add(copy)
        session.flush()
        return copy.id


def retire(office: Office, actor: Actor, photo_id: int) -> None:
    """Take the copy back: the photo is shown as it came again. For who may do both, cover and see originals."""
    policy.require(actor, Act.BLUR_PHOTOS)
    policy.require(actor, Act.VIEW_ORIGINALS)
    with office.database.write() as session:
        _found(session, actor, photo_id)
        if not _retire(session, photo_id, office.now()):
            raise NotFound(mark("This photo has no copy"))


def checked(given: object) -> list[list[float]]:
    """Regions as they are kept: inside the picture, at four decimals. Raises Refused for ``regions``."""
    if not isinstance(given, list) or not given:
        raise Refused(mark("Draw at least one rectangle"), field="regions")
    if len(given) > MOST:
        raise Refused(mark("At most %(most)s rectangles"), {"most": MOST}, field="regions")
    return [_region(one) for one in given]


def _region(given: Any) -> list[float]:
    fault = Refused(
        mark("A rectangle is left, top, width and height in parts of the picture, from 0 to 1"),
        field="regions",
    )
    if not isinstance(given, list | tuple) or len(given) != 4:
        raise fault
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in given):
        raise fault
    left, top, width, height = _floats(given, fault)
    right, bottom = min(left + width, 1.0), min(top + height, 1.0)
    left, top = max(left, 0.0), max(top, 0.0)
    if right - left < _LEAST or bottom - top < _LEAST:
        raise fault
    return [round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4)]


def _floats(given: Sequence[Any], fault: Refused) -> list[float]:
    if any(not -10 < part < 10 for part in given):  # not a number is neither
        raise fault
    return [float(part) for part in given]


def _with_covered(
    session: Session, actor: Actor, photo_id: int, drawn: list[list[float]]
) -> list[list[float]]:
    if policy.may(actor, Act.VIEW_ORIGINALS):
        return drawn
    copy = current(session, [photo_id]).get(photo_id)
    kept = [list(region) for region in copy.regions] if copy else []
    return drawn + [region for region in kept if region not in drawn]


def _retire(session: Session, photo_id: int, at: datetime) -> int:
    photo = session.get_one(Photo, photo_id)
    twins = select(Photo.id).where(Photo.finding_id == photo.finding_id, Photo.sha256 == photo.sha256)
    ended = session.execute(
        update(PhotoCopy)
        .where(PhotoCopy.photo_id.in_(twins), PhotoCopy.retired_at.is_(None))
        .values(retired_at=at)
        .returning(PhotoCopy.id)
    ).all()
    return len(ended)


def _found(session: Session, actor: Actor, photo_id: int) -> tuple[Photo, Finding]:
    photo = session.get(Photo, photo_id) if 0 < photo_id <= _MAX_ID else None
    finding = session.get_one(Finding, photo.finding_id) if photo else None
    if photo is None or finding is None or not sees_case(session, actor, finding):
        raise NotFound(mark("There is no photo %(id)s"), {"id": photo_id})
    return photo, finding
