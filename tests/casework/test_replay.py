"""Histories played again: any sequence of allowed acts leaves history, status, parts and counters consistent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from casework import verify_cases
from casework.acts import asker, perform, standing_of
from casework.bureau_tasks import PART_OF
from casework.history import first_broken
from casework.lifecycle import AFTER_PHOTO, BUREAU, JOINT, OTHER, Offer, offers
from casework.office import Office
from casework.policy import Actor
from casework.replay import replay
from casework.verify import verify
from db.models import BureauTask, Extension, Finding, FindingLink, HistoryEntry
from tests.factories.everyday import Everyday, after_photo, everyday

AT = datetime(2026, 9, 1, 2, tzinfo=UTC)


@pytest.fixture
def some(sqlite_office: Office) -> Everyday:
    return everyday(sqlite_office)


def _possible(people: Everyday, finding: int) -> list[tuple[Actor, Offer]]:
    with people.office.database.read() as session:
        standing = standing_of(session, session.get_one(Finding, finding))
    everybody = (*people.by_role.values(), people.second, people.other)
    return [(who, offer) for who in everybody for offer in offers(asker(who), standing) if offer.possible]


@settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(choices=st.lists(st.integers(0, 10**6), min_size=4, max_size=16))
def test_any_way_leaves_everything_consistent(some: Everyday, choices: list[int]) -> None:
    """Each number chooses one of the acts that are possible for anybody now; what it asks for is given."""
    finding, other = some.report(), some.finding(some.report()).number
    photo = PHOTO()
    for number in choices:
        possible = _possible(some, finding)
        who, offer = possible[number % len(possible)]
        if _would_clash(some, finding, offer.act, _elsewhere(some, finding)):
            continue
        code = _elsewhere(some, finding)
        perform(
            some.office, who, finding, offer.act, note="why", photos=[photo] if AFTER_PHOTO in offer.needs else [],
            bureau=code if offer.act in {"hand_on", "add_joint"} and BUREAU in offer.needs else "",
            extra={
                **({"other": other} if OTHER in offer.needs else {}),
                **({"joint": [code]} if JOINT in offer.needs and number % 3 == 0 else {}),
                **({"punishment": {"number": "7", "kind": "fine"}} if offer.act == "handle" else {}),
            },
        )  # fmt: skip
    _consistent(some, finding)


def _elsewhere(people: Everyday, finding: int) -> str:
    """The one of the two bureaus that does not have the case."""
    return "HW" if people.finding(finding).bureau_id == people.city.bureaus["CG"] else "CG"


def _would_clash(people: Everyday, finding: int, act: str, code: str) -> bool:
    """A bureau that has a part already cannot be added: with two bureaus that is all there is."""
    if act != "add_joint":
        return False
    with people.office.database.read() as session:
        task = session.scalars(
            select(BureauTask).where(
                BureauTask.finding_id == finding, BureauTask.ended_at.is_(None),
                BureauTask.bureau_id == people.city.bureaus[code],
            )
        ).first()  # fmt: skip
    return task is not None and (task.role == "lead" or task.status != "handled")


def _consistent(people: Everyday, finding: int) -> None:
    steps, now = people.history(finding), people.finding(finding)
    assert first_broken(steps) is None
    played = replay(steps)
    assert played.status == now.status
    assert (now.closed_at is not None) == (now.status in {"closed", "declined", "cancelled", "duplicate"})
    assert now.status != "suspended" or now.paused_at is not None
    assert now.paused_at is None or now.status in {"suspended", "duplicate"}
    assert now.reworks == sum(step.act == "rework" for step in steps)
    assert now.extensions <= 2
    with people.office.database.read() as session:
        assert list(verify_cases.faults(session)) == []
        tasks = session.scalars(
            select(BureauTask).where(BureauTask.finding_id == finding, BureauTask.ended_at.is_(None))
        ).all()
        waiting = session.scalars(
            select(Extension).where(Extension.status.in_(("asked", "approved_once")))
        ).all()
    leads = [task for task in tasks if task.role == "lead"]
    assert [task.bureau_id for task in leads] in ([], [now.bureau_id])
    wanted = PART_OF.get(now.status)
    assert now.status == "suspended" or [task.status for task in leads] == (
        [wanted] if wanted and not (now.dissuasion == "settled" and not leads) else []
    )
    assert (
        not waiting
        or now.status in {"dispatched", "accepted"}
        or all(w.finding_id != finding for w in waiting)
    )


def _photo_once() -> Callable[[], Any]:
    kept: list[Any] = []

    def photo() -> Any:
        if not kept:
            kept.append(after_photo())
        return kept[0]

    return photo


PHOTO = _photo_once()


def _step(act: str, to: str | None = None, hour: int = 0, **payload: object) -> dict[str, Any]:
    return {"act": act, "at": AT + timedelta(hours=hour), "user_id": 1, "to_status": to, "payload": payload}


def test_what_came_from_outside_says_only_its_status() -> None:
    known = replay([_step("import", "accepted")])
    assert [(part.role, part.status, part.bureau) for part in known.open_parts] == [
        ("lead", "accepted", None)
    ]
    assert replay([_step("import", "closed")]).open_parts == []
    assert replay([_step("report", "reported"), _step("close", "closed")]).open_parts == []


def test_another_bureau_takes_over_as_far_as_it_had_come() -> None:
    known = replay(
        [
            _step("report", "reported"), _step("dispatch", "dispatched", bureau="CG", joint=["HW"]),
            _step("accept", "accepted", bureau="CG"), _step("reassign", None, bureau=["CG", "HW"]),
        ]
    )  # fmt: skip
    assert [(part.bureau, part.role, part.status) for part in known.open_parts] == [
        ("HW", "lead", "accepted")
    ]


def test_a_merge_that_is_undone_brings_the_parts_back() -> None:
    known = replay(
        [
            _step("report", "reported"), _step("refer", "dispatched", bureau="CG"), _step("accept", "accepted"),
            _step("merge", "duplicate", other="2026-0001"), _step("unmerge", "accepted"),
        ]
    )  # fmt: skip
    assert [(part.status, part.is_punishment) for part in known.open_parts] == [("accepted", True)]


def _parts(**values: Any) -> Callable[[int], Any]:
    return lambda one: update(BureauTask).where(BureauTask.finding_id == one).values(**values)


def _columns(**values: Any) -> Callable[[int], Any]:
    return lambda one: update(Finding).where(Finding.id == one).values(**values)


def _extension(**values: Any) -> Callable[[int], Any]:
    return lambda one: update(Extension).where(Extension.finding_id == one).values(**values)


def _no(model: Any) -> Callable[[int], Any]:
    return lambda one: delete(model).where(model.finding_id == one)


def _asked_as_approved(one: int) -> Any:
    asked = HistoryEntry.act == "ask_extension"
    return update(HistoryEntry).where(HistoryEntry.finding_id == one, asked).values(act="approve_extension")


TAMPERED = [
    (_columns(extensions=2), "extensions is 2"),
    (_columns(reworks=3), "reworks is 3"),
    (_columns(dissuasion="settled"), "dissuasion"),
    (_columns(confirmed_at=AT), "not confirmed"),
    (_columns(status="handled"), "is handled, but its history ends with accepted"),
    (_parts(status="handled"), "parts on record"),
    (_parts(bureau_id=2), "leads, but"),
    (_parts(is_punishment=True), "parts on record"),
    (_no(BureauTask), "parts on record"),
    (_extension(status="approved"), "extensions on record"),
    (_no(Extension), "extensions on record"),
    (_no(FindingLink), "no tie is on record"),
    (_asked_as_approved, "does not fit from step"),
]


def test_verify_names_the_finding_that_somebody_changed(some: Everyday) -> None:
    """One office for all ways of changing something behind the program's back, each on a finding of its own."""
    parent = some.finding(some.report()).number
    findings = []
    for _ in TAMPERED:
        finding = some.led_to("accepted")
        some.act(some.handler, finding, "ask_extension", note="要等设备")
        some.act(some.supervisor, finding, "link_child", extra={"other": parent})
        findings.append(finding)
    assert all(check.broken == 0 for check in verify(some.office))
    with some.office.database.write() as session:
        for finding, (change, _words) in zip(findings, TAMPERED, strict=True):
            session.execute(change(finding).execution_options(synchronize_session=False))
    faults = [line for check in verify(some.office) for line in check.faults]
    for finding, (_change, words) in zip(findings, TAMPERED, strict=True):
        number = some.finding(finding).number
        assert any(words in line and number in line for line in faults), (number, words, faults)
