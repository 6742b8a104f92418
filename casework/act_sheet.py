"""What somebody may do with one finding now, and what the forms for it need to know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policy
from casework.acts import asker
from casework.case_standing import standing_of, waiting_extension
from casework.corrections import why_not_correct
from casework.errors import NotFound, mark
from casework.lifecycle import OTHER, Offer, Standing, offers
from casework.map_names import Named, Pair, read_names
from casework.nearby import open_near
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.scope import sees_case
from db.models import Bureau, Category, Finding, HistoryEntry

MAX_ID = 2**63 - 1
# What is not the usual way on: never the one that is offered first.
BACKWARD: Final = frozenset(
    {"decline", "return", "rework", "cancel", "suspend", "merge", "link_child", "unlink_child", "hand_on", "add_joint",
     "drop_joint", "urge", "refuse_extension", "withdraw_extension", "unmerge", "reopen"}
)  # fmt: skip
# The likeliest next step first.
_LIKELY: Final = (
    "accept", "handle", "part_done", "approve_extension", "file", "confirm", "dispatch", "verify", "close", "resume",
    "refer", "settle", "dissuasion_failed", "unmerge", "reopen", "return", "ask_extension", "rework", "decline",
    "refuse_extension", "withdraw_extension", "hand_on", "add_joint", "drop_joint", "suspend", "urge",
    "link_child",
    "unlink_child", "merge", "cancel",
)  # fmt: skip
_NEAR_M: Final = 200.0
_NEAR_ROWS: Final = 6


@dataclass(frozen=True, slots=True)
class NearFinding:
    """An open finding close by, to be chosen as the other one of a merge or as a parent."""

    number: str
    category: Pair
    subject: str
    place: str
    status_key: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class ActSheet:
    """The acts of a person on a finding, likeliest first, beside what they saw: revision and number of steps.

    ``bureau`` is the code that a dispatch goes to unless another is chosen; ``bureaus`` are those in use, ``parts``
    the codes of those that have an open part. ``near`` are findings that it may be tied to. ``before`` is the status
    that it goes back to, ``asked`` the reason of the extension that waits. ``correct`` says whether the finding may
    be corrected, ``correct_not`` why not (English msgid).
    """

    finding_id: int
    number: str
    status: str
    revision: int
    steps: int
    category: Pair
    subject: str
    offers: list[Offer]
    bureau: str | None
    bureaus: list[Named]
    parts: tuple[str, ...]
    near: list[NearFinding]
    before: str
    asked: str
    correct: bool
    correct_not: str

    def offer(self, act: str) -> Offer | None:
        """The offer of an act; None where the role has no such act."""
        return next((one for one in self.offers if one.act == act), None)


def act_sheet(office: Office, actor: Actor, finding_id: int) -> ActSheet:
    """What this person may do with a finding. Raises NotFound, NotSignedIn or Forbidden."""
    policy.require(actor, Act.VIEW_CASE)
    with office.database.read() as session:
        finding = session.get(Finding, finding_id) if 0 < finding_id <= MAX_ID else None
        if finding is None or not sees_case(session, actor, finding):
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        standing = standing_of(session, finding)
        category = session.get_one(Category, finding.category_id)
        why = why_not_correct(actor, finding.status, finding.reporter_id, standing.area_ids)
        found = offers(asker(actor), standing)
        asked = waiting_extension(session, finding.id)
        return ActSheet(
            finding_id=finding.id, number=finding.number, status=finding.status, revision=finding.revision,
            steps=_steps(session, finding.id), category=[category.name_zh, category.name_en],
            subject=finding.subject, offers=sorted(found, key=_likeliest(standing)),
            bureau=_code(session, finding.bureau_id), bureaus=_bureaus(session),
            parts=tuple(code for task in standing.tasks if (code := _code(session, task.bureau_id))),
            near=_near(office, session, finding) if any(o.possible and OTHER in o.needs for o in found) else [],
            before=standing.before, asked=asked.reason if asked else "", correct=not why, correct_not=why,
        )  # fmt: skip


def _likeliest(standing: Standing) -> Callable[[Offer], tuple[bool, int]]:
    """What is possible first; where dissuasion failed, the referral leads."""
    failed = standing.status == "filed" and standing.dissuasion == "failed"

    def key(offer: Offer) -> tuple[bool, int]:
        rank = -1 if failed and offer.act == "refer" else _LIKELY.index(offer.act)
        return not offer.possible, rank

    return key


def _near(office: Office, session: Session, finding: Finding) -> list[NearFinding]:
    city, now = the_city(session), office.now()
    rows, _total = open_near(
        office, session, (finding.lon, finding.lat), read_names(session), now, city.timezone, persons=False,
        but=finding.id, within_m=_NEAR_M, at_most=_NEAR_ROWS,
    )  # fmt: skip
    return [
        NearFinding(
            row["number"],
            row["category"],
            row["subject"] or "",
            row["place"] or "",
            row["s"],
            row["distance_m"],
        )
        for row in rows
    ]


def _steps(session: Session, finding_id: int) -> int:
    return session.scalar(select(func.count()).where(HistoryEntry.finding_id == finding_id)) or 0


def _code(session: Session, bureau_id: int | None) -> str | None:
    return session.scalar(select(Bureau.code).where(Bureau.id == bureau_id)) if bureau_id else None


def _bureaus(session: Session) -> list[Named]:
    rows = session.execute(
        select(Bureau.code, Bureau.name_zh, Bureau.name_en, Bureau.short_zh, Bureau.short_en)
        .where(Bureau.retired_at.is_(None))
        .order_by(Bureau.code)
    )
    return [
        Named(row.code, row.name_zh, row.name_en, short=(row.short_zh, row.short_en)) for row in rows.all()
    ]
