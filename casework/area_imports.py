"""The import of areas in steps: a file is brought, looked at with answers that may change, then published or drafted.

Nothing is written before the last step. What a preview showed is sealed: what is published is exactly that, or nothing.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import area_import_store as store
from casework import drafts, policy
from casework.area_features import AreaFields
from casework.area_import_plan import AreaPlan, make_plan
from casework.area_import_store import WaitingFile
from casework.areas import Publication
from casework.coverage import coverages
from casework.drafts_laying import apply
from casework.drafts_map import NEW, key_of
from casework.drafts_shapes import Change
from casework.errors import Conflict, Refused, mark
from casework.fields import MAX_LINE, text
from casework.file_worker import READER
from casework.import_areas import carry_out, city_bounds
from casework.office import Office
from casework.policy import Act, Actor
from db.models import Level
from geo.crs import DATUMS
from geo.datum_fit import DatumFit, recommended
from geo.inspection import Answers, Inspection
from geo.readers_points import text_of

_DEGREES: Final = frozenset(["EPSG:4326", "EPSG:4490"])
_REMEMBERED: Final = 3
_COLUMNS, _ROWS = 30, 500  # of a file's table, looked through for codes that are known


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person said about an import so far; everything may be left open."""

    answers: Answers
    level: str
    fields: AreaFields
    level_name: str | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How an import stands: the file, what it says, what would happen, or what is in the way (``refused``).

    ``datums`` is how well each datum fits, where the file has degrees; ``better`` the one that is likely right.
    ``seal`` stands for exactly this plan on exactly this map. ``levels`` are those that areas can belong to.
    """

    file: WaitingFile
    wanted: Wanted
    seen: Inspection
    plan: AreaPlan | None
    refused: Refused | None
    datums: tuple[DatumFit, ...]
    better: DatumFit | None
    seal: str
    levels: tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What publishing would do to the findings."""

    findings_moved: int
    bureaus_changed: int


def read_wanted(value: Mapping[str, Any]) -> Wanted:
    """A request's answers, checked. Raises Refused naming the field."""

    def said(name: str, limit: int = MAX_LINE) -> str | None:
        return text(value.get(name), name, limit=limit) or None

    datum = said("datum")
    if datum is not None and datum not in DATUMS:
        raise Refused(
            mark("datum: %(datum)s is none; there are %(datums)s"),
            {"datum": datum, "datums": DATUMS},
            field="datum",
        )
    swapped = value.get("swapped")
    if swapped not in (None, True, False):
        raise Refused(mark("%(field)s must be true or false"), {"field": "swapped"}, field="swapped")
    zh, en = said("level_zh"), said("level_en")
    return Wanted(
        answers=Answers(said("layer"), said("encoding", 40), said("crs", 2000), datum, swapped),
        level=said("level", 64) or "",
        fields=AreaFields(said("code"), said("name"), said("name_en"), said("parent")),
        level_name=f"{(zh or en or '').replace('/', ' ')}/{(en or zh or '').replace('/', ' ')}"
        if zh or en
        else None,
        ended=value.get("ended") is True,
    )


def look(office: Office, actor: Actor, token: str, wanted: Wanted) -> Look:
    """How an import stands with these answers. Raises NotFound, NotSignedIn, Forbidden."""
    policy.require(actor, Act.IMPORT_AREAS)
    file, seen = _read(office, actor, token, wanted)
    with office.database.read() as session:
        levels = _levels(session)
        return _look(session, file, wanted, seen, levels)


def effect(office: Office, actor: Actor, token: str, wanted: Wanted, seal: str) -> Effect:
    """What publishing the plan with this seal would do to open findings: it is done, counted and undone."""
    policy.require(actor, Act.IMPORT_AREAS)
    file, seen = _read(office, actor, token, wanted)
    with office.database.write() as session:
        plan = _sealed(session, file, wanted, seen, seal)
        done = carry_out(session, office, plan, note=_note(file, ""), user_id=actor.user_id)
        session.rollback()
    return Effect(done.findings_moved, done.bureaus_changed)


def publish(
    office: Office, actor: Actor, token: str, wanted: Wanted, seal: str, note: object = ""
) -> Publication:
    """Put the plan with this seal in force and forget the file.

    Raises Conflict when map or file are no longer what the preview showed, Forbidden, NotFound.
    """
    policy.require(actor, Act.IMPORT_AREAS)
    policy.require(actor, Act.PUBLISH_AREAS)
    why = text(note, "note", limit=300)
    file, seen = _read(office, actor, token, wanted)
    with office.database.write() as session:
        plan = _sealed(session, file, wanted, seen, seal)
        done = carry_out(session, office, plan, note=_note(file, why), user_id=actor.user_id)
    store.forget(office, actor, token)
    return done


def open_as_draft(office: Office, actor: Actor, token: str, wanted: Wanted, seal: str) -> int:
    """Lay the plan with this seal into a new draft, where it can be drawn on, and forget the file; the draft's id."""
    policy.require(actor, Act.IMPORT_AREAS)
    policy.require(actor, Act.DRAW_AREAS)
    file, seen = _read(office, actor, token, wanted)
    with office.database.read() as session:
        plan = _sealed(session, file, wanted, seen, seal)
    if plan.level_id is None:
        raise Refused(
            mark("level: a draft redraws a level that is there already: publish this one first"),
            field="level",
        )
    draft_id = drafts.create(office, actor, [plan.level_code], file.name[:200], note=_note(file, ""))
    try:
        with office.database.write() as session:
            draft = drafts.editable(session, actor, draft_id, None)
            apply(session, draft, _changes(plan))
            drafts.touch(office, session, actor, draft)
    except Refused:
        drafts.discard(office, actor, draft_id, None)
        raise
    store.forget(office, actor, token)
    return draft_id


def _changes(plan: AreaPlan) -> list[Change]:
    changes = []
    for number, one in enumerate(plan.planned, start=1):
        if one.outcome == "unchanged":
            continue
        key = key_of(one.before.id) if one.before else f"{NEW}{number}"
        parent = key_of(one.parent_area_id) if one.parent_area_id is not None else None
        area = one.candidate
        changes.append(
            Change(key, area.geometry, False, plan.level_code, area.code, area.name_zh, area.name_en, parent)
        )
    if plan.ended:
        changes += [Change(key_of(area.id), removed=True) for area in plan.absent]
    return changes


def _note(file: WaitingFile, why: str) -> str:
    return (f"{why} · {file.name}" if why else f"import {file.name}")[:500]


def _read(office: Office, actor: Actor, token: str, wanted: Wanted) -> tuple[WaitingFile, Inspection]:
    """The file and what it says, found out before anything is locked."""
    file = store.waiting(office, actor, token)
    with office.database.read() as session:
        return file, _inspected(office, session, file, wanted.answers)


def _sealed(session: Session, file: WaitingFile, wanted: Wanted, seen: Inspection, seal: str) -> AreaPlan:
    now = _look(session, file, wanted, seen, _levels(session))
    if now.plan is None:
        raise now.refused or Refused(mark("There is nothing in this file"), field="files")
    if now.seal != seal:
        raise Conflict(mark("Boundaries were published in between: look at the preview again"))
    return now.plan


def _look(
    session: Session,
    file: WaitingFile,
    wanted: Wanted,
    seen: Inspection,
    levels: tuple[tuple[str, str, str, int], ...],
) -> Look:
    plan, refused = None, None
    if seen.result is not None:
        wanted = replace(wanted, level=wanted.level or _likely_level(session, seen, levels))
        try:
            plan = make_plan(
                session,
                seen.result,
                wanted.level,
                wanted.fields,
                level_name=wanted.level_name,
                ended=wanted.ended,
            )
        except Refused as fault:
            refused = fault
    datums, better = _datums(seen, plan)
    return Look(
        file,
        wanted,
        seen,
        plan,
        refused,
        datums,
        better,
        _seal(session, wanted, plan) if plan else "",
        levels,
    )


def _datums(seen: Inspection, plan: AreaPlan | None) -> tuple[tuple[DatumFit, ...], DatumFit | None]:
    """How the datums fit; only where the file's degrees were taken as WGS 84, so that they can be taken as another."""
    if plan is None or seen.result is None or seen.result.crs not in _DEGREES:
        return (), None
    if seen.used.datum not in (None, "wgs84"):
        return (), None
    found = plan.fits()
    return tuple(found), recommended(found)


def _levels(session: Session) -> tuple[tuple[str, str, str, int], ...]:
    counts = {one.level_id: len(one.areas) for one in coverages(session)}
    rows = session.scalars(select(Level).order_by(Level.position))
    return tuple((one.code, one.name_zh, one.name_en, counts.get(one.id, 0)) for one in rows)


def _likely_level(session: Session, seen: Inspection, levels: tuple[tuple[str, str, str, int], ...]) -> str:
    """The level that has most of the file's codes, else the one whose number of areas is nearest to the file's."""
    assert seen.result is not None  # noqa: S101 - asked for a file that could be read
    features = seen.result.features
    names = [name for name in features.columns if name != features.geometry.name][:_COLUMNS]
    values = {text_of(value).strip() for name in names for value in features[name].head(_ROWS)}
    known = {one.level_code: len(values & {area.code for area in one.areas}) for one in coverages(session)}
    best = max(known, key=lambda code: known[code], default=None)
    if best is not None and known[best]:
        return best
    used = [level for level in levels if level[3]]
    if used:
        return min(used, key=lambda one: abs(one[3] - len(features)))[0]
    return levels[-1][0] if levels else "patch"


def _seal(session: Session, wanted: Wanted, plan: AreaPlan) -> str:
    """A word for exactly this plan: the answers, the areas' outcomes and the map that they were compared with."""
    versions = session.execute(select(Level.code, Level.coverage_version).order_by(Level.code)).all()
    parts = [
        repr(wanted), plan.level_code, [tuple(row) for row in versions], plan.ended,
        [(one.candidate.code, one.outcome, one.parent_area_id, one.candidate.geometry.wkb_hex) for one in plan.planned],
        [area.code for area in plan.absent],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


class _Seen:
    """The last inspections of this process: changing which field is the name must not read the file again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Answers], Inspection] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, Answers]) -> Inspection | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, Answers], seen: Inspection) -> None:
        with self._lock:
            self._kept[key] = seen
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)


_SEEN: Final = _Seen()


def _inspected(office: Office, session: Session, file: WaitingFile, answers: Answers) -> Inspection:
    key = (f"{office.settings.instance}:{file.token}", answers)
    seen = _SEEN.get(key)
    if seen is None:
        seen = READER.inspect(file.folder, answers, city_bounds(session), file.folder.parent)
        _SEEN.put(key, seen)
    return seen
