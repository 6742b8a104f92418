"""Acting on findings: the whole way, every refusal, two people at once."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from casework.acts import Done, asker, perform, perform_many, standing_of, what_may
from casework.errors import CaseworkError, Conflict, Forbidden, NotFound, NotSignedIn, Refused
from casework.findings import report
from casework.history import first_broken
from casework.lifecycle import ACTS, BY_ACT, OTHER, destination, why_not
from casework.office import Office
from casework.photo_uploads import Upload
from casework.policy import ANONYMOUS, Actor
from db.models import STATUSES, Assignment, Finding, Photo
from db.session import Database
from tests.factories.everyday import Everyday, after_photo, everyday

TO_RULE = ("dispatch", "refer")
WALKED = ("reported", "filed", "dispatched", "accepted", "handled", "verified", "closed")


@pytest.fixture
def people(office: Office) -> Everyday:
    return everyday(office)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def test_the_whole_way_from_report_to_closing(people: Everyday) -> None:
    finding = people.led_to("closed")
    steps = people.history(finding)
    acts = ["report", "file", "dispatch", "accept", "handle", "verify", "close"]
    assert [step.act for step in steps] == acts
    assert [step.to_status for step in steps] == list(WALKED)
    assert [step.from_status for step in steps[1:]] == list(WALKED[:-1])
    assert [step.user_id for step in steps] == [
        people.inspector.user_id, people.supervisor.user_id, people.supervisor.user_id, people.handler.user_id,
        people.handler.user_id, people.inspector.user_id, people.supervisor.user_id,
    ]  # fmt: skip
    assert first_broken(steps) is None
    assert people.finding(finding).closed_at == people.office.now()


def test_returned_it_is_dispatched_again_to_another_bureau(people: Everyday) -> None:
    finding = people.led_to("accepted")
    people.act(people.handler, finding, "return", note="归环卫")
    assert people.finding(finding).status == "returned"
    people.act(people.supervisor, finding, "dispatch", bureau="HW", note="归环卫")
    now = people.finding(finding)
    assert (now.status, now.pinned, now.bureau_id) == ("dispatched", True, people.city.bureaus["HW"])
    with people.office.database.read() as session:
        rows = session.query(Assignment).filter_by(finding_id=finding, level_id=people.city.patch.id).all()
        assert [(row.bureau_id == people.city.bureaus["HW"], row.valid_to is None) for row in rows] == [
            (False, False),
            (True, True),
        ]
        assert rows[1].reason == "归环卫"
    assert people.history(finding)[-1].payload == {"bureau": "HW", "instead_of": "CG", "area": "A"}
    people.act(people.other, finding, "accept")
    with pytest.raises(NotFound):  # it is the other bureau's now
        people.act(people.handler, finding, "handle", photos=[after_photo()])


def test_dispatching_by_the_rule_pins_nothing(some: Everyday) -> None:
    finding = some.led_to("filed")
    some.act(some.supervisor, finding, "dispatch", bureau="CG")
    assert not some.finding(finding).pinned
    assert some.history(finding)[-1].payload == {"bureau": "CG"}


@pytest.mark.parametrize("code", ["NOWHERE", "x" * 5000, "\x00", "' OR 1=1"])
def test_a_bureau_that_is_none_is_refused(some: Everyday, code: str) -> None:
    finding = some.led_to("filed")
    with pytest.raises(Refused) as refusal:
        some.act(some.supervisor, finding, "dispatch", bureau=code)
    assert refusal.value.field == "bureau"
    assert some.finding(finding).status == "filed"


def test_declined_it_can_be_reopened(some: Everyday) -> None:
    finding = some.report()
    some.act(some.supervisor, finding, "decline", note="不归我们管")
    assert some.finding(finding).closed_at is not None
    some.act(some.supervisor, finding, "reopen", note="看错了")
    assert (some.finding(finding).status, some.finding(finding).closed_at) == ("reopened", None)


def test_a_failed_check_sends_it_back_to_the_bureau(some: Everyday) -> None:
    finding = some.led_to("handled")
    some.act(some.inspector, finding, "rework", note="还有一半没清")
    assert some.finding(finding).status == "dispatched"
    some.act(some.handler, finding, "accept")
    some.act(some.handler, finding, "handle", photos=[after_photo()])
    assert some.finding(finding).status == "handled"


@pytest.mark.parametrize("photos", [[], ["before"]])
def test_handling_needs_an_after_photo(some: Everyday, photos: list[str]) -> None:
    finding = some.led_to("accepted")
    uploads = [Upload(kind, after_photo().checked) for kind in photos]
    with pytest.raises(Refused) as refusal:
        some.act(some.handler, finding, "handle", photos=uploads)
    assert refusal.value.field == "photos"
    assert some.finding(finding).status == "accepted"
    with some.office.database.read() as session:
        assert session.query(Photo).count() == 0


def test_photos_stand_with_their_step(people: Everyday) -> None:
    finding = people.led_to("handled")
    with people.office.database.read() as session:
        [photo] = session.query(Photo).filter_by(finding_id=finding).all()
    assert (photo.kind, photo.created_by, photo.history_seq) == ("after", people.handler.user_id, 5)
    assert people.history(finding)[4].payload["photos"] == 1


@pytest.mark.parametrize(
    ("status", "who", "act"),
    [("reported", "supervisor", "decline"), ("dispatched", "handler", "return"), ("handled", "inspector", "rework"),
     ("closed", "supervisor", "reopen")],
)  # fmt: skip
@pytest.mark.parametrize("note", ["", "  \n "])
def test_what_goes_backward_needs_a_reason(
    some: Everyday, status: str, who: str, act: str, note: str
) -> None:
    finding = some.led_to(status)
    with pytest.raises(Refused) as refusal:
        some.act(getattr(some, who), finding, act, note=note)
    assert refusal.value.field == "note"
    assert some.finding(finding).status == status


def test_a_reason_that_is_too_long_is_refused(some: Everyday) -> None:
    with pytest.raises(Refused, match="2001"):
        some.act(some.supervisor, some.report(), "decline", note="x" * 2001)


def test_whoever_handled_it_may_not_check_it(some: Everyday) -> None:
    finding = some.led_to("handled")
    promoted = Actor(role="supervisor", user_id=some.handler.user_id)
    for act in ("verify", "rework"):
        with pytest.raises(Forbidden, match="somebody else"):
            some.act(promoted, finding, act, note="good")
    some.act(some.second, finding, "verify")


def test_an_inspector_checks_only_in_the_own_patches(some: Everyday) -> None:
    finding = some.led_to("handled", some.report(lon=101.8))  # in patch B
    with pytest.raises(Forbidden, match="outside your patches"):  # an own report is seen, but not checked
        some.act(some.inspector, finding, "verify")


def test_a_handler_without_a_bureau_acts_on_nothing(some: Everyday) -> None:
    finding = some.led_to("dispatched")
    with pytest.raises(NotFound):
        some.act(Actor(role="handler", user_id=99), finding, "accept")


def _tried(office: Office, *args: Any, **more: Any) -> Done | CaseworkError:
    try:
        return perform(office, *args, **more)
    except CaseworkError as error:
        return error


class Rehearsed(Database):
    """A database in which nothing stays: an act is tried to its end and taken back."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.flush()
            session.rollback()


def test_every_act_in_every_status_for_every_role(some: Everyday) -> None:
    """The use case allows what the table allows and leads where it leads; what it refuses, it refuses in words."""
    findings = {status: some.led_to(status) for status in STATUSES}
    other = some.finding(some.report()).number
    photos = [after_photo()]
    rehearsal = replace(some.office, database=Rehearsed(some.office.database.url))
    with some.office.database.read() as session:
        standings = {status: standing_of(session, some.finding(one)) for status, one in findings.items()}
    try:
        for (role, who), (status, finding), act in itertools.product(
            some.by_role.items(), findings.items(), ACTS
        ):
            expected = why_not(BY_ACT[act], asker(who), standings[status])
            given = {"other": other} if OTHER in BY_ACT[act].needs else {}
            came = _tried(
                rehearsal, who, finding, act, note="why", bureau="" if act in TO_RULE else "HW",
                photos=photos, extra=given,
            )  # fmt: skip
            assert (expected is None) == isinstance(came, Done), (role, status, act, came)
            if isinstance(came, Done):
                assert came.status == destination(BY_ACT[act], asker(who), standings[status])
            elif status not in BY_ACT[act].before and role in BY_ACT[act].roles:
                assert isinstance(came, Conflict)
                assert "only" in str(came)
    finally:
        rehearsal.database.close()
    assert {status: some.finding(one).status for status, one in findings.items()} == {
        one: one for one in STATUSES
    }


@pytest.mark.parametrize("role", ["leader", "archivist", "handler", "inspector"])
def test_roles_without_the_act_are_refused(some: Everyday, role: str) -> None:
    finding = some.report()
    with pytest.raises(Forbidden):
        some.act(Actor(role=role, user_id=1), finding, "file")
    assert some.finding(finding).status == "reported"


def test_nobody_and_nothing(some: Everyday) -> None:
    finding = some.report()
    with pytest.raises(NotSignedIn):
        some.act(ANONYMOUS, finding, "file")
    with pytest.raises(NotFound):
        some.act(some.supervisor, 987654, "file")
    with pytest.raises(Refused) as refusal:
        some.act(some.supervisor, finding, "explode")
    assert refusal.value.field == "act"


def test_a_stale_form_is_a_conflict(some: Everyday) -> None:
    finding = some.report()
    seen = some.finding(finding).revision
    some.act(some.supervisor, finding, "file")
    with pytest.raises(Conflict, match="quicker"):
        some.act(some.second, finding, "decline", note="nein", revision=seen)
    assert [step.act for step in some.history(finding)] == ["report", "file"]


def test_of_two_people_at_once_one_wins(people: Everyday) -> None:
    finding = people.report()
    seen = people.finding(finding).revision
    together = threading.Barrier(2)
    came: dict[str, Any] = {}

    def work(name: str, who: Actor, act: str) -> None:
        together.wait()
        try:
            came[name] = perform(people.office, who, finding, act, note="同时", revision=seen)
        except CaseworkError as error:
            came[name] = error

    threads = [
        threading.Thread(target=work, args=("one", people.supervisor, "file")),
        threading.Thread(target=work, args=("two", people.second, "decline")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(result).__name__ for result in came.values()) == ["Conflict", "Done"]
    assert len(people.history(finding)) == 2
    assert first_broken(people.history(finding)) is None


def test_several_at_once_each_on_its_own(some: Everyday) -> None:
    ready, gone = some.report(), some.led_to("filed")
    done, refused = perform_many(
        some.office, some.supervisor, [(ready, None), (gone, None), (999, None)], "file"
    )
    assert [one.finding_id for one in done] == [ready]
    assert [finding for finding, _why in refused] == [gone, 999]


def test_offers_say_what_is_possible_and_why_not(some: Everyday) -> None:
    finding = some.led_to("dispatched")
    offered = {one.act: one for one in what_may(some.office, some.handler, finding)}
    assert offered.keys() == {
        "accept", "return", "handle", "hand_on", "part_done", "ask_extension", "withdraw_extension",
    }  # fmt: skip
    assert offered["accept"].possible
    assert not offered["handle"].possible
    assert "while" in offered["handle"].why_not
    assert not offered["part_done"].possible
    with pytest.raises(NotFound):
        what_may(some.office, some.other, finding)
    assert what_may(some.office, ANONYMOUS, finding) == []


def test_a_second_click_does_nothing(some: Everyday) -> None:
    finding = some.report()
    first = some.act(some.supervisor, finding, "file", request_key="one click")
    again = some.act(some.supervisor, finding, "file", request_key="one click", revision=1)
    assert (again.status, again.revision, again.repeated) == ("filed", first.revision, True)
    assert [step.act for step in some.history(finding)] == ["report", "file"]
    with pytest.raises(Conflict):  # another click is another act
        some.act(some.supervisor, finding, "file", request_key="another click")
    with pytest.raises(Conflict):  # and so is somebody else's
        some.act(some.second, finding, "file", request_key="one click")


def test_where_somebody_stood_is_kept(some: Everyday) -> None:
    finding = some.report()
    some.act(some.supervisor, finding, "file", extra={"where": ["101.2000001", 36.5]})
    assert some.history(finding)[-1].payload["where"] == [101.2000001, 36.5]


@pytest.mark.parametrize(
    ("extra", "field"),
    [({"where": [1]}, "where"), ({"where": [181, 0]}, "lon"), ({"joint": 7}, "joint"), ({"joint": [7]}, "joint"),
     ({"joint": [str(n) for n in range(20)]}, "joint"), ({"punishment": "fine"}, "punishment_number"),
     ({"punishment": {"kind": "fine"}}, "punishment_number"),
     ({"punishment": {"number": "1", "kind": "death"}}, "punishment_kind"), ({"colour": "red"}, "colour"),
     ({"other": 7}, "other")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(some: Everyday, extra: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        some.act(some.supervisor, some.report(), "file", extra=extra)
    assert refusal.value.field == field


def test_a_report_from_outside_is_confirmed_on_site_by_somebody_else(some: Everyday) -> None:
    form = {"category": "0105", "lon": 101.2, "lat": 36.5}
    finding = report(some.office, Actor(role="inspector", key_id=1), form).finding_id
    with pytest.raises(Conflict, match=r"confirm it first.*Confirm"):
        some.act(some.supervisor, finding, "file")
    some.act(some.inspector, finding, "confirm", note="seen")
    assert some.finding(finding).confirmed_at == some.office.now()
    assert some.finding(finding).status == "reported"
    some.act(some.supervisor, finding, "file")
    own = some.report()
    with pytest.raises(Forbidden, match="ask somebody else"):
        some.act(some.inspector, own, "confirm")


def test_what_is_anothers_cannot_be_acted_on_in_any_status(some: Everyday) -> None:
    """Role by act by state by ownership: another bureau's handler and an inspector of other patches, all refused."""
    findings = {status: some.led_to(status, some.report(lon=101.8)) for status in STATUSES}
    with some.office.database.write() as session:  # none of them is the inspector's own report
        session.execute(update(Finding).values(reporter_id=some.second.user_id))
    rehearsal = replace(some.office, database=Rehearsed(some.office.database.url))
    photos = [after_photo()]
    try:
        for who, (status, finding), act in itertools.product(
            (some.other, some.inspector), findings.items(), ACTS
        ):
            came = _tried(rehearsal, who, finding, act, note="why", bureau="HW", photos=photos)
            allowed = who.role in BY_ACT[act].roles
            assert isinstance(came, NotFound if allowed else Forbidden), (who.role, status, act, came)
    finally:
        rehearsal.database.close()
