"""What the database itself refuses, whatever the code above it does."""

from typing import Any

import pytest
import shapely
from sqlalchemy.exc import IntegrityError

from casework.office import Office
from db.models import AreaVersion, Assignment, Base, Finding, HistoryEntry, Level, User
from tests.factories.city import NOW, two_patches


def _finding(**changes: Any) -> Finding:
    values = {"number": "2026-0001", "category_id": 1, "status": "reported", "lon": 1.0, "lat": 1.0,
              "reported_at": NOW, "external_id": "7", "source": "import"}  # fmt: skip
    return Finding(**{**values, **changes})


REFUSED: dict[str, list[Base]] = {
    "unknown status": [_finding(status="lost")],
    "unknown category": [_finding(category_id=999)],
    "number used twice": [_finding(), _finding(external_id="8")],
    "the same external id twice": [_finding(), _finding(number="2026-0002")],
    "unknown role": [User(username="a", password_hash="x", role="king", created_at=NOW)],
    "user name twice": [User(username="a", password_hash="x", role="leader", created_at=NOW) for _ in "12"],
    "level position twice": [Level(code=c, name_zh=c, name_en=c, position=9) for c in "xy"],
    "two current versions of an area": [
        AreaVersion(area_id=1, name_zh="a", name_en="a", geometry=shapely.box(0, 0, 1, 1), minx=0, miny=0, maxx=1,
                    maxy=1, valid_from=NOW)
    ],
    "a version that ends before it begins": [
        AreaVersion(area_id=1, name_zh="a", name_en="a", geometry=shapely.box(0, 0, 1, 1), minx=0, miny=0, maxx=1,
                    maxy=1, valid_from=NOW, valid_to=NOW.replace(year=2020))
    ],
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_the_database_refuses(office: Office, why: str) -> None:
    two_patches(office)
    rows = REFUSED[why]
    with pytest.raises(IntegrityError), office.database.write() as session:
        for row in rows:
            session.add(type(row)(**{k: v for k, v in vars(row).items() if not k.startswith("_")}))
            session.flush()


def test_a_finding_has_one_current_assignment_a_level(office: Office) -> None:
    two_patches(office)
    with pytest.raises(IntegrityError), office.database.write() as session:
        session.add(_finding())
        session.flush()
        for _ in "12":
            session.add(
                Assignment(finding_id=1, level_id=2, coverage_version=1, kind="inside", valid_from=NOW)
            )
        session.flush()


def test_a_history_step_has_one_number(office: Office) -> None:
    two_patches(office)
    with pytest.raises(IntegrityError), office.database.write() as session:
        session.add(_finding())
        session.flush()
        for _ in "12":
            session.add(HistoryEntry(finding_id=1, seq=1, act="report", at=NOW, prev_hash="", hash=""))
        session.flush()
