"""Each role's start page holds what waits for it, counted right, and several findings can be acted on at once."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import delete, select, update

from casework import counters
from casework.acts import perform, perform_many
from casework.desk import DESKS, Desk, desk
from casework.desk_figures import DAYS
from casework.desk_narrow import NARROW
from casework.errors import NotSignedIn
from casework.findings import report
from casework.findings_list import findings_page
from casework.lifecycle import ACTS, BUREAU, BY_ACT, JOINT
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from db.models import ROLES, Area, AreaPerson, Finding, Person, Photo, User
from tests.factories.city import INSPECTOR, NOW, two_patches
from tests.factories.everyday import account, everyday


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
            assert all(BY_ACT[act].needs <= {BUREAU, JOINT} for act in place.acts)  # a click is enough
            assert all(place.stored <= set(BY_ACT[act].before) | {"reopened"} for act in offered)
            assert place.also in {"", *NARROW}


def test_a_case_moves_from_desk_to_desk(office: Office) -> None:
    made = two_patches(office)
    centre, handler = account(office, "supervisor"), account(office, "handler", made.bureaus["CG"])
    finding = _report(office)
    assert _ids(desk(office, centre))["confirm"] == [finding]
    perform(office, centre, finding, "confirm")
    assert _ids(desk(office, centre))["confirm"] == []
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
    centre, handler = account(office, "supervisor"), account(office, "handler", made.bureaus["CG"])
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
    other = account(office, "handler", made.bureaus["HW"])
    _report(office)
    found = desk(office, other)
    assert found.open == 0
    assert all(not section.rows for section in found.sections)


def test_an_inspector_sees_what_became_of_the_own_reports(office: Office) -> None:
    two_patches(office)
    inspector = account(office, "inspector", area="A")
    mine, elsewhere = _report(office, 101.2, inspector), _report(office, 101.7, inspector)
    _report(office, 101.7)
    assert sorted(_ids(desk(office, inspector))["mine"]) == sorted([mine, elsewhere])


def test_a_leader_sees_the_own_patches(office: Office) -> None:
    two_patches(office)
    west, east = _report(office, 101.2), _report(office, 101.7)
    leader = account(office, "leader")
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
    centre = account(office, "supervisor")
    first, second = _report(office, by=centre), _report(office)
    perform(office, centre, second, "decline", note="不属实")
    done, refused = perform_many(
        office, centre, [(first, None), (second, None), (999, None)], "file", note="属实"
    )
    assert [one.finding_id for one in done] == [first]
    assert [finding_id for finding_id, _ in refused] == [second, 999]


def test_figures_and_how_they_moved(office: Office) -> None:
    two_patches(office)
    centre = account(office, "supervisor")
    now = office.now()
    ids = [_report(office) for _ in range(6)]

    def put(*findings: int, **values: object) -> None:
        with office.database.write() as session:
            revision = counters.advance(session, "findings")
            session.execute(
                update(Finding).where(Finding.id.in_(findings)).values(**values, revision=revision)
            )

    long_ago = now - timedelta(days=20)
    put(*ids, status="accepted", reported_at=long_ago, due_at=now + timedelta(days=9))
    put(ids[0], due_at=now - timedelta(minutes=5))  # late since this morning
    put(ids[1], due_at=now - timedelta(days=3))
    put(ids[2], status="closed", closed_at=now - timedelta(days=2), due_at=now - timedelta(days=4))
    put(ids[3], status="closed", closed_at=now - timedelta(days=9))
    put(ids[4], status="declined", closed_at=now - timedelta(days=1))
    put(ids[5], due_at=now + timedelta(hours=6))
    found = desk(office, centre).figures
    assert (found.open, found.over, found.today) == (3, 2, 1)
    assert (found.closed_week, found.closed_before) == (1, 1)
    assert len(found.open_days) == len(found.over_days) == len(found.closed_days) == DAYS
    assert found.open_days[-1] == 3
    assert found.open_days[0] == 6
    assert found.over_days[-2:] == [1, 2]
    assert found.over_days[-4] == 2  # the closed one was late by then
    assert (sum(found.closed_days), found.closed_days[-3]) == (2, 1)


def test_an_archivist_sees_what_was_closed_without_a_photo(office: Office) -> None:
    people = everyday(office)
    whole, bare = people.led_to("closed"), people.led_to("closed")
    with office.database.write() as session:
        session.execute(delete(Photo).where(Photo.finding_id == bare))
    found = _ids(desk(office, account(office, "archivist")))
    assert found == {"bare": [bare], "closed": [whole, bare]}


def test_an_inspector_sees_which_reports_were_declined(office: Office) -> None:
    two_patches(office)
    inspector, centre = account(office, "inspector", area="A"), account(office, "supervisor")
    mine, other = _report(office, by=inspector), _report(office)
    for finding in (mine, other):
        perform(office, centre, finding, "decline", note="不属实")
    assert _ids(desk(office, inspector))["declined"] == [mine]


def test_a_desk_says_whose_it_is(office: Office) -> None:
    made = two_patches(office)
    handler = desk(office, account(office, "handler", made.bureaus["CG"]))
    inspector = desk(office, account(office, "inspector", area="A"))
    assert [one.code for one in handler.own or []] == ["CG"]
    assert [one.code for one in inspector.own or []] == ["A"]
    assert desk(office, Actor(role="inspector", user_id=99)).own == []
    assert desk(office, account(office, "supervisor")).own is None


@pytest.mark.parametrize("role", ROLES)
def test_a_section_s_link_asks_for_what_the_list_knows(office: Office, role: str) -> None:
    two_patches(office)
    for place in DESKS[role]:
        if place.query:
            findings_page(office, Actor(role="supervisor", user_id=1), dict(parse_qsl(place.query)))


def test_the_centre_sees_what_waits_for_confirmation_and_referral(office: Office) -> None:
    people = everyday(office)
    own, failed = people.report(), people.led_to("filed")
    outside = _report(office)
    people.act(people.inspector, failed, "dissuasion_failed", note="店主不理")
    found = desk(office, people.supervisor)
    assert _ids(found)["confirm"] == [outside]
    assert _ids(found)["file"] == [own]
    assert _ids(found)["refer"] == [failed]
    assert failed not in _ids(found)["dispatch"]
    [row] = next(section.rows for section in found.sections if section.place.key == "refer")
    assert row["told"]["note"] == "店主不理"
    on_site = _ids(desk(office, people.inspector))
    assert on_site["confirm"] == [outside]


def test_extensions_wait_for_the_right_person(office: Office) -> None:
    people = everyday(office)
    finding = people.led_to("accepted")
    people.act(people.handler, finding, "ask_extension", note="要等设备")

    def waits_for(who: Actor) -> list[int]:
        return _ids(desk(office, who))["extension"]

    assert waits_for(people.supervisor) == waits_for(people.handler) == [finding]
    assert waits_for(people.leader) == waits_for(people.admin) == []
    people.act(people.supervisor, finding, "approve_extension")
    assert waits_for(people.supervisor) == []
    assert waits_for(people.leader) == waits_for(people.admin) == waits_for(people.handler) == [finding]
    people.act(people.leader, finding, "approve_extension")
    assert waits_for(people.leader) == waits_for(people.handler) == []


def test_joint_parts_stand_on_the_desk_of_their_bureau(office: Office) -> None:
    people = everyday(office)
    finding = people.led_to("filed")
    people.act(people.supervisor, finding, "dispatch", extra={"joint": ["HW"]})
    others = _ids(desk(office, people.other))
    assert (others["joint"], others["part"], others["accept"]) == ([finding], [], [])
    people.act(people.other, finding, "accept")
    others = _ids(desk(office, people.other))
    assert (others["joint"], others["part"]) == ([], [finding])
    assert desk(office, people.other).open == 0  # it is not theirs
    people.act(people.other, finding, "part_done", note="清运完了")
    assert _ids(desk(office, people.other))["part"] == []
    assert _ids(desk(office, people.handler))["accept"] == [finding]


def test_what_stands_still_what_was_urged_and_what_takes_too_long(office: Office) -> None:
    people = everyday(office)
    still, urged, slow = people.led_to("suspended"), people.led_to("accepted"), people.led_to("dispatched")
    people.act(people.leader, urged, "urge", note="今天办完")
    with office.database.write() as session:
        revision = counters.advance(session, "findings")
        session.execute(
            update(Finding)
            .where(Finding.id == slow)
            .values(step_due_at=office.now() - timedelta(hours=1), revision=revision)
        )
    centre, bureau = desk(office, people.supervisor), desk(office, people.handler)
    assert (
        _ids(centre)["susp"] == _ids(bureau)["susp"] == _ids(desk(office, people.leader))["susp"] == [still]
    )
    [row] = next(section.rows for section in centre.sections if section.place.key == "susp")
    assert row["told"]["at"] == office.now()
    assert _ids(bureau)["urged"] == [urged]
    assert _ids(centre)["step"] == [slow]


def test_a_section_shows_its_beginning_and_a_file_asks_for_more(office: Office) -> None:
    two_patches(office)
    centre = account(office, "supervisor")
    reported = [_report(office) for _ in range(3)]
    for most in (2, 3):
        section = next(one for one in desk(office, centre, most).sections if one.place.key == "confirm")
        assert section.count == 3
        assert [row["id"] for row in section.rows] == reported[:most]
