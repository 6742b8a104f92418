"""What triage knows of an uncertain place: its kind, the areas that it names, the decisions in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.map_names import Named, Names, Pair, former_areas
from casework.status import FINAL_STATUSES
from db.models import Assignment, Finding, Level, Person, User

KINDS: Final = ("border", "near", "overlap", "outside")
WAITS: Final = (Finding.triage, Finding.status.not_in(FINAL_STATUSES))
UNCERTAIN: Final = (
    Assignment.valid_to.is_(None), Assignment.pinned.is_(False),
    Assignment.near_border | (Assignment.kind != "inside"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision that is in force: the area (None: none), why, who and when."""

    level_zh: str
    level_en: str
    area: Named | None
    reason: str
    by: Pair | None
    at: datetime


def kind_of(kind: str) -> str:
    """The kind of uncertainty: an assignment's own, or ``near`` for one inside that is close to a border."""
    return "near" if kind == "inside" else kind


def named_areas(session: Session, names: Names, rows: Iterable[Assignment]) -> dict[int, Named]:
    """The names of all areas, those that these assignments mention and are no longer in force among them."""
    mentioned = {int(pair[0]) for row in rows for pair in row.candidates or ()} | {
        row.area_id for row in rows if row.area_id
    }
    return names.areas | former_areas(session, mentioned - names.areas.keys())


def decisions_in_force(session: Session, ids: Sequence[int], names: Names) -> dict[int, list[Decision]]:
    """The decisions in force of each finding, finest level first."""
    rows = session.execute(
        select(Assignment, Level.name_zh, Level.name_en, Person.name_zh, Person.name_en, User.username)
        .join(Level, Level.id == Assignment.level_id)
        .join(User, User.id == Assignment.user_id, isouter=True)
        .join(Person, Person.id == User.person_id, isouter=True)
        .where(Assignment.finding_id.in_(ids), Assignment.valid_to.is_(None), Assignment.pinned)
        .order_by(Level.position.desc())
    ).all()
    known = named_areas(session, names, [row[0] for row in rows])
    found: dict[int, list[Decision]] = {}
    for one, level_zh, level_en, person_zh, person_en, username in rows:
        by = [person_zh or username, person_en or username] if username else None
        made = Decision(level_zh, level_en, known.get(one.area_id or 0), one.reason, by, one.valid_from)
        found.setdefault(one.finding_id, []).append(made)
    return found
