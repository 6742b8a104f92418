"""Named numbers raised inside the transaction that they count."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.models import Counter


def advance(session: Session, name: str, by: int = 1) -> int:
    """Raise a counter and return its new value. The row stays locked until the transaction ends."""
    raised = session.execute(
        update(Counter).where(Counter.name == name).values(value=Counter.value + by).returning(Counter.value)
    ).scalar_one_or_none()
    if raised is None:
        session.execute(insert(Counter).values(name=name, value=by))
        return by
    return raised


def current(session: Session, name: str) -> int:
    """The counter's value, 0 when it was never raised."""
    return session.scalar(select(Counter.value).where(Counter.name == name)) or 0
