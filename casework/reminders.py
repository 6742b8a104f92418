"""What the clock tells: cases that will soon be due, and overdue ones, each deadline once."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import notices
from casework.filters import Filters
from casework.map_rows import ids_of
from casework.office import Office
from casework.selection import KEY_AT, find
from casework.snapshot import NO_TIME
from casework.status import DISPLAY_KEYS
from db.models import City, Notice

# A deadline that passed longer ago is old news: nobody is flooded when the program starts after a pause.
LOOK_BACK: Final = timedelta(days=7)
AT_A_TIME: Final = 200
_ACTS: Final = {"over": "overdue", "due": "soon"}
_CHUNK: Final = 500


def remind(office: Office, looked_at: set[str] | None = None) -> int:
    """Tell of deadlines that are near or have passed; returns how many people were told.

    ``looked_at`` is what the caller's rounds remember: a case that nobody is there for is not looked at each time.
    What is due is asked of the columns that the map is answered from, so that a million findings cost little.
    """
    looked_at = set() if looked_at is None else looked_at
    now = office.now()
    with office.database.read() as session:
        if session.scalars(select(City.id).limit(1)).first() is None:
            return 0
        waiting = _waiting(office, session, now, looked_at)
    told = 0
    for first in range(0, len(waiting), AT_A_TIME):
        with office.database.write() as session:
            for act, finding_id, deadline in waiting[first : first + AT_A_TIME]:
                told += notices.tell(session, finding_id, act, now, occasion=deadline)
                looked_at.add(f"{act}:{finding_id}:{deadline}")
    return told


def _waiting(
    office: Office, session: Session, now: datetime, looked_at: set[str]
) -> list[tuple[str, int, str]]:
    """(act, finding, deadline) of everything that nobody was told of yet."""
    selection = find(office, session, Filters(shown=frozenset(DISPLAY_KEYS)), now)
    columns, keys = selection.columns, selection.display.keys
    earliest = (now - LOOK_BACK).timestamp()
    found: list[tuple[str, int, str]] = []
    for key, act in _ACTS.items():
        rows = np.flatnonzero(
            (keys == KEY_AT[key]) & (columns.due_at >= earliest) & (columns.due_at != NO_TIME)
        )
        known = looked_at | _told(session, act, ids_of(columns, rows))
        for finding_id, due_at in zip(ids_of(columns, rows), columns.due_at[rows].tolist(), strict=True):
            deadline = f"{datetime.fromtimestamp(due_at, UTC):%Y%m%dT%H%M}"
            if f"{act}:{finding_id}:{deadline}" not in known:
                found.append((act, finding_id, deadline))
    return found


def _told(session: Session, act: str, ids: list[int]) -> set[str]:
    """The occasions of this act that people were told of."""
    known: set[str] = set()
    for first in range(0, len(ids), _CHUNK):
        known.update(
            session.scalars(
                select(func.distinct(Notice.occasion)).where(
                    Notice.finding_id.in_(ids[first : first + _CHUNK]), Notice.kind == act
                )
            )
        )
    return known
