"""A person's own notices: listed by case, counted, marked as read. Nobody sees another's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework.errors import NotSignedIn, Refused, mark
from casework.map_names import Pair, read_names
from casework.map_rows import described
from casework.notice_kinds import BY_KIND, words_of
from casework.office import Office, the_city
from casework.policy import Actor
from casework.scope import scope_of
from db.models import Finding, Notice, Person, User

ROWS: Final = 60
MOST_COUNTED: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notice: ``words`` is an English msgid, ``by`` who did it (None: nobody in person, or not named)."""

    id: int
    kind: str
    act: str
    words: str
    at: datetime
    is_unread: bool
    by: Pair | None


@dataclass(frozen=True, slots=True)
class Group:
    """The notices about one case, newest first. ``row`` is None where the person may not see the case any more."""

    row: dict[str, Any] | None
    lines: list[Line]

    @property
    def unread(self) -> int:
        """How many of them were not read."""
        return sum(line.is_unread for line in self.lines)


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of notices; ``before`` goes on to older ones (None: no more)."""

    groups: list[Group]
    unread: int
    by_kind: dict[str, int]
    before: int | None
    now: datetime
    all: int = field(default=0)


def unread(office: Office, actor: Actor) -> int:
    """How many of one's own notices were not read, counted up to 100; 0 for who is not signed in."""
    if actor.user_id is None:
        return 0
    wanted = (
        select(Notice.id)
        .where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    with office.database.read() as session:
        return session.scalar(select(func.count()).select_from(wanted)) or 0


def inbox(
    office: Office, actor: Actor, *, only_unread: bool = False, kind: str = "", before: int | None = None
) -> Inbox:
    """One's own notices, grouped by case, newest first. Raises NotSignedIn, or Refused for a kind that is none."""
    user_id = _own(actor)
    if kind and kind not in BY_KIND:
        raise Refused(mark("kind: there is no such kind of notice"), field="kind")
    with office.database.read() as session:
        mine = select(Notice).where(Notice.user_id == user_id)
        counts = session.execute(
            select(Notice.kind, func.count(), func.count(Notice.read_at))
            .where(Notice.user_id == user_id)
            .group_by(Notice.kind)
        ).all()
        wanted = mine.order_by(Notice.id.desc()).limit(ROWS + 1)
        if only_unread:
            wanted = wanted.where(Notice.read_at.is_(None))
        if kind:
            wanted = wanted.where(Notice.kind == kind)
        if before is not None:
            wanted = wanted.where(Notice.id < before)
        rows = list(session.scalars(wanted))
        return Inbox(
            groups=grouped(office, session, actor, rows[:ROWS]),
            unread=sum(total - read for _kind, total, read in counts),
            by_kind={name: total for name, total, _read in counts},
            before=rows[ROWS - 1].id if len(rows) > ROWS else None,
            now=office.now(),
            all=sum(total for _kind, total, _read in counts),
        )


def latest_unread(office: Office, actor: Actor, at_most: int = 4) -> list[Group]:
    """The newest unread notices for the desk, by case; none for who is not signed in."""
    if actor.user_id is None:
        return []
    with office.database.read() as session:
        rows = session.scalars(
            select(Notice)
            .where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
            .order_by(Notice.id.desc())
            .limit(ROWS)
        ).all()
        return grouped(office, session, actor, rows)[:at_most] if rows else []


def read_one(office: Office, actor: Actor, notice_id: int) -> int | None:
    """Mark one's own notice as read; the id of the case to go to, None where it may not be seen (any more)."""
    user_id = _own(actor)
    with office.database.write() as session:
        notice = session.get(Notice, notice_id)
        if notice is None or notice.user_id != user_id:
            return None
        notice.read_at = notice.read_at or office.now()
        return next(iter(_visible(session, actor, [notice.finding_id])), None)


def read_many(office: Office, actor: Actor, ids: Iterable[int]) -> int:
    """Mark these of one's own notices as read; returns how many were not before."""
    return _mark(office, actor, Notice.id.in_(list(ids)[:1000]))


def read_all(office: Office, actor: Actor, kind: str = "") -> int:
    """Mark all of one's own notices (of a kind) as read; returns how many were not before."""
    return _mark(office, actor, *([Notice.kind == kind] if kind else []))


def read_of_case(office: Office, actor: Actor, finding_id: int) -> None:
    """Who opens a case has read the notices about it."""
    if actor.user_id is None:
        return
    with office.database.read() as session:
        waiting = session.scalars(
            select(Notice.id)
            .where(Notice.finding_id == finding_id, Notice.user_id == actor.user_id, Notice.read_at.is_(None))
            .limit(1)
        ).first()
    if waiting is not None:  # opening a case again takes no lock
        _mark(office, actor, Notice.finding_id == finding_id)


def _mark(office: Office, actor: Actor, *conditions: Any) -> int:
    user_id = _own(actor)
    with office.database.write() as session:
        done = session.execute(
            update(Notice)
            .where(Notice.user_id == user_id, Notice.read_at.is_(None), *conditions)
            .values(read_at=office.now())
        )
        return int(done.rowcount)  # type: ignore[attr-defined]


def _own(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn(mark("Sign in first"))
    return actor.user_id


def _visible(session: Session, actor: Actor, ids: Iterable[int | None]) -> dict[int, Finding]:
    scope = scope_of(session, actor)
    found = session.scalars(select(Finding).where(Finding.id.in_([one for one in ids if one is not None])))
    return {one.id: one for one in found if scope.sees(one)}


def grouped(office: Office, session: Session, actor: Actor, notices: Sequence[Notice]) -> list[Group]:
    """These notices by case, newest first, as far as their reader may see the cases now."""
    visible = _visible(session, actor, {one.finding_id for one in notices})
    rows = {
        row["id"]: row
        for row in described(
            session, list(visible), read_names(session), office.now(), the_city(session).timezone, persons=True
        )
    }  # fmt: skip
    people = names_of(session, {one.facts.get("by") for one in notices})
    groups: dict[int, Group] = {}
    for one in notices:
        row = rows.get(one.finding_id or 0)
        # Of a case that is no longer theirs nothing is said, not even how many notices belong together.
        key = one.finding_id if row and one.finding_id else -one.id
        group = groups.setdefault(key, Group(row, []))
        group.lines.append(_line(one, people if row else {}))
    return list(groups.values())


def _line(one: Notice, people: Mapping[int, Pair]) -> Line:
    act = str(one.facts.get("act", ""))
    words = words_of(
        act, one.kind, is_second=bool(one.facts.get("second")), is_joined=bool(one.facts.get("joined"))
    )
    by = people.get(one.facts.get("by") or 0)
    return Line(one.id, one.kind, act, words, one.at, one.read_at is None, by)


def names_of(session: Session, user_ids: Iterable[int | None]) -> dict[int, Pair]:
    """The names behind accounts as [zh, en]; accounts without a person are left out."""
    rows = session.execute(
        select(User.id, Person.name_zh, Person.name_en)
        .join(Person, User.person_id == Person.id)
        .where(User.id.in_([one for one in user_ids if one is not None]))
    )
    return {row.id: [row.name_zh, row.name_en] for row in rows}
