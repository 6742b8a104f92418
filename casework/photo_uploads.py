"""Photos as people send them: checked before anything is stored, then put on record with their finding."""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from casework import photo_exif
from casework.errors import Refusals, Refused, mark
from casework.office import Office, the_city
from casework.photo_worker import MAX_PIXELS, MAX_SIDE, POOL
from casework.photos import store_all, store_copies
from db.models import Photo
from db.models.photos import PHOTO_KINDS

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PHOTOS: Final = 10
KINDS: Final = PHOTO_KINDS
FIELD: Final = "photos"
FAR_KM: Final = 30.0
OTHER_CONTINENT_KM: Final = 2000.0

# What else people send by mistake, by its first bytes.
_OTHERS: Final = (
    (re.compile(rb"GIF8"), "GIF"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<([^\x00]{0,900}?<)?svg[\s>]", re.IGNORECASE), "SVG"),
    (re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE), "HTML"),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b"), "ZIP"),
    (re.compile(rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe"), "EXE"),
    (re.compile(rb"BM"), "BMP"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "TIFF"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp|\x1aE\xdf\xa3", re.DOTALL), "MP4"),
)


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """A photo that was decoded whole: its bytes as they came, and what they say.

    ``width`` and ``height`` (pixels) are those of the upright picture. ``taken_at`` is UTC; ``lon``, ``lat`` are WGS 84
    and only what the camera says. ``copies`` are what is shown, in the order of ``photo_worker.SIZES``.
    """

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    sha256: str
    name: str = ""
    copies: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """A checked photo and what it shows: before, during, after, near or far."""

    kind: str
    checked: CheckedPhoto


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a photo would say, before it is sent; ``warnings`` are (English msgid, params)."""

    checked: CheckedPhoto
    warnings: tuple[tuple[str, dict[str, object]], ...]


def check(
    source: BinaryIO | bytes,
    declared_name: str = "",
    *,
    position: int = 1,
    timezone: str = "Asia/Shanghai",
    now: datetime | None = None,
) -> CheckedPhoto:
    """Check one photo by its content; the name and the type that the sender declares count for nothing.

    ``position`` (from 1) names it among several. ``timezone`` is for cameras that name none; ``now`` lets times in the
    future be seen as such. Raises Refused for ``photos`` with what would be right.
    """
    name = _clean(declared_name)
    label = f"{position} ({name})" if name else str(position)
    content = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(
            mark("photos: no. %(photo)s has more than %(mb)s MB: send it smaller"), label, mb=MAX_BYTES >> 20
        )
    if not content:
        raise _refused(mark("photos: no. %(photo)s is empty: take it again"), label)
    facts, copies = POOL.decode(content, MAX_PIXELS, MAX_SIDE)
    if "fault" in facts:
        raise _fault(facts, content, label)
    taken, place = facts["taken"], facts["position"]
    return CheckedPhoto(
        content=content,
        media_type=facts["media_type"],
        width=facts["width"],
        height=facts["height"],
        taken_at=photo_exif.moment(taken[0], taken[1], timezone, now or _END) if taken else None,
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        sha256=hashlib.sha256(content).hexdigest(),
        name=name,
        copies=tuple(copies),
    )


def check_all(
    office: Office, sources: Iterable[tuple[BinaryIO | bytes, str]], kinds: Sequence[str] = ()
) -> list[Upload]:
    """Check (content, name) pairs of one report; ``kinds`` in the same order, missing ones are ``before``.

    Nothing is stored. Raises Refusals with every photo's fault.
    """
    photos = list(sources)
    shown = _kinds(kinds, len(photos))
    if len(photos) > MAX_PHOTOS:
        raise Refused(
            mark("photos: there are %(count)s: send at most %(limit)s at once"),
            {"count": len(photos), "limit": MAX_PHOTOS}, field=FIELD,
        )  # fmt: skip
    if not photos:
        return []
    with office.database.read() as session:
        timezone = the_city(session).timezone
    uploads: list[Upload] = []
    faults: list[Refused] = []
    for position, ((source, name), kind) in enumerate(zip(photos, shown, strict=True), start=1):
        try:
            checked = check(source, name, position=position, timezone=timezone, now=office.now())
            uploads.append(Upload(kind, checked))
        except Refused as fault:
            faults.append(fault)
    if faults:
        raise Refusals(faults)
    return uploads


def attach(
    session: Session,
    office: Office,
    finding_id: int,
    photos: Sequence[Upload],
    user_id: int | None,
    at: datetime,
    history_seq: int | None = None,
) -> list[int]:
    """Put photos on record inside the caller's write transaction; returns their ids.

    Their bytes are durably on disk before the rows are written. Raises OSError when there is no room: nothing is left.
    """
    if not photos:
        return []
    store_all(office, [photo.checked.content for photo in photos])
    for photo in photos:
        if photo.checked.copies:
            store_copies(office, photo.checked.sha256, photo.checked.copies)
    rows = [_row(photo, finding_id, user_id, at, history_seq) for photo in photos]
    return list(session.scalars(insert(Photo).returning(Photo.id, sort_by_parameter_order=True), rows))


def inspect(office: Office, source: BinaryIO | bytes, declared_name: str = "") -> Inspection:
    """Look at one photo before it is sent; nothing is stored. Raises Refused as ``check`` does."""
    with office.database.read() as session:
        city = the_city(session)
    [upload] = check_all(office, [(source, declared_name)])
    checked = upload.checked
    warnings: list[tuple[str, dict[str, object]]] = []
    if checked.lon is not None and checked.lat is not None:
        away_km = km_outside(city.extent.bounds, checked.lon, checked.lat)
        if away_km >= OTHER_CONTINENT_KM:
            warnings.append(
                (
                    mark(
                        "The photo says another part of the world, %(km)s km from the city: set the place yourself"
                    ),
                    {"km": round(away_km, -2)},
                )
            )
        elif away_km >= FAR_KM:
            warnings.append(
                (
                    mark("The photo says a place %(km)s km outside the city: set the place yourself"),
                    {"km": round(away_km)},
                )
            )
    if checked.taken_at is not None and (age := (office.now() - checked.taken_at).days) > 30:
        warnings.append((mark("The photo says it was taken %(days)s days ago"), {"days": age}))
    return Inspection(checked, tuple(warnings))


def km_outside(bounds: tuple[float, float, float, float], lon: float, lat: float) -> float:
    """How far (km, on a sphere) a point lies outside bounds (west, south, east, north); 0 within."""
    west, south, east, north = bounds
    return km_between(lon, lat, min(max(lon, west), east), min(max(lat, south), north))


def km_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The great-circle distance in km."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * 6371.0 * math.asin(min(1.0, math.sqrt(half)))


def is_far(photos: Iterable[Upload], lon: float, lat: float, *, km: float = 1.0) -> bool:
    """Whether a photo says that it was taken farther than this from a place."""
    return any(
        photo.checked.lon is not None
        and photo.checked.lat is not None
        and km_between(photo.checked.lon, photo.checked.lat, lon, lat) > km
        for photo in photos
    )


_END: Final = datetime(9998, 1, 1, tzinfo=UTC)


def _kinds(kinds: Sequence[str], count: int) -> list[str]:
    for kind in kinds:
        if kind not in KINDS:
            raise Refused(
                mark("photo_kinds: %(kind)s is none; there are %(kinds)s"),
                {"kind": repr(str(kind)[:20]), "kinds": KINDS}, field="photo_kinds",
            )  # fmt: skip
    if len(kinds) > count:
        raise Refused(
            mark("photo_kinds: there are %(kinds)s for %(count)s photos: give one for each"),
            {"kinds": len(kinds), "count": count}, field="photo_kinds",
        )  # fmt: skip
    return [*kinds, *["before"] * (count - len(kinds))]


def _row(
    photo: Upload, finding_id: int, user_id: int | None, at: datetime, history_seq: int | None
) -> dict[str, Any]:
    checked = photo.checked
    return {
        "finding_id": finding_id,
        "kind": photo.kind,
        "media_type": checked.media_type,
        "size_bytes": len(checked.content),
        "sha256": checked.sha256,
        "width": checked.width,
        "height": checked.height,
        "taken_at": checked.taken_at,
        "lon": checked.lon,
        "lat": checked.lat,
        "history_seq": history_seq,
        "created_at": at,
        "created_by": user_id,
        "caption_zh": "",
        "caption_en": "",
    }


def _fault(facts: dict[str, Any], content: bytes, label: str) -> Refused:
    fault = facts["fault"]
    if fault == "kind":
        found = next((name for pattern, name in _OTHERS if pattern.match(content[:1024])), "")
        if found:
            return _refused(
                mark("photos: no. %(photo)s is no photo but %(found)s: send JPEG, PNG, WebP or HEIC"),
                label, found=found,
            )  # fmt: skip
        return _refused(mark("photos: no. %(photo)s is no photo: send JPEG, PNG, WebP or HEIC"), label)
    if fault == "animated":
        return _refused(mark("photos: no. %(photo)s moves: send a still picture"), label)
    if fault == "pixels":
        width, height = facts["facts"]
        return _refused(
            mark(
                "photos: no. %(photo)s has %(width)s × %(height)s pixels: at most %(millions)s million, and"
                " %(side)s a side"
            ),
            label, width=width, height=height, millions=50, side=MAX_SIDE,
        )  # fmt: skip
    if fault in {"time", "memory"}:
        return _refused(
            mark("photos: no. %(photo)s takes more time or memory than any photo should: take it again"),
            label,
        )
    return _refused(mark("photos: no. %(photo)s is damaged or cut off: send or take it again"), label)


def _refused(message: str, label: str, **params: object) -> Refused:
    return Refused(message, {"photo": label, **params}, field=FIELD)


def _clean(name: str) -> str:
    """A file's name fit to be repeated: without folders and control characters, not too long."""
    last = re.split(r"[/\\]", str(name))[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown if len(shown) <= 60 else f"{shown[:40]}…{shown[-19:]}"
