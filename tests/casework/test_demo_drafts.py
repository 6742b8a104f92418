"""The demo's open draft fits the demo's map, moves somebody's findings, and is looked at by others."""

from datetime import date

import pytest

from casework import drafts_comments, drafts_fixes, drafts_publish, drafts_view
from casework.demo import load_demo
from casework.office import Office
from casework.policy import Actor
from db.models import User

AS_OF = date(2026, 9, 2)


@pytest.fixture
def demo(sqlite_office: Office) -> Office:
    load_demo(sqlite_office, AS_OF)
    return sqlite_office


def user(office: Office, name: str) -> Actor:
    with office.database.read() as session:
        row = session.query(User).filter_by(username=name).one()
    return Actor(role=row.role, user_id=row.id, username=name)


def test_the_demo_has_a_shared_draft_that_could_be_published(demo: Office) -> None:
    supervisor, leader = user(demo, "supervisor"), user(demo, "leader")
    data = drafts_view.draft_data(demo, leader, 1)
    facts = data["draft"]
    assert (facts["shared"], facts["status"], facts["stale"]) == (True, "open", False)
    assert facts["created_at"] < facts["updated_at"] < "2026-09-02"
    assert sum(area["changed"] for area in data["areas"]) == 2
    assert not any(one.blocking for one in drafts_fixes.check(demo, supervisor, 1, []))
    told = drafts_publish.preview(demo, supervisor, 1, 3)
    assert 0 < told["area_changes"] < 20  # as many as the demo happens to have there
    [comment] = drafts_comments.comments(demo, supervisor, 1)
    assert comment["place"] is not None
    assert comment["resolved_at"] is None
    done = drafts_publish.publish(demo, supervisor, 1, 3, "")
    assert done.findings_moved == told["area_changes"]
