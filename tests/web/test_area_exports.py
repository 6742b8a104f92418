"""Boundaries out over HTTP: every format and system, and that what is asked amiss is refused in words."""

import io
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from casework.area_exports import FORMATS
from casework.office import Office
from geo.readers import read
from settings import Settings
from tests.factories.city import EAST, two_patches


@pytest.fixture
def client(sqlite_office: Office) -> FlaskClient:
    """Anybody's browser on a public map of two patches."""
    two_patches(sqlite_office)
    settings = sqlite_office.settings
    return create_app(Settings(instance=settings.instance, now=settings.now, public_map=True)).test_client()


@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_comes_as_a_file_with_its_name(client: FlaskClient, tmp_path: Path, ending: str) -> None:
    answer = client.get(f"/areas/export/file?level=patch&format={ending}")
    assert answer.status_code == 200
    assert f'filename="patch_2026-09-02{ending}"' in answer.headers["Content-Disposition"]
    path = tmp_path / f"a{ending}"
    path.write_bytes(answer.data)
    if ending not in (".xlsx", ".dxf"):
        features = read(path).features
        assert sorted(features["name_zh"]) == ["东片", "西片"]
        assert any(shape.equals(EAST) for shape in features.geometry)


def test_the_system_stands_in_the_name_and_in_the_file(client: FlaskClient) -> None:
    answer = client.get("/areas/export/file?level=patch&format=.zip&crs=gcj02")
    assert "patch_2026-09-02_gcj02.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        assert b"GCJ-02" in made.read("patch.prj")
        assert made.read("patch.cpg") == b"UTF-8"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("level=beat", "level"), ("format=.exe", "format"), ("crs=EPSG:0", "crs"), ("crs=nonsense", "crs"),
        ("format=.kml&crs=gcj02", "crs"), ("on=tomorrow", "on"), ("on=2999-01-01", "on"), ("on=2001-01-01", "on"),
        ("on=2026-09-03", "on"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused_by_name(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/areas/export/file?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == field


def test_the_page_offers_levels_days_and_the_citys_zone(client: FlaskClient) -> None:
    page = client.get("/areas/export?lang=en").text
    assert "EPSG:4540" in page or "EPSG:4543" in page
    assert 'value="patch"' in page
    assert 'max="2026-09-02"' in page


def test_a_map_that_is_not_public_is_not_given_out(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    client = create_app(sqlite_office.settings).test_client()
    assert client.get("/areas/export").status_code == 401
    assert client.get("/areas/export/file").status_code == 401
