"""Two maps compared: areas and ground, findings that have another area, in whichever order one asks."""

import pytest

from casework.area_history_difference import difference
from casework.errors import NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.policy import Actor
from geo.crs import area_m2
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.divisions import DAY, SOUTH, at, redraw, three_maps
from tests.factories.divisions import WEST as WEST_BOX
from tests.factories.divisions import WIDE as WIDE_BOX

STAFF = Actor(role="leader", user_id=1)
GROUND_M2 = area_m2(WIDE_BOX.difference(WEST_BOX))


@pytest.fixture
def drawn(office: Office) -> tuple[Office, list[int], list[int]]:
    """Findings at 101.2, 101.55 and 101.9 (south), then three maps; the office a month later."""
    two_patches(office)
    found = [
        report(office, INSPECTOR, {"category": "0105", "lon": lon, "lat": 36.2}).finding_id
        for lon in (101.2, 101.55, 101.9)
    ]
    ids = three_maps(office)
    return at(office, office.now() + 30 * DAY), ids, found


def test_what_a_publication_changed(drawn: tuple[Office, list[int], list[int]]) -> None:
    office, ids, found = drawn
    seen = difference(office, STAFF, later=str(ids[0]))
    assert (seen.earlier and seen.earlier.number, seen.later.number) == (2, 3)
    [patches] = seen.levels
    told = {one.code: (one.kinds, round(one.gained_m2), round(one.lost_m2)) for one in patches.areas}
    assert told == {"A": (("border",), round(GROUND_M2), 0), "B": (("border",), 0, round(GROUND_M2))}
    [flow] = patches.flows
    assert flow.before is not None
    assert flow.after is not None
    assert (flow.before.code, flow.after.code) == ("B", "A")
    assert flow.area_m2 == pytest.approx(GROUND_M2)
    assert seen.moved.count == seen.later.findings_moved == 1
    [row] = seen.moved.rows
    assert row.id == found[1]
    names = {one.area_id: one.code for one in patches.areas}
    assert (names[row.before or 0], names[row.after or 0]) == ("B", "A")


def test_any_two_in_any_order_and_by_day(drawn: tuple[Office, list[int], list[int]]) -> None:
    office, ids, found = drawn
    forth = difference(office, STAFF, earlier="2026-09-03", later=str(ids[1]))
    back = difference(office, STAFF, earlier=str(ids[1]), later="2026-09-03")
    assert [line.number for line in forth.between] == [3, 4]
    assert (forth.earlier, forth.later, forth.moved) == (back.earlier, back.later, back.moved)
    assert [one.areas for one in forth.levels] == [one.areas for one in back.levels]
    kinds = {one.code: one.kinds for one in forth.levels[0].areas}
    assert kinds == {"A": ("border",), "B": ("border",), "C": ("new",)}
    assert {row.id for row in forth.moved.rows} == {found[1], found[2]}
    flows = {(f.before and f.before.code, f.after and f.after.code) for f in forth.levels[0].flows}
    assert flows == {("B", "A"), ("B", "C")}


def test_the_first_map_and_the_same_map(drawn: tuple[Office, list[int], list[int]]) -> None:
    office, ids, _found = drawn
    first = difference(office, STAFF, later="1")
    assert first.earlier is None
    assert [one.kinds for one in first.levels[0].areas] == [("new",)]
    same = difference(office, STAFF, earlier=str(ids[1]), later=str(ids[1]))
    assert same.is_same
    assert same.moved.count == 0


def test_one_level_and_what_is_not_there(drawn: tuple[Office, list[int], list[int]]) -> None:
    office, ids, _found = drawn
    assert difference(office, STAFF, later=str(ids[0]), level="district").is_same
    for words in ({"later": "99"}, {"earlier": "99"}, {"level": "ward"}):
        with pytest.raises(NotFound):
            difference(office, STAFF, **words)
    with pytest.raises(Refused):
        difference(office, STAFF, earlier="soon")
    with pytest.raises(NotFound):
        difference(office, STAFF, earlier="1990-01-01", later="1990-06-01")


def test_names_alone_are_a_difference_without_ground(drawn: tuple[Office, list[int], list[int]]) -> None:
    office, _ids, _found = drawn
    identity = redraw(office, 25, {"C": SOUTH}, names={"C": "南新片"})
    [patches] = difference(office, STAFF, later=str(identity)).levels
    assert [(one.code, one.kinds) for one in patches.areas] == [("C", ("name",))]
    assert patches.flows == []


def test_another_bureaus_cases_are_counted_not_listed(drawn: tuple[Office, list[int], list[int]]) -> None:
    office, ids, _found = drawn
    seen = difference(office, Actor(role="handler", user_id=1, bureau_id=10**6), later=str(ids[0]))
    assert (seen.moved.count, seen.moved.rows, seen.moved.hidden) == (1, [], 1)
