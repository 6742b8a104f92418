"""The areas as a tree with people and counts, and one area with its neighbours."""

import pytest
import shapely

from casework import areas
from casework.area_choices import area_choices
from casework.areas_view import area_page, areas_page
from casework.coverage import coverages
from casework.errors import NotFound, NotSignedIn
from casework.findings import report
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from db.models import Area, AreaPerson, Person
from tests.factories.city import INSPECTOR, two_patches

STAFF = Actor(role="leader")


def _lead(office: Office, code: str, duty: str, name: str) -> None:
    with office.database.write() as session:
        person = Person(name_zh=name, name_en=name)
        session.add(person)
        session.flush()
        area = session.query(Area).filter_by(code=code).one()
        session.add(AreaPerson(area_id=area.id, person_id=person.id, duty=duty, valid_from=office.now()))


def test_the_tree_nests_counts_and_names_people(office: Office) -> None:
    two_patches(office)
    _lead(office, "A", "leader", "马建国")
    _lead(office, "A", "director", "冶晓梅")
    for lon in (101.1, 101.2, 101.9):
        report(office, INSPECTOR, {"category": "0105", "lon": lon, "lat": 36.5})
    page = areas_page(office, STAFF)
    [tree] = page.trees
    [district] = tree.areas
    assert (district.code, district.open, [one.code for one in district.below]) == ("D", 3, ["A", "B"])
    west, east = district.below
    assert (west.open, east.open, west.over) == (2, 1, 0)
    assert [one.pair for one in west.people["leader"]] == [["马建国", "马建国"]]
    assert [one.pair for one in west.people["director"]] == [["冶晓梅", "冶晓梅"]]
    assert [card.code for card in page.without_leader] == ["B"]
    assert page.around is not None
    assert len(page.around.areas) == 2


def test_one_area_shows_neighbours_and_what_is_open(office: Office) -> None:
    two_patches(office)
    report(office, INSPECTOR, {"category": "0102", "lon": 101.1, "lat": 36.5})
    report(office, INSPECTOR, {"category": "0105", "lon": 101.8, "lat": 36.5})
    page = area_page(office, STAFF, "A")
    assert [code for _, code in page.neighbours] == ["B"]
    assert [card.code for card in page.line] == ["D"]
    assert page.by_bureau == [("HW", ["HW局", "Bureau HW"], 1)]
    assert [(code, n) for code, _, n in page.by_category] == [("0102", 1)]
    assert len(page.urgent) == 1
    district = area_page(office, STAFF, "D")
    assert [card.code for card in district.card.below] == ["A", "B"]
    assert (district.neighbours, district.drawn_level) == ([], "patch")


def test_the_level_decides_between_equal_codes(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    assert area_page(sqlite_office, STAFF, "D", "district").card.level == "district"
    for code, level in (("D", "patch"), ("Z", ""), ("A", "ward")):
        with pytest.raises(NotFound):
            area_page(sqlite_office, STAFF, code, level)


def test_without_the_right_nothing_is_shown(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(NotSignedIn):
        areas_page(sqlite_office, ANONYMOUS)
    with pytest.raises(NotSignedIn):
        area_page(sqlite_office, ANONYMOUS, "A")


def test_areas_are_listed_as_people_count_and_found_by_code(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    strips = {
        code: shapely.box(round(101 + i / 10, 1), 36, round(101 + (i + 1) / 10, 1), 37)
        for i, code in enumerate(["2", "1", "11", "10"])
    }
    with sqlite_office.database.write() as session:
        level = areas.ensure_level(session, "ward", "选区", "Ward")
        new = [areas.NewArea(code, code, code, shape) for code, shape in strips.items()]
        areas.publish(session, level, new, sqlite_office.now(), near_m=5)
    wards = next(tree for tree in areas_page(sqlite_office, STAFF).trees if tree.level_en == "Ward")
    assert [card.code for card in wards.areas] == ["1", "2", "10", "11"]
    assert [
        [one.code for one in level.areas] for level in area_choices(sqlite_office) if level.code == "ward"
    ] == [["1", "2", "10", "11"]]
    assert [code for _, code in area_page(sqlite_office, STAFF, "11").neighbours] == ["1", "10"]
    with sqlite_office.database.read() as session:
        assert [one.code for one in coverages(session)[-1].areas] == [
            "1",
            "10",
            "11",
            "2",
        ]  # who wins goes by code
