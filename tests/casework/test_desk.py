"""Each role's start page holds what waits for it, counted right, and several findings can be acted on at once."""

import pytest
from sqlalchemy import select, update

from casework import reads
from casework.acts import perform, perform_many
from casework.desk import DESKS, Desk, desk
from casework.errors import NotSignedIn, Refused
from casework.findings import report
from casework.lifecycle import ACTS, BUREAU, BY_ACT
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from casework.saved_views import MOST, remove_view, save_view
from db.models import ROLES, Area, AreaPerson, Finding, Person, User
from tests.factories.city import INSPECTOR, NOW, two_patches


def _user(office: Office, role: str, bureau: int | None = None, area: str = "") -> Actor:
    with office.database.write() as session:
        user = User(username=f"some.{role}", password_hash="x", role=role, created_at=NOW, bureau_id=bureau)
        session.add(user)
        session.flush()
        areas = frozenset(session.scalars(select(Area.id).where(Area.code == area)))
        return Actor(role=role, user_id=user.id, bureau_id=bureau, area_ids=areas)


def _report(office: Office, lon: float = 101.2, by: Actor = INSPECTOR) -> int:
    return report(office, by, {"category": "0105", "lon": lon, "lat": 36.5}).finding_id


def _ids(found: Desk) -> dict[str, list[int]]:
    return {section.place.key: [row["id"] for row in section.rows] for section in found.sections}


def test_every_role_has_a_desk_and_offers_only_its_own_acts() -> None:
    assert set(DESKS) == set(ROLES)
    for role, places in DESKS.items():
        assert len({place.key for place in places}) == len(places)
        for place in places:
            offered = {*place.acts, *place.forms}
            assert offered <= set(ACTS)
            assert all(role in BY_ACT[act].roles for act in offered)
            assert all(BY_ACT[act].needs <= {BUREAU} for act in place.acts)  # a click is enough
            assert all(place.stored <= set(BY_ACT[act].before) for act in offered)


def test_a_case_moves_from_desk_to_desk(office: Office) -> None:
    made = two_patches(office)
    centre, handler = _user(office, "supervisor"), _user(office, "handler", made.bureaus["CG"])
    finding = _report(office)
    assert _ids(desk(office, centre))["file"] == [finding]
    assert _ids(desk(office, handler))["accept"] == []
    perform(office, centre, finding, "file")
    assert _ids(desk(office, centre))["dispatch"] == [finding]
    perform(office, centre, finding, "dispatch")
    assert _ids(desk(office, handler))["accept"] == [finding]
    perform(office, handler, finding, "return", note="不归我们")
    assert _ids(desk(office, centre))["back"] == [finding]
    perform(office, centre, finding, "dispatch")
    perform(office, handler, finding, "accept")
    assert _ids(desk(office, handler))["hand"] == [finding]


def test_what_failed_its_check_comes_back_to_the_handler(office: Office) -> None:
    made = two_patches(office)
    centre, handler = _user(office, "supervisor"), _user(office, "handler", made.bureaus["CG"])
    finding, other = _report(office), _report(office)
    with office.database.write() as session:
        session.execute(update(Finding).values(status="handled"))
    perform(office, centre, finding, "rework", note="没扫干净")
    with office.database.write() as session:
        session.execute(update(Finding).where(Finding.id == other).values(status="dispatched"))
    assert _ids(desk(office, handler))["again"] == [finding]
    assert _ids(desk(office, handler))["accept"] == [other]


def test_a_handler_sees_nothing_of_another_bureau(office: Office) -> None:
    made = two_patches(office)
    other = _user(office, "handler", made.bureaus["HW"])
    _report(office)
    found = desk(office, other)
    assert found.open == 0
    assert all(not section.rows for section in found.sections)


def test_an_inspector_sees_what_became_of_the_own_reports(office: Office) -> None:
    two_patches(office)
    inspector = _user(office, "inspector", area="A")
    mine, elsewhere = _report(office, 101.2, inspector), _report(office, 101.7, inspector)
    _report(office, 101.7)
    assert sorted(_ids(desk(office, inspector))["mine"]) == sorted([mine, elsewhere])


def test_a_leader_sees_the_own_patches(office: Office) -> None:
    two_patches(office)
    west, east = _report(office, 101.2), _report(office, 101.7)
    leader = _user(office, "leader")
    assert desk(office, leader).open == 2
    assert desk(office, leader).own is None
    with office.database.write() as session:
        person = Person(name_zh="马建国", name_en="Jianguo Ma")
        session.add(person)
        session.flush()
        session.execute(update(User).where(User.id == leader.user_id).values(person_id=person.id))
        area = session.scalars(select(Area.id).where(Area.code == "B")).one()
        session.add(AreaPerson(area_id=area, person_id=person.id, duty="leader", valid_from=NOW))
    found = desk(office, leader)
    assert (found.open, [one.code for one in found.own or []]) == (1, ["B"])
    assert _ids(found)["wait"] == [east]
    assert [bar.code for bar in found.patches] == ["B"]
    assert west not in _ids(found)["wait"]


def test_nobody_has_no_desk(office: Office) -> None:
    two_patches(office)
    with pytest.raises(NotSignedIn):
        desk(office, ANONYMOUS)


def test_several_at_once_each_on_its_own(office: Office) -> None:
    two_patches(office)
    centre = _user(office, "supervisor")
    first, second = _report(office), _report(office)
    perform(office, centre, second, "decline", note="不属实")
    done, refused = perform_many(
        office, centre, [(first, None), (second, None), (999, None)], "file", note="属实"
    )
    assert [one.finding_id for one in done] == [first]
    assert [finding_id for finding_id, _ in refused] == [second, 999]


def test_marks_say_what_is_new_and_what_changed(office: Office) -> None:
    two_patches(office)
    centre = _user(office, "supervisor")
    finding = _report(office)

    def mark_of() -> str:
        with office.database.read() as session:
            return reads.marks(session, centre, [finding], office.now())[finding][0]

    assert mark_of() == "new"
    reads.see(office, centre, [finding, 999])
    assert mark_of() == ""
    perform(office, centre, finding, "file")
    assert mark_of() == "changed"
    reads.see(office, centre, [finding])
    reads.see(office, centre, [finding])
    assert mark_of() == ""
    reads.see(office, ANONYMOUS, [finding])  # nobody remembers nothing


def test_saved_filters_are_ones_own(office: Office) -> None:
    two_patches(office)
    centre, other = _user(office, "supervisor"), _user(office, "leader")
    view = save_view(office, centre, " 西片超期 ", "?area=A&overdue=1&nonsense=1")
    assert (view.name, view.query) == ("西片超期", "area=A&overdue=1")
    assert save_view(office, centre, "西片超期", "area=A").id == view.id
    assert [one.query for one in desk(office, centre).views] == ["area=A"]
    assert desk(office, other).views == []
    with pytest.raises(Exception, match="no such saved filter"):
        remove_view(office, other, view.id)
    remove_view(office, centre, view.id)
    assert desk(office, centre).views == []


BAD_VIEWS = [("", "area=A", "name"), ("x" * 61, "", "name"), ("x", "area=Z", "area")]


@pytest.mark.parametrize(("name", "query", "field"), BAD_VIEWS)
def test_bad_saved_filters_are_refused(office: Office, name: str, query: str, field: str) -> None:
    two_patches(office)
    with pytest.raises(Refused) as refused:
        save_view(office, _user(office, "supervisor"), name, query)
    assert refused.value.field == field


def test_there_is_an_end_to_saved_filters(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    centre = _user(sqlite_office, "supervisor")
    for number in range(MOST):
        save_view(sqlite_office, centre, f"v{number}", "area=A")
    with pytest.raises(Refused, match="the most"):
        save_view(sqlite_office, centre, "one more", "area=A")
