"""Each role's start page: what waits for it, what is late, what came back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy, reads
from casework.desk_figures import Bar, Figures, Mask, bars, figures
from casework.desk_narrow import NARROW, OF_OTHERS, Looked, last_words
from casework.desk_places import DESKS, Place
from casework.filters import Filters
from casework.lifecycle import ACT_WORDS
from casework.map_names import Named, Names, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import Act, Actor, Reach
from casework.saved_views import View, views_of
from casework.scope import patches_below, scope_of
from casework.selection import Selection, find
from casework.status import DISPLAY_KEYS
from db.models import STATUSES, AreaPerson, User

__all__ = ["DESKS", "ROWS", "SHOWN", "Desk", "Section", "desk"]

SHOWN: Final = 8
ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it stands: how many, the most urgent rows, how many of those are new or changed to the person."""

    place: Place
    count: int
    unread: int
    rows: list[dict[str, Any]]
    acts: list[tuple[str, str]]
    forms: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk: figures, sections, who is late, and the person's saved filters.

    ``own`` names the patches or the bureau that it is about; None where it is about everything.
    """

    now: datetime
    role: str
    figures: Figures
    sections: list[Section]
    bureaus: list[Bar]
    patches: list[Bar]
    views: list[View]
    own: list[Named] | None

    @property
    def open(self) -> int:
        """How many findings are not closed."""
        return self.figures.open


def desk(office: Office, actor: Actor, most: int = ROWS) -> Desk:
    """The desk of the signed-in person, at most ``most`` findings a section. Raises NotSignedIn or Forbidden."""
    policy.require(actor, Act.VIEW_CASE)
    now = office.now()
    with office.database.read() as session:
        timezone, names = the_city(session).timezone, read_names(session)
        whole = find(office, session, Filters(shown=frozenset(DISPLAY_KEYS)), now, scope_of(session, actor))
        area_ids = _answers_for(session, actor, now)
        mine = whole.rows
        if actor.role == "leader" and area_ids:
            patches = patches_below(session, area_ids)
            mine = mine[np.isin(whole.columns.area[mine], list(patches))]
        if actor.role == "handler":  # what the bureau only takes part in has sections of its own
            mine = mine[whole.columns.bureau[mine] == (actor.bureau_id or -1)]
        sections = [
            _section(session, actor, whole, mine, one, names, now, timezone, most)
            for one in DESKS[actor.role or ""]
        ]
        return Desk(
            now=now,
            role=actor.role or "",
            figures=figures(whole, mine, now, timezone),
            sections=sections,
            bureaus=bars(whole, mine, whole.columns.bureau, names.bureaus),
            patches=bars(whole, mine, whole.columns.area, names.areas),
            views=views_of(session, actor),
            own=_own(actor, area_ids, names),
        )


def _answers_for(session: Session, actor: Actor, now: datetime) -> frozenset[int]:
    """The areas of a person's account and, for a leader, those that the person leads."""
    if actor.role != "leader":
        return actor.area_ids
    led = session.scalars(
        select(AreaPerson.area_id)
        .join(User, User.person_id == AreaPerson.person_id)
        .where(User.id == actor.user_id, AreaPerson.duty == "leader", AreaPerson.valid_from <= now)
        .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > now))
    )
    return actor.area_ids | frozenset(led)


def _own(actor: Actor, area_ids: frozenset[int], names: Names) -> list[Named] | None:
    if actor.role in {"leader", "inspector"}:
        whole = actor.role == "leader" and not area_ids
        return None if whole else [names.areas[one] for one in sorted(area_ids) if one in names.areas]
    if policy.reach(actor) is Reach.BUREAU:
        bureau = names.bureaus.get(actor.bureau_id or 0)
        return [bureau] if bureau else []
    return None


def _section(
    session: Session, actor: Actor, whole: Selection, mine: NDArray[np.intp], place: Place, names: Names,
    now: datetime, timezone: str, most: int,
) -> Section:  # fmt: skip
    base = whole.rows if place.also in OF_OTHERS else mine
    rows = base[_wanted(session, actor, whole, base, place, now)]
    order = urgency(whole, rows, now, timezone)
    ids = ids_of(whole.columns, page(whole, rows, order, most).rows)
    shown = described(session, ids, names, now, timezone, persons=True)
    marks = reads.marks(session, actor, ids, now)
    told = last_words(session, ids, (place.told,)) if place.told else {}
    for row in shown:
        row["mark"], row["revision"] = marks[row["id"]]
        word = told.get(row["id"])
        row["told"] = {"at": word.at, "note": word.note or ""} if word else None
    return Section(
        place, len(rows), sum(row["mark"] != "" for row in shown), shown,
        [(act, ACT_WORDS[act]) for act in place.acts], [(act, ACT_WORDS[act]) for act in place.forms],
    )  # fmt: skip


def _wanted(
    session: Session, actor: Actor, whole: Selection, rows: NDArray[np.intp], place: Place, now: datetime
) -> Mask:
    """Which rows belong into a section: by status first, so that what costs more is asked of few."""
    columns = whole.columns
    by_status = np.array([status in place.stored for status in STATUSES])
    by_key = np.array([key in place.shown for key in DISPLAY_KEYS])
    mask: Mask = by_status[columns.status[rows]] | by_key[whole.display.keys[rows]]
    if place.also:
        at = np.flatnonzero(mask)
        mask[at] = NARROW[place.also](Looked(session, actor, columns, rows[at], now))
    return mask
