"""All findings under the list's filters: the same ones in the same order as the pages, as far as they fit."""

import pytest
from sqlalchemy import update

from casework.errors import NotSignedIn, Refused
from casework.findings import report
from casework.findings_list import findings_page
from casework.findings_sheet import findings_sheet
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from db.models import Finding
from tests.factories.city import two_patches


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    two_patches(sqlite_office)
    for n in range(5):
        fields = {"category": "0102", "lon": 101.2 + n * 0.1, "lat": 36.5, "description": f"said {n}"}
        report(sqlite_office, SYSTEM, fields)
    return sqlite_office


def test_it_holds_what_the_list_shows_in_its_order(office: Office) -> None:
    with office.database.write() as session:
        session.execute(
            update(Finding).where(Finding.id == 3).values(status="filed", due_at=office.now().replace(day=1))
        )
    for query in ({}, {"sort": "number"}, {"area": "A"}, {"overdue": "1"}, {"q": "said"}):
        listed, sheet = findings_page(office, SYSTEM, query), findings_sheet(office, SYSTEM, query, 100)
        assert [row["id"] for row in sheet.rows] == [row["id"] for row in listed.rows]
        assert (sheet.total, sheet.overdue) == (listed.total, listed.overdue)
    assert findings_sheet(office, SYSTEM, {"sort": "number"}, 100).rows[0]["description"] == "said 4"


def test_it_stops_where_it_is_told_and_knows_how_many_there_are(office: Office) -> None:
    sheet = findings_sheet(office, SYSTEM, {}, 2)
    assert (len(sheet.rows), sheet.total) == (2, 5)


def test_everybody_gets_their_own_only(office: Office) -> None:
    assert findings_sheet(office, Actor(role="handler", bureau_id=99), {}, 100).total == 0
    with pytest.raises(NotSignedIn):
        findings_sheet(office, ANONYMOUS, {}, 100)
    with pytest.raises(Refused):
        findings_sheet(office, SYSTEM, {"sort": "colour"}, 100)
