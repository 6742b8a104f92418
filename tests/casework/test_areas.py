"""Publishing: versions, publications, areas that end and come back, and what becomes of the findings."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from casework import areas, counters
from casework.areas import LevelChange, NewArea
from casework.coverage import coverages
from casework.errors import Refused
from casework.office import Office
from casework.policy import Actor
from casework.reassignment import reassign_all
from casework.triage import settle
from casework.verify import verify
from db.models import Area, AreaPerson, AreaVersion, Assignment, HistoryEntry, Level, Publication
from tests.factories.city import NOW
from tests.factories.drafts import (
    EAST,
    HALF,
    MIDDLE,
    SOUTH,
    SQUARES,
    STREET_OF,
    STREETS,
    WEST,
    DrawnCity,
    drawn_city,
    moved_border,
)  # fmt: skip

LATER = NOW + timedelta(days=3)


def level(session: Session, code: str) -> Level:
    return session.scalars(select(Level).where(Level.code == code)).one()


def new(code: str, shape: Any = None, **more: Any) -> NewArea:
    return NewArea(
        code, f"片{code}", f"Patch {code}", SQUARES[code] if shape is None else shape,
        **({"parent_code": STREET_OF.get(code, "S1")} | more),
    )  # fmt: skip


def publish(
    city: DrawnCity, *changed: NewArea, ended: tuple[str, ...] = (), **more: Any
) -> areas.Publication:
    with city.office.database.write() as session:
        return areas.publish(
            session, level(session, "patch"), changed, LATER, near_m=5, ended=ended, user_id=city.supervisor.user_id,
            **({"note": "why", "kind": "draft"} | more),
        )  # fmt: skip


def in_step(office: Office) -> bool:
    """Whether every stored answer is the one that locating everything again would give, and rows agree."""
    with office.database.write() as session:
        counted = select(func.count()).select_from(Assignment)
        before = (counters.current(session, "findings"), session.scalar(counted))
        done = reassign_all(session, LATER, near_m=5)
        after = (counters.current(session, "findings"), session.scalar(counted))
        session.rollback()
    assert (done.moved, after) == (0, before)
    assert [check.faults for check in verify(office) if check.what == "assignments"] == [[]]
    return True


def test_a_publication_is_on_record_with_its_versions(office: Office) -> None:
    city = drawn_city(office)
    shapes = moved_border()
    done = publish(city, new("P1", shapes["P1"]), new("P3", shapes["P3"]), new("P2"))
    assert (done.changed, done.unchanged, done.opened, done.ended) == (("P1", "P3"), ("P2",), (), ())
    with office.database.read() as session:
        row = session.get_one(Publication, done.id)
        opened = session.scalars(select(AreaVersion).where(AreaVersion.publication_id == row.id)).all()
        ended = session.scalars(select(AreaVersion).where(AreaVersion.ended_by_id == row.id)).all()
    assert (row.at, row.user_id, row.note, row.kind) == (LATER, city.supervisor.user_id, "why", "draft")
    assert (
        {one.area_id for one in opened}
        == {one.area_id for one in ended}
        == {city.areas["P1"], city.areas["P3"]}
    )
    assert all(one.valid_to == LATER for one in ended)


def test_nothing_that_differs_is_no_publication(office: Office) -> None:
    city = drawn_city(office)
    done = publish(city, new("P1"), new("P2"))
    assert done.id is None
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Publication)) == 1
        assert level(session, "patch").coverage_version == 1


def test_several_levels_are_one_publication_and_name_each_other(office: Office) -> None:
    drawn_city(office)
    north = shapely.box(WEST, HALF, EAST, 36.54)
    with office.database.write() as session:
        done = areas.publish_many(
            session,
            [
                LevelChange(level(session, "patch"), [new("P2", parent_code="S3"), new("P4", parent_code="S3")]),
                LevelChange(
                    level(session, "street"),
                    [
                        NewArea("S3", "北街道", "North", north, parent_code="D"),
                        NewArea("S1", "S1街道", "Street S1", SQUARES["P1"], parent_code="D"),
                        NewArea("S2", "S2街道", "Street S2", SQUARES["P3"], parent_code="D"),
                    ],
                ),
            ],
            LATER, near_m=5,
        )  # fmt: skip
    assert set(done.opened) == {"S3"}
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Publication)) == 2
        street, patch = coverages(session)[1:]
        ids = {area.code: area.id for area in street.areas}
        assert {area.code: area.parent_id for area in patch.areas} == {
            "P1": ids["S1"], "P2": ids["S3"], "P3": ids["S2"], "P4": ids["S3"],
        }  # fmt: skip


def test_a_parent_that_is_not_there_is_refused_and_nothing_is_written(office: Office) -> None:
    city = drawn_city(office)
    with pytest.raises(Refused, match="S9"):
        publish(city, new("P1", moved_border()["P1"], parent_code="S9"))
    with pytest.raises(Refused, match="P9"):
        publish(city, ended=("P9",))
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AreaVersion)) == 7
        assert session.scalar(select(func.count()).select_from(Publication)) == 1


def test_what_another_map_says_moves_the_rest_stays(office: Office) -> None:
    city = drawn_city(office)
    moves, closed, pinned = (city.report(101.0215, 36.503) for _ in range(3))
    stays = city.report(101.035, 36.51)
    city.set(closed, status="closed")
    settle(office, city.supervisor, pinned, "patch", "P3", "seen on site")
    with office.database.read() as session:
        before = session.scalars(select(Assignment).where(Assignment.finding_id == pinned)).all()
    shapes = moved_border()
    done = publish(city, new("P1", shapes["P1"]), new("P3", shapes["P3"]))
    assert (done.findings_moved, done.bureaus_changed) == (1, 0)
    assert [city.patch_of(one) for one in (moves, stays, closed, pinned)] == ["P1", "P3", "P3", "P3"]
    with office.database.read() as session:
        after = session.scalars(select(Assignment).where(Assignment.finding_id == pinned)).all()
        assert [(a.id, a.valid_to) for a in after] == [(a.id, a.valid_to) for a in before]
        acts = session.scalars(select(HistoryEntry.act).where(HistoryEntry.finding_id == moves)).all()
        note = session.scalars(select(HistoryEntry.note).where(HistoryEntry.act == "reassign")).one()
    assert (acts[-1], note) == ("reassign", "why")
    assert in_step(office)


def test_an_area_ends_with_its_duties_and_comes_back_with_them(office: Office) -> None:
    city = drawn_city(office)
    here = city.report(101.03, 36.51)
    whole = shapely.union(SQUARES["P1"], SQUARES["P3"])
    done = publish(city, new("P1", whole), ended=("P3",))
    assert done.ended == ("P3",)
    assert city.patch_of(here) == "P1"
    with office.database.read() as session:
        duty = session.scalars(select(AreaPerson).where(AreaPerson.area_id == city.areas["P3"])).one()
        assert (duty.valid_to, duty.ended_by) == (LATER, city.supervisor.user_id)
        assert [area.code for area in coverages(session)[-1].areas] == ["P1", "P2", "P4"]
    back = publish(city, new("P1"), new("P3"))
    assert back.opened == ("P3",)
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Area).where(Area.code == "P3")) == 1
        duties = session.scalars(
            select(AreaPerson).where(AreaPerson.area_id == city.areas["P3"]).order_by(AreaPerson.id)
        ).all()
    assert [(one.person_id, one.valid_to) for one in duties] == [
        (duty.person_id, LATER), (duty.person_id, None),
    ]  # fmt: skip
    assert city.patch_of(here) == "P3"
    assert in_step(office)


def test_a_pin_to_an_area_that_ends_is_released(office: Office) -> None:
    """Somebody had put it into P3 by hand; once P3 is no more its place decides again, and its history says so."""
    city = drawn_city(office)
    far = city.report(101.005, 36.535)
    settle(office, city.supervisor, far, "patch", "P3", "seen on site")
    assert city.patch_of(far) == "P3"
    done = publish(city, new("P1", shapely.union(SQUARES["P1"], SQUARES["P3"])), ended=("P3",))
    assert done.findings_moved == 1
    assert (city.patch_of(far), city.finding(far).pinned) == ("P2", False)
    with office.database.read() as session:
        acts = session.scalars(
            select(HistoryEntry.act).where(HistoryEntry.finding_id == far).order_by(HistoryEntry.seq)
        ).all()
        current = select(Assignment).where(Assignment.finding_id == far, Assignment.valid_to.is_(None))
        rows = session.scalars(current).all()
    assert acts[-2:] == ["release", "reassign"]
    assert not any(row.pinned for row in rows)
    assert in_step(office)


def test_a_bureau_chosen_by_hand_stays_while_the_rules_say_the_same(office: Office) -> None:
    city = drawn_city(office)
    chosen = city.report(101.0215, 36.503)
    shapes = moved_border(101.022)
    city.set(chosen, bureau_id=city.bureaus["HW"])
    with office.database.write() as session:
        streets = {
            "S1": shapely.union(shapes["P1"], SQUARES["P2"]),
            "S2": shapely.union(shapes["P3"], SQUARES["P4"]),
        }
        done = areas.publish_many(
            session,
            [LevelChange(level(session, "patch"), [new("P1", shapes["P1"]), new("P3", shapes["P3"])])],
            LATER, near_m=5,
        )  # fmt: skip
    assert (done.findings_moved, done.bureaus_changed) == (1, 0)
    assert city.finding(chosen).bureau_id == city.bureaus["HW"]
    with office.database.write() as session:
        done = areas.publish_many(
            session,
            [
                LevelChange(
                    level(session, "street"),
                    [
                        NewArea(code, f"{code}街道", f"Street {code}", shape, parent_code="D")
                        for code, shape in streets.items()
                    ],
                )
            ],
            LATER, near_m=5,
        )  # fmt: skip
    assert done.bureaus_changed == 1
    assert city.finding(chosen).bureau_id == city.bureaus["CG"]


def test_only_findings_beside_what_changed_are_read(sqlite_office: Office) -> None:
    city = drawn_city(sqlite_office)
    near, far = city.report(101.0215, 36.503), city.report(101.005, 36.535)
    read: list[Any] = []

    @event.listens_for(sqlite_office.database.engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM findings" in statement and "findings.category_id" in statement:
            read.extend(parameters)

    shapes = moved_border()
    publish(city, new("P1", shapes["P1"]), new("P3", shapes["P3"]))
    assert near in read
    assert far not in read


def test_a_new_finest_level_takes_every_finding_with_it(office: Office) -> None:
    city = drawn_city(office)
    first, second = city.report(101.005, 36.535), city.report(101.03, 36.51)
    with office.database.write() as session:
        above = level(session, "patch")
        grid = areas.ensure_level(session, "grid", "网格", "Grid", parent_id=above.id)
        done = areas.publish(
            session, grid, [NewArea("G1", "格一", "Grid 1", SQUARES["P2"], parent_code="P2")], LATER, near_m=5
        )
    assert done.findings_moved == 2
    assert (city.patch_of(first), city.patch_of(second)) == ("G1", None)
    assert in_step(office)


CORNERS = [(MIDDLE, HALF), (MIDDLE, SOUTH), (WEST, HALF), (EAST, HALF)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_any_redraw_leaves_what_locating_everything_again_would_give(
    sqlite_office: Office, seed: int
) -> None:
    """Corners move, in the patches and in the sub-districts that have them: only what can differ is looked at."""
    rng = np.random.default_rng(seed)
    city = _once(sqlite_office)
    for _ in range(4):
        city.report(*(float(x) for x in np.round(rng.uniform((WEST, SOUTH), (EAST, 36.54)), 7)))
    moved = {
        corner: tuple(np.round(np.array(corner) + rng.normal(0, 2e-3, 2), 7).tolist())
        for corner in CORNERS
        if rng.random() < 0.6
    }
    with sqlite_office.database.write() as session:
        changes = [
            LevelChange(
                level(session, "patch"), [new(code, _moved(shape, moved)) for code, shape in SQUARES.items()]
            ),
            LevelChange(
                level(session, "street"),
                [
                    NewArea(code, f"{code}街道", f"Street {code}", _moved(shape, moved), parent_code="D")
                    for code, shape in STREETS.items()
                ],
            ),
        ]
        areas.publish_many(session, changes, LATER, near_m=5)
    assert in_step(sqlite_office)


def _once(office: Office) -> DrawnCity:
    """The city, made by the first example and gone on with by the others."""
    with office.database.read() as session:
        there = session.scalar(select(func.count()).select_from(Area))
        if not there:
            made = True
        else:
            made = False
            ids = {row.code: row.id for row in session.execute(select(Area.code, Area.id))}
    if made:
        return drawn_city(office)
    nobody = Actor(role="inspector")
    return DrawnCity(office, nobody, nobody, nobody, nobody, nobody, ids)


def _moved(shape: Any, moved: dict[Any, Any]) -> Any:
    return shapely.Polygon([moved.get(corner, corner) for corner in shape.exterior.coords])
