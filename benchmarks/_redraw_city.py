"""A database with a made-up city and any number of stored findings, for the benchmark of redrawing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Index, func, insert, select
from sqlalchemy.schema import CreateIndex

from casework.areas import LevelChange, NewArea, ensure_level, publish_many
from casework.coverage import Coverage, coverages
from casework.history import chain, step
from casework.moves import areas_at
from casework.office import Office
from db import schema
from db.models import Assignment, Bureau, Category, City, Counter, Finding, HistoryEntry, RoutingRule
from settings import Settings
from tests.factories.wiggly import SIZE, SOUTH, WEST, districts, wiggly

NOW: Final = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)
DISTRICTS: Final = 9
_CHUNK: Final = 100_000
_BUREAUS: Final = 6
_STATUSES: Final = ("closed", "reported", "dispatched", "handled")


@dataclass(frozen=True)
class RedrawCase:
    """An office with its city; ``redrawn`` moves one border of two patches, ``drawn`` is how they were (by code)."""

    office: Office
    drawn: dict[str, BaseGeometry]
    redrawn: dict[str, BaseGeometry]
    ground_m2: float
    findings: int
    open: int


def opened(
    folder: Path, findings: int, areas: int, vertices: int, share_open: float, tell: Callable[[str], None]
) -> RedrawCase:
    """The case in ``folder``; an installation of the same kind that is there already is used again."""
    folder.mkdir(parents=True, exist_ok=True)
    office = Office.open(Settings(instance=folder, now=NOW))
    schema.upgrade(office.database)
    shapes: list[BaseGeometry] = list(wiggly(areas, vertices, seed=3))
    with office.database.read() as session:
        stored = session.scalar(select(func.count()).select_from(Finding)) or 0
    if stored == 0:
        _plant(office, shapes)
        _fill(office, findings, share_open, tell)
    elif stored != findings:
        raise SystemExit(f"{folder} holds {stored:,} findings: name another folder, or --findings {stored}")
    drawn, redrawn = moved_border(shapes)
    with office.database.read() as session:
        at_work = session.scalar(select(func.count()).select_from(Finding).where(Finding.status != "closed"))
    return RedrawCase(office, drawn, redrawn, _ground_m2(drawn, redrawn), findings, at_work or 0)


def code_of(position: int) -> str:
    """A patch's code."""
    return f"P{position:05d}"


def moved_border(shapes: list[BaseGeometry]) -> tuple[dict[str, BaseGeometry], dict[str, BaseGeometry]]:
    """Two inner neighbours of one district, as they are and with the middle of their border thirty metres aside."""
    _parents, parent_of = districts(shapes, DISTRICTS)
    middle = shapely.Point(WEST + SIZE / 2, SOUTH + SIZE / 2)
    for one in sorted(range(len(shapes)), key=lambda i: shapes[i].distance(middle)):
        for other in range(one + 1, len(shapes)):
            if parent_of[one] != parent_of[other]:
                continue
            pair = _pushed(shapes[one], shapes[other])
            if pair is not None:
                codes = code_of(one), code_of(other)
                return (
                    dict(zip(codes, (shapes[one], shapes[other]), strict=True)),
                    dict(zip(codes, pair, strict=True)),
                )
    raise SystemExit("no border to move: ask for more areas")


def new_areas(shapes: dict[str, BaseGeometry], parents: dict[str, int | None]) -> list[NewArea]:
    """Areas to publish, under the parents that they have."""
    return [NewArea(code, code, code, shape, parents[code]) for code, shape in shapes.items()]


def _pushed(one: BaseGeometry, other: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry] | None:
    ring = [tuple(xy) for xy in shapely.get_coordinates(one).tolist()]
    there = {tuple(xy) for xy in shapely.get_coordinates(other).tolist()}
    shared = [xy for xy in ring[:-1] if xy in there]
    if len(shared) < 12:
        return None
    third = len(shared) // 3
    moved = {xy: (round(xy[0] + 3e-4, 7), round(xy[1] + 1e-4, 7)) for xy in shared[third : 2 * third]}

    def push(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([moved.get(tuple(xy), tuple(xy)) for xy in coordinates.tolist()])

    pair = shapely.transform(one, push), shapely.transform(other, push)
    return pair if all(shape.is_valid for shape in pair) else None


def _ground_m2(drawn: dict[str, BaseGeometry], redrawn: dict[str, BaseGeometry]) -> float:
    from geo.crs import area_m2

    first = next(iter(drawn))
    return area_m2(shapely.symmetric_difference(drawn[first], redrawn[first]))


def _plant(office: Office, shapes: list[BaseGeometry]) -> None:
    parents, parent_of = districts(shapes, DISTRICTS)
    with office.database.write() as session:
        box = shapely.box(*shapely.total_bounds(shapes))
        session.add(City(name_zh="城", name_en="City", extent=box, timezone="Asia/Shanghai"))
        categories = [Category(code=f"{i:02d}", name_zh=f"类{i}", name_en=f"Class {i}") for i in range(1, 9)]
        bureaus = [
            Bureau(code=f"B{i}", name_zh=f"局{i}", name_en=f"Bureau {i}", short_zh=f"局{i}", short_en=f"B{i}")
            for i in range(_BUREAUS)
        ]
        session.add_all([*categories, *bureaus])
        session.flush()
        district = ensure_level(session, "district", "区", "District")
        patch = ensure_level(session, "patch", "片区", "Patch", parent_id=district.id)
        publish_many(
            session,
            [
                LevelChange(
                    district,
                    [NewArea(f"D{at}", f"D{at}", f"D{at}", shape) for at, shape in enumerate(parents)],
                ),
                LevelChange(
                    patch,
                    [
                        NewArea(code_of(at), code_of(at), code_of(at), shape, parent_code=f"D{parent_of[at]}")
                        for at, shape in enumerate(shapes)
                    ],
                ),
            ],
            NOW,
            near_m=office.settings.near_m,
        )
        levels = coverages(session)
        for number, area in enumerate(levels[0].areas):
            session.add(
                RoutingRule(
                    code=f"R{number}",
                    area_id=area.id,
                    bureau_id=bureaus[number % _BUREAUS].id,
                    note="district",
                )
            )
        for number, category in enumerate(categories[:3]):
            session.add(
                RoutingRule(code=f"C{number}", category_id=category.id, bureau_id=bureaus[-1 - number].id)
            )


def _fill(office: Office, findings: int, share_open: float, tell: Callable[[str], None]) -> None:
    """Write findings as registering them would, without the checks: in bulk, the indexes after the rows."""
    from casework.referral import RoutingTable

    with office.database.read() as session:
        levels, routing = coverages(session), RoutingTable.load(session)
        categories = list(session.scalars(select(Category.id).order_by(Category.id)))
    indexes = [
        index
        for model in (Finding, Assignment, HistoryEntry)
        for index in model.__table__.indexes  # type: ignore[attr-defined]
    ]
    with office.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA cache_size=-400000")
        for index in indexes:
            index.drop(connection)
        rng = np.random.default_rng(17)
        for first in range(0, findings, _CHUNK):
            size = min(_CHUNK, findings - first)
            _write(
                connection, rng, first, size, levels, routing, categories, share_open, office.settings.near_m
            )
            tell(f"{first + size:,} findings written")
        for index in indexes:
            _make(connection, index)
            tell(f"index {index.name}")
        connection.execute(insert(Counter).values(name="findings", value=1))
        connection.execute(insert(Counter).values(name="number:2026", value=findings))


def _make(connection: Connection, index: Index) -> None:
    connection.execute(CreateIndex(index))


def _write(
    connection: Connection, rng: np.random.Generator, first: int, size: int, levels: list[Coverage], routing: Any,
    categories: list[int], share_open: float, near_m: float,
) -> None:  # fmt: skip
    lon = np.round(rng.uniform(WEST, WEST + SIZE, size), 7)
    lat = np.round(rng.uniform(SOUTH, SOUTH + SIZE, size), 7)
    category = rng.choice(categories, size)
    status = np.where(rng.random(size) < share_open, rng.integers(1, len(_STATUSES), size), 0)
    at = areas_at(levels, lon, lat)
    described = [level.index.describe(lon, lat, near_m) for level in levels]
    triage = np.logical_or.reduce([one.needs_triage for one in described])
    answers: dict[tuple[int, ...], tuple[int | None, int | None]] = {}
    keys = list(zip(category.tolist(), *(column.tolist() for column in at.values()), strict=True))
    for key in set(keys):
        referral = routing.refer(key[0], [area for area in key[1:] if area])
        answers[key] = referral.bureau_id, referral.rule_id
    patch = described[-1]
    moments = [NOW - timedelta(minutes=int(m)) for m in rng.integers(60, 900_000, size)]
    when = [one.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") for one in moments]
    ids = range(first + 1, first + size + 1)
    areas = list(at.values())[-1].tolist()
    connection.exec_driver_sql(
        "INSERT INTO findings (id, number, source, category_id, status, subject, place, description, lon, lat,"
        " reported_at, area_id, bureau_id, assignment, near_border, pinned, triage, revision)"
        " VALUES (?, ?, 'web', ?, ?, '', '', 'Rubbish beside the road', ?, ?, ?, ?, ?, ?, ?, 0, ?, 1)",
        list(
            zip(
                ids, (f"2026-{i:04d}" for i in ids), category.tolist(), (_STATUSES[s] for s in status.tolist()),
                lon.tolist(), lat.tolist(), when, (a or None for a in areas), (answers[k][0] for k in keys),
                (str(kind) for kind in patch.kind), patch.near_border.tolist(), triage.tolist(), strict=True,
            )
        ),
    )  # fmt: skip
    for level, one in zip(levels, described, strict=True):
        connection.exec_driver_sql(
            "INSERT INTO assignments (finding_id, level_id, area_id, area_version_id, coverage_version, kind,"
            " near_border, candidates, pinned, bureau_id, rule_id, reason, valid_from)"
            " VALUES (?, ?, ?, ?, 1, ?, ?, ?, 0, ?, ?, '', ?)",
            list(_assigned(level, one, ids, keys, answers, when, is_patch=level is levels[-1])),
        )
    _steps(connection, ids, status, moments)


def _assigned(
    level: Coverage, located: Any, ids: range, keys: list[Any], answers: dict[Any, Any], when: list[str], *,
    is_patch: bool,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    candidates: dict[int, list[list[float]]] = {}
    for point, area, metres in zip(
        located.candidate_point.tolist(), located.candidate_area.tolist(), located.candidate_m.tolist(), strict=True
    ):  # fmt: skip
        candidates.setdefault(point, []).append([level.areas[area].id, round(metres, 2)])
    for i, position in enumerate(located.position.tolist()):
        area = level.areas[position] if position >= 0 else None
        bureau, rule = answers[keys[i]] if is_patch else (None, None)
        listed = str(candidates[i]) if i in candidates else None
        yield (
            ids[i], level.level_id, area.id if area else None, area.version_id if area else None,
            str(located.kind[i]), bool(located.near_border[i]), listed, bureau, rule, when[i],
        )  # fmt: skip


def _steps(connection: Connection, ids: range, status: NDArray[np.int64], moments: list[datetime]) -> None:
    """The history of what is open: only that is gone on with."""
    rows: list[dict[str, Any]] = []
    for i in np.flatnonzero(status).tolist():
        rows += chain(ids[i], [step("report", moments[i], to_status="reported")])
    if rows:
        connection.execute(insert(HistoryEntry).execution_options(render_nulls=True), rows)
