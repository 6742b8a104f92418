"""A redrawn border moves what is open, keeps what is closed or pinned, and writes nothing twice."""

from datetime import timedelta

import shapely
from sqlalchemy import update

from casework import areas, counters
from casework.findings import report
from casework.office import Office
from casework.reassignment import reassign
from casework.triage import settle
from casework.verify import verify
from db.models import Area, AreaVersion, Assignment, Finding, HistoryEntry
from tests.factories.city import EAST, INSPECTOR, NOW, WEST, publish_patches, two_patches
from tests.factories.everyday import everyday

NARROW_WEST = shapely.box(101.0, 36.0, 101.1, 37.0)
WIDE_EAST = shapely.box(101.1, 36.0, 102.0, 37.0)


def _codes(office: Office) -> dict[int, str | None]:
    with office.database.read() as session:
        query = session.query(Finding.id, Area.code).outerjoin(Area, Finding.area_id == Area.id)
        return {row.id: row.code for row in query}


def _three_findings(office: Office) -> list[int]:
    return [
        report(office, INSPECTOR, {"category": "0105", "lon": 101.3, "lat": 36.2 + i / 10}).finding_id
        for i in range(3)
    ]


def test_open_findings_move_closed_and_pinned_ones_stay(office: Office) -> None:
    made = two_patches(office)
    opened, closed, pinned = _three_findings(office)
    with office.database.write() as session:
        session.execute(update(Finding).where(Finding.id == closed).values(status="closed"))
        session.execute(update(Finding).where(Finding.id == pinned).values(pinned=True))
        publication = publish_patches(session, office, made.patch, NARROW_WEST, WIDE_EAST)
    assert publication.changed == ("A", "B")
    assert publication.findings_moved == 1
    assert _codes(office) == {opened: "B", closed: "A", pinned: "A"}


def test_the_old_assignment_stays_on_record(office: Office) -> None:
    made = two_patches(office)
    moved, *_ = _three_findings(office)
    with office.database.write() as session:
        publish_patches(session, office, made.patch, NARROW_WEST, WIDE_EAST)
    with office.database.read() as session:
        rows = (
            session.query(Assignment)
            .filter_by(finding_id=moved, level_id=made.patch.id)
            .order_by(Assignment.id)
        )
        ended, current = rows
        acts = [
            act
            for (act,) in session.query(HistoryEntry.act)
            .filter_by(finding_id=moved)
            .order_by(HistoryEntry.seq)
        ]
        version = session.get_one(AreaVersion, current.area_version_id)
    assert (ended.valid_to, current.valid_to) == (NOW, None)
    assert ended.coverage_version < current.coverage_version
    assert version.geometry.equals(WIDE_EAST)
    assert acts == ["report", "reassign"]


def test_publishing_the_same_again_changes_nothing(office: Office) -> None:
    made = two_patches(office)
    _three_findings(office)
    with office.database.read() as session:
        before = counters.current(session, "findings")
    with office.database.write() as session:
        publication = publish_patches(session, office, made.patch, WEST, EAST)
    assert (publication.opened, publication.changed, publication.unchanged) == ((), (), ("A", "B"))
    with office.database.read() as session:
        assert counters.current(session, "findings") == before
        assert session.query(AreaVersion).count() == 3


def test_reassigning_again_writes_nothing(office: Office) -> None:
    two_patches(office)
    _three_findings(office)
    with office.database.write() as session:
        assert reassign(session, NOW + timedelta(days=1), near_m=5) == 0
        assert session.query(Assignment).filter(Assignment.valid_to.is_not(None)).count() == 0


def test_a_report_after_publication_uses_the_new_border_in_another_process(office: Office) -> None:
    """The cached index of this process is dropped when the stored coverage version moved on."""
    made = two_patches(office)
    assert _codes(office) == {}
    first = report(office, INSPECTOR, {"category": "0105", "lon": 101.3, "lat": 36.5}).finding_id
    with office.database.write() as session:
        publish_patches(session, office, made.patch, NARROW_WEST, WIDE_EAST)
        session.execute(update(Finding).where(Finding.id == first).values(pinned=True))
    second = report(office, INSPECTOR, {"category": "0105", "lon": 101.3, "lat": 36.5}).finding_id
    assert _codes(office)[second] == "B"


def test_a_case_that_is_reopened_lies_on_the_map_of_today(office: Office) -> None:
    """It was closed under A, which has since given the place to B."""
    people = everyday(office)
    finding = people.led_to("closed", people.report(lon=101.3))
    other = people.led_to("closed", people.report(lon=101.05))
    with office.database.write() as session:
        publish_patches(session, office, people.city.patch, NARROW_WEST, WIDE_EAST)
    assert _codes(office) == {finding: "A", other: "A"}
    for one in (finding, other):
        done = people.act(people.supervisor, one, "reopen", note="again")
        assert done.revision == people.finding(one).revision
    assert _codes(office) == {finding: "B", other: "A"}
    assert [entry.act for entry in people.history(finding)][-2:] == ["reopen", "reassign"]
    assert [entry.act for entry in people.history(other)][-1:] == ["reopen"]


def test_a_case_pinned_to_an_area_that_has_ended_is_released_when_it_is_reopened(office: Office) -> None:
    people = everyday(office)
    finding = people.report(lon=101.7)
    settle(office, people.supervisor, finding, "patch", "A", "seen on site")
    people.led_to("closed", finding)
    with office.database.write() as session:
        whole = areas.NewArea("B", "东片", "East", shapely.box(101.0, 36.0, 102.0, 37.0))
        areas.publish(session, session.merge(people.city.patch), [whole], NOW, near_m=5, ended=["A"])
    people.act(people.supervisor, finding, "reopen", note="again")
    assert (_codes(office), people.finding(finding).pinned) == ({finding: "B"}, False)
    assert all(check.broken == 0 for check in verify(office))
