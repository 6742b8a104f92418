"""What is wrong with a draft: found with who is affected, known problems do not block, fixes mend them."""

from typing import Any

import pytest
import shapely
from sqlalchemy import select

from casework import drafts, drafts_fixes
from casework.areas import NewArea, publish
from casework.drafts_check import DraftProblem
from casework.drafts_fixes import ToolRefused, check, fix, fix_all, use_tool
from casework.errors import CaseworkError, Forbidden, NotFound, Refused
from casework.office import Office
from db.models import AreaPerson, Level
from tests.factories.city import NOW
from tests.factories.drafts import (
    EAST,
    HALF,
    MIDDLE,
    NORTH,
    SOUTH,
    SQUARES,
    STREETS,
    WEST,
    DrawnCity,
    drawn_city,
    geojson,
    within_street,
)  # fmt: skip

GAP = shapely.Polygon(
    [(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (WEST, 36.519)]
)  # P1 without its north-west
OVER = shapely.Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (WEST, 36.521)])  # P1 beyond it


@pytest.fixture
def city(sqlite_office: Office) -> DrawnCity:
    return drawn_city(sqlite_office)


def found(city: DrawnCity, *levels: str, **shapes: Any) -> list[DraftProblem]:
    """What is wrong once these shapes are drawn, without those who lack a leader."""
    changes = [city.change(code, shape) for code, shape in shapes.items()]
    problems = check(city.office, city.supervisor, city.draft(*levels), changes)
    return [one for one in problems if one.kind != "no_leader"]


def codes(one: DraftProblem) -> set[str]:
    return {area.code for area in one.areas}


def test_a_city_without_faults_has_none(city: DrawnCity) -> None:
    assert found(city, "district", "street", "patch") == []


def test_a_gap_names_who_is_beside_it(city: DrawnCity) -> None:
    [gap] = found(city, P1=GAP)
    assert (gap.kind, codes(gap), gap.blocking, gap.is_known) == ("gap", {"P1", "P2"}, True, False)
    assert gap.area_m2 == pytest.approx(99_400, rel=0.02)
    assert [way.id for way in gap.fixes] == [f"give:{area.key}" for area in gap.areas]
    assert gap.place.covers(shapely.Point(gap.lon, gap.lat))


def test_an_overlap_and_a_spill_are_told_apart(city: DrawnCity) -> None:
    overlap = next(one for one in found(city, P1=OVER) if one.kind == "overlap")
    assert (overlap.kind, codes(overlap), overlap.blocking) == ("overlap", {"P1", "P2"}, True)
    wide = shapely.box(WEST - 0.001, SOUTH, MIDDLE, HALF)
    spill = next(one for one in found(city, P1=wide) if one.kind == "spill")
    assert (spill.kind, codes(spill), spill.parent and spill.parent.code) == ("spill", {"P1"}, "S1")
    assert [way.act for way in spill.fixes] == ["trim"]


def test_a_border_that_crosses_itself_is_one_of_the_problems(city: DrawnCity) -> None:
    bow = {
        "type": "Polygon",
        "coordinates": [[[WEST, SOUTH], [MIDDLE, HALF], [MIDDLE, SOUTH], [WEST, HALF], [WEST, SOUTH]]],
    }
    draft = city.draft()
    problems = check(city.office, city.supervisor, draft, [{"key": city.key("P1"), "geometry": bow}])
    crossing = next(one for one in problems if one.kind == "invalid")
    assert (codes(crossing), crossing.blocking) == ({"P1"}, True)


def test_what_stood_before_does_not_block_but_what_grows_does(city: DrawnCity) -> None:
    with city.office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        publish(session, level, [NewArea("P1", "片P1", "Patch P1", GAP, parent_code="S1")], NOW, near_m=5)
    [known] = found(city)
    assert (known.kind, known.is_known, known.blocking) == ("gap", True, False)
    elsewhere = shapely.Polygon([(EAST, SOUTH), (EAST, HALF), (MIDDLE, HALF), (MIDDLE, SOUTH)])
    assert [one.blocking for one in found(city, P3=elsewhere)] == [False]
    smaller = shapely.Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (WEST, 36.5195)])
    assert [one.blocking for one in found(city, P1=smaller)] == [False]
    larger = shapely.Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (WEST, 36.518)])
    assert [one.blocking for one in found(city, P1=larger)] == [True]


def test_a_border_of_the_level_above_is_checked_against_the_patches_below(city: DrawnCity) -> None:
    """Moving a sub-district alone leaves its patches sticking out."""
    at = 101.018
    shapes = {"S1": shapely.box(WEST, SOUTH, at, NORTH), "S2": shapely.box(at, SOUTH, EAST, NORTH)}
    problems = found(city, "street", **shapes)
    assert {one.kind for one in problems} == {"spill"}
    assert {one.level.in_force.level_code for one in problems} == {"patch"}
    assert all(one.fixes == () for one in problems), "the draft cannot redraw the patches"
    patches = {
        "P1": shapely.box(WEST, SOUTH, at, HALF), "P2": shapely.box(WEST, HALF, at, NORTH),
        "P3": shapely.box(at, SOUTH, EAST, HALF), "P4": shapely.box(at, HALF, EAST, NORTH),
    }  # fmt: skip
    assert found(city, "street", "patch", **shapes, **patches) == []


def test_who_has_no_leader_is_listed_and_blocks_nothing(city: DrawnCity) -> None:
    problems = check(city.office, city.supervisor, city.draft(), [])
    assert [(one.kind, codes(one), one.blocking) for one in problems] == [("no_leader", {"P4"}, False)]
    with city.office.database.write() as session:
        session.add(AreaPerson(area_id=city.areas["P4"], person_id=1, duty="leader", valid_from=NOW))
    assert check(city.office, city.supervisor, city.draft(), []) == []
    assert check(city.office, city.supervisor, city.draft("street"), []) == []


def test_two_areas_with_one_code_block(city: DrawnCity) -> None:
    half = {"key": "n1", "geometry": geojson(shapely.box(MIDDLE, 36.53, EAST, NORTH)), "code": "P3"}
    rest = city.change("P4", shapely.box(MIDDLE, HALF, EAST, 36.53))
    problems = check(city.office, city.supervisor, city.draft(), [half, rest])
    assert ("code_taken", True) in {(one.kind, one.blocking) for one in problems}


@pytest.mark.parametrize("way", ["P1", "P2"])
@pytest.mark.parametrize("fault", [GAP, OVER])
def test_a_gap_or_an_overlap_is_given_to_either(city: DrawnCity, way: str, fault: Any) -> None:
    draft = city.draft()
    revision = city.save(draft, 1, P1=fault).revision
    problem = next(
        one for one in check(city.office, city.supervisor, draft, []) if one.kind in {"gap", "overlap"}
    )
    proposals = fix(city.office, city.supervisor, draft, revision, problem.id, f"give:{city.key(way)}")
    assert city.data(draft)["draft"]["revision"] == revision, "a proposal, nothing is stored"
    changes = [{"key": one.area.key, "geometry": geojson(one.after)} for one in proposals if one.after]
    drafts.save_shapes(city.office, city.supervisor, draft, revision, changes)
    assert not any(one.blocking for one in check(city.office, city.supervisor, draft, []))
    moved = sum(one.added_m2 + one.removed_m2 for one in proposals)
    assert moved == pytest.approx(problem.area_m2, rel=1e-6)


def test_a_spill_is_trimmed_and_a_missing_corner_is_added(city: DrawnCity) -> None:
    draft = city.draft()
    wide = shapely.box(WEST - 0.00005, SOUTH, MIDDLE, HALF)
    with_corner = shapely.Polygon(
        [(WEST, HALF), (101.01, HALF), (MIDDLE, HALF), (MIDDLE, NORTH), (WEST, NORTH)]
    )
    revision = city.save(draft, 1, P1=wide, P2=with_corner).revision
    kinds = {one.kind: one for one in check(city.office, city.supervisor, draft, []) if one.blocking}
    assert set(kinds) >= {"spill", "t_junction"}
    [trimmed] = fix(
        city.office, city.supervisor, draft, revision, kinds["spill"].id, kinds["spill"].fixes[0].id
    )
    assert trimmed.after is not None
    assert shapely.equals(trimmed.after, SQUARES["P1"])
    proposals = fix_all(city.office, city.supervisor, draft, revision)
    changes = [{"key": one.area.key, "geometry": geojson(one.after)} for one in proposals if one.after]
    drafts.save_shapes(city.office, city.supervisor, draft, revision, changes)
    assert not any(one.blocking for one in check(city.office, city.supervisor, draft, []))


def test_a_fix_of_what_is_no_longer_there_is_not_found(city: DrawnCity) -> None:
    draft = city.draft()
    revision = city.save(draft, 1, P1=GAP).revision
    [problem] = [one for one in check(city.office, city.supervisor, draft, []) if one.blocking]
    wrongs: tuple[Any, ...] = (
        ("", problem.fixes[0].id),
        (problem.id, "give:a999"),
        (problem.id, None),
        (3, []),
    )
    for wrong in wrongs:
        with pytest.raises(NotFound):
            fix(city.office, city.supervisor, draft, revision, *wrong)
    drafts.share(city.office, city.supervisor, draft, on=True)
    with pytest.raises(Forbidden):
        fix(city.office, city.leader, draft, revision + 1, problem.id, problem.fixes[0].id)


def _tool(city: DrawnCity, tool: str, *levels: str, **words: Any) -> dict[str, Any]:
    return use_tool(city.office, city.supervisor, city.draft(*levels), tool, words)


def test_splitting_gives_neighbours_the_corners(city: DrawnCity) -> None:
    line = {"type": "LineString", "coordinates": [[WEST - 0.001, 36.51], [MIDDLE + 0.001, 36.51]]}
    shapes = _tool(city, "split", key=city.key("P1"), line=line)
    assert set(shapes) == {city.key("P1"), city.key("P3"), "new"}
    assert shapely.equals(shapely.union(shapes["new"], shapes[city.key("P1")]), SQUARES["P1"])
    assert (MIDDLE, 36.51) in shapes[city.key("P3")].exterior.coords
    both = _tool(city, "split", "street", "patch", key=city.key("P1"), line=line)
    assert {city.key("S1"), city.key("S2")} <= set(both), (
        "the level above has the corner too when it is in the draft"
    )


def test_merging_ends_the_others(city: DrawnCity) -> None:
    shapes = _tool(city, "merge", keys=[city.key("P1"), city.key("P2")])
    assert shapely.equals(shapes[city.key("P1")], STREETS["S1"])
    assert shapes[city.key("P2")] is None


def test_tracing_fills_up_to_the_neighbours(city: DrawnCity) -> None:
    draft = city.draft()
    city.save(draft, 1, P4=None)
    rough = geojson(shapely.box(MIDDLE + 2e-5, HALF + 2e-5, EAST - 2e-5, NORTH - 2e-5))
    shapes = use_tool(
        city.office, city.supervisor, draft, "trace",
        {"drawn": rough, "level": "patch", "parent": city.key("S2")},
    )  # fmt: skip
    assert shapes["new"] is not None
    assert shapely.equals(shapes["new"], SQUARES["P4"])


def test_the_page_own_shapes_count(city: DrawnCity) -> None:
    shapes = within_street()
    first = {city.key(code): geojson(shape) for code, shape in shapes.items()}
    merged = _tool(city, "merge", shapes=first, keys=[city.key("P1"), city.key("P2")])
    assert shapely.equals(merged[city.key("P1")], STREETS["S1"])
    held: dict[str, Any] = {"n7": geojson(shapely.box(MIDDLE, HALF, EAST, NORTH)), city.key("P4"): None}
    merged = _tool(city, "merge", shapes=held, level="patch", keys=[city.key("P3"), "n7"])
    assert shapely.equals(merged[city.key("P3")], STREETS["S2"])


def test_cutting_leaves_a_hole_or_makes_an_area(city: DrawnCity) -> None:
    hole = geojson(shapely.box(101.005, 36.505, 101.01, 36.51))
    shapes = _tool(city, "cut", key=city.key("P1"), hole=hole, as_area=True)
    assert len(shapes[city.key("P1")].interiors) == 1
    assert shapely.equals(shapes["new"], shapely.box(101.005, 36.505, 101.01, 36.51))


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "not cut through": (
        "split", {"key": "a4", "line": {"type": "LineString", "coordinates": [[101.005, 36.51], [101.01, 36.51]]}},
    ),
    "not neighbours": ("merge", {"keys": ["a4", "a7"]}),
    "outside": ("cut", {"key": "a4", "hole": geojson(shapely.box(101.03, 36.53, 101.035, 36.535))}),
    "others have it": ("trace", {"drawn": geojson(shapely.box(101.005, 36.505, 101.01, 36.51)), "level": "patch"}),
    "a single area": ("merge", {"keys": ["a4"]}),
    "no line": ("split", {"key": "a4", "line": None}),
    "a line of one point": ("split", {"key": "a4", "line": {"type": "LineString", "coordinates": [[101, 36]]}}),
    "no such area": ("split", {"key": "a99", "line": {"type": "LineString", "coordinates": [[101, 36], [102, 37]]}}),
    "no key": ("cut", {"hole": geojson(SQUARES["P1"])}),
    "no shape": ("trace", {"drawn": {"type": "Polygon", "coordinates": []}}),
    "shapes that are none": ("merge", {"shapes": [1], "keys": ["a4", "a5"]}),
    "a tool that there is not": ("hammer", {}),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_an_edit_that_cannot_be_made_is_refused(city: DrawnCity, why: str) -> None:
    assert city.areas["P1"] == 4
    tool, words = REFUSED[why]
    with pytest.raises(CaseworkError) as error:
        _tool(city, tool, **words)
    assert isinstance(error.value, Refused | NotFound)
    if why == "not neighbours":
        assert isinstance(error.value, ToolRefused)
        assert {area.code for area in error.value.areas} == {"P1", "P4"}


def test_who_may_not_draw_gets_no_tools(city: DrawnCity) -> None:
    draft = city.draft()
    drafts.share(city.office, city.supervisor, draft, on=True)
    with pytest.raises(Forbidden):
        use_tool(city.office, city.leader, draft, "merge", {"keys": [city.key("P1"), city.key("P2")]})
    assert drafts_fixes.check(city.office, city.leader, draft, []) != []
