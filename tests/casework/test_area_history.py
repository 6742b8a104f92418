"""The list of versions, what is shown of them to whom, one area's own versions, bringing one back."""

from dataclasses import replace
from datetime import date

import pytest

from casework import drafts
from casework.accounts import create_user
from casework.area_history import area_moments, history_page, restore
from casework.errors import Forbidden, NotFound, NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from db.models import Area, AreaDraftShape, City
from geo.crs import area_m2
from tests.factories.city import WEST, two_patches
from tests.factories.divisions import DAY, WIDE, at, redraw, three_maps

STAFF = Actor(role="leader", user_id=1)


@pytest.fixture
def drawn(office: Office) -> tuple[Office, list[int], int]:
    """Three maps; who published the second; the office a month later."""
    two_patches(office)
    user_id = create_user(office, SYSTEM, "ye", "supervisor", "correct horse 9")
    ids = three_maps(office, user_id)
    return at(office, office.now() + 30 * DAY), ids, user_id


def test_newest_first_with_who_when_why_and_how_much(drawn: tuple[Office, list[int], int]) -> None:
    office, ids, _user = drawn
    page = history_page(office, STAFF)
    assert [line.number for line in page.lines] == [4, 3, 2, 1]
    grown = page.lines[1]
    assert (grown.id, grown.note, grown.kind, grown.by) == (ids[0], "A grows", "draft", ["ye", "ye"])
    assert (grown.day, grown.areas) == (date(2026, 9, 12), 2)
    assert [line.is_latest for line in page.lines] == [True, False, False, False]
    assert page.shown_line is not None
    assert page.shown_line.number == 4


def test_filters_by_level_and_area(drawn: tuple[Office, list[int], int]) -> None:
    office, _ids, _user = drawn
    assert [line.number for line in history_page(office, STAFF, level="district").lines] == [1]
    assert [line.number for line in history_page(office, STAFF, level="patch", area="C").lines] == [4]
    assert [line.number for line in history_page(office, STAFF, area="A").lines] == [3, 2]
    for words in (
        {"level": "ward"},
        {"area": "Z"},
        {"level": "district", "area": "A"},
        {"publication": "99"},
    ):
        with pytest.raises(NotFound):
            history_page(office, STAFF, **words)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "²"])
def test_a_day_that_is_none_is_refused(drawn: tuple[Office, list[int], int], day: str) -> None:
    with pytest.raises(Refused) as refusal:
        history_page(drawn[0], STAFF, on=day)
    assert refusal.value.field == "on"


def test_the_day_decides_what_is_shown(drawn: tuple[Office, list[int], int]) -> None:
    office, ids, _user = drawn
    shown = {
        day: history_page(office, STAFF, on=day).shown_line
        for day in ("2026-09-01", "2026-09-11", "2026-09-15")
    }
    assert shown["2026-09-01"] is None
    assert [line.number for line in shown.values() if line] == [2, 3]
    page = history_page(office, STAFF, publication=str(ids[0]))
    assert (page.day, page.shown) == (date(2026, 9, 12), 2)


def test_the_public_sees_neither_notes_nor_names(drawn: tuple[Office, list[int], int]) -> None:
    office, _ids, _user = drawn
    with pytest.raises(NotSignedIn):
        history_page(office, ANONYMOUS)
    opened = _public(office)
    lines = history_page(opened, ANONYMOUS).lines
    assert {line.by for line in lines} == {None}
    assert {line.note for line in lines} == {""}
    with office.database.write() as session:
        session.query(City).one().is_demo = True
    lines = history_page(opened, ANONYMOUS).lines  # the demo's people are made up: so are its notes
    assert "A grows" in {line.note for line in lines}
    assert {line.by for line in lines} == {None}


def _public(office: Office) -> Office:

    return replace(office, settings=replace(office.settings, public_map=True))


def test_one_areas_own_versions(drawn: tuple[Office, list[int], int]) -> None:
    office, _ids, _user = drawn
    redraw(office, 25, {"A": WIDE}, names={"A": "西大片"})
    with office.database.read() as session:
        area_id = session.query(Area).filter_by(code="A").one().id
    found = area_moments(office, STAFF, area_id)
    assert [one.kinds for one in found] == [("name",), ("border",), ("new",)]
    assert found[1].change_m2 == pytest.approx(area_m2(WIDE) - area_m2(WEST))
    assert found[1].publication is not None
    assert found[1].publication.note == "A grows"


def test_bringing_back_is_a_draft_with_exactly_the_shapes_of_then(
    drawn: tuple[Office, list[int], int],
) -> None:
    office, ids, user_id = drawn
    who = Actor(role="supervisor", user_id=user_id)
    draft_id = restore(office, who, ids[0], title="As in v3")
    with office.database.read() as session:
        draft = drafts.visible(session, who, draft_id)
        assert (draft.title, draft.restores_id, draft.status) == ("As in v3", ids[0], "open")

        shapes = {one.code: one for one in session.query(AreaDraftShape).filter_by(draft_id=draft_id)}
    assert set(shapes) == {"B", "C"}  # A is today as it was
    assert shapes["C"].removed
    assert shapes["B"].geometry is not None
    assert shapes["B"].geometry.bounds == (101.6, 36.0, 102.0, 37.0)
    assert history_page(office, who).total == 4  # nothing is published yet


def test_bringing_back_is_refused_where_it_makes_no_sense(drawn: tuple[Office, list[int], int]) -> None:
    office, ids, user_id = drawn
    who = Actor(role="supervisor", user_id=user_id)
    with pytest.raises(Refused, match="already"):
        restore(office, who, ids[1])
    with pytest.raises(Refused, match="already"):
        restore(office, who, ids[0], level="district")
    with pytest.raises(NotFound):
        restore(office, who, 999)
    for role in ("leader", "inspector", "handler", "archivist"):
        with pytest.raises(Forbidden):
            restore(office, Actor(role=role, user_id=user_id), ids[0])
