"""The map as it was: areas, leaders of then, the finest level asked for; a difference ready to draw."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import shapely

from casework.area_history_map import difference_layer, map_then
from casework.errors import NotFound, NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from db.models import Area, AreaPerson, Person
from tests.factories.city import NOW, two_patches
from tests.factories.divisions import DAY, at, redraw, three_maps

STAFF = Actor(role="leader", user_id=1)


def _lead(office: Office, code: str, name: str, since: timedelta, until: timedelta | None = None) -> None:
    with office.database.write() as session:
        person = Person(name_zh=name, name_en=name)
        session.add(person)
        session.flush()
        area = session.query(Area).filter_by(code=code).one()
        session.add(
            AreaPerson(
                area_id=area.id, person_id=person.id, duty="leader", valid_from=NOW + since,
                valid_to=NOW + until if until else None,
            )
        )  # fmt: skip


@pytest.fixture
def drawn(office: Office) -> tuple[Office, list[int]]:
    two_patches(office)
    ids = three_maps(office)
    _lead(office, "A", "马建国", -DAY, 15 * DAY)
    _lead(office, "A", "铁辉", 15 * DAY)
    return at(office, NOW + 30 * DAY), ids


def _patches(answer: dict[str, Any]) -> dict[str, Any]:
    return {one["code"]: one for one in answer["areas"] if one["level"] == "patch"}


def test_each_day_has_its_map_and_its_leaders(drawn: tuple[Office, list[int]]) -> None:
    office, ids = drawn
    before = map_then(office, STAFF, on="2026-09-11")
    assert (set(_patches(before)), before["patch_level"], before["publication"]) == ({"A", "B"}, "patch", 2)
    after = map_then(office, STAFF, on="2026-09-12")
    assert after["publication"] == ids[0]
    assert _patches(after)["A"]["km2"] > _patches(before)["A"]["km2"]
    assert _patches(after)["A"]["leader"] == ["马建国", "马建国"]
    assert _patches(map_then(office, STAFF, on="2026-09-20"))["A"]["leader"] == [
        "铁辉",
        "铁辉",
    ]  # same map, later
    assert set(_patches(map_then(office, STAFF))) == {"A", "B", "C"}
    assert _patches(map_then(office, STAFF, publication=str(ids[0])))["A"]["parent"] == "D"


def test_before_the_first_map_there_is_nothing_to_draw(drawn: tuple[Office, list[int]]) -> None:
    answer = map_then(drawn[0], STAFF, on="1990-01-01")
    assert (answer["areas"], answer["levels"], answer["patch_level"], answer["publication"]) == (
        [],
        [],
        None,
        None,
    )


def test_a_coarser_level_is_drawn_as_the_finest(drawn: tuple[Office, list[int]]) -> None:
    answer = map_then(drawn[0], STAFF, level="district")
    assert ([one["code"] for one in answer["areas"]], answer["patch_level"]) == (["D"], "district")


def test_a_public_map_names_no_leader(drawn: tuple[Office, list[int]]) -> None:
    office, _ids = drawn
    with pytest.raises(NotSignedIn):
        map_then(office, ANONYMOUS)
    opened = replace(office, settings=replace(office.settings, public_map=True))
    assert {one["leader"] for one in map_then(opened, ANONYMOUS)["areas"]} == {None}
    assert {one["leader"] for one in difference_layer(opened, ANONYMOUS)["areas"]} == {None}


def test_a_difference_has_ground_and_both_lines(drawn: tuple[Office, list[int]]) -> None:
    office, ids = drawn
    answer = difference_layer(office, STAFF, later=str(ids[0]))
    [ground] = answer["ground"]
    assert (ground["from"], ground["to"], answer["level"]) == ("B", "A", "patch")
    shape = shapely.Polygon(ground["g"][0][0])
    assert shape.equals(shapely.box(101.5, 36, 101.6, 37))
    assert {lon for line in answer["old_lines"] for lon, _lat in line} == {101.5}
    assert {lon for line in answer["new_lines"] for lon, _lat in line} == {101.6}


def test_what_was_given_up_is_nobodys(drawn: tuple[Office, list[int]]) -> None:
    office, _ids = drawn
    redraw(office, 25, {}, ended=("C",))
    then = map_then(office, STAFF, on="2026-09-23")
    assert {one["code"]: one["gone"] for one in then["areas"]} == {
        "D": False,
        "A": False,
        "B": False,
        "C": True,
    }
    answer = difference_layer(office, STAFF)
    assert [(one["from"], one["to"]) for one in answer["ground"]] == [("C", None)]
    assert "C" not in _patches(answer)


@pytest.mark.parametrize(
    "words", [{"on": "x"}, {"level": "ward"}, {"publication": "99"}, {"publication": "²"}]
)
def test_what_cannot_be_is_refused(drawn: tuple[Office, list[int]], words: dict[str, str]) -> None:
    with pytest.raises((Refused, NotFound)):
        map_then(drawn[0], STAFF, **words)
