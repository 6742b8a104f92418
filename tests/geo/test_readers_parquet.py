from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.readers import UnreadableFile, read, read_points


def test_geoparquet_and_plain_parquet(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["01"]}, geometry=[shapely.box(101.8, 36.6, 101.81, 36.61)], crs=4326)
    frame.to_crs(4543).to_parquet(tmp_path / "a.parquet")
    result = read(tmp_path / "a.parquet")
    assert result.crs == "EPSG:4543"
    assert result.features.total_bounds.tolist() == [101.8, 36.6, 101.81, 36.61]
    table = pd.DataFrame({"code": ["01", "02", "03"], "lon": [101.8, None, 101.9], "lat": [36.6, 1.0, 36.7]})
    table.to_parquet(tmp_path / "b.parquet")
    points = read_points(tmp_path / "b.parquet")
    assert points.table["code"].tolist() == ["01", "02", "03"]
    assert list(points.refused()) == [2]
    assert read_points(tmp_path / "b.parquet", x="lat", y="lat").lon[0] == 36.6


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(tmp_path / "a.parquet")
