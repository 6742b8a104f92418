"""One index a level and process: spliced by a publication, and never behind another process's."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from casework import areas, coverage
from casework.areas import NewArea
from casework.coverage import Coverage, coverages, every_coverage, redrawn
from casework.office import Office
from db.models import Level
from geo.assignment import AreaIndex
from settings import ROOT
from tests.factories.city import NOW
from tests.factories.drafts import SQUARES, DrawnCity, drawn_city, moved_border
from tests.factories.offices import office_at

PUBLISH = """
import sys, shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from casework import areas
from db.models import Level
from db.session import Database
from tests.factories.city import NOW
from tests.factories.drafts import moved_border

database = Database(sys.argv[1])
with database.write() as session:
    level = session.scalars(select(Level).where(Level.code == "patch")).one()
    new = [areas.NewArea(code, code, code, shape, parent_code={"P1": "S1", "P3": "S2"}[code])
           for code, shape in moved_border().items()]
    areas.publish(session, level, new, NOW, near_m=5)
database.close()
"""


def patches(office: Office) -> Coverage:
    with office.database.read() as session:
        return coverages(session)[-1]


def publish(city: DrawnCity, **shapes: BaseGeometry) -> None:
    with city.office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        new = [NewArea(code, code, code, shape, parent_code="S1") for code, shape in shapes.items()]
        areas.publish(session, level, new, NOW, near_m=5)


def same(one: Coverage, other: Coverage) -> bool:
    """Whether two states of a level say the same of themselves and of any place."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(100.99, 101.05, 2000), rng.uniform(36.49, 36.55, 2000)
    there, here = one.index.describe(lon, lat), other.index.describe(lon, lat)
    return (
        [(a.id, a.version_id, a.code, a.name_zh, a.parent_id, a.rank) for a in one.areas]
        == [(a.id, a.version_id, a.code, a.name_zh, a.parent_id, a.rank) for a in other.areas]
        and all(shapely.equals(a.geometry, b.geometry) for a, b in zip(one.areas, other.areas, strict=True))
        and one.version == other.version
        and (there.position == here.position).all()
        and (there.near_border == here.near_border).all()
    )


def fresh(office: Office) -> Coverage:
    """The level as a process that knows nothing yet reads it."""
    coverage._cache.clear()
    return patches(office)


def test_asked_again_it_is_the_same_index(office: Office) -> None:
    drawn_city(office)
    assert patches(office) is patches(office)


def test_what_a_publication_leaves_in_memory_is_what_is_stored(office: Office) -> None:
    city = drawn_city(office)
    patches(office)
    publish(city, **moved_border())
    kept = patches(office)
    assert kept is patches(office)
    assert same(kept, fresh(office))


def test_a_publication_that_is_rolled_back_leaves_nothing(office: Office) -> None:
    city = drawn_city(office)
    before = patches(office)
    with pytest.raises(ZeroDivisionError), office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        new = NewArea("P1", "P1", "P1", moved_border()["P1"], parent_code="S1")
        areas.publish(session, level, [new], NOW, near_m=5)
        assert coverages(session)[-1].areas[0].name_zh == "P1"
        raise ZeroDivisionError
    assert patches(office) is before
    assert city.report(101.0215, 36.503)


def test_only_redrawn_areas_are_spliced(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where areas only change their shape nothing is built anew, not even by the process that only hears of it."""
    city = drawn_city(sqlite_office)
    before = patches(sqlite_office)
    publish(city, P1=moved_border()["P1"])
    coverage._cache.update({(sqlite_office.database.url, before.level_id): before})
    with monkeypatch.context() as patched:
        patched.setattr(AreaIndex, "build", _never)
        again = patches(sqlite_office)
    assert again.version == before.version + 1
    assert [a.geometry is b.geometry for a, b in zip(again.areas, before.areas, strict=True)] == [
        False, True, True, True,
    ]  # fmt: skip
    assert same(again, fresh(sqlite_office))


def _never(*_: object, **__: object) -> None:
    raise AssertionError("an index was built anew")


def test_another_process_publishes_and_the_next_answer_knows(office: Office, tmp_path: Path) -> None:
    city = drawn_city(office)
    assert city.patch_of(city.report(101.0215, 36.503)) == "P3"
    before = patches(office)
    url = office.database.engine.url.render_as_string(hide_password=False)
    script = tmp_path / "publish.py"
    script.write_text(PUBLISH)
    done = subprocess.run(
        [sys.executable, str(script), url], cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert city.patch_of(city.report(101.0216, 36.503)) == "P1"
    assert patches(office).version == before.version + 1


def test_two_databases_are_kept_apart(sqlite_office: Office, tmp_path: Path) -> None:
    drawn_city(sqlite_office)
    (tmp_path / "other").mkdir()
    with office_at(tmp_path / "other") as other:
        city = drawn_city(other)
        publish(city, P1=moved_border()["P1"])
        assert patches(other).version == 2
        assert patches(sqlite_office).version == 1


def test_a_level_without_areas_is_there_for_who_asks_for_all(office: Office) -> None:
    drawn_city(office)
    with office.database.write() as session:
        areas.ensure_level(session, "grid", "网格", "Grid")
    with office.database.read() as session:
        assert [one.level_code for one in every_coverage(session)] == ["district", "street", "patch", "grid"]
        assert [one.level_code for one in coverages(session)] == ["district", "street", "patch"]


def test_the_order_of_codes_does_not_depend_on_the_database(office: Office) -> None:
    """Where two areas cover a place the lower code wins: capital letters before small ones, everywhere."""
    city = drawn_city(office)
    publish(city, a1=SQUARES["P1"], B1=SQUARES["P1"])
    assert [area.code for area in patches(office).areas] == ["B1", "P1", "P2", "P3", "P4", "a1"]
    assert city.patch_of(city.report(101.005, 36.505)) == "B1"


def test_areas_that_come_and_go_get_an_index_of_their_own(office: Office) -> None:
    drawn_city(office)
    before = patches(office)
    after = redrawn(before, [], {before.areas[0].id})
    assert [area.code for area in after.areas] == ["P2", "P3", "P4"]
    assert after.index.locate(np.array([101.005]), np.array([36.505])).tolist() == [-1]
    assert before.index.locate(np.array([101.005]), np.array([36.505])).tolist() == [0]
