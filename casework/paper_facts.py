"""What a paper says: the facts of a case or of a list, in the paper's language, with its pictures."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import paper_map, paper_text, photo_copies
from casework.coverage import coverages
from casework.errors import NotFound, Refused, mark
from casework.findings import limit_of
from casework.findings_sheet import FindingsSheet, findings_sheet
from casework.history_words import words
from casework.map_names import Names, former_areas, leaders, read_names
from casework.office import Office, the_city
from casework.paper_worker import picture
from casework.photos import DISPLAY, shown
from casework.policy import Actor
from casework.scope import sees_case
from casework.status import display_key, is_overdue
from casework.surroundings import Box, surroundings
from db.models import Category, Finding, HistoryEntry, Person, Photo, User

MAP_MM: Final = 80
PHOTO_MM: Final = 73
PHOTO_HIGH_MM: Final = 70  # upright photos stay narrower
PHOTO_PX: Final = 1000
MOST_PHOTOS: Final = 6
MOST_STEPS: Final = 60
MOST_ROWS: Final = 500
_KINDS: Final = {
    "before": ("整改前", "Before"), "during": ("整改中", "Under way"), "after": ("整改后", "After"),
    "near": ("近景", "Close up"), "far": ("全景", "From afar"),
}  # fmt: skip


@dataclass(slots=True)
class Contents:
    """A paper's context without its number and date, its pictures, and what it is about."""

    context: dict[str, Any]
    images: list[bytes] = field(default_factory=list)
    finding_id: int | None = None
    bureau_id: int | None = None

    def add(self, image: bytes | None, width_mm: float) -> Any:
        """Keep a picture; returns what stands for it in the context (empty: there is none)."""
        if image is None:
            return ""
        self.images.append(image)
        return picture(len(self.images) - 1, width_mm)


def of_case(office: Office, actor: Actor, finding_id: int, lang: str) -> Contents:
    """The facts of a case. Raises NotFound for one that the actor may not see, Refused for one without a bureau."""
    now = office.now()
    with office.database.read() as session:
        finding = session.get(Finding, finding_id) if 0 < finding_id < 2**63 else None
        if finding is None or not sees_case(session, actor, finding):
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        if finding.bureau_id is None:
            raise Refused(mark("This case has no bureau yet: whom should the paper go to?"), field="bureau")
        city, names = the_city(session), read_names(session)
        zone = ZoneInfo(city.timezone)
        contents = Contents({}, finding_id=finding.id, bureau_id=finding.bureau_id)
        contents.context = {
            **_common(session, actor, city, lang),
            **_case(session, finding, names, zone, lang, now),
            "steps": _steps(session, finding, names, zone, lang),
        }
        _pictures(office, session, contents, finding, zone, lang)
        return contents


def of_list(office: Office, actor: Actor, query: Mapping[str, str], lang: str) -> Contents:
    """The facts of a list of findings under the list's filters. Raises as ``findings_sheet``."""
    sheet = findings_sheet(office, actor, query, MOST_ROWS)
    zone = ZoneInfo(sheet.timezone)
    with office.database.read() as session:
        common = _common(session, actor, the_city(session), lang)
    bureau = next((i for i, one in sheet.names.bureaus.items() if (one.code,) == sheet.filters.bureau), None)
    return Contents(
        {
            **common,
            "for_whom": _for_whom(sheet, lang) or common["city"],
            "total": sheet.total,
            "overdue": sheet.overdue,
            "left_out": sheet.total - len(sheet.rows),
            "rows": [_row(n, row, sheet, zone, lang) for n, row in enumerate(sheet.rows, start=1)],
        },
        bureau_id=bureau,
    )


def _common(session: Session, actor: Actor, city: Any, lang: str) -> dict[str, Any]:
    maker = [actor.name_zh, actor.name_en] if actor.name_zh or actor.name_en else [actor.username] * 2
    return {
        "city": paper_text.pick([city.name_zh, city.name_en], lang),
        "made_by": paper_text.pick(maker, lang),
    }


def _case(
    session: Session, finding: Finding, names: Names, zone: ZoneInfo, lang: str, now: datetime
) -> dict[str, Any]:
    value, unit = limit_of(session, session.get_one(Category, finding.category_id))
    patch = names.areas.get(finding.area_id or 0)
    if patch is None and finding.area_id is not None:
        patch = former_areas(session, [finding.area_id]).get(finding.area_id)
    leader = leaders(session, [finding.area_id], now).get(finding.area_id) if finding.area_id else None
    bureau = names.bureaus.get(finding.bureau_id or 0)
    category = names.categories[finding.category_id]
    late = finding.due_at is not None and is_overdue(finding.status, finding.due_at, now)
    return {
        "case_number": finding.number,
        "category": paper_text.pick(category.pair, lang),
        "category_code": category.code,
        "subject": paper_text.plain(finding.subject),
        "place": paper_text.plain(finding.place),
        "position": position(finding.lon, finding.lat, lang),
        "description": paper_text.plain(finding.description),
        "found": paper_text.moment(finding.found_at or finding.reported_at, zone, lang),
        "reported": paper_text.moment(finding.reported_at, zone, lang),
        "deadline": paper_text.moment(finding.due_at, zone, lang),
        "limit": paper_text.limit(value, unit, lang),
        "late": paper_text.late(now - finding.due_at, lang) if late and finding.due_at else "",
        "status": paper_text.pick(paper_text.STATUS[display_key(finding.status, finding.due_at, now)], lang),
        "patch": paper_text.pick(patch.pair, lang) if patch else "",
        "patch_leader": paper_text.pick(leader, lang),
        "bureau": paper_text.pick(bureau.pair, lang) if bureau else "",
    }


def position(lon: float, lat: float, lang: str) -> str:
    """A position (WGS 84) in words: 东经 101.79530°，北纬 36.61540°."""
    if lang == "zh":
        east, north = "东经" if lon >= 0 else "西经", "北纬" if lat >= 0 else "南纬"
        return f"{east} {abs(lon):.5f}°，{north} {abs(lat):.5f}°"
    return f"{abs(lon):.5f} {'E' if lon >= 0 else 'W'}, {abs(lat):.5f} {'N' if lat >= 0 else 'S'}"


def _steps(
    session: Session, finding: Finding, names: Names, zone: ZoneInfo, lang: str
) -> list[dict[str, str]]:
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.finding_id == finding.id).order_by(HistoryEntry.seq)
    ).all()[-MOST_STEPS:]
    people = {
        row.id: [row.name_zh, row.name_en]
        for row in session.execute(
            select(User.id, Person.name_zh, Person.name_en)
            .join(Person, User.person_id == Person.id)
            .where(User.id.in_({entry.user_id for entry in entries if entry.user_id is not None}))
        )
    }
    coded = {
        "bureaus": {
            one.code: (one.short[0] or one.zh, one.short[1] or one.en) for one in names.bureaus.values()
        },
        "areas": {one.code: (one.zh, one.en) for one in names.areas.values()},
        "categories": {one.code: (one.zh, one.en) for one in names.categories.values()},
    }
    told = []
    for entry in entries:
        zh, en, _hot = words(
            entry.act, entry.payload or {}, coded["bureaus"], coded["areas"], coded["categories"]
        )
        told.append(
            {
                "when": paper_text.short_moment(entry.at, zone), "what": paper_text.pick([zh, en], lang),
                "by": paper_text.pick(people.get(entry.user_id or 0), lang), "note": paper_text.plain(entry.note),
            }
        )  # fmt: skip
    return told


def _pictures(
    office: Office, session: Session, contents: Contents, finding: Finding, zone: ZoneInfo, lang: str
) -> None:
    context = contents.context
    context["map"] = contents.add(_map(office, session, finding, lang), MAP_MM)
    photos = session.scalars(
        select(Photo).where(Photo.finding_id == finding.id).order_by(Photo.created_at, Photo.id)
    ).all()
    copies = photo_copies.current(session, [photo.id for photo in photos])
    images = {
        photo.id: _photo(office, copies[photo.id].sha256 if photo.id in copies else photo.sha256)
        for photo in _chosen(list(photos))
    }
    kept = {key: contents.add(*image) for key, image in images.items() if image is not None}
    here = [photo for photo in photos if photo.id in kept]
    before = next((one for one in here if one.kind in {"before", "near", "far"}), None)
    after = next((one for one in reversed(here) if one.kind == "after"), None)
    context["photo_before"] = kept[before.id] if before else ""
    context["photo_after"] = kept[after.id] if after else ""
    context["photos"] = [
        {
            "image": kept[one.id], "kind": paper_text.pick(_KINDS[one.kind], lang),
            "taken": paper_text.moment(one.taken_at, zone, lang),
        }
        for one in here
    ]  # fmt: skip


def _chosen(photos: list[Photo]) -> list[Photo]:
    """The first and the last ones: what it was and what it became."""
    return photos if len(photos) <= MOST_PHOTOS else photos[: MOST_PHOTOS - 2] + photos[-2:]


def _map(office: Office, session: Session, finding: Finding, lang: str) -> bytes:
    levels = coverages(session)
    half_m = paper_map.HALF_WIDTH_M
    box = Box.around(finding.lon, finding.lat, half_m, half_m / paper_map.ASPECT)
    around = surroundings(office, session, box, levels[-1] if levels else None)
    return paper_map.draw(around, finding.lon, finding.lat, lang, finding.area_id)


def _photo(office: Office, sha256: str) -> tuple[bytes, float] | None:
    """A photo as it is shown, and how wide (mm) it stands on a paper; None where its file is gone or broken."""
    try:
        with Image.open(shown(office, sha256, DISPLAY)) as picture_shown:
            picture_shown.thumbnail((PHOTO_PX, PHOTO_PX), Image.Resampling.LANCZOS)
            out = io.BytesIO()
            picture_shown.convert("RGB").save(out, "JPEG", quality=82)
            wide_mm = min(PHOTO_MM, PHOTO_HIGH_MM * picture_shown.width / picture_shown.height)
            return out.getvalue(), round(wide_mm, 1)
    except (NotFound, OSError):
        return None


def _for_whom(sheet: FindingsSheet, lang: str) -> str:
    named = [one for one in sheet.names.bureaus.values() if one.code in sheet.filters.bureau]
    named += [one for one in sheet.names.areas.values() if one.code in sheet.filters.area]
    between = "、" if lang == "zh" else ", "
    return between.join(dict.fromkeys(paper_text.pick(one.pair, lang) for one in named[:6]))


def _row(n: int, row: Mapping[str, Any], sheet: FindingsSheet, zone: ZoneInfo, lang: str) -> dict[str, Any]:
    due = datetime.fromisoformat(row["due_at"]) if row["due_at"] else None
    patch = row["patch"]
    return {
        "n": n,
        "case_number": row["number"],
        "category": paper_text.pick(row["category"], lang),
        "subject": paper_text.plain(row["subject"]),
        "place": paper_text.plain(row["place"]),
        "patch": paper_text.pick([patch["zh"], patch["en"]], lang) if patch else "",
        "leader": paper_text.pick(row["leader"], lang),
        "bureau": paper_text.pick(row["bureau"], lang),
        "reported": paper_text.short_moment(datetime.fromisoformat(row["reported_at"]), zone),
        "deadline": paper_text.short_moment(due, zone),
        "status": paper_text.pick(paper_text.STATUS[row["s"]], lang),
        "late": paper_text.late(sheet.now - due, lang) if due and row["s"] == "over" else "",
    }
