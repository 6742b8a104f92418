import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import pyogrio
import shapely

from geo.map_style import qml
from geo.readers import read
from geo.writers import write


def test_qgis_finds_a_style_for_each_layer(tmp_path: Path) -> None:
    values = {"level": ["district", "patch"], "name_zh": ["区", "片"]}
    shapes = [shapely.box(0, 0, 2, 2), shapely.box(0, 0, 1, 1)]
    path = tmp_path / "a.gpkg"
    write(path, gpd.GeoDataFrame(values, geometry=shapes, crs=4326), layers="level", label="name_zh")
    with sqlite3.connect(path) as base:
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
    base.close()
    assert [row[:3] for row in rows] == [("district", "geom", 1), ("patch", "geom", 1)]
    style = ElementTree.fromstring(rows[0][3])  # noqa: S314 - our own text
    found = style.find("labeling/settings/text-style")
    assert found is not None
    assert found.attrib["fieldName"] == "name_zh"
    assert [name for name, kind in pyogrio.list_layers(path) if kind] == ["district", "patch"]
    assert read(path, layer="patch").features["name_zh"].tolist() == ["片"]


def test_a_field_name_cannot_leave_its_place() -> None:
    style = ElementTree.fromstring(qml('a" onload="<x>'))  # noqa: S314 - our own text
    assert style.find("labeling/settings/text-style").attrib["fieldName"] == 'a" onload="<x>'  # type: ignore[union-attr]
