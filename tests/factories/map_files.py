"""Map files as people bring them: patches of the small city in a GBK shapefile, a GeoPackage of two layers, a zip."""

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

from geo.projections import projected
from tests.factories.city import EAST, WEST

# The small city's two patches as another office has them: A is smaller now, B as it was, N new.
NORTH = shapely.box(101.0, 36.9, 101.5, 37.0)
SMALLER = WEST.difference(NORTH)


def patches() -> gpd.GeoDataFrame:
    """Three patches with Chinese fields: 编号 and 名称."""
    values = {"编号": ["A", "B", "N"], "名称": ["西片", "东片", "北片"]}
    return gpd.GeoDataFrame(values, geometry=[SMALLER, EAST, NORTH], crs=4326)


def gbk_shapefile(folder: Path, system: str = "wgs84", *, states_system: bool = True) -> list[Path]:
    """The patches as a shapefile in GBK that does not say so; all its files."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "包片.shp"
    pyogrio.write_dataframe(projected(patches(), system), path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    if not states_system:
        path.with_suffix(".prj").unlink()
    return sorted(folder.iterdir())


def two_layers(path: Path) -> Path:
    """A GeoPackage whose layers are 片区 (the patches) and old."""
    pyogrio.write_dataframe(patches(), path, layer="片区")
    pyogrio.write_dataframe(patches().iloc[:1], path, layer="old")
    return path


def zipped(**files: bytes) -> bytes:
    """A zip file with these members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()
