"""What a page, the map or a program asks for: filters read from texts, by the names of the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import fields
from casework.errors import Refused, mark
from casework.status import DISPLAY_KEYS, OPEN_KEYS
from db.models import STATUSES, Area, Bureau, Category

NAMES: Final = ("status", "category", "bureau", "area", "from", "to", "overdue", "q")
MAX_QUESTION: Final = 100
_MAX_CODES: Final = 200
_MAX_LIST: Final = 20_000
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Filters:
    """Checked filters. Codes are kept as they were asked for, beside the ids that they mean.

    ``shown`` are display keys and ``stored`` stored statuses; a finding passes with either. ``category_ids``
    include children. ``area_ids`` pairs each level with the areas of it; a finding passes with any. ``first`` and
    ``last`` are the city's days of the report, both included. None means: not filtered.
    """

    shown: frozenset[str] = frozenset(OPEN_KEYS)
    stored: frozenset[str] = frozenset()
    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    category_ids: frozenset[int] | None = None
    bureau: tuple[str, ...] = ()
    bureau_ids: frozenset[int] | None = None
    area: tuple[str, ...] = ()
    area_ids: tuple[tuple[int, frozenset[int]], ...] | None = None
    first: date | None = None
    last: date | None = None
    overdue: bool = False
    q: str = ""

    def canonical(self) -> dict[str, str]:
        """The query that means these filters: only what is set, each in one way of writing."""
        texts = {
            "status": ",".join(self.status),
            "category": ",".join(self.category),
            "bureau": ",".join(self.bureau),
            "area": ",".join(self.area),
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "overdue": "1" if self.overdue else "",
            "q": self.q,
        }
        return {name: text for name, text in texts.items() if text}


def parse(session: Session, query: Mapping[str, str], *, usual: Iterable[str] = OPEN_KEYS) -> Filters:
    """Read filters from a query. ``usual`` are the display keys that an empty ``status`` means.

    Lists are separated by commas. Raises Refused naming the field for an unknown code, status or day.
    """
    shown, stored, status = _statuses(query.get("status", ""), frozenset(usual))
    category = _codes(query.get("category", ""), "category")
    bureau = _codes(query.get("bureau", ""), "bureau")
    area = _codes(query.get("area", ""), "area")
    first, last = _day(query.get("from", ""), "from"), _day(query.get("to", ""), "to")
    if first and last and last < first:
        raise Refused(mark("to lies before from: give the later day as to"), field="to")
    return Filters(
        shown=shown,
        stored=stored,
        status=status,
        category=category,
        category_ids=_category_ids(session, category) if category else None,
        bureau=bureau,
        bureau_ids=_bureau_ids(session, bureau) if bureau else None,
        area=area,
        area_ids=_area_ids(session, area) if area else None,
        first=first,
        last=last,
        overdue=_flag(query.get("overdue", ""), "overdue"),
        q=" ".join(fields.text(query.get("q"), "q", limit=MAX_QUESTION).split()),
    )


def _statuses(text: str, usual: frozenset[str]) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    asked = _codes(text, "status")
    if not asked:
        return usual, frozenset(), ()
    known = (*DISPLAY_KEYS, *STATUSES)
    for word in asked:
        if word not in known:
            raise Refused(
                mark("status: %(word)s is none; use %(known)s"),
                {"word": word[:40], "known": ", ".join(known)},
                field="status",
            )
    status = tuple(word for word in known if word in asked)
    shown = frozenset(word for word in status if word in DISPLAY_KEYS)
    if shown == usual and len(status) == len(shown):
        status = ()
    return shown, frozenset(asked) - shown, status


def _codes(text: str, field: str) -> tuple[str, ...]:
    cleaned = fields.text(text, field, limit=_MAX_LIST)
    codes = sorted({code.strip() for code in cleaned.split(",")} - {""})
    if len(codes) > _MAX_CODES:
        raise Refused(
            mark("%(field)s names %(count)s values: at most %(limit)s can be asked for at once"),
            {"field": field, "count": len(codes), "limit": _MAX_CODES},
            field=field,
        )
    return tuple(codes)


def _category_ids(session: Session, codes: tuple[str, ...]) -> frozenset[int]:
    rows = session.execute(select(Category.id, Category.code, Category.parent_id)).all()
    known = {row.code: row.id for row in rows}
    wanted = {_known(known, code, "category") for code in codes}
    children: dict[int | None, list[int]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row.id)
    waiting, found = list(wanted), set(wanted)
    while waiting:
        below = [child for child in children.get(waiting.pop(), ()) if child not in found]
        found.update(below)
        waiting.extend(below)
    return frozenset(found)


def _bureau_ids(session: Session, codes: tuple[str, ...]) -> frozenset[int]:
    known = {row.code: row.id for row in session.execute(select(Bureau.id, Bureau.code))}
    return frozenset(_known(known, code, "bureau") for code in codes)


def _area_ids(session: Session, codes: tuple[str, ...]) -> tuple[tuple[int, frozenset[int]], ...]:
    rows = session.execute(select(Area.id, Area.code, Area.level_id).where(Area.code.in_(codes))).all()
    known = {row.code: row.id for row in rows}
    for code in codes:
        _known(known, code, "area")
    levels = sorted({row.level_id for row in rows})
    return tuple((level, frozenset(row.id for row in rows if row.level_id == level)) for level in levels)


def _known(known: Mapping[str, int], code: str, field: str) -> int:
    if code not in known:
        raise Refused(
            mark("%(field)s: there is none with the code %(code)s"),
            {"field": field, "code": code[:80]},
            field=field,
        )
    return known[code]


def _day(text: str, field: str) -> date | None:
    cleaned = text.strip()
    if not cleaned:
        return None
    try:
        day = date.fromisoformat(cleaned) if len(cleaned) == len("2026-09-02") else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise Refused(mark("%(field)s must be a day such as 2026-09-02"), {"field": field}, field=field)
    return day


def _flag(text: str, field: str) -> bool:
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Refused(mark("%(field)s must be 1 or 0"), {"field": field}, field=field)
