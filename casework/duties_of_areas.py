"""Who answers for an area when it ends or comes back: nobody leads what is no longer there."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.models import AreaContact, AreaPerson, AreaVersion


def end(session: Session, area_id: int, at: datetime, user_id: int | None) -> None:
    """End the duties and contacts of an area that ends."""
    for model in (AreaPerson, AreaContact):
        session.execute(
            update(model)
            .where(model.area_id == area_id, model.valid_to.is_(None))
            .values(valid_to=at, ended_by=user_id)
            .execution_options(synchronize_session=False)
        )


def bring_back(session: Session, area_id: int, at: datetime, user_id: int | None) -> None:
    """Give an area that comes back the duties and contacts that it had when it ended."""
    ended_at = session.scalar(select(func.max(AreaVersion.valid_to)).where(AreaVersion.area_id == area_id))
    if ended_at is None:
        return
    for duty in session.scalars(
        select(AreaPerson).where(AreaPerson.area_id == area_id, AreaPerson.valid_to == ended_at)
    ).all():
        session.add(
            AreaPerson(
                area_id=area_id, person_id=duty.person_id, duty=duty.duty, valid_from=at, given_by=user_id
            )
        )
    for contact in session.scalars(
        select(AreaContact).where(AreaContact.area_id == area_id, AreaContact.valid_to == ended_at)
    ).all():
        session.add(
            AreaContact(
                area_id=area_id, kind=contact.kind, name=contact.name, phone=contact.phone, note=contact.note,
                valid_from=at, given_by=user_id,
            )
        )  # fmt: skip
