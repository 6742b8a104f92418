"""Findings that may be about the same thing: near, of the same or a related category, of about the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import policy
from casework.errors import NotFound, Refused, mark
from casework.filters import Filters
from casework.map_names import Named, Names
from casework.map_rows import described, ids_of
from casework.nearby import around
from casework.office import Office
from casework.policy import Act, Actor
from casework.scope import EVERYTHING, Scope, sees_case
from casework.selection import find
from db.models import Finding, FindingLink, NotADuplicate

FAR_M: Final = 100.0
APART_DAYS: Final = 30
AT_MOST: Final = 5
# How fast likeness fades: to 37 % after so many metres or days.
FADE_M: Final = 30.0
FADE_DAYS: Final = 10.0
# What a category says: the same, another of the same class, another altogether (then it must lie very near).
WEIGHT: Final = {"category": 1.0, "class": 0.5, "": 0.15}
LEAST: Final = 0.05
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding that may be the same: the map's row with ``distance_m``, and what speaks for it.

    ``same`` is "category", "class" (of categories) or "". ``apart_s`` is by how much it was reported later than
    the asked moment (negative: before). ``likeness`` goes from 0 to 1 and only ranks.
    """

    row: dict[str, Any]
    same: str
    apart_s: float
    likeness: float


def candidates(
    office: Office,
    session: Session,
    place: tuple[float, float],
    category_id: int,
    at: datetime,
    names: Names,
    timezone: str,
    *,
    but: int = 0,
    scope: Scope = EVERYTHING,
    at_most: int = AT_MOST,
) -> list[Candidate]:
    """Open findings that may be the same as one of this category at ``place`` (lon, lat, WGS 84), the likeliest first.

    ``but`` is the id of the finding itself: those that somebody called different from it are left out.
    """
    selection = find(office, session, Filters(), office.now(), scope)
    columns = selection.columns
    rows, away_m = around(columns, selection.rows, place, FAR_M)
    is_asked = ~np.isin(columns.id[rows], [but, *ruled_out(session, but)])
    rows, away_m = rows[is_asked], away_m[is_asked]
    apart_s = columns.reported_at[rows] - at.timestamp()
    same = [_same(names, category_id, int(one)) for one in columns.category[rows]]
    liked = likeness(away_m, apart_s, same)
    order = np.lexsort((columns.id[rows], -liked))
    order = order[liked[order] >= LEAST][:at_most]
    described_rows = {
        row["id"]: row
        for row in described(
            session, ids_of(columns, rows[order]), names, office.now(), timezone, persons=True
        )
    }
    return [
        Candidate(
            {**described_rows[int(columns.id[rows[one]])], "distance_m": round(float(away_m[one]), 1)},
            same[one], float(apart_s[one]), float(liked[one]),
        )
        for one in order.tolist()
        if int(columns.id[rows[one]]) in described_rows
    ]  # fmt: skip


def likeness(away_m: NDArray[np.float64], apart_s: NDArray[Any], same: Sequence[str]) -> NDArray[np.float64]:
    """How like each is, from 0 to 1: it fades with metres and days, and counts less for another category."""
    weight = np.array([WEIGHT[one] for one in same], dtype=np.float64)
    days = np.abs(np.asarray(apart_s, dtype=np.float64)) / _DAY_S
    liked = weight * np.exp(-away_m / FADE_M) * np.exp(-days / FADE_DAYS)
    found: NDArray[np.float64] = np.where((away_m <= FAR_M) & (days <= APART_DAYS), liked, 0.0)
    return found


def call_different(office: Office, actor: Actor, finding_id: int, other_id: int) -> None:
    """Remember that two findings are not the same one, so that nobody is asked again.

    Raises Forbidden, NotFound (also for another's case), Refused when they are one. Said twice is said.
    """
    policy.require(actor, Act.JUDGE_TIES)
    if finding_id == other_id:
        raise Refused(mark("That is this finding itself: choose another"), field="other")
    low, high = sorted((finding_id, other_id))
    with office.database.write() as session:
        for one in (low, high):
            finding = session.get(Finding, one)
            if finding is None or not sees_case(session, actor, finding):
                raise NotFound(mark("There is no finding %(id)s"), {"id": one})
        if session.get(NotADuplicate, (low, high)) is None:
            session.add(NotADuplicate(finding_id=low, other_id=high, at=office.now(), user_id=actor.user_id))


def call_alike(office: Office, actor: Actor, finding_id: int, other_id: int) -> None:
    """Take back that two findings are different. Raises Forbidden."""
    policy.require(actor, Act.JUDGE_TIES)
    low, high = sorted((finding_id, other_id))
    with office.database.write() as session:
        known = session.get(NotADuplicate, (low, high))
        if known is not None:
            session.delete(known)


def ruled_out(session: Session, finding_id: int) -> set[int]:
    """The findings that were called different from this one, or are tied to it as child or parent."""
    if not finding_id:
        return set()
    different = session.execute(
        select(NotADuplicate.finding_id, NotADuplicate.other_id).where(
            (NotADuplicate.finding_id == finding_id) | (NotADuplicate.other_id == finding_id)
        )
    )
    tied = session.execute(
        select(FindingLink.finding_id, FindingLink.other_id).where(
            (FindingLink.finding_id == finding_id) | (FindingLink.other_id == finding_id),
            FindingLink.ended_at.is_(None),
            FindingLink.kind == "child",
        )
    )
    return {one for pair in (*different, *tied) for one in pair} - {finding_id}


def _same(names: Names, asked: int, other: int) -> str:
    if asked == other:
        return "category"
    return "class" if _class(names.categories, asked) == _class(names.categories, other) else ""


def _class(categories: dict[int, Named], category_id: int) -> int:
    """The class that a category stands in: what is above all."""
    seen = 0
    while (above := categories[category_id].parent_id) is not None and seen < len(categories):
        category_id, seen = above, seen + 1
    return category_id
