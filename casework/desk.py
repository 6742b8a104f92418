"""Each role's start page: what waits for it, what is late, what came back. One literal table says what stands where."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import policy, reads
from casework.clock import day_bounds, day_of
from casework.errors import mark
from casework.filters import Filters
from casework.lifecycle import ACT_WORDS
from casework.map_names import Named, Names, read_names
from casework.map_rows import described, ids_of, page, urgency
from casework.office import Office, the_city
from casework.policy import Act, Actor
from casework.saved_views import View, views_of
from casework.scope import patches_below, scope_of
from casework.selection import KEY_AT, Selection, find
from casework.snapshot import NO_TIME
from casework.status import DISPLAY_KEYS, OPEN_KEYS
from db.models import STATUSES, AreaPerson, HistoryEntry, User

SHOWN: Final = 12
ROWS: Final = 60
_WEEK: Final = timedelta(days=7)
_NONE: Final[frozenset[str]] = frozenset()
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a desk: its stored statuses or display keys, and the acts that may be done to several at once.

    ``also`` narrows further: 'own' reports, those that came back from a 'check', those closed this 'week'.
    """

    key: str
    title: str
    empty: str
    stored: frozenset[str] = _NONE
    shown: frozenset[str] = _NONE
    acts: tuple[str, ...] = ()
    also: str = ""


_TO_FILE = Place(
    "file", mark("To file"), mark("Nothing waits to be filed"), frozenset({"reported"}), acts=("file",)
)
_BACK = Place(
    "back", mark("Came back from a bureau"), mark("No bureau sent anything back"), frozenset({"returned"}),
    acts=("dispatch",),
)  # fmt: skip
_TO_DISPATCH = Place(
    "dispatch", mark("To dispatch"), mark("Nothing waits to be dispatched"), frozenset({"filed", "reopened"}),
    acts=("dispatch",),
)  # fmt: skip
_TO_CHECK = Place(
    "check", mark("To check"), mark("Nothing waits to be checked"), frozenset({"handled"}), acts=("verify",)
)
_TO_CLOSE = Place(
    "close", mark("To close"), mark("Nothing waits to be closed"), frozenset({"verified"}), acts=("close",)
)
_LATE = Place("late", mark("Overdue"), mark("Nothing is overdue"), shown=frozenset({"over"}))
_SOON = Place("soon", mark("Due soon"), mark("Nothing is due within four hours"), shown=frozenset({"due"}))
_CENTRE = (_TO_FILE, _BACK, _TO_DISPATCH, _TO_CHECK, _TO_CLOSE, _LATE)

_ACCEPT = Place(
    "accept", mark("To accept"), mark("Nothing new for your bureau"), frozenset({"dispatched"}), acts=("accept",)
)  # fmt: skip
_AGAIN = Place(
    "again",
    mark("Came back after the check"),
    mark("No check failed"),
    frozenset({"dispatched"}),
    also="check",
)
_IN_HAND = Place("hand", mark("In hand"), mark("Nothing is in hand"), frozenset({"accepted"}))
_HANDED_IN = Place(
    "handed",
    mark("Handled, waiting for the check"),
    mark("Nothing waits for the check"),
    frozenset({"handled"}),
)
_MINE = Place(
    "mine",
    mark("What I reported"),
    mark("You have reported nothing yet"),
    shown=frozenset(DISPLAY_KEYS),
    also="own",
)
_WAITING = Place(
    "wait",
    mark("Waiting for the centre"),
    mark("Nothing waits"),
    frozenset({"reported", "returned", "handled"}),
)
_CLOSED = Place(
    "closed", mark("Closed in the last 7 days"), mark("Nothing was closed in the last 7 days"),
    frozenset({"closed"}), also="week",
)  # fmt: skip

DESKS: Final[dict[str, tuple[Place, ...]]] = {
    "administrator": _CENTRE,
    "supervisor": _CENTRE,
    "handler": (_ACCEPT, _AGAIN, _LATE, _IN_HAND, _HANDED_IN),
    "inspector": (_TO_CHECK, _LATE, _MINE),
    "leader": (_LATE, _SOON, _WAITING),
    "archivist": (_CLOSED,),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it stands: how many, the most urgent rows, how many of those are new or changed to the person."""

    place: Place
    count: int
    unread: int
    rows: list[dict[str, Any]]
    acts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bureau or a patch with what is open and late in it."""

    code: str
    name: Named
    open: int
    over: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk: figures, sections, who is late, and the person's saved filters."""

    now: datetime
    role: str
    open: int
    over: int
    today: int
    closed_week: int
    closed_before: int
    sections: list[Section]
    bureaus: list[Bar]
    patches: list[Bar]
    views: list[View]
    own_patches: bool
    by_status: dict[str, int] = field(default_factory=dict)


def desk(office: Office, actor: Actor) -> Desk:
    """The desk of the signed-in person. Raises NotSignedIn or Forbidden."""
    policy.require(actor, Act.VIEW_CASE)
    now = office.now()
    with office.database.read() as session:
        timezone, names = the_city(session).timezone, read_names(session)
        whole = find(office, session, Filters(shown=frozenset(DISPLAY_KEYS)), now, scope_of(session, actor))
        led = _led(session, actor, now)
        mine = whole.rows if led is None else whole.rows[np.isin(whole.columns.area[whole.rows], list(led))]
        sections = [
            _section(session, actor, whole, mine, one, names, now, timezone)
            for one in DESKS[actor.role or ""]
        ]
        keys = whole.display.keys[mine]
        counts = np.bincount(keys, minlength=len(DISPLAY_KEYS)).tolist()
        return Desk(
            now=now, role=actor.role or "", open=sum(counts[: len(OPEN_KEYS)]), over=counts[KEY_AT["over"]],
            today=_due_today(whole, mine, now, timezone),
            closed_week=_closed(whole, mine, now - _WEEK, now),
            closed_before=_closed(whole, mine, now - 2 * _WEEK, now - _WEEK),
            sections=sections,
            bureaus=_bars(whole, mine, whole.columns.bureau, names.bureaus),
            patches=_bars(whole, mine, whole.columns.area, names.areas),
            views=views_of(session, actor), own_patches=led is not None,
            by_status=dict(zip(DISPLAY_KEYS, counts, strict=True)),
        )  # fmt: skip


def _led(session: Session, actor: Actor, now: datetime) -> frozenset[int] | None:
    """A leader's own patches; None for other roles, and for a leader of everything."""
    if actor.role != "leader":
        return None
    led = session.scalars(
        select(AreaPerson.area_id)
        .join(User, User.person_id == AreaPerson.person_id)
        .where(User.id == actor.user_id, AreaPerson.valid_from <= now)
        .where(AreaPerson.valid_to.is_(None) | (AreaPerson.valid_to > now))
    )
    areas = actor.area_ids | frozenset(led)
    return patches_below(session, areas) if areas else None


def _section(
    session: Session, actor: Actor, whole: Selection, mine: NDArray[np.intp], place: Place, names: Names,
    now: datetime, timezone: str,
) -> Section:  # fmt: skip
    rows = mine[_wanted(session, actor, whole, mine, place, now)]
    order = urgency(whole, rows, now, timezone)
    lines = page(whole, rows, order, ROWS)
    ids = ids_of(whole.columns, lines.rows)
    shown = described(session, ids, names, now, timezone, persons=True)
    marks = reads.marks(session, actor, ids, now)
    for row in shown:
        row["mark"], row["revision"] = marks[row["id"]]
    return Section(
        place, len(rows), sum(row["mark"] != "" for row in shown), shown,
        [(act, ACT_WORDS[act]) for act in place.acts],
    )  # fmt: skip


def _wanted(
    session: Session, actor: Actor, whole: Selection, rows: NDArray[np.intp], place: Place, now: datetime
) -> Mask:
    columns = whole.columns
    by_status = np.array([status in place.stored for status in STATUSES])
    by_key = np.array([key in place.shown for key in DISPLAY_KEYS])
    mask: Mask = by_status[columns.status[rows]] | by_key[whole.display.keys[rows]]
    narrow: dict[str, Callable[[], Mask]] = {
        "own": lambda: np.asarray(columns.reporter[rows] == (actor.user_id or -1)),
        "check": lambda: np.isin(columns.id[rows], _failed_checks(session, columns.id[rows[mask]].tolist())),
        "week": lambda: _between(columns.closed_at[rows], now - _WEEK, now),
    }
    return mask & narrow[place.also]() if place.also else mask


def _failed_checks(session: Session, ids: list[int]) -> list[int]:
    """Of these findings, those whose last check failed: the bureau has to do them again."""
    last = (
        select(HistoryEntry.finding_id, func.max(HistoryEntry.seq).label("seq"))
        .where(HistoryEntry.act.in_(("rework", "dispatch", "handle")))
        .group_by(HistoryEntry.finding_id)
        .subquery()
    )
    found = session.scalars(
        select(HistoryEntry.finding_id)
        .join(last, (last.c.finding_id == HistoryEntry.finding_id) & (last.c.seq == HistoryEntry.seq))
        .where(HistoryEntry.act == "rework")
    )
    return list(set(found) & set(ids))


def _between(moments: NDArray[np.int64], start: datetime, end: datetime) -> Mask:
    return np.asarray(
        (moments != NO_TIME) & (moments > int(start.timestamp())) & (moments <= int(end.timestamp()))
    )


def _closed(whole: Selection, rows: NDArray[np.intp], start: datetime, end: datetime) -> int:
    return int(_between(whole.columns.closed_at[rows], start, end).sum())


def _due_today(whole: Selection, rows: NDArray[np.intp], now: datetime, timezone: str) -> int:
    _, end = day_bounds(day_of(now, timezone), day_of(now, timezone), timezone)
    keys, due = whole.display.keys[rows], whole.columns.due_at[rows]
    at_work = (keys == KEY_AT["due"]) | (keys == KEY_AT["prog"])
    return int((at_work & (due < int(end.timestamp()))).sum())


def _bars(
    whole: Selection, rows: NDArray[np.intp], column: NDArray[np.int32], named: dict[int, Named]
) -> list[Bar]:
    """The latest first: bureaus or patches with anything open."""
    ids, keys = column[rows], whole.display.keys[rows]
    size = int(ids.max(initial=0)) + 1
    is_open = np.bincount(ids[keys != KEY_AT["done"]], minlength=size)
    over = np.bincount(ids[keys == KEY_AT["over"]], minlength=size)
    bars = [
        Bar(named[one].code, named[one], int(is_open[one]), int(over[one]))
        for one in np.flatnonzero(is_open).tolist()
        if one in named
    ]
    return sorted(bars, key=lambda bar: (-bar.over, -bar.open, bar.code))[:SHOWN]
