"""Publishing a draft, and bringing one up to date with a map that moved on."""

from typing import Any

import pytest
import shapely
from sqlalchemy import func, select

from casework import drafts
from casework.areas import NewArea
from casework.areas import publish as publish_areas
from casework.coverage import coverages
from casework.drafts_publish import Blocked, MapMoved, publish, rebase
from casework.errors import Forbidden, Refused
from casework.office import Office
from db.models import AreaDraft, AreaVersion, Level, Publication
from tests.casework.test_drafts_check import GAP
from tests.factories.city import NOW
from tests.factories.drafts import (
    EAST,
    HALF,
    MIDDLE,
    NORTH,
    SOUTH,
    SQUARES,
    STREETS,
    WEST,
    DrawnCity,
    drawn_city,
    within_street,
)  # fmt: skip


def drawn(city: DrawnCity, **shapes: Any) -> tuple[int, int]:
    draft = city.draft()
    return draft, city.save(draft, 1, **shapes).revision


def somebody_else(city: DrawnCity, code: str, shape: Any, **more: Any) -> None:
    """Another publication of one patch."""
    with city.office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        new = NewArea(code, f"片{code}", f"Patch {code}", shape, parent_code="S1")
        publish_areas(session, level, [new], NOW, near_m=5, user_id=city.second.user_id, **more)


def test_a_published_draft_is_done_and_on_record(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = drawn(city, **within_street())
    done = publish(office, city.supervisor, draft, revision, "The market moved")
    facts = city.data(draft)["draft"]
    assert (facts["status"], facts["publication"], facts["may_edit"]) == ("published", done.id, False)
    with office.database.read() as session:
        row = session.get_one(Publication, done.id)
    assert (row.kind, row.draft_id, row.note, row.user_id) == (
        "draft", draft, "The market moved", city.supervisor.user_id,
    )  # fmt: skip
    with pytest.raises(Refused):
        city.save(draft, facts["revision"], P1=SQUARES["P1"])
    with pytest.raises(Refused):
        publish(office, city.supervisor, draft, facts["revision"], "again")


def test_a_problem_stands_in_the_way_and_nothing_is_written(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = drawn(city, P1=GAP)
    with pytest.raises(Blocked) as blocked:
        city.publish(draft, revision)
    assert blocked.value.count == 1
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AreaVersion)) == 7
        assert session.get_one(AreaDraft, draft).status == "open"


def test_a_reason_is_asked_for_and_something_that_differs(office: Office) -> None:
    city = drawn_city(office)
    nameless = drafts.create(office, city.supervisor, ["patch"])
    city.save(nameless, 1, **within_street())
    with pytest.raises(Refused, match="note"):
        publish(office, city.supervisor, nameless, 2, "  ")
    with pytest.raises(Refused, match="differ"):
        city.publish(city.draft(), 1)
    for wrong in (None, "2", 2.0, True):
        with pytest.raises(Refused):
            publish(office, city.supervisor, nameless, wrong, "why")


def test_only_who_may_publishes(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = drawn(city, **within_street())
    drafts.share(office, city.supervisor, draft, on=True)
    for actor in (city.leader, city.inspector, city.handler):
        with pytest.raises(Forbidden):
            publish(office, actor, draft, revision + 1, "why")
    assert city.publish(draft, revision + 1, city.second).id is not None


def test_several_levels_and_their_children_are_published_together(office: Office) -> None:
    """Two sub-districts become one: the patches of the one that ends go to the other, though nobody drew them."""
    city = drawn_city(office)
    draft = city.draft("street")
    revision = city.save(draft, 1, S1=shapely.union(STREETS["S1"], STREETS["S2"]), S2=None).revision
    done = city.publish(draft, revision)
    assert (set(done.changed), done.ended) == ({"S1", "P3", "P4"}, ("S2",))
    with office.database.read() as session:
        _district, street, patch = coverages(session)
    assert {area.parent_id for area in patch.areas} == {street.areas[0].id}
    assert [area.code for area in street.areas] == ["S1"]


def test_a_new_sub_district_with_new_patches_finds_its_own_ids(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft("street", "patch")
    north = shapely.box(MIDDLE, HALF, EAST, NORTH)
    west = shapely.Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (MIDDLE, NORTH), (WEST, NORTH)])
    changes = [
        city.change("S2", shapely.box(MIDDLE, SOUTH, EAST, HALF)),
        city.change("S1", west),
        {**city.change("n1", north), "level": "street", "code": "S3", "parent": city.key("D")},
        {**city.change("n2", north), "level": "patch", "code": "P9", "parent": "n1"},
        city.change("P4", None),
    ]  # fmt: skip
    revision = drafts.save_shapes(office, city.supervisor, draft, 1, changes).revision
    done = city.publish(draft, revision)
    assert (set(done.opened), done.ended) == ({"S3", "P9"}, ("P4",))
    with office.database.read() as session:
        _district, street, patch = coverages(session)
    ids = {area.code: area.id for area in street.areas}
    assert {area.code: area.parent_id for area in patch.areas}["P9"] == ids["S3"]


def test_a_map_that_moved_on_is_told_with_who_and_when(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = drawn(city, **within_street())
    somebody_else(city, "P3", shapely.box(MIDDLE, SOUTH, EAST, HALF).buffer(0))
    with office.database.read() as session:
        moved = session.scalars(select(Level.coverage_version).where(Level.code == "patch")).one()
    assert moved == 2
    assert city.data(draft)["draft"]["stale"] is True
    with pytest.raises(MapMoved) as error:
        city.publish(draft, revision)
    assert (error.value.who, error.value.when) == (["second", "second"], NOW)
    done = rebase(office, city.supervisor, draft, revision)
    assert (done.clashes, done.dropped) == ([], [])
    assert city.data(draft)["draft"]["stale"] is False
    assert city.publish(draft, done.saved.revision).changed == ("P1", "P2")


def test_areas_that_both_changed_wait_for_a_choice(office: Office) -> None:
    city = drawn_city(office)
    theirs = within_street(36.522)["P1"]
    draft, revision = drawn(city, **within_street())
    somebody_else(city, "P1", theirs, note="quicker")
    first = rebase(office, city.supervisor, draft, revision)
    [clash] = first.clashes
    assert (clash.key, clash.who, clash.when) == (city.key("P1"), ["second", "second"], NOW)
    assert clash.theirs is not None
    assert clash.mine is not None
    assert shapely.equals(clash.theirs, theirs)
    assert shapely.equals(clash.mine, within_street()["P1"])
    assert city.data(draft)["draft"]["stale"] is True
    kept = rebase(office, city.supervisor, draft, first.saved.revision, mine=[clash.key])
    assert kept.clashes == []
    assert city.publish(draft, kept.saved.revision).changed == ("P1", "P2")


def test_taking_theirs_drops_what_was_drawn(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = drawn(city, **within_street())
    somebody_else(city, "P1", within_street()["P1"])
    somebody_else(city, "P2", within_street(36.523)["P2"])
    done = rebase(office, city.supervisor, draft, revision, theirs=[city.key("P2")])
    assert (done.clashes, done.dropped) == ([], [city.key("P1"), city.key("P2")]), "P1 is the same in both"
    assert not any(area["changed"] for area in city.data(draft)["areas"])


def test_an_area_that_ended_meanwhile_comes_back_only_when_asked_for(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = drawn(city, **within_street())
    with office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        whole = NewArea("P1", "片P1", "Patch P1", STREETS["S1"], parent_code="S1")
        publish_areas(session, level, [whole], NOW, near_m=5, ended=["P2"], user_id=city.second.user_id)
    first = rebase(office, city.supervisor, draft, revision)
    by_key = {clash.key: clash for clash in first.clashes}
    assert set(by_key) == {city.key("P1"), city.key("P2")}
    assert by_key[city.key("P2")].theirs is None
    done = rebase(office, city.supervisor, draft, first.saved.revision, mine=list(by_key))
    assert done.clashes == []
    published = city.publish(draft, done.saved.revision)
    assert (published.opened, published.changed) == (("P2",), ("P1",))
