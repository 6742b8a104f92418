from pathlib import Path

import geopandas as gpd
import shapely

from geo.readers import read
from geo.writers import write


def test_areas_come_back_with_holes_pieces_and_chinese_names(tmp_path: Path) -> None:
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    two = shapely.MultiPolygon([shapely.box(20, 0, 30, 10), shapely.box(40, 0, 50, 10)])
    values = {"level": ["patch", "patch"], "code": ["A1", "B2"], "name_zh": ["城东\n😀", "{{ 7*7 }}"]}
    write(tmp_path / "a.dxf", gpd.GeoDataFrame(values, geometry=[ring, two], crs=4326))
    features = read(tmp_path / "a.dxf").features
    assert features["code"].tolist() == ["A1", "B2"]
    assert features["name"].tolist() == ["城东 😀", "{{ 7*7 }}"]
    assert all(a.equals(b) for a, b in zip(features.geometry, [ring, two], strict=True))


def test_the_file_is_plain_ascii(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"level": ["片区"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    write(tmp_path / "a.dxf", frame)
    assert (tmp_path / "a.dxf").read_bytes().isascii()
    assert read(tmp_path / "a.dxf").features["layer"].tolist() == ["片区"]
