"""Findings and areas out, in a form that the import reads again."""

from pathlib import Path

import pandas as pd
import pytest

from casework.area_features import AreaFields
from casework.errors import Refused
from casework.exports import export_areas, export_findings
from casework.import_areas import AreaImport, import_areas
from casework.import_findings import FindingImport, import_findings
from casework.office import Office
from geo.readers import read
from tests.factories.city import two_patches


def test_findings_with_their_areas_and_times(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    table = tmp_path / "in.csv"
    table.write_text(
        "id,lon,lat,category,reported_at\n1,101.2,36.5,0102,2026-09-01 08:00\n2,99,30,0102,2026-09-01\n",
        encoding="utf-8",
    )
    import_findings(office, FindingImport(table), commit=True)
    assert export_findings(office, tmp_path / "out.csv") == 2
    rows = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False).to_dict("records")
    assert rows[0]["reported_at"] == "2026-09-01T08:00:00+08:00"
    assert (rows[0]["category"], rows[0]["area_district"], rows[0]["area_patch"], rows[0]["bureau"]) == (
        "0102",
        "D",
        "A",
        "HW",
    )
    assert (rows[1]["area_patch"], rows[1]["assignment"]) == ("", "outside")
    assert export_findings(office, tmp_path / "out.geojson") == 2
    assert len(read(tmp_path / "out.geojson").features) == 2


def test_areas_come_back_unchanged(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    path = tmp_path / "areas.geojson"
    assert export_areas(office, path) == 3
    assert export_areas(office, path, "patch") == 2
    fields = AreaFields("code", "name_zh", "name_en", "parent")
    again = import_areas(office, AreaImport(path, "patch", fields), commit=True)
    assert len(again.publication.unchanged) == 2


def test_no_such_level(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused, match="no areas of the level beat"):
        export_areas(sqlite_office, tmp_path / "areas.geojson", "beat")


def test_no_findings_is_an_empty_file(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    assert export_findings(sqlite_office, tmp_path / "out.geojson") == 0
