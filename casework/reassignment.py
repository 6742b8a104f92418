"""Locating open findings again after boundaries or rules changed."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from casework.assignment import Placement, place_all
from casework.changed_ground import ChangedGround
from casework.coverage import Coverage, coverages
from casework.history import append_many, step
from casework.moves import MapChange, moves
from casework.reassigned_rows import Reassigned, Why, parts, write_what_differs
from casework.referral import Referral, RoutingTable
from casework.status import FINAL_STATUSES
from db.models import Area, Assignment, Bureau, Finding
from geo.locations import Locations

_BATCH: Final = 5_000

Ids = NDArray[np.int64]


def reassign(
    session: Session, at: datetime, *, near_m: float, user_id: int | None = None, reason: str = ""
) -> int:
    """Locate and refer every open finding again, inside the caller's transaction.

    Findings pinned by a person stay as they are, closed ones too. Only what differs is written. Returns how many
    findings got another patch or bureau.
    """
    return reassign_all(session, at, near_m=near_m, user_id=user_id, reason=reason).moved


def reassign_all(
    session: Session, at: datetime, *, near_m: float, user_id: int | None = None, reason: str = ""
) -> Reassigned:
    """``reassign`` with all that it counts."""
    levels, routing = coverages(session), RoutingTable.load(session)
    why, done = Why(at, user_id, reason), Reassigned()
    for batch in _open_findings(session):
        placements = place_all(levels, [row.lon for row in batch], [row.lat for row in batch], near_m)
        referrals = [
            routing.refer(row.category_id, placement.area_ids)
            for row, placement in zip(batch, placements, strict=True)
        ]
        done += write_what_differs(session, batch, placements, referrals, why)
    return done


def reassign_changed(
    session: Session,
    change: MapChange,
    at: datetime,
    *,
    near_m: float,
    ended: Collection[int] = (),
    user_id: int | None = None,
    reason: str = "",
) -> Reassigned:
    """Locate the open findings again that a change of the map can concern, inside the caller's transaction.

    ``change.after`` is in force already. Pinned findings stay, but for those pinned to one of the areas that
    ``ended`` (ids): they are released, and located like any other. Closed ones keep their areas.
    """
    ground = ChangedGround.of(change.before, change.after, near_m)
    released = _release(session, pinned_to(session, ended), at, user_id, reason)
    if ground is None:
        return reassign_all(session, at, near_m=near_m, user_id=user_id, reason=reason)
    ids = np.union1d(_concerned(session, change, ground, near_m), released)
    why, routing, done = Why(at, user_id, reason), RoutingTable.load(session), Reassigned()
    for first in range(0, len(ids), _BATCH):
        batch = _details(session, ids[first : first + _BATCH])
        if batch:
            placements = place_all(
                change.after, [row.lon for row in batch], [row.lat for row in batch], near_m
            )
            referrals = _referrals(session, change, routing, batch, placements, released)
            done += write_what_differs(session, batch, placements, referrals, why)
    return done


def locate_again(
    session: Session,
    finding_id: int,
    at: datetime,
    *,
    near_m: float,
    user_id: int | None = None,
    reason: str = "",
) -> int | None:
    """Locate one open finding by the map in force (it may have slept through a publication), unless it is pinned.

    One that is pinned to an area which has ended is released first. A finding that stays in its areas keeps its
    bureau. Returns its new revision, None when nothing differs.
    """
    levels = coverages(session, lock=True)
    in_force = {area.id for level in levels for area in level.areas}
    current = session.execute(
        select(Assignment.area_id, Assignment.pinned, Assignment.rule_id).where(
            Assignment.finding_id == finding_id, Assignment.valid_to.is_(None)
        )
    ).all()
    ids = np.asarray([finding_id], dtype=np.int64)
    if any(row.pinned and row.area_id is not None and row.area_id not in in_force for row in current):
        _release(session, ids, at, user_id, reason)
    batch = _details(session, ids)
    if not batch:
        return None
    placements = place_all(levels, [batch[0].lon], [batch[0].lat], near_m)
    ruled = RoutingTable.load(session).refer(batch[0].category_id, placements[0].area_ids)
    stays = {row.area_id for row in current} - {None} == set(placements[0].area_ids)
    kept = Referral(batch[0].bureau_id, next((row.rule_id for row in current if row.rule_id), None))
    done = write_what_differs(
        session, batch, placements, [kept if stays else ruled], Why(at, user_id, reason)
    )
    return done.revision


def pinned_to(session: Session, area_ids: Collection[int]) -> Ids:
    """The open findings that a person put into one of these areas, at any level; sorted ids."""
    found: set[int] = set()
    for part in parts(sorted(area_ids)):
        found.update(
            session.scalars(
                select(Finding.id)
                .join(Assignment, Assignment.finding_id == Finding.id)
                .where(
                    Finding.pinned.is_(True), Finding.status.not_in(FINAL_STATUSES),
                    Assignment.valid_to.is_(None), Assignment.area_id.in_(part),
                )
            )
        )  # fmt: skip
    return np.asarray(sorted(found), dtype=np.int64)


def close_assignments(session: Session, finding_id: int, at: datetime) -> None:
    """End the current assignments of a finding."""
    session.execute(
        update(Assignment)
        .where(Assignment.finding_id == bindparam("of"), Assignment.valid_to.is_(None))
        .values(valid_to=at)
        .execution_options(synchronize_session=False),
        {"of": finding_id},
    )


def code_of(session: Session, model: type[Area] | type[Bureau], identity: int | None) -> str | None:
    """The code of an area or a bureau, None for none."""
    return session.scalar(select(model.code).where(model.id == identity)) if identity is not None else None


def _release(session: Session, ids: Ids, at: datetime, user_id: int | None, reason: str) -> Ids:
    """Take pins back: nothing but that, the caller locates anew."""
    for part in parts(ids.tolist()):
        session.execute(
            update(Finding)
            .where(Finding.id.in_(part))
            .values(pinned=False)
            .execution_options(synchronize_session=False)
        )
        append_many(
            session, {one: [step("release", at, user_id=user_id, note=reason or None)] for one in part}
        )
    return ids


def _concerned(session: Session, change: MapChange, ground: ChangedGround, near_m: float) -> Ids:
    """The findings beside the changed ground whose answer differs between the two maps in any way that is kept."""
    ids, lon, lat = _beside(session, ground)
    differs = np.zeros(len(ids), dtype=bool)
    for old, new in zip(change.before, change.after, strict=True):
        if old is not new and len(ids):
            differs |= _answers_differ(old, new, lon, lat, near_m)
    return ids[differs]


def _beside(session: Session, ground: ChangedGround) -> tuple[Ids, NDArray[np.float64], NDArray[np.float64]]:
    """Ids and places of all findings that may be concerned, by the index over places alone."""
    parts: list[NDArray[np.float64]] = []
    for band in ground.bands():
        wanted = select(Finding.id, Finding.lon, Finding.lat).where(
            Finding.lat.between(band.south, band.north), Finding.lon.between(band.west, band.east)
        )
        cursor = session.connection().execute(wanted).cursor
        rows = cursor.fetchall() if cursor is not None else []
        if rows:
            # ids are whole numbers below 2**53, so that one array can hold all three
            parts.append(np.asarray(rows, dtype=np.float64))
    table = np.concatenate(parts) if parts else np.zeros((0, 3))
    ids, first = np.unique(table[:, 0].astype(np.int64), return_index=True)
    lon, lat = table[first, 1], table[first, 2]
    inside = ground.holds(lon, lat)
    return ids[inside], lon[inside], lat[inside]


def _answers_differ(
    old: Coverage, new: Coverage, lon: NDArray[np.float64], lat: NDArray[np.float64], near_m: float
) -> NDArray[np.bool_]:
    """Whether two maps of a level say anything different of each place: area, kind, near border or candidates."""
    was, now = old.index.describe(lon, lat, near_m), new.index.describe(lon, lat, near_m)
    old_ids, new_ids = _ids_of(old), _ids_of(new)
    differs: NDArray[np.bool_] = (
        (old_ids[was.position] != new_ids[now.position])
        | (was.kind != now.kind)
        | (was.near_border != now.near_border)
    )
    for i in np.flatnonzero(~differs & now.needs_triage).tolist():
        differs[i] = _candidates(was, i, old_ids) != _candidates(now, i, new_ids)
    return differs


def _ids_of(level: Coverage) -> Ids:
    return np.asarray([*(area.id for area in level.areas), 0], dtype=np.int64)


def _candidates(located: Locations, i: int, ids: Ids) -> frozenset[int]:
    return frozenset(int(ids[position]) for position, _metres in located[i].candidates)


def _referrals(
    session: Session,
    change: MapChange,
    routing: RoutingTable,
    batch: Sequence[Any],
    placements: Sequence[Placement],
    released: Ids,
) -> list[Referral]:
    """The bureau of each finding afterwards, with its rule: what stays keeps both."""
    found = moves(
        change,
        routing,
        np.asarray([row.lon for row in batch]),
        np.asarray([row.lat for row in batch]),
        np.asarray([row.category_id for row in batch], dtype=np.int64),
        np.asarray([row.area_id or 0 for row in batch], dtype=np.int64),
        np.asarray([row.bureau_id or 0 for row in batch], dtype=np.int64),
        np.isin([row.id for row in batch], released),
    )
    rules = _rules_now(session, [row.id for row in batch])
    referrals = []
    for i, (row, placement) in enumerate(zip(batch, placements, strict=True)):
        ruled = routing.refer(row.category_id, placement.area_ids)
        bureau_id = int(found.bureau[i]) or None
        kept = Referral(bureau_id, rules.get(row.id))
        referrals.append(ruled if found.elsewhere[i] and ruled.bureau_id == bureau_id else kept)
    return referrals


def _rules_now(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """The rule behind each finding's bureau, where there is one."""
    found: dict[int, int] = {}
    for part in parts(ids):
        rows = session.execute(
            select(Assignment.finding_id, Assignment.rule_id).where(
                Assignment.finding_id.in_(part),
                Assignment.valid_to.is_(None),
                Assignment.rule_id.is_not(None),
            )
        )
        found.update((row.finding_id, row.rule_id) for row in rows)
    return found


def _columns() -> tuple[Any, ...]:
    return (
        Finding.id, Finding.category_id, Finding.lon, Finding.lat, Finding.area_id, Finding.bureau_id,
        Finding.assignment, Finding.near_border, Finding.triage,
    )  # fmt: skip


def _open_findings(session: Session) -> Iterator[Sequence[Any]]:
    last = 0
    while True:
        batch = session.execute(
            select(*_columns())
            .where(Finding.id > last, Finding.pinned.is_(False), Finding.status.not_in(FINAL_STATUSES))
            .order_by(Finding.id)
            .limit(_BATCH)
        ).all()
        if not batch:
            return
        yield batch
        last = batch[-1].id


def _details(session: Session, ids: Ids) -> list[Any]:
    """The open findings among these that no person has pinned."""
    found: list[Any] = []
    for part in parts(ids.tolist()):
        found += session.execute(
            select(*_columns())
            .where(Finding.id.in_(part), Finding.pinned.is_(False), Finding.status.not_in(FINAL_STATUSES))
            .order_by(Finding.id)
        ).all()
    return found
