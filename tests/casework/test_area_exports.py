"""Areas out, in every format, system and of any day, in a form that the import takes as the very same areas."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import shapely

from casework import areas
from casework.area_exports import AreaExport, choices, export_areas, file_name
from casework.area_features import AreaFields
from casework.clock import Clock
from casework.errors import Forbidden, NotSignedIn, Refused
from casework.import_areas import AreaImport, import_areas
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM
from geo.readers import read
from tests.factories.city import EAST, WEST, two_patches

FIELDS = AreaFields("code", "name_zh", "name_en")


@pytest.mark.parametrize("target", ["wgs84", "EPSG:4490", "EPSG:4543", "EPSG:4522", "gcj02", "bd09"])
@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".zip", ".parquet"])
def test_what_went_out_comes_in_unchanged(
    sqlite_office: Office, tmp_path: Path, ending: str, target: str
) -> None:
    two_patches(sqlite_office)
    path = tmp_path / f"a{ending}"
    assert export_areas(sqlite_office, path, "patch", target=target) == 2
    assert len(import_areas(sqlite_office, AreaImport(path, "patch", FIELDS)).publication.unchanged) == 2


@pytest.mark.parametrize(
    ("ending", "fields"), [(".kml", FIELDS), (".csv", FIELDS), (".dxf", AreaFields("code", "name"))]
)
def test_formats_that_know_one_system_only(
    sqlite_office: Office, tmp_path: Path, ending: str, fields: AreaFields
) -> None:
    two_patches(sqlite_office)
    path = tmp_path / f"a{ending}"
    export_areas(sqlite_office, path, "patch")
    assert len(import_areas(sqlite_office, AreaImport(path, "patch", fields)).publication.unchanged) == 2


def test_a_drawing_in_metres_comes_back(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    export_areas(sqlite_office, tmp_path / "a.dxf", "patch", target="EPSG:4522")
    wanted = AreaImport(tmp_path / "a.dxf", "patch", AreaFields("code", "name"))
    assert len(import_areas(sqlite_office, wanted).publication.unchanged) == 2


def test_boundaries_as_they_were_on_a_day(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    later = replace(office, clock=Clock(office.now() + timedelta(days=10)))
    with later.database.write() as session:
        level = areas.ensure_level(session, "patch", "", "")
        new = [
            areas.NewArea("A", "西片", "West", shapely.box(101, 36, 101.4, 37)),
            areas.NewArea("C", "丙", "C", EAST),
        ]
        areas.publish(session, level, new, later.now(), near_m=5, ended=["B"])
    path = tmp_path / "a.geojson"
    assert export_areas(later, path, "patch", "2026-09-05") == 2
    then = read(path).features.set_index("code").geometry
    assert then["A"].equals(WEST)
    assert set(then.index) == {"A", "B"}
    export_areas(later, path, "patch", "2026-09-12")
    now = read(path).features
    assert set(now["code"]) == {"A", "C"}
    export_areas(later, path, "patch")
    assert read(path).features["code"].tolist() == now["code"].tolist()


def test_names_say_day_and_system(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    assert file_name(sqlite_office, AreaExport("patch"), ".gpkg") == "patch_2026-09-02.gpkg"
    wanted = AreaExport("", "2026-08-01", "EPSG:4543")
    assert file_name(sqlite_office, wanted, ".zip") == "areas_2026-08-01_epsg4543.zip"


def test_a_system_far_away_is_refused(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as caught:
        export_areas(sqlite_office, tmp_path / "a.geojson", target="EPSG:0")
    assert caught.value.field == "crs"
    assert list(tmp_path.glob("a.*")) == []


def test_the_page_offers_what_the_city_needs(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    offered = choices(sqlite_office, SYSTEM)
    assert [code for code, _name in offered.systems][:3] == ["wgs84", "EPSG:4490", "EPSG:4543"]
    assert [level[0] for level in offered.levels] == ["district", "patch"]
    assert offered.first_day == offered.today
    with pytest.raises((Forbidden, NotSignedIn)):
        choices(sqlite_office, ANONYMOUS)
    assert choices(sqlite_office, ANONYMOUS, public_map=True).levels == offered.levels
