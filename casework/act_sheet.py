"""What somebody may do with one finding now, and what the forms for it need to know."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policy
from casework.acts import asker, standing_of
from casework.corrections import why_not_correct
from casework.errors import NotFound, mark
from casework.lifecycle import Offer, offers
from casework.map_names import Named, Pair
from casework.office import Office
from casework.policy import Act, Actor
from casework.scope import sees_case
from db.models import Bureau, Category, Finding, HistoryEntry

MAX_ID = 2**63 - 1
# What sends a finding back or ends it: never the likeliest next step.
BACKWARD = frozenset({"decline", "return", "rework"})


@dataclass(frozen=True, slots=True)
class ActSheet:
    """The acts of a person on a finding, likeliest first, beside what they saw: revision and number of steps.

    ``bureau`` is the code that a dispatch goes to unless another is chosen; ``bureaus`` are those in use.
    ``correct`` says whether the finding may be corrected, ``correct_not`` why not (English msgid).
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
        return ActSheet(
            finding_id=finding.id, number=finding.number, status=finding.status, revision=finding.revision,
            steps=_steps(session, finding.id), category=[category.name_zh, category.name_en],
            subject=finding.subject, offers=sorted(offers(asker(actor), standing), key=_likeliest),
            bureau=_code(session, finding.bureau_id), bureaus=_bureaus(session),
            correct=not why, correct_not=why,
        )  # fmt: skip


def _likeliest(offer: Offer) -> tuple[bool, bool]:
    return not offer.possible, offer.act in BACKWARD


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
