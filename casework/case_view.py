"""One finding as the case panel shows it, as far as the one who asks may see."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import case_parts, photo_copies, policy
from casework.clock_view import ClockView, clock_of
from casework.errors import Forbidden, NotFound, mark
from casework.history_words import steps, words
from casework.map_names import Names, Pair, former_areas, leaders, read_names
from casework.map_rows import iso
from casework.nearby import open_near
from casework.office import Office, the_city
from casework.photos import photo_path
from casework.policy import Act, Actor
from casework.scope import EVERYTHING, Scope, scope_of, sees_case
from casework.status import display_key, is_overdue
from casework.time_limits import time_rules
from db.models import Assignment, City, Finding, HistoryEntry, Person, Photo, RoutingRule, User

MAX_ID: Final = 2**63 - 1


def case(office: Office, actor: Actor, finding_id: int) -> dict[str, Any]:
    """The answer to ``/map/case/<id>``. Raises NotSignedIn, Forbidden or NotFound.

    Who may only see the map gets it without persons, history and notes, marked ``restricted``.
    """
    with office.database.read() as session:
        return _case(office, actor, session, finding_id)


def _case(office: Office, actor: Actor, session: Session, finding_id: int) -> dict[str, Any]:
    now, city = office.now(), the_city(session)
    public = policy.map_is_public(office.settings.public_map, is_demo=city.is_demo)
    policy.require(actor, Act.VIEW_MAP, public_map=public)
    finding = session.get(Finding, finding_id) if 0 < finding_id <= MAX_ID else None
    if finding is None:
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    full = sees_case(session, actor, finding)
    if not full and not public:
        raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
    names, zone = read_names(session), ZoneInfo(city.timezone)
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.finding_id == finding.id).order_by(HistoryEntry.seq)
    ).all()
    people = (
        _people(
            session,
            {entry.user_id for entry in entries}
            | _photographers(session, finding.id)
            | case_parts.users_of(session, finding.id),
        )
        if full
        else {}
    )
    return {
        **_facts(session, finding, names, now, zone),
        "clock": told_clock(clock_of(session, finding, now), zone),
        "patch": _patch(session, finding, names, now, policy.shows_persons(actor, is_demo=city.is_demo)),
        "areas": _areas(session, finding, names),
        "rule": _rule(session, finding, names),
        "steps": [
            {**one, "at": iso(one["at"], zone)} for one in steps(finding.status, entries, finding.reported_at)
        ],
        "photos": _photos(session, finding, people, zone) if city.is_demo or full else [],
        "history": _history(finding, entries, names, people, now, zone) if full else [],
        "nearby": _nearby(
            office,
            session,
            finding,
            names,
            now,
            city,
            policy.shows_persons(actor, is_demo=city.is_demo),
            EVERYTHING if public else scope_of(session, actor),
        ),
        "restricted": not full,
        **case_parts.parts(session, finding, entries, names, people, zone, now, full=full),
    }


def photo(office: Office, actor: Actor, photo_id: int, *, original: bool = False) -> tuple[Path, str, str]:
    """Where the bytes to be shown are, their media type and their SHA-256: the covered copy's where there is one.

    Photos of the demo are for everybody; others, and every ``original``, for who sees the case, and an original that
    has a covered copy for who may see originals.

    Raises NotSignedIn or Forbidden where the actor may not see it, NotFound when there is none.
    """
    with office.database.read() as session:
        city = the_city(session)
        if original or not city.is_demo:
            policy.require(actor, Act.VIEW_CASE)
        policy.require(
            actor,
            Act.VIEW_MAP,
            public_map=policy.map_is_public(office.settings.public_map, is_demo=city.is_demo),
        )
        found = session.get(Photo, photo_id) if 0 < photo_id <= MAX_ID else None
        if found is not None and (original or not city.is_demo):
            of = session.get_one(Finding, found.finding_id)
            found = found if sees_case(session, actor, of) else None
        copy = photo_copies.current(session, [found.id]).get(found.id) if found else None
        if copy is not None and original and not policy.may(actor, Act.VIEW_ORIGINALS):
            raise Forbidden(mark("Parts of this photo are covered: its original is not for your role"))
        shown = found if original or copy is None else copy
        path = photo_path(office, shown.sha256) if shown else None
        if shown is None or path is None or not path.is_file():
            raise NotFound(mark("There is no photo %(id)s"), {"id": photo_id})
        return path, shown.media_type, shown.sha256


def _facts(session: Session, finding: Finding, names: Names, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    rules = time_rules(session, zone.key)
    limit = rules.limits.of(finding.category_id, "handle")
    bureau = names.bureaus.get(finding.bureau_id or 0)
    return {
        "id": finding.id,
        "number": finding.number,
        "s": display_key(
            finding.status, finding.due_at, now, rules.warn_at(finding.category_id, finding.due_at)
        ),
        "status": finding.status,
        "category": names.categories[finding.category_id].coded,
        "subject": finding.subject or None,
        "place": finding.place or None,
        "description": finding.description,
        "lon": finding.lon,
        "lat": finding.lat,
        "found_at": iso(finding.found_at, zone),
        "reported_at": iso(finding.reported_at, zone),
        "due_at": iso(finding.due_at, zone),
        "closed_at": iso(finding.closed_at, zone),
        "limit": {"value": limit.value, "unit": limit.unit} if limit else None,
        "bureau": bureau.coded if bureau else None,
        "assignment": finding.assignment,
        "near_border": finding.near_border,
        "pinned": finding.pinned,
        "triage": finding.triage,
        "revision": finding.revision,
    }


def told_clock(clock: ClockView, zone: ZoneInfo) -> dict[str, Any]:
    """A clock as JSON: lengths as [seconds, unit] on the clock of that unit, moments in the city's time."""
    return {
        "left": [round(clock.left_s), clock.unit] if clock.left_s is not None else None,
        "step": clock.step,
        "step_due_at": iso(clock.step_due_at, zone),
        "step_left": [round(clock.step_left_s), clock.step_unit] if clock.step_left_s is not None else None,
        "paused_since": iso(clock.paused_since, zone),
        "warn": clock.warn,
        "share": round(clock.share, 4),
        "counted_from": iso(clock.counted_from, zone),
        "provisional": clock.is_provisional,
        "extensions": clock.extensions,
        "unannounced": list(clock.unannounced),
        "steps": [
            {
                "step": one.step, "from": iso(one.start, zone), "to": iso(one.end, zone),
                "took": [round(one.took_s), one.unit], "late": one.is_late,
                "limit": [one.limit.total_s, one.limit.unit] if one.limit else None,
            }
            for one in clock.steps
        ],
    }  # fmt: skip


def _patch(
    session: Session, finding: Finding, names: Names, now: datetime, persons: bool
) -> dict[str, Any] | None:
    if finding.area_id is None:
        return None
    known = names.areas.get(finding.area_id) or former_areas(session, [finding.area_id])[finding.area_id]
    leader = leaders(session, [finding.area_id], now).get(finding.area_id) if persons else None
    return {**known.coded, "leader": leader}


def _areas(session: Session, finding: Finding, names: Names) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Assignment.level_id, Assignment.area_id).where(
            Assignment.finding_id == finding.id,
            Assignment.valid_to.is_(None),
            Assignment.area_id.is_not(None),
        )
    )
    area_of = {row.level_id: row.area_id for row in rows}
    former = former_areas(session, set(area_of.values()) - names.areas.keys())
    known = names.areas | former
    return [
        {"level": [level.name_zh, level.name_en], **known[area_of[level.level_id]].coded}
        for level in names.levels
        if level.level_id in area_of
    ]


def _rule(session: Session, finding: Finding, names: Names) -> dict[str, str] | None:
    rule = session.scalars(
        select(RoutingRule)
        .join(Assignment, Assignment.rule_id == RoutingRule.id)
        .where(Assignment.finding_id == finding.id, Assignment.valid_to.is_(None))
        .limit(1)
    ).first()
    if rule is None:
        return None
    # A note is written in one language: where that is Chinese, what the rule says is put into English words.
    in_english = (
        _in_english(rule, names) if any("\u4e00" <= sign <= "\u9fff" for sign in rule.note) else rule.note
    )
    return {"code": rule.code, "zh": rule.note, "en": in_english}


def _in_english(rule: RoutingRule, names: Names) -> str:
    category = names.categories.get(rule.category_id or 0)
    area = names.areas.get(rule.area_id or 0)
    bureau = names.bureaus.get(rule.bureau_id)
    what = (category.en if category else "everything") + (f" in {area.en}" if area else "")
    return f"{what} → {bureau.short[1] or bureau.en}" if bureau else what


def _photographers(session: Session, finding_id: int) -> set[int | None]:
    return set(session.scalars(select(Photo.created_by).where(Photo.finding_id == finding_id)))


def _people(session: Session, user_ids: set[int | None]) -> dict[int | None, Pair]:
    rows = session.execute(
        select(User.id, Person.name_zh, Person.name_en, Person.title_zh, Person.title_en)
        .join(Person, User.person_id == Person.id)
        .where(User.id.in_([one for one in user_ids if one is not None]))
    )
    return {
        row.id: [f"{row.title_zh} {row.name_zh}".strip(), f"{row.name_en}, {row.title_en}".rstrip(", ")]
        for row in rows
    }


def _photos(
    session: Session, finding: Finding, people: dict[int | None, Pair], zone: ZoneInfo
) -> list[dict[str, Any]]:
    photos = session.scalars(
        select(Photo)
        .where(Photo.finding_id == finding.id)
        .order_by(func.coalesce(Photo.taken_at, Photo.created_at), Photo.id)
    )
    return [
        {
            "id": photo.id,
            "kind": photo.kind,
            "url": f"/photos/{photo.id}",
            "taken_at": iso(photo.taken_at, zone),
            "caption": [photo.caption_zh, photo.caption_en],
            "by": people.get(photo.created_by),
            "seq": photo.history_seq,
        }
        for photo in photos
    ]


def _nearby(
    office: Office, session: Session, finding: Finding, names: Names, now: datetime, city: City, persons: bool,
    scope: Scope,
) -> list[dict[str, Any]]:  # fmt: skip
    here = (finding.lon, finding.lat)
    rows, _total = open_near(
        office, session, here, names, now, city.timezone, persons=persons, but=finding.id, scope=scope
    )
    return rows


def _history(
    finding: Finding,
    entries: Any,
    names: Names,
    people: dict[int | None, Pair],
    now: datetime,
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """All steps, newest first; a deadline that passed stands among them."""
    bureaus = {one.code: (one.short[0] or one.zh, one.short[1] or one.en) for one in names.bureaus.values()}
    areas = {one.code: (one.zh, one.en) for one in names.areas.values()}
    categories = {one.code: (one.zh, one.en) for one in names.categories.values()}
    lines = [(entry.at, entry.act, entry.payload, entry.user_id, entry.note, entry.seq) for entry in entries]
    if finding.due_at is not None and is_overdue(finding.status, finding.due_at, now):
        lines.append((finding.due_at, "overdue", {}, None, None, None))
        lines.sort(key=lambda line: line[0])
    told = []
    for at, act, payload, user_id, note, seq in reversed(lines):
        zh, en, hot = words(act, payload or {}, bureaus, areas, categories)
        told.append(
            {
                "at": iso(at, zone),
                "act": act,
                "zh": zh,
                "en": en,
                "by": people.get(user_id),
                "note": note,
                "hot": hot,
                "seq": seq,
            }
        )
    return told
