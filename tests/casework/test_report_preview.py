"""What a report would come to, said before it is sent."""

import pytest
import shapely

from casework.errors import Forbidden, NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from casework.report_preview import preview
from db.models import Area, Backdrop
from tests.factories.everyday import Everyday, everyday


@pytest.fixture
def people(office: Office) -> Everyday:
    return everyday(office)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def test_it_names_patch_bureau_rule_and_deadline(people: Everyday) -> None:
    seen = preview(people.office, people.inspector, "101.2", "36.5", "0102")
    assert seen.where.patch is not None
    assert (seen.where.patch.code, seen.where.kind, seen.where.near_border) == ("A", "inside", False)
    assert seen.goes_to is not None
    assert seen.goes_to.bureau is not None
    assert (seen.goes_to.bureau.code, seen.goes_to.rule) == ("HW", ("R-02", ""))
    assert seen.goes_to.limit == (2, "working_day")
    assert seen.goes_to.due_at is not None
    assert seen.nearby == []


def test_it_comes_to_what_the_report_comes_to(some: Everyday) -> None:
    for lon in (101.2, 101.5, 101.5 + 3e-5, 101.8, 103.0):
        seen = preview(some.office, some.inspector, lon, 36.5, "0105")
        filed = some.finding(some.report(lon=lon))
        patch = seen.where.patch.code if seen.where.patch else None
        with some.office.database.read() as session:
            area = session.get(Area, filed.area_id) if filed.area_id else None
        assert patch == (area.code if area else None)
        assert (seen.where.kind, seen.where.near_border) == (filed.assignment, filed.near_border)
        assert seen.goes_to is not None
        assert seen.goes_to.due_at == filed.due_at


def test_without_a_category_nobody_is_named_yet(some: Everyday) -> None:
    assert preview(some.office, some.inspector, 101.2, 36.5).goes_to is None


def test_near_a_border_and_outside_say_what_else_there_is(some: Everyday) -> None:
    near = preview(some.office, some.inspector, 101.5 - 3e-5, 36.5)
    assert near.where.near_border
    assert [(area.code, metres < 5) for area, metres in near.where.others] == [("B", True)]
    outside = preview(some.office, some.inspector, 102.1, 36.5)
    assert (outside.where.patch, outside.where.kind, outside.where.far_m) == (None, "outside", None)
    far = preview(some.office, some.inspector, -74.0, 40.7)
    assert far.where.far_m is not None
    assert far.where.far_m > 1_000_000


def test_open_findings_within_40_metres_nearest_first(people: Everyday) -> None:
    far, near, nearer, done = (people.report(lon=101.2 + away) for away in (6e-4, 3e-4, 1e-4, 2e-4))
    people.act(people.supervisor, done, "decline", note="不是问题")
    seen = preview(people.office, people.inspector, 101.2, 36.5)
    assert [row["id"] for row in seen.nearby] == [nearer, near]
    assert far not in [row["id"] for row in seen.nearby]
    assert seen.nearby[0]["distance_m"] == pytest.approx(8.9, abs=0.2)
    assert seen.nearby_total == 2


def test_the_nearest_street_gives_a_place_in_words(some: Everyday) -> None:
    with some.office.database.write() as session:
        for name, lat in (("树林巷", 36.5002), ("东关大街", 36.5004), ("远路", 36.51)):
            line = shapely.LineString([(101.1, lat), (101.3, lat)])
            session.add(Backdrop(kind="street", cls="b", name_zh=name, name_en=name, geometry=line))
    assert preview(some.office, some.inspector, 101.2, 36.5).street == ["树林巷", "树林巷"]
    assert preview(some.office, some.inspector, 101.2, 36.6).street is None


@pytest.mark.parametrize(
    ("lon", "lat", "category", "field"),
    [(None, "36", "", "lon"), ("abc", "36", "", "lon"), ("101", "nan", "", "lat"), ("101", "91", "", "lat"),
     ("0", "0", "", "lon"), ("101.2", "36.5", "none", "category"), ("101.2", "36.5", "x" * 99, "category")],
)  # fmt: skip
def test_bad_questions_are_refused_by_name(
    some: Everyday, lon: object, lat: object, category: str, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        preview(some.office, some.inspector, lon, lat, category)
    assert refusal.value.field == field


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (0, 89.9)])
def test_the_ends_of_the_world_are_places_too(some: Everyday, lon: float, lat: float) -> None:
    assert preview(some.office, some.inspector, lon, lat).where.far_m is not None


def test_who_may_not_report_sees_no_preview(some: Everyday) -> None:
    with pytest.raises(NotSignedIn):
        preview(some.office, ANONYMOUS, 101.2, 36.5)
    with pytest.raises(Forbidden):
        preview(some.office, Actor(role="handler", user_id=3), 101.2, 36.5)


def test_what_may_be_the_same_thing_stands_first_and_says_why(sqlite_office: Office) -> None:
    people = everyday(sqlite_office)
    other = people.report(lon=101.2 + 0.00002, category="0102")
    same = people.report(lon=101.2 + 0.0001)
    plain = preview(sqlite_office, people.inspector, 101.2, 36.5)
    assert [row["id"] for row in plain.nearby] == [other, same]  # nothing is known but the distance
    asked = preview(sqlite_office, people.inspector, 101.2, 36.5, "0105")
    assert [(row["id"], row["same"]) for row in asked.nearby] == [(same, "category"), (other, "class")]
    assert asked.nearby_total == 2
