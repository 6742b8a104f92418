"""Drafts: begun, saved, shared, renamed, put away; who sees which; the map of then brought back."""

from typing import Any

import pytest
import shapely
from sqlalchemy import func, select

from casework import drafts, drafts_comments, drafts_list
from casework.areas import NewArea
from casework.areas import publish as publish_areas
from casework.drafts import StaleDraft
from casework.errors import Forbidden, NotFound, NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS
from db.models import AreaDraft, AreaDraftShape, AreaVersion, Level
from tests.factories.city import NOW
from tests.factories.drafts import SQUARES, DrawnCity, drawn_city, within_street
from tests.factories.hostile import TEXTS


def areas_of(city: DrawnCity, draft: int) -> dict[str, dict[str, Any]]:
    return {area["code"]: area for area in city.data(draft)["areas"]}


def test_what_was_drawn_is_there_when_the_browser_comes_back(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    saved = city.save(draft, 1, **within_street())
    data = city.data(draft)
    assert data["draft"]["revision"] == saved.revision == 2
    assert data["draft"]["updated_by"] == ["sup", "sup"]
    assert [level["code"] for level in data["levels"]] == ["street", "patch"]
    assert [level["editable"] for level in data["levels"]] == [False, True]
    changed = {code: area for code, area in areas_of(city, draft).items() if area["changed"]}
    assert set(changed) == {"P1", "P2"}
    for code, area in changed.items():
        assert shapely.equals(_shape(area["geometry"]), within_street()[code])
        assert shapely.equals(_shape(area["was"]), SQUARES[code])
    assert "was" not in areas_of(city, draft)["P3"]


def test_only_what_differs_is_kept(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    city.save(draft, 1, **within_street())
    city.save(draft, 2, P1=SQUARES["P1"], P2=within_street()["P2"])
    with office.database.read() as session:
        rows = session.scalars(select(AreaDraftShape)).all()
    assert [row.code for row in rows] == ["P2"]
    drafts.save_shapes(office, city.supervisor, draft, 3, [{"key": city.key("P2"), "geometry": None}])
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AreaDraftShape)) == 0


def test_who_saves_on_top_of_another_is_told_who_and_when(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    drafts.share(office, city.supervisor, draft, on=True)
    city.save(draft, 2, city.second, P1=within_street()["P1"])
    with pytest.raises(StaleDraft) as stale:
        city.save(draft, 2, P2=within_street()["P2"])
    assert (stale.value.who, stale.value.when, stale.value.revision) == (["second", "second"], NOW, 3)
    assert not areas_of(city, draft)["P2"]["changed"]


def test_a_new_area_gets_a_code_a_name_and_the_parent_that_holds_it(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    half = shapely.box(101.02, 36.53, 101.04, 36.54)
    city.save(draft, 1, P4=shapely.box(101.02, 36.52, 101.04, 36.53), n1=half)
    new = areas_of(city, draft)["P5"]
    assert (new["key"], new["was"], new["parent"]) == ("n1", None, city.key("S2"))
    assert (new["name_zh"], new["name_en"]) == ("新片区 1", "New patch 1")
    changes = [{"key": "n1", "name_zh": "北片", "name_en": "North", "code": "N1"}]
    drafts.save_shapes(office, city.supervisor, draft, 2, changes)
    renamed = areas_of(city, draft)["N1"]
    assert (renamed["name_zh"], renamed["name_en"]) == ("北片", "North")
    assert shapely.equals(_shape(renamed["geometry"]), half)
    drafts.save_shapes(office, city.supervisor, draft, 3, [{"key": "n1", "geometry": None}])
    assert "N1" not in areas_of(city, draft)


def test_an_area_that_the_draft_removes_is_marked_and_can_come_back(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    city.save(draft, 1, P3=None)
    assert areas_of(city, draft)["P3"]["removed"] is True
    drafts.save_shapes(office, city.supervisor, draft, 2, [{"key": city.key("P3"), "removed": False}])
    assert areas_of(city, draft)["P3"]["changed"] is False


def test_a_draft_is_its_owners_until_it_is_shared(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    for other in (city.second, city.leader, city.inspector):
        with pytest.raises(NotFound):
            city.data(draft, other)
    drafts.share(office, city.supervisor, draft, on=True)
    assert city.data(draft, city.second)["draft"]["may_edit"] is True
    for looker in (city.leader, city.inspector):
        seen = city.data(draft, looker)["draft"]
        assert (seen["may_edit"], seen["may_publish"], seen["mine"]) == (False, False, False)
        with pytest.raises(Forbidden):
            city.save(draft, 2, looker, P1=SQUARES["P1"])
    with pytest.raises(Forbidden):
        city.data(draft, city.handler)
    with pytest.raises(NotSignedIn):
        city.data(draft, ANONYMOUS)
    drafts.share(office, city.supervisor, draft, on=False)
    with pytest.raises(NotFound):
        city.data(draft, city.leader)


def test_only_who_began_it_shares_or_discards_it(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    drafts.share(office, city.supervisor, draft, on=True)
    with pytest.raises(Forbidden):
        drafts.share(office, city.second, draft, on=False)
    with pytest.raises(Forbidden):
        drafts.discard(office, city.second, draft, 2)
    drafts.discard(office, city.supervisor, draft, 2)
    with pytest.raises(Refused):
        city.save(draft, 3, P1=SQUARES["P1"])
    with pytest.raises(NotFound):
        city.data(draft, city.leader)


def test_the_list_tells_mine_from_shared_and_published(office: Office) -> None:
    city = drawn_city(office)
    mine, theirs = city.draft(title="Mine"), city.draft(actor=city.second, title="Theirs")
    hidden = city.draft(actor=city.second, title="Hidden")
    drafts.share(office, city.second, theirs, on=True)
    drafts_comments.comment(office, city.leader, theirs, {"text": "Why?"})
    city.save(mine, 1, **within_street())
    page = drafts_list.drafts_page(office, city.supervisor)
    assert [(one.id, one.areas, one.is_mine) for one in page.mine] == [(mine, 2, True)]
    assert [(one.id, one.comments, one.created_by) for one in page.shared] == [
        (theirs, 1, ["second", "second"])
    ]
    assert page.published == []
    assert [level["code"] for level in page.levels] == ["district", "street", "patch"]
    city.publish(mine, 2)
    page = drafts_list.drafts_page(office, city.supervisor)
    assert ([one.id for one in page.mine], [one.id for one in page.published]) == ([], [mine])
    looker = drafts_list.drafts_page(office, city.leader)
    assert (looker.may_draw, looker.mine, [one.id for one in looker.shared]) == (False, [], [theirs])
    assert hidden not in {one.id for one in (*looker.mine, *looker.shared, *looker.published)}


def test_unknown_levels_are_refused(office: Office) -> None:
    city = drawn_city(office)
    for levels in ([], "patch", None, ["moon"], [3], {"patch": 1}):
        with pytest.raises(Refused):
            drafts.create(office, city.supervisor, levels)
    for actor in (city.leader, city.inspector, city.handler):
        with pytest.raises(Forbidden):
            drafts.create(office, actor, ["patch"])


def test_carrying_on_opens_the_draft_of_the_same_levels(office: Office) -> None:
    city = drawn_city(office)
    first = city.draft()
    assert drafts.create(office, city.supervisor, ["patch"], carry_on=True) == first
    assert drafts.create(office, city.supervisor, ["patch", "street"], carry_on=True) != first
    assert drafts.create(office, city.second, ["patch"], carry_on=True) != first


def test_the_map_of_then_is_laid_into_a_draft_and_published_again(office: Office) -> None:
    city = drawn_city(office)
    with office.database.read() as session:
        then = session.scalars(select(AreaVersion.id).order_by(AreaVersion.id)).all()
    draft = city.draft()
    whole = shapely.union(SQUARES["P3"], SQUARES["P4"])
    revision = city.save(draft, 1, P3=whole, P4=None, **within_street()).revision
    city.publish(draft, revision)
    finding = city.report(101.03, 36.53)
    assert city.patch_of(finding) == "P3"
    back = drafts.create_from_versions(office, city.supervisor, then, ["patch"], "Back", restores_id=1)
    assert {code for code, area in areas_of(city, back).items() if area["changed"]} == {
        "P1",
        "P2",
        "P3",
        "P4",
    }
    done = city.publish(back, 1)
    assert (done.opened, done.changed, done.findings_moved) == (("P4",), ("P1", "P2", "P3"), 1)
    assert city.patch_of(finding) == "P4"
    assert city.data(back)["publications"][0]["kind"] == "restore"
    for code, shape in SQUARES.items():
        assert shapely.equals(_shape(areas_of(city, back)[code]["geometry"]), shape)


def test_a_map_of_then_without_an_area_of_today_removes_it(office: Office) -> None:
    city = drawn_city(office)
    with office.database.read() as session:
        then = session.scalars(select(AreaVersion.id).order_by(AreaVersion.id)).all()
    with office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        island = NewArea("P9", "岛", "Island", shapely.box(101.03, 36.53, 101.035, 36.535), parent_code="S2")
        publish_areas(session, level, [island], NOW, near_m=5)
    back = drafts.create_from_versions(office, city.supervisor, then, ["patch"])
    assert areas_of(city, back)["P9"]["removed"] is True


@pytest.mark.parametrize("words", TEXTS)
def test_titles_notes_and_comments_are_kept_as_they_were_written(sqlite_office: Office, words: str) -> None:
    city = drawn_city(sqlite_office)
    draft = city.draft(title=words[:200])
    drafts.rename(sqlite_office, city.supervisor, draft, 1, words[:200], words[:500])
    said = drafts_comments.comment(sqlite_office, city.supervisor, draft, {"text": words})
    facts = city.data(draft)["draft"]
    assert (facts["title"], facts["note"], said[0]["text"]) == (
        words[:200].strip(), words[:500].strip(), words.strip(),
    )  # fmt: skip


def test_comments_with_a_place_are_resolved_by_who_may(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    with pytest.raises(NotFound):
        drafts_comments.comment(office, city.leader, draft, {"text": "Hello"})
    drafts.share(office, city.supervisor, draft, on=True)
    [one] = drafts_comments.comment(
        office, city.leader, draft, {"text": "Here?", "lon": 101.01, "lat": 36.51}
    )
    assert (one["place"], one["resolved_at"], one["may_resolve"]) == ([101.01, 36.51], None, True)
    with pytest.raises(Forbidden):
        drafts_comments.resolve(office, city.inspector, draft, one["id"], done=True)
    [done] = drafts_comments.resolve(office, city.supervisor, draft, one["id"], done=True)
    assert done["resolved_at"] is not None
    [again] = drafts_comments.resolve(office, city.leader, draft, one["id"], done=False)
    assert again["resolved_at"] is None
    for words in ({}, {"text": " "}, {"text": "x" * 3000}, {"text": 3}, {"text": "x", "lon": 500, "lat": 3}):
        with pytest.raises(Refused):
            drafts_comments.comment(office, city.leader, draft, words)
    other = city.draft()
    for draft_id, comment_id in ((other, one["id"]), (draft, 999), (draft, 2**60)):
        with pytest.raises(NotFound):
            drafts_comments.resolve(office, city.supervisor, draft_id, comment_id, done=True)


def test_a_number_that_no_draft_has_is_not_found(office: Office) -> None:
    city = drawn_city(office)
    for draft_id in (0, 99, -1, 2**31, 2**63, 10**30):
        with pytest.raises(NotFound):
            city.data(draft_id)


def test_too_many_open_drafts_are_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    city = drawn_city(office)
    monkeypatch.setattr(drafts, "MOST_OPEN", 2)
    city.draft(), city.draft()
    with pytest.raises(Refused, match="2 open drafts"):
        city.draft()
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AreaDraft)) == 2


def _shape(geometry: dict[str, Any]) -> Any:
    return shapely.geometry.shape(geometry)
