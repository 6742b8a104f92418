"""Starting one's own city; nothing half-made where it fails."""

from pathlib import Path

import pytest
import shapely

from casework import founding
from casework.errors import Conflict, NotFound, Refused
from casework.office import Office
from db.models import Category, City
from geo.problems import UnreadableFile
from settings import Settings


@pytest.fixture
def extent(tmp_path: Path) -> Path:
    """Two polygons that share a border."""
    path = tmp_path / "extent.geojson"
    boxes = shapely.multipolygons([shapely.box(101, 36, 101.5, 37), shapely.box(101.5, 36, 102, 37)])
    features = [
        f'{{"type":"Feature","properties":{{}},"geometry":{shapely.to_geojson(box)}}}' for box in boxes.geoms
    ]
    path.write_text(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}', encoding="utf-8")
    return path


def test_a_city_starts_with_its_extent_and_the_national_categories(office: Office, extent: Path) -> None:
    made = founding.start(office, "西宁", "Xining", extent, "Asia/Shanghai")
    with office.database.read() as session:
        city = session.query(City).one()
        assert (city.name_zh, city.name_en, city.timezone, city.is_demo) == (
            "西宁",
            "Xining",
            "Asia/Shanghai",
            False,
        )
        assert city.extent.equals(shapely.box(101, 36, 102, 37))
        assert session.query(Category).count() == made.categories > 40
        children = session.query(Category).filter(Category.parent_id.is_not(None)).count()
        assert children > 30


def test_a_second_city_is_refused(office: Office, extent: Path) -> None:
    founding.start(office, "西宁", "Xining", extent, "Asia/Shanghai")
    with pytest.raises(Conflict, match="holds a city already: 西宁"):
        founding.start(office, "海东", "Haidong", extent, "Asia/Shanghai")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Asia"])
def test_a_time_zone_that_nobody_knows(sqlite_office: Office, extent: Path, zone: str) -> None:
    with pytest.raises(Refused, match="timezone"):
        founding.start(sqlite_office, "西宁", "Xining", extent, zone)


def test_an_extent_without_polygons(sqlite_office: Office, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("lon,lat\n101,36\n", encoding="utf-8")
    with pytest.raises(Refused, match="holds no polygons"):
        founding.start(sqlite_office, "西宁", "Xining", path, "Asia/Shanghai")


def test_what_fails_leaves_no_empty_database(tmp_path: Path) -> None:
    office = Office.open(Settings(instance=tmp_path / "new"))
    with pytest.raises(UnreadableFile), founding.nothing_half_made(office):
        founding.start(office, "西宁", "Xining", tmp_path / "none.geojson", "Asia/Shanghai")
    assert list((tmp_path / "new").iterdir()) == []


def test_what_was_there_before_stays_when_it_fails(
    sqlite_office: Office, extent: Path, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFile), founding.nothing_half_made(sqlite_office) as fresh:
        assert not fresh
        founding.start(sqlite_office, "西宁", "Xining", tmp_path / "none.geojson", "Asia/Shanghai")
    founding.start(sqlite_office, "西宁", "Xining", extent, "Asia/Shanghai")


def test_ready_means_newest_form_and_a_city(sqlite_office: Office, extent: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no city yet"):
        founding.require_ready(sqlite_office)
    founding.start(sqlite_office, "西宁", "Xining", extent, "Asia/Shanghai")
    founding.require_ready(sqlite_office)
    (tmp_path / "old").mkdir()
    with pytest.raises(NotFound, match="missing or older"):
        founding.require_ready(Office.open(Settings(instance=tmp_path / "old")))
