"""Importing areas: a dry run tells what the commit does, every problem is named by its feature."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from casework.area_features import AreaFields
from casework.errors import Refused
from casework.import_areas import AreaImport, AreaReport, import_areas
from casework.import_findings import FindingImport, import_findings
from casework.office import Office
from db.models import Area, AreaVersion, Finding, Level
from tests.factories.city import EAST, WEST, two_patches

NORTH_WEST = shapely.box(101.0, 36.5, 101.5, 37.0)
GUESSED = AreaFields()
SOUTH = shapely.box(101.0, 36.0, 102.0, 36.5)


def geojson(folder: Path, *features: tuple[dict[str, Any], BaseGeometry | None]) -> Path:
    """A GeoJSON file of these features."""
    path = folder / "areas.geojson"
    listed = [
        {
            "type": "Feature",
            "properties": p,
            "geometry": None if g is None else json.loads(shapely.to_geojson(g)),
        }
        for p, g in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}), encoding="utf-8")
    return path


def run(
    office: Office, path: Path, level: str = "grid", fields: AreaFields = GUESSED, *, commit: bool = True
) -> AreaReport:
    """Import a file as one level."""
    return import_areas(office, AreaImport(path, level, fields), commit=commit)


def counted(report: AreaReport) -> tuple[int, int, int, int]:
    """New, changed, unchanged, left out."""
    done = report.publication
    return len(done.opened), len(done.changed), len(done.unchanged), report.features - report.kept


def test_a_new_level_that_nests_gets_its_parents(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = geojson(tmp_path, ({"code": "1", "name": "一"}, NORTH_WEST), ({"code": "2", "name": "二"}, EAST))
    dry = run(office, path, commit=False)
    report = run(office, path)
    assert counted(dry) == counted(report) == (2, 0, 0, 0)
    assert (report.level_is_new, report.above, report.nests) == (True, "patch", True)
    assert report.fields == AreaFields("code", "name", None, None, ("code", "name"))
    with office.database.read() as session:
        level = session.query(Level).filter_by(code="grid").one()
        assert (level.position, level.name_zh, level.name_en) == (2, "网格", "Grid cell")
        assert session.get_one(Level, level.parent_id).code == "patch"
        versions = (
            session.query(AreaVersion)
            .join(Area, AreaVersion.area_id == Area.id)
            .filter(Area.level_id == level.id)
        )
        parents = {one.area.code: session.get_one(Area, one.parent_area_id).code for one in versions}
        assert parents == {"1": "A", "2": "B"}


def test_a_dry_run_writes_nothing_and_is_forgotten(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    run(office, geojson(tmp_path, ({"code": "1"}, WEST)), commit=False)
    run(office, geojson(tmp_path, ({"code": "1"}, EAST)), commit=True)
    table = tmp_path / "one.csv"
    table.write_text("id,lon,lat,category\n1,101.7,36.5,0102\n", encoding="utf-8")
    import_findings(office, FindingImport(table), commit=True)
    with office.database.read() as session:
        assert session.get_one(Area, session.query(Finding).one().area_id).code == "1"


def test_a_level_that_does_not_nest_says_so(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    report = run(office, geojson(tmp_path, ({"code": "1"}, NORTH_WEST), ({"code": "2"}, SOUTH)))
    assert (report.nests, report.nested, report.above) == (False, 1, "patch")
    with office.database.read() as session:
        assert session.query(Level).filter_by(code="grid").one().parent_id is None


def test_the_same_file_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = geojson(tmp_path, ({"code": "1"}, WEST), ({"code": "2"}, EAST))
    run(office, path)
    assert counted(run(office, path)) == (0, 0, 2, 0)
    with office.database.read() as session:
        assert session.query(Level).filter_by(code="grid").one().coverage_version == 1


def test_a_redrawn_area_moves_open_findings(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    table = tmp_path / "findings.csv"
    table.write_text("id,lon,lat,category\n1,101.4,36.5,0102\n", encoding="utf-8")
    import_findings(office, FindingImport(table), commit=True)
    path = geojson(
        tmp_path,
        ({"code": "A", "name": "西片", "en": "West"}, shapely.box(101.0, 36.0, 101.3, 37.0)),
        ({"code": "B", "name": "东片", "en": "East"}, shapely.box(101.3, 36.0, 102.0, 37.0)),
    )
    dry = run(office, path, "patch", commit=False)
    report = run(office, path, "patch")
    assert counted(report) == (0, 2, 0, 0)
    assert dry.publication.findings_moved == report.publication.findings_moved == 1
    with office.database.read() as session:
        assert session.get_one(Area, session.query(Finding).one().area_id).code == "B"


def test_problems_are_named_by_feature(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = geojson(
        tmp_path,
        ({"code": "1", "name": "一"}, NORTH_WEST),
        ({"code": "1", "name": "又"}, EAST),
        ({"code": "", "name": "无"}, EAST),
        ({"code": "4", "name": "点"}, shapely.Point(101.2, 36.2)),
        ({"code": "5", "name": "远"}, shapely.box(120, 30, 121, 31)),
        ({"code": "6", "name": "空"}, None),
        ({"code": "7", "name": ""}, SOUTH),
        ({"code": "8", "name": "叠"}, shapely.box(101.4, 36.0, 101.6, 36.6)),
    )
    report = run(office, path, fields=AreaFields("code", "name"))
    assert counted(report) == (3, 0, 0, 5)
    said = {(note.feature, note.text.partition(":")[0], note.left_out) for note in report.notes}
    assert (2, "the code 1 stands at feature 1 already", True) in said
    assert (3, "the field code, which holds the code, is empty", True) in said
    assert (4, "a Point is no area", True) in said
    assert (5, "5 lies outside the city", True) in said
    assert (7, "7 has no name", False) in said
    assert any(note.feature == 7 and note.text.startswith("7 and 8 overlap by") for note in report.notes)
    assert any("6" in note.text for note in report.notes if note.feature is None), "features without a place"


def test_nothing_usable_is_refused_and_nothing_written(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    with pytest.raises(Refused, match="None of the 1 features can be taken"):
        run(office, geojson(tmp_path, ({"code": "5"}, shapely.box(120, 30, 121, 31))))
    with office.database.read() as session:
        assert session.query(Level).filter_by(code="grid").count() == 0


def test_parents_by_their_code(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = geojson(tmp_path, ({"code": "1", "of": "B"}, WEST), ({"code": "2", "of": "X"}, EAST))
    report = run(office, path, fields=AreaFields(parent="of"))
    assert [note.feature for note in report.notes] == [2]
    with office.database.read() as session:
        versions = (
            session.query(AreaVersion)
            .join(Area, AreaVersion.area_id == Area.id)
            .filter(Area.code.in_(["1", "2"]))
        )
        parents = {one.area.code: session.get_one(Area, one.parent_area_id).code for one in versions}
        assert parents == {"1": "B", "2": "B"}


@pytest.mark.parametrize(
    ("features", "fields", "reason"),
    [
        ([({"code": "1"}, WEST)], AreaFields("id"), "--code id: there is no such field. Fields: code"),
        ([({"name": "x"}, WEST), ({"name": "x"}, EAST)], GUESSED, "say which one is the code"),
    ],
)
def test_fields_that_are_not_there(
    sqlite_office: Office,
    tmp_path: Path,
    features: list[tuple[dict[str, Any], BaseGeometry]],
    fields: AreaFields,
    reason: str,
) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused, match=reason):
        run(sqlite_office, geojson(tmp_path, *features), fields=fields)


def test_a_level_needs_a_plain_code(sqlite_office: Office, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no code"):
        run(sqlite_office, geojson(tmp_path, ({"code": "1"}, WEST)), "a b")


def test_a_file_elsewhere_says_how_far_and_where(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    far = geojson(tmp_path, ({"code": "1"}, shapely.box(-74, 40, -73.9, 40.1)))
    with pytest.raises(
        Refused,
        match=r"None of the 1 features can be taken: they lie 1\d,\d{3} km from the city.*40\.0. N, 7",
    ):
        run(sqlite_office, far)


def test_a_shred_of_an_area_in_the_city_does_not_make_it_the_citys(
    sqlite_office: Office, tmp_path: Path
) -> None:
    two_patches(sqlite_office)
    shred = shapely.box(101.999, 36, 103, 37)
    report = run(
        sqlite_office, geojson(tmp_path, ({"code": "1"}, EAST), ({"code": "2"}, shred)), commit=False
    )
    assert counted(report) == (1, 0, 0, 1)


def test_areas_that_the_file_lacks_end_when_that_is_wanted(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    path = geojson(tmp_path, ({"code": "A", "name": "西片"}, WEST))
    assert run(sqlite_office, path, "patch", commit=False).absent == ("B",)
    report = import_areas(sqlite_office, AreaImport(path, "patch", ended=True), commit=True)
    assert (report.publication.ended, report.publication.unchanged) == (("B",), ("A",))


def test_a_file_without_english_names_takes_none_away(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    path = geojson(tmp_path, ({"code": "A", "name": "西片"}, WEST), ({"code": "B", "name": "东区"}, EAST))
    report = run(sqlite_office, path, "patch")
    assert (report.publication.unchanged, report.publication.changed) == (("A",), ("B",))
