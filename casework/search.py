"""Looking for a text in findings: number, subject, place, description, and the names that go with them."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from casework.snapshot import Columns
from db.models import AreaVersion, Bureau, Category, Finding

Mask = NDArray[np.bool_]
MAX_WORDS: Final = 5


def mask(session: Session, columns: Columns, question: str) -> Mask:
    """Which findings hold every word of the question (at most five count), whatever the case of letters."""
    found = np.ones(len(columns), dtype=bool)
    for word in question.split()[:MAX_WORDS]:
        found &= _having(session, columns, word)
    return found


def _having(session: Session, columns: Columns, word: str) -> Mask:
    by_name = _named(session, columns, word)
    hit = np.zeros(len(columns), dtype=bool)
    texts = session.execute(select(Finding.id).where(in_texts(word))).scalars().all()
    hit[columns.positions(texts)] = True
    return hit | by_name


def in_texts(word: str) -> ColumnElement[bool]:
    """The condition that a finding's own texts hold the word; ``%`` and ``_`` mean themselves."""
    own = (Finding.number, Finding.subject, Finding.place, Finding.description)
    return or_(*(column.icontains(word, autoescape=True) for column in own))


def _named(session: Session, columns: Columns, word: str) -> Mask:
    category = _ids(session, Category.id, (Category.name_zh, Category.name_en), word)
    bureau = _ids(
        session, Bureau.id, (Bureau.name_zh, Bureau.name_en, Bureau.short_zh, Bureau.short_en), word
    )
    area = _ids(
        session,
        AreaVersion.area_id,
        (AreaVersion.name_zh, AreaVersion.name_en),
        word,
        AreaVersion.valid_to.is_(None),
    )
    return np.isin(columns.category, category) | np.isin(columns.bureau, bureau) | np.isin(columns.area, area)


def _ids(
    session: Session, identity: Any, names: tuple[Any, ...], word: str, *also: ColumnElement[bool]
) -> list[int]:
    holds = or_(*(name.icontains(word, autoescape=True) for name in names))
    return list(session.scalars(select(identity).where(holds, *also)))
