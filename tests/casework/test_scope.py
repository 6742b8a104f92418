"""Handlers see their bureau's cases, inspectors those of their patches and their own reports, the others all."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from casework import bureau_tasks
from casework.acts import perform, what_may
from casework.areas_view import area_page
from casework.case_view import case
from casework.corrections import correct
from casework.errors import Forbidden, NotFound
from casework.filters import Filters
from casework.finding_queries import finding_page, finding_record
from casework.findings import report
from casework.findings_list import findings_page
from casework.office import Office
from casework.policy import ANONYMOUS, REACH, Actor
from casework.scope import patches_below, scope_of
from casework.selection import find
from casework.status import DISPLAY_KEYS
from db.models import ROLES, Area, City, Finding, Person, User
from tests.factories.city import INSPECTOR, NOW, two_patches


@dataclass(frozen=True)
class Cases:
    """Four findings: west or east, for one bureau or the other; the inspector reported the last one."""

    west_cg: int
    west_hw: int
    east_cg: int
    east_hw_own: int
    areas: dict[str, int]
    bureaus: dict[str, int]
    inspector: int

    @property
    def all(self) -> set[int]:
        return {self.west_cg, self.west_hw, self.east_cg, self.east_hw_own}


@pytest.fixture
def cases(office: Office) -> Cases:
    made = two_patches(office)
    with office.database.write() as session:
        session.add(Person(name_zh="韩", name_en="Han"))
        user = User(username="han", password_hash="x", role="inspector", created_at=NOW)
        session.add(user)
        session.flush()
        areas, inspector = {area.code: area.id for area in session.query(Area)}, user.id

    def add(lon: float, category: str, by: Actor = INSPECTOR) -> int:
        return report(office, by, {"category": category, "lon": lon, "lat": 36.5}).finding_id

    own = Actor(role="inspector", user_id=inspector)
    return Cases(
        add(101.2, "0105"), add(101.2, "0102"), add(101.7, "0105"), add(101.7, "0102", own),
        areas, made.bureaus, inspector,
    )  # fmt: skip


def _seen(office: Office, actor: Actor) -> set[int]:
    everything = {"status": ",".join(DISPLAY_KEYS)}
    in_api = {record.id for record in finding_page(office, actor, {}).records}
    with office.database.read() as session:
        selection = find(
            office, session, Filters(shown=frozenset(DISPLAY_KEYS)), scope=scope_of(session, actor)
        )
        in_memory = set(selection.columns.id[selection.rows].tolist())
        assert selection.by_key.sum() == len(in_memory)
    in_list = {row["id"] for row in findings_page(office, actor, everything).rows}
    assert in_api == in_memory == in_list
    return in_memory


def test_every_role_has_a_reach() -> None:
    assert set(REACH) == set(ROLES)


@pytest.mark.parametrize("role", ["administrator", "leader", "supervisor", "archivist"])
def test_these_roles_see_all(office: Office, cases: Cases, role: str) -> None:
    assert _seen(office, Actor(role=role, user_id=1)) == cases.all


def test_a_handler_sees_the_bureaus_cases_only(office: Office, cases: Cases) -> None:
    handler = Actor(role="handler", user_id=1, bureau_id=cases.bureaus["CG"])
    assert _seen(office, handler) == {cases.west_cg, cases.east_cg}
    assert _seen(office, Actor(role="handler", user_id=1)) == set()


def test_an_inspector_sees_the_own_patches_and_reports(office: Office, cases: Cases) -> None:
    west = Actor(role="inspector", user_id=cases.inspector, area_ids=frozenset({cases.areas["A"]}))
    assert _seen(office, west) == {cases.west_cg, cases.west_hw, cases.east_hw_own}
    district = Actor(role="inspector", user_id=999, area_ids=frozenset({cases.areas["D"]}))
    assert _seen(office, district) == cases.all
    assert _seen(office, Actor(role="inspector", user_id=999)) == set()


def test_what_lies_below_an_area(office: Office, cases: Cases) -> None:
    with office.database.read() as session:
        below = patches_below(session, frozenset({cases.areas["D"]}))
    assert below == {cases.areas["A"], cases.areas["B"]}


def test_keys_reach_what_their_role_needs(office: Office, cases: Cases) -> None:
    assert _seen(office, Actor(role="inspector", key_id=1)) == cases.all
    key = Actor(role="handler", key_id=1, bureau_id=cases.bureaus["HW"])
    assert _seen(office, key) == {cases.west_hw, cases.east_hw_own}


def test_anothers_case_is_not_there(office: Office, cases: Cases) -> None:
    handler = Actor(role="handler", user_id=1, bureau_id=cases.bureaus["CG"])
    with pytest.raises(NotFound):
        case(office, handler, cases.west_hw)
    with pytest.raises(NotFound):
        finding_record(office, handler, cases.west_hw)
    assert case(office, handler, cases.west_cg)["restricted"] is False


def test_on_a_public_map_anothers_case_is_what_everybody_sees(office: Office, cases: Cases) -> None:
    with office.database.write() as session:
        session.execute(update(City).values(is_demo=True))
    handler = Actor(role="handler", user_id=1, bureau_id=cases.bureaus["CG"])
    theirs = case(office, handler, cases.west_hw)
    assert theirs["restricted"] is True
    assert theirs["history"] == []
    assert case(office, ANONYMOUS, cases.west_hw)["restricted"] is True


# What each role may do to the first four findings, each in the status that the act asks for:
# west for CG, west for HW, east for CG, the inspector's own in the east for HW. Written out by hand:
# + done, - refused in words, 0 not there.
OWNERSHIP = {
    ("supervisor", "file"): "++++",
    ("administrator", "dispatch"): "++++",
    ("supervisor", "verify"): "++++",
    ("leader", "file"): "----",
    ("archivist", "verify"): "----",
    ("inspector", "file"): "----",
    ("inspector", "verify"): "++0-",
    ("inspector", "rework"): "++0-",
    ("handler", "accept"): "+0+0",
    ("handler", "return"): "+0+0",
    ("handler", "verify"): "----",
}
BEFORE = {
    "file": "reported", "dispatch": "filed", "verify": "handled", "rework": "handled", "accept": "dispatched",
    "return": "accepted",
}  # fmt: skip


@pytest.mark.parametrize(("role", "act"), OWNERSHIP)
def test_role_by_act_by_ownership(office: Office, cases: Cases, role: str, act: str) -> None:
    actor = Actor(
        role=role, user_id=cases.inspector, bureau_id=cases.bureaus["CG"] if role == "handler" else None,
        area_ids=frozenset({cases.areas["A"]}) if role == "inspector" else frozenset(),
    )  # fmt: skip
    with office.database.write() as session:
        session.execute(update(Finding).values(status=BEFORE[act], confirmed_at=office.now()))
        bureau_tasks.follow(session, session.scalars(select(Finding.id)).all(), office.now())

    def tried(finding: int) -> str:
        try:
            perform(office, actor, finding, act, note="理由", revision=None)
        except NotFound:
            return "0"
        except Forbidden:
            return "-"
        return "+"

    four = (cases.west_cg, cases.west_hw, cases.east_cg, cases.east_hw_own)
    assert "".join(tried(finding) for finding in four) == OWNERSHIP[role, act]


def test_no_refusal_tells_how_anothers_case_stands(office: Office, cases: Cases) -> None:
    handler = Actor(role="handler", user_id=1, bureau_id=cases.bureaus["CG"])
    for revision in (None, 0):
        with pytest.raises(NotFound):
            perform(office, handler, cases.west_hw, "accept", revision=revision)
    with pytest.raises(NotFound):
        what_may(office, handler, cases.west_hw)
    stranger = Actor(role="inspector", user_id=999, area_ids=frozenset({cases.areas["A"]}))
    with pytest.raises(NotFound):
        correct(office, stranger, cases.east_cg, {"place": "别处"}, "理由")
    near = case(office, handler, cases.west_cg)["nearby"]
    assert [row["id"] for row in near] == []
    leader = Actor(role="leader", user_id=1)
    assert [row["id"] for row in case(office, leader, cases.west_cg)["nearby"]] == [cases.west_hw]


def test_an_area_page_lists_only_what_one_may_see(office: Office, cases: Cases) -> None:
    handler = Actor(role="handler", user_id=1, bureau_id=cases.bureaus["CG"])
    page = area_page(office, handler, "A")
    assert (page.card.open, [row["id"] for row in page.urgent]) == (2, [cases.west_cg])
    with office.database.write() as session:
        session.execute(update(City).values(is_demo=True))
    assert len(area_page(office, handler, "A").urgent) == 2
