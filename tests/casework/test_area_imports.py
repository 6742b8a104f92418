"""An import in steps: what the preview shows is what is published, and nothing else is ever written."""

import io
from pathlib import Path

import pytest
import shapely
from sqlalchemy import select

from casework import area_import_store as store
from casework import area_imports, areas
from casework.accounts import create_user
from casework.area_imports import Look, Wanted, look, read_wanted
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.policy import SYSTEM, Actor
from db.models import AreaDraft, AreaDraftShape, AreaVersion, Finding
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.map_files import NORTH, SMALLER, gbk_shapefile, two_layers


@pytest.fixture
def supervisor(office: Office) -> Actor:
    two_patches(office)
    return Actor(
        role="supervisor", user_id=create_user(office, SYSTEM, "super", "supervisor", "correct horse 9")
    )


def bring(office: Office, actor: Actor, *paths: Path) -> str:
    return store.keep(office, actor, [(io.BytesIO(path.read_bytes()), path.name) for path in paths]).token


def seen(office: Office, actor: Actor, token: str, **answers: object) -> tuple[Look, Wanted]:
    wanted = read_wanted(answers)
    return look(office, actor, token, wanted), wanted


def in_force(office: Office) -> dict[str, AreaVersion]:
    with office.database.read() as session:
        rows = session.scalars(select(AreaVersion).where(AreaVersion.valid_to.is_(None)))
        return {row.area.code: row for row in rows if row.area.level.code == "patch"}


def test_a_gbk_shapefile_becomes_the_map_in_force(office: Office, supervisor: Actor, tmp_path: Path) -> None:
    moving = report(office, INSPECTOR, {"category": "0102", "lon": 101.2, "lat": 36.95}).finding_id
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up"))
    shown, wanted = seen(office, supervisor, token)
    plan = shown.plan
    assert plan is not None
    assert (plan.level_code, plan.fields.code, plan.fields.name) == ("patch", "编号", "名称")
    assert (plan.codes("new"), plan.codes("changed"), plan.codes("unchanged")) == (("N",), ("A",), ("B",))
    before = in_force(office)
    effect = area_imports.effect(office, supervisor, token, wanted, shown.seal)
    assert {code: row.id for code, row in in_force(office).items()} == {
        code: row.id for code, row in before.items()
    }
    done = area_imports.publish(office, supervisor, token, wanted, shown.seal, "lines after the new street")
    assert (done.opened, done.changed, done.findings_moved) == (("N",), ("A",), effect.findings_moved)
    assert effect.findings_moved == 1
    after = in_force(office)
    assert after["N"].geometry.equals(NORTH)
    assert after["A"].geometry.equals(SMALLER)
    assert (after["N"].name_zh, after["A"].name_en, after["A"].published_by) == (
        "北片",
        "West",
        supervisor.user_id,
    )
    assert after["N"].note == "lines after the new street · 包片.shp"
    with office.database.read() as session:
        assert session.get_one(Finding, moving).area_id == after["N"].area_id
    with pytest.raises(NotFound):
        look(office, supervisor, token, wanted)


def test_areas_that_the_file_lacks_stay_or_end(office: Office, supervisor: Actor, tmp_path: Path) -> None:
    path = two_layers(tmp_path / "two.gpkg")
    token = bring(office, supervisor, path)
    asked, _wanted = seen(office, supervisor, token)
    assert asked.seen.refusal is not None
    assert set(asked.seen.refusal.choices) == {"片区", "old"}
    shown, wanted = seen(office, supervisor, token, layer="old", level="patch")
    assert shown.plan is not None
    assert [area.code for area in shown.plan.absent] == ["B"]
    ending, wanted = seen(office, supervisor, token, layer="old", level="patch", ended=True)
    assert ending.seal != shown.seal
    done = area_imports.publish(office, supervisor, token, wanted, ending.seal)
    assert (done.changed, done.ended) == (("A",), ("B",))
    assert set(in_force(office)) == {"A"}


def test_a_preview_that_is_out_of_date_publishes_nothing(
    office: Office, supervisor: Actor, tmp_path: Path
) -> None:
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up"))
    shown, wanted = seen(office, supervisor, token)
    with office.database.write() as session:
        level = areas.ensure_level(session, "patch", "", "")
        new = areas.NewArea("Z", "乙", "Z", shapely.box(101.9, 36, 102, 36.1))
        areas.publish(session, level, [new], office.now(), near_m=5)
    with pytest.raises(Conflict):
        area_imports.publish(office, supervisor, token, wanted, shown.seal)
    assert set(in_force(office)) == {"A", "B", "Z"}
    again, wanted = seen(office, supervisor, token)
    assert area_imports.publish(office, supervisor, token, wanted, again.seal).opened == ("N",)


def test_opened_as_a_draft_nothing_is_in_force_yet(office: Office, supervisor: Actor, tmp_path: Path) -> None:
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up"))
    shown, wanted = seen(office, supervisor, token, ended=True)
    draft_id = area_imports.open_as_draft(office, supervisor, token, wanted, shown.seal)
    assert set(in_force(office)) == {"A", "B"}
    with office.database.read() as session:
        draft = session.get_one(AreaDraft, draft_id)
        assert draft.title == "包片.shp"
        shapes = session.scalars(select(AreaDraftShape).where(AreaDraftShape.draft_id == draft_id)).all()
        assert sorted(one.code for one in shapes) == ["A", "N"]


def test_a_new_level_can_be_published_but_not_drafted(
    office: Office, supervisor: Actor, tmp_path: Path
) -> None:
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up"))
    shown, wanted = seen(office, supervisor, token, level="grid", level_zh="网格", level_en="Grid/cell")
    assert shown.plan is not None
    assert (shown.plan.level_id, shown.plan.names) == (None, ("网格", "Grid cell"))
    with pytest.raises(Refused, match="publish this one first"):
        area_imports.open_as_draft(office, supervisor, token, wanted, shown.seal)
    assert len(area_imports.publish(office, supervisor, token, wanted, shown.seal).opened) == 3


def test_metres_without_a_system_find_the_city(office: Office, supervisor: Actor, tmp_path: Path) -> None:
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up", "EPSG:4522", states_system=False))
    shown, _wanted = seen(office, supervisor, token)
    assert shown.seen.used.crs == "EPSG:4522"
    assert shown.plan is not None
    assert shown.plan.codes("unchanged") == ("B",)


def test_shifted_degrees_are_suspected_and_can_be_answered(
    office: Office, supervisor: Actor, tmp_path: Path
) -> None:
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up", "gcj02"))
    for path in (office.settings.instance / "imports" / token / "files").glob("*.prj"):
        path.unlink()  # it would say GCJ-02
    shown, _wanted = seen(office, supervisor, token)
    assert shown.better is not None
    assert shown.better.datum == "gcj02"
    mended, _wanted = seen(office, supervisor, token, datum="gcj02")
    assert mended.plan is not None
    assert mended.plan.codes("unchanged") == ("B",)


def test_a_file_elsewhere_says_where_it_lies(office: Office, supervisor: Actor, tmp_path: Path) -> None:
    far = tmp_path / "far.csv"
    far.write_text('code,wkt\n1,"POLYGON ((-74 40.7, -73.9 40.7, -73.9 40.8, -74 40.7))"\n')
    shown, _wanted = seen(office, supervisor, bring(office, supervisor, far))
    assert shown.plan is None
    assert shown.refused is not None
    assert shown.refused.field == "crs"
    assert "40.8° N, 74.0° W" in str(shown.refused)


@pytest.mark.parametrize("role", ["leader", "inspector", "handler", "archivist"])
def test_others_may_not_import(office: Office, supervisor: Actor, role: str) -> None:
    with pytest.raises(Forbidden):
        look(office, Actor(role=role, user_id=99), "x" * 24, read_wanted({}))


@pytest.mark.parametrize(
    "answers",
    [
        {"layer": 5},
        {"datum": "nad27"},
        {"swapped": "yes"},
        {"level": "x" * 65},
        {"code": ["a"]},
        {"encoding": "x" * 41},
        {"crs": {}},
    ],
)
def test_odd_answers_are_refused_by_name(answers: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        read_wanted(answers)
    assert caught.value.field in answers


@pytest.mark.parametrize(
    "answers", [{"encoding": "klingon"}, {"crs": "EPSG:0"}, {"crs": "{{ 7*7 }}"}, {"layer": "x"}]
)
def test_answers_that_fit_nothing_are_a_refusal_in_the_preview(
    office: Office, supervisor: Actor, tmp_path: Path, answers: dict[str, str]
) -> None:
    token = bring(office, supervisor, *gbk_shapefile(tmp_path / "up"))
    shown, _wanted = seen(office, supervisor, token, **answers)
    assert (shown.seen.refusal is not None) == (
        "layer" not in answers
    )  # a shapefile has one layer, whatever is asked
