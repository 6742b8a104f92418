"""Which version was in force after which publication, also where several fall on one moment."""

from datetime import date, timedelta

from casework.area_timeline import BEFORE, Timeline, read_timeline, shapes_of
from casework.office import Office
from tests.factories.city import NOW, two_patches
from tests.factories.divisions import SLIM, WIDE, redraw, three_maps

TIMEZONE = "Asia/Shanghai"


def _timeline(office: Office) -> Timeline:
    with office.database.read() as session:
        return read_timeline(session)


def _codes(timeline: Timeline, position: int) -> list[str]:
    return [one.code for one in timeline.in_force(position)]


def test_every_position_has_its_map(office: Office) -> None:
    two_patches(office)
    three_maps(office)
    timeline = _timeline(office)
    assert len(timeline.publications) == 4  # the district, the patches, and two more
    assert [_codes(timeline, at) for at in range(BEFORE, 4)] == [
        [], ["D"], ["D", "A", "B"], ["D", "A", "B"], ["D", "A", "B", "C"],
    ]  # fmt: skip
    with office.database.read() as session:
        then = timeline.in_force(2)
        shapes = shapes_of(session, then)
    assert {one.code: shapes[one.id].equals(WIDE) for one in then if one.code == "A"} == {"A": True}


def test_what_each_publication_did(office: Office) -> None:
    two_patches(office)
    three_maps(office)
    redraw(office, 30, {"B": SLIM}, ended=("C",))
    timeline = _timeline(office)

    def told(position: int) -> list[tuple[list[str], list[str], list[str]]]:
        return [
            tuple([one.code for one in side] for side in (change.opened, change.changed, change.ended))  # type: ignore[misc]
            for change in timeline.changes(position)
        ]

    assert told(1) == [(["A", "B"], [], [])]
    assert told(2) == [([], ["A", "B"], [])]
    assert told(3) == [(["C"], ["B"], [])]
    assert told(4) == [([], ["B"], ["C"])]
    assert _codes(timeline, 4) == ["D", "A", "B"]


def test_days_are_the_citys_and_end_at_midnight(office: Office) -> None:
    two_patches(office)
    three_maps(office)
    timeline = _timeline(office)
    first = NOW.date()
    assert timeline.on(first - timedelta(days=1), TIMEZONE) == BEFORE
    assert timeline.on(first, TIMEZONE) == 1
    assert timeline.on(first + timedelta(days=9), TIMEZONE) == 1
    assert timeline.on(first + timedelta(days=10), TIMEZONE) == 2
    assert timeline.on(date(2100, 1, 1), TIMEZONE) == 3


def test_two_publications_of_one_moment_stay_apart(office: Office) -> None:
    two_patches(office)
    redraw(office, 0, {"A": WIDE, "B": SLIM})
    redraw(office, 0, {"A": WIDE}, ended=("B",))
    timeline = _timeline(office)
    assert [_codes(timeline, at) for at in (1, 2, 3)] == [["D", "A", "B"], ["D", "A", "B"], ["D", "A"]]


def test_filters_keep_what_changed_a_level_or_an_area(office: Office) -> None:
    city = two_patches(office)
    three_maps(office)
    timeline = _timeline(office)
    areas = {one.code: one.area_id for one in timeline.versions}
    assert timeline.positions_of(city.district.id) == [0]
    assert timeline.positions_of(city.patch.id) == [1, 2, 3]
    assert timeline.positions_of(area_ids={areas["A"]}) == [1, 2]
    assert timeline.positions_of(area_ids={areas["C"]}) == [3]
    assert timeline.positions_of() == [0, 1, 2, 3]
