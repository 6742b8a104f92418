"""Reporting a finding: check it, find its areas and bureau, and put it on record."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework import fields, notices, policy, recurrence
from casework.assignment import Placement
from casework.errors import Refusals, Refused, mark
from casework.history import step
from casework.office import Office, the_city
from casework.photo_uploads import Upload, attach, is_far
from casework.policy import Act, Actor
from casework.registration import Entry, Register
from db.models import Category, Finding

T = TypeVar("T")


MAX_CLIENT_KEY = 200


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding that is on record: its id, where it lies, and what the reporter should know.

    ``repeated``: it was on record already, from an earlier report with the same key; then ``placement`` is None.
    """

    finding_id: int
    placement: Placement | None
    warnings: tuple[str, ...]
    repeated: bool = False


def report(
    office: Office,
    actor: Actor,
    form: Mapping[str, object],
    *,
    source: str = "web",
    photos: Sequence[Upload] = (),
    client_key: object = None,
) -> Reported:
    """Put one finding on record with its photos and return it once all of it is durable.

    ``form`` has category (code), lon, lat (degrees, WGS 84), description, and may have found_at, subject, place.
    ``client_key`` is a text that the sender made up for this report: sent again by the same person, it leads to the
    first finding and nothing is filed. Raises Refusals with every fault at once, NotSignedIn or Forbidden.
    """
    policy.require(actor, Act.REPORT)
    key = _stored_key(actor, client_key)
    try:
        return _filed(office, actor, form, source, photos, key)
    except IntegrityError:
        # PostgreSQL lets two senders of one key come this far; the slower one finds the other's finding.
        known = None
        if key is not None:
            with office.database.read() as session:
                known = _by_key(session, key)
        if known is None:
            raise
        return known


def reported_before(office: Office, actor: Actor, client_key: object) -> Reported | None:
    """The finding that this person has filed under this key; None when there is none (or no key)."""
    policy.require(actor, Act.REPORT)
    key = _stored_key(actor, client_key)
    if key is None:
        return None
    with office.database.read() as session:
        return _by_key(session, key)


def _filed(
    office: Office,
    actor: Actor,
    form: Mapping[str, object],
    source: str,
    photos: Sequence[Upload],
    key: str | None,
) -> Reported:
    now = office.now()
    with office.database.write() as session:
        known = _by_key(session, key) if key else None
        if known is not None:
            return known
        city = the_city(session)
        entry = _checked(session, form, city.timezone, now)
        entry.reporter_id, entry.source, entry.client_key = actor.user_id, source, key
        entry.steps[0]["user_id"] = actor.user_id
        if photos:
            entry.steps[0]["payload"]["photos"] = len(photos)
        register = Register(session, city.timezone, office.settings.near_m)
        [(finding_id, placement)] = register.add([entry])
        attach(session, office, finding_id, photos, actor.user_id, now, history_seq=1)
        notices.told(session, office, finding_id, "report", actor, now)
        recurrence.link(session, office, finding_id, now)
    warnings = _warnings(placement)
    if is_far(photos, entry.lon, entry.lat):
        warnings += (
            mark("A photo says that it was taken more than a kilometre from here: check the location"),
        )
    return Reported(finding_id, placement, warnings)


def _stored_key(actor: Actor, client_key: object) -> str | None:
    """What is kept of a sender's key: a digest with who sent it, so that nobody meets another's finding by it."""
    key = fields.text(client_key, "client_key", limit=MAX_CLIENT_KEY)
    if not key:
        return None
    return hashlib.sha256(f"{actor.user_id}:{actor.key_id}:{key}".encode()).hexdigest()


def _by_key(session: Session, key: str) -> Reported | None:
    finding_id = session.scalars(select(Finding.id).where(Finding.client_key == key)).first()
    return Reported(finding_id, None, (), repeated=True) if finding_id is not None else None


def limit_of(session: Session, category: Category) -> tuple[int | None, str | None]:
    """The category's time limit, or the nearest parent's."""
    seen: Category | None = category
    while seen is not None:
        if seen.limit_value is not None:
            return seen.limit_value, seen.limit_unit
        seen = session.get(Category, seen.parent_id) if seen.parent_id else None
    return None, None


def category_by_code(session: Session, code: object) -> Category:
    """The category in use with this code; raises Refused for any other."""
    wanted = fields.text(code, "category", limit=64, required=True)
    category = session.scalars(select(Category).where(Category.code == wanted)).first()
    if category is None or category.retired_at is not None:
        raise Refused(
            mark("category: there is no category with the code %(code)s; /api/v1/categories lists them"),
            {"code": wanted},
            field="category",
        )
    return category


def _category_or_fault(session: Session, code: object) -> Category | None:
    return category_by_code(session, code)


def _checked(session: Session, form: Mapping[str, object], timezone: str, now: datetime) -> Entry:
    faults: list[Refused] = []

    def attempt(check: Callable[[], T], fallback: T) -> T:
        try:
            return check()
        except Refused as fault:
            faults.append(fault)
            return fallback

    category = attempt(lambda: _category_or_fault(session, form.get("category")), None)
    lon, lat = attempt(lambda: fields.location(form.get("lon"), form.get("lat")), (0.0, 0.0))
    description = attempt(lambda: fields.text(form.get("description"), "description"), "")
    subject = attempt(lambda: fields.text(form.get("subject"), "subject", limit=fields.MAX_LINE), "")
    place = attempt(lambda: fields.text(form.get("place"), "place", limit=fields.MAX_LINE), "")
    found = attempt(lambda: fields.moment(form.get("found_at"), "found_at", timezone, now), None)
    if faults or category is None:
        raise Refusals(faults)
    return Entry(
        category_id=category.id, lon=lon, lat=lat, reported_at=now, found_at=found or now,
        subject=subject, place=place, description=description,
        steps=[step("report", now, to_status="reported", payload={"category": category.code, "lon": lon, "lat": lat})],
    )  # fmt: skip


def _warnings(placement: Placement) -> tuple[str, ...]:
    patch = placement.patch
    if patch is None or patch.kind == "outside":
        return (mark("The location lies outside every area: somebody will look at it"),)
    if placement.needs_triage:
        return (mark("The location lies on or near a border: somebody will look at it"),)
    return ()


def finding_or_none(session: Session, finding_id: int) -> Finding | None:
    """The finding with this id."""
    return session.get(Finding, finding_id)
