"""What is new or changed to somebody, until it was opened."""

from datetime import timedelta

from sqlalchemy import update

from casework import reads
from casework.acts import perform
from casework.findings import report
from casework.findings_list import findings_page
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from db.models import Finding
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.everyday import account


def _report(office: Office) -> int:
    return report(office, INSPECTOR, {"category": "0105", "lon": 101.2, "lat": 36.5}).finding_id


def test_marks_say_what_is_new_and_what_changed(office: Office) -> None:
    two_patches(office)
    centre = account(office, "supervisor")
    finding = _report(office)

    def mark_of() -> str:
        with office.database.read() as session:
            return reads.marks(session, centre, [finding], office.now())[finding][0]

    assert mark_of() == "new"
    reads.see(office, centre, [finding, 999])
    assert mark_of() == ""
    perform(office, centre, finding, "confirm")
    assert mark_of() == "changed"
    reads.see(office, centre, [finding])
    reads.see(office, centre, [finding])
    assert mark_of() == ""
    reads.see(office, ANONYMOUS, [finding])  # nobody remembers nothing


def test_what_nobody_opened_for_days_is_not_new(office: Office) -> None:
    two_patches(office)
    centre, finding = account(office, "supervisor"), _report(office)
    with office.database.write() as session:
        session.execute(
            update(Finding).values(reported_at=office.now() - reads.NEW_FOR - timedelta(minutes=1))
        )
    with office.database.read() as session:
        assert reads.marks(session, centre, [finding], office.now())[finding][0] == ""


def test_the_list_marks_rows_for_those_who_are_signed_in(office: Office) -> None:
    two_patches(office)
    centre, finding = account(office, "supervisor"), _report(office)
    assert [row.get("mark") for row in findings_page(office, centre, {}).rows] == ["new"]
    assert [row.get("mark") for row in findings_page(office, Actor(role="leader", key_id=1), {}).rows] == [
        None
    ]
    reads.see(office, centre, [finding])
    assert [row.get("mark") for row in findings_page(office, centre, {}).rows] == [None]
